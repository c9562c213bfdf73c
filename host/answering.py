"""``reply="answer"``: what adapters text back goes out in the answer to the gateway's request.

The request waits, once its text is durable, until the handlers are done with it. Then it takes the texts that answer it
as a sender takes texts, so that nobody else sends them; they are SENT once the server has given the answer away.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row

from host import clock
from host.errors import HostError, StoreUnavailable
from host.gateways.base import Event, Gateway
from host.handing import Answer
from host.messages import Inbound, Part
from host.receiving import accept
from host.runtime import Runtime
from host.store import answers, submissions
from host.store.answers import IN_ANSWER
from host.store.states import OutboxState, Outcome
from host.store.submissions import Begun, Ended, Turn

log = logging.getLogger(__name__)

_CUT = "the host stopped while it answered the gateway; nobody knows whether the gateway has the text"
_GIVEN_SECONDS = 60.0  # until an answer has been given away, or its process is no more


@dataclass(frozen=True)
class Taken:
    """A text that goes out in an answer, and its submission."""

    begun: Begun
    row: Row[Any]

    @property
    def part(self) -> Part:
        return Part(self.row.receiver, self.row.text, self.begun.reference)


def answer(runtime: Runtime, gateway: Gateway, events: Sequence[Event]) -> Answer:
    """Store what a gateway sent, wait for what answers it, and give the answer with that in it.

    Where not exactly one text came, or too many requests wait already, the answer carries none. Raises what
    :func:`~host.receiving.accept` raises.
    """
    with runtime.awaiting.place() as has_place:
        seconds = runtime.configuration.settings.reply_wait
        waits = has_place and sum(isinstance(each, Inbound) for each in events) == 1
        numbers = accept(runtime, gateway, events, clock.steady() + int(seconds * 1000) if waits else None)
        if not waits or numbers[0] is None:
            return Answer(gateway.acknowledge(events))
        runtime.awaiting.wait(numbers[0], seconds)
    return _answer(runtime, gateway, events, numbers[0])


def _answer(runtime: Runtime, gateway: Gateway, events: Sequence[Event], number: int) -> Answer:
    (phone,) = (runtime.number(each.sender) for each in events if isinstance(each, Inbound))
    try:
        taken = _take(runtime, gateway, number, phone)
    except HostError as error:  # the text is durable: the gateway is to hear yes
        log.error("in-%d is stored, and what answers it is not in the answer: %s", number, error)
        taken = []
    if not taken:
        return Answer(gateway.acknowledge(events))
    try:
        response = gateway.answer_with(events, [each.part for each in taken])
    except Exception:
        log.exception("dialect %s cannot say what answers in-%d, it is sent instead", gateway.name, number)
        _write(runtime, Turn(withdrawn=[each.begun for each in taken]))
        return Answer(gateway.acknowledge(events))
    return Answer(response, partial(_write, runtime, Turn(ended=[_ended(each) for each in taken])))


def _take(runtime: Runtime, gateway: Gateway, number: int, phone: str) -> list[Taken]:
    """The texts that answer this one, each now nobody else's, or taken by an answer before.

    ``phone``: who texted. A request with the id of another phone's text hears nothing of what that one was told.
    """
    with runtime.store.read() as connection:
        new, told = ([row for row in rows if row.receiver == phone] for rows in answers.replies(connection, number))
    taken = [Taken(_begun(gateway, row, gateway.reference(), row.attempts + 1), row) for row in new]
    may = set()
    if taken:
        may = runtime.store.write(submissions.turn, Turn(begun=[each.begun for each in taken]))[0]
    again = [Taken(_begun(gateway, row, row.reference, row.attempts), row) for row in told]
    mine = [*again, *(each for each in taken if each.begun.reference in may)]
    return sorted(mine, key=lambda each: each.row.id)


def _begun(gateway: Gateway, row: Row[Any], reference: str, attempt: int) -> Begun:
    said = f"{IN_ANSWER}in-{row.inbox_id}"
    return Begun(reference, row.id, gateway.id, 1, 1, attempt, clock.now(), exchange=said)


def _ended(taken: Taken) -> Ended:
    begun = taken.begun
    return Ended(begun, Outcome.ACCEPTED, begun.exchange, "", None, OutboxState.SENT, 0, taken.row.excused)


def _write(runtime: Runtime, turn: Turn) -> None:
    """Have it written down; what is not, for the store is away, :func:`settle_cut` finds."""

    def then(_: object, error: Exception | None) -> None:
        if error is not None:
            log.error("that %d text(s) went out in an answer is not stored: %s", len(turn.ended), error)

    with suppress(StoreUnavailable):  # the host is stopping
        runtime.store.submit(submissions.turn, turn, then)


def settle_cut(runtime: Runtime) -> None:
    """Hold the texts of answers that nobody gave away, because the process died meanwhile, or have them sent.

    Raises :class:`StoreUnavailable`.
    """
    before = clock.now() - int(_GIVEN_SECONDS * 1000)
    for gateway in runtime.gateways.values():
        if not gateway.features.answer:
            continue
        with runtime.store.read() as connection:
            rows = answers.left_open(connection, gateway.id, before)
        if rows:
            log.warning("%s: %d text(s): %s", gateway.id, len(rows), _CUT)
            runtime.store.write(submissions.turn, Turn(ended=[_cut(runtime, gateway, row) for row in rows]))


def _cut(runtime: Runtime, gateway: Gateway, row: Row[Any]) -> Ended:
    again = gateway.config.on_unknown == "retry" and row.attempts - row.excused < runtime.sending_policy.attempts
    state = OutboxState.WAITING if again else OutboxState.HELD
    begun = _begun(gateway, row, row.reference, row.attempts)
    return Ended(begun, Outcome.UNKNOWN, begun.exchange, _CUT, None, state, 0, row.excused)
