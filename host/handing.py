"""Handing texts over to gateways that fetch them, in whatever process their requests reach.

A text is written down as begun before it is in any answer. It is sent once the gateway has confirmed it and was told
so; an answer that was cut off leaves it begun. What stays so is HELD after a while, because nobody knows whether the
gateway has it: a later confirmation clears that up.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from host import clock
from host.alphabet import clean
from host.errors import HostError, OutcomeUnknown
from host.gateways.base import Event
from host.gateways.pull import Alert, Asked, Fetch, News, PullGateway, Took
from host.messages import DeliveryReport, DeliveryStatus, HttpRequest, HttpResponse, Inbound, Part
from host.runtime import Runtime
from host.store import fetching, submissions
from host.store.fetching import Hand, Question, Seen, Settled
from host.store.submissions import Begun, Ended, Turn
from host.verdicts import Judge

log = logging.getLogger(__name__)

_NEWS_MILLIS = 172_800_000  # two days: news that did not come by then does not come
_MOST_NEWS = 200
_LONGEST_ALERT = 200
_LONGEST_AGENT = 100
_FETCHED = "fetched by {}"
_UNCONFIRMED = "the gateway fetched it, and did not confirm it within {:g} s: nobody knows whether it sends it"
_CUT_OFF = "the host stopped, or the connection broke, while the gateway fetched it: nobody knows whether it has it"


def _nothing() -> None:
    """Nothing is left to be done."""


@dataclass(frozen=True)
class Answer:
    """``after``: to be called once all of the response was given to the server, and only then."""

    response: HttpResponse
    after: Callable[[], None] = _nothing


def answer(runtime: Runtime, gateway: PullGateway, asked: Asked, request: HttpRequest) -> Answer:
    """What a gateway that fetches is answered; raises :class:`StoreUnavailable`."""
    agent = clean(request.headers.get("user-agent", ""))[:_LONGEST_AGENT]
    now = clock.now()
    polled = Seen(gateway.id, {"polled_at": now, "agent": agent})
    match asked:
        case Fetch():
            return _hand_over(runtime, gateway, polled, now)
        case Took(references):
            with runtime.store.read() as connection:
                sendable = fetching.to_send(connection, gateway.id, references)
            after = partial(_settle, runtime, Settled(gateway.id, sendable, _FETCHED.format(agent or gateway.id)))
            return Answer(gateway.list_texts(sendable), after)
        case News():
            (wanted,) = runtime.store.write(fetching.wanted, Question(polled, _MOST_NEWS, now))
            return Answer(gateway.list_texts(wanted))
        case Alert(text):
            alert = text[:_LONGEST_ALERT]
            log.warning("gateway %s: %a", gateway.id, alert)
            runtime.store.write(fetching.note, Seen(gateway.id, {"alerted_at": now, "alert": alert, "agent": agent}))
            return Answer(gateway.acknowledge(()))


def _hand_over(runtime: Runtime, gateway: PullGateway, polled: Seen, now: int) -> Answer:
    (handed,) = runtime.store.write(
        fetching.hand_over, Hand(polled, gateway.most, gateway.reference, gateway.confirms, now)
    )
    response = gateway.hand([Part(each.receiver, each.text, each.reference) for each in handed])
    if gateway.confirms or not handed:
        return Answer(response)
    how = _FETCHED.format(polled.values["agent"] or gateway.id)
    return Answer(response, partial(_settle, runtime, Settled(gateway.id, [each.reference for each in handed], how)))


def _settle(runtime: Runtime, settled: Settled) -> None:
    """Have them sent; where that cannot be written they are overdue some day, and a person decides."""
    try:
        runtime.store.write(fetching.settle, settled)
    except HostError as error:
        log.error(
            "gateway %s: that it has %d text(s) is not stored: %s", settled.gateway, len(settled.references), error
        )


def heed(runtime: Runtime, gateway: PullGateway, events: Sequence[Event]) -> None:
    """What reports and texts tell beside themselves: that the gateway has what it reports on, and that it lives.

    Raises :class:`StoreUnavailable`.
    """
    told = [each for each in events if isinstance(each, DeliveryReport) and each.status is not DeliveryStatus.UNKNOWN]
    if references := [each.reference for each in told if each.reference]:
        runtime.store.write(fetching.settle, Settled(gateway.id, references, "it brings news of it"))
    if any(isinstance(each, Inbound) for each in events):
        _note(runtime, Seen(gateway.id, {"text_at": clock.now()}))


def _note(runtime: Runtime, seen: Seen) -> None:
    """Write a sign of life, for which no text has to wait."""

    def then(_: None, error: Exception | None) -> None:
        if error is not None:
            log.error("gateway %s: when it was heard of is not stored: %s", seen.gateway, error)

    runtime.store.submit(fetching.note, seen, then)


def look_after(runtime: Runtime) -> None:
    """Settle what was fetched and not confirmed for too long; raises :class:`StoreUnavailable`."""
    now = clock.now()
    for gateway in runtime.gateways.values():
        if not isinstance(gateway, PullGateway):
            continue
        with runtime.store.read() as connection:
            late = fetching.overdue(connection, gateway.id, now - int(gateway.patience * 1000))
        if late:
            ended = [_given_up(runtime, gateway, begun, excused) for begun, excused in late]
            log.warning("%s: %d text(s): %s", gateway.id, len(ended), ended[0].error)
            runtime.store.write(submissions.turn, Turn(ended))
    with runtime.store.read() as connection:
        are_any_old = fetching.are_any_old(connection, now - _NEWS_MILLIS)
    if are_any_old:
        runtime.store.write(fetching.forget, now - _NEWS_MILLIS)


def _given_up(runtime: Runtime, gateway: PullGateway, begun: Begun, excused: int) -> Ended:
    reason = _UNCONFIRMED.format(gateway.patience) if gateway.confirms else _CUT_OFF
    judge = Judge(runtime.sending_policy, gateway.config.on_unknown == "retry")
    counted = begun.attempt - excused
    verdict = judge.verdict(OutcomeUnknown(reason), counted, is_last=True, gateway_down=False)
    due_at = clock.steady() + int(verdict.wait * 1000) if verdict.wait else 0
    return Ended(begun, verdict.outcome, "", reason, None, verdict.state, due_at, excused)
