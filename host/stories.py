"""What happened, for people: the recent texts as a list, and one text's whole story with its times."""

import json
import os
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from host import clock
from host.errors import HostError
from host.showing import lines, shown
from host.store import broadcasts, history
from host.store.history import Received, Sent
from host.store.tables import OutboxState

Event = tuple[int, str]  # when (milliseconds), what

_LONGEST = 100
_DEEP = " " * 6
_BECAME = {
    "sent": (OutboxState.SENT, OutboxState.DELIVERED),
    "UNDELIVERED": (OutboxState.UNDELIVERED,),
    "FAILED": (OutboxState.FAILED,),
    "HELD": (OutboxState.HELD,),
    "DISCARDED": (OutboxState.DISCARDED,),
    "waiting": (OutboxState.QUEUED, OutboxState.WAITING, OutboxState.SENDING),
}
_RARE = ("UNDELIVERED", "DISCARDED")
_HOUSE = f'  File "{Path(__file__).parent}{os.sep}'


def listing(connection: Connection, zone: tzinfo, most: int, state: str | None = None) -> Iterator[str]:
    """The newest texts in both directions, oldest of them first, a line each."""
    received, sent = history.recent(connection, most, state)
    rows = [(row.received_at, 0, row.id, _received_line(row, zone)) for row in received]
    rows += [(row.created_at, 1, row.id, _sent_line(row, zone)) for row in sent]
    for *_, line in sorted(rows)[-most:]:
        yield line


def broadcast_listing(connection: Connection, zone: tzinfo, most: int) -> Iterator[str]:
    """The newest broadcasts, oldest of them first: what and to whom, how far it is, and what became of its texts."""
    for each in broadcasts.standing(connection, most):
        row = each.row
        what = f"broadcast {row.id} to {shown(row.event_source)}{f', key {row.key!r}' if row.key else ''}"
        yield f"{clock.show(row.created_at, zone)}  {what}: {_short(row.text)}"
        yield f"{_DEEP}{how_far(row, each.left)}: {', '.join(_became(each.states))}"


def how_far(row: Row[Any], left: int | None) -> str:
    """Whether a broadcast runs, how many texts it has queued, and of how many, where that is known."""
    if row.finished_at is not None:
        return f"finished, {row.queued} queued"
    return f"running, {row.queued} queued so far" + ("" if left is None else f" of {row.queued + left}")


def _became(states: dict[str, int]) -> Iterator[str]:
    """What became of a broadcast's texts; what is the rare case alone where there is one."""
    counted = {what: sum(states.get(state, 0) for state in some) for what, some in _BECAME.items()}
    yield from (f"{number} {what}" for what, number in counted.items() if number or what not in _RARE)


def named(message: str) -> tuple[str, int]:
    """Direction ("in" or "out") and number of a text: ``in-12`` or ``12``, ``out-7``. Raises :class:`HostError`."""
    direction, _, digits = message.strip().lower().rpartition("-")
    if direction not in {"in", "out", ""} or not digits.isdecimal():
        raise HostError(f"{message!r} names no text: write in-12, or out-7, as `smshost messages` shows them")
    return direction or "in", int(digits)


def find(connection: Connection, message: str) -> Received | Sent:
    """All that is known of a text, named as for :func:`named`; raises :class:`HostError`."""
    direction, number = named(message)
    found = history.sent(connection, number) if direction == "out" else history.received(connection, number)
    if found is None:
        raise HostError(f"there is no text {direction}-{number}")
    return found


def story(connection: Connection, zone: tzinfo, message: str) -> Iterator[str]:
    """One text's story. Raises :class:`HostError`."""
    found = find(connection, message)
    events = _sent_events(found) if isinstance(found, Sent) else _received_events(found)
    yield from (f"{clock.show(when, zone)}  {what}" for when, what in sorted(events, key=lambda event: event[0]))
    yield ""
    yield from _ending(found, zone)


def _received_line(row: Row[Any], zone: tzinfo) -> str:
    when, who = clock.show(row.received_at, zone), shown(row.sender)
    return f"{when}  in-{row.id:<6} {row.state:<11} {who} > {_short(row.text)} ({shown(row.gateway)})"


def _sent_line(row: Row[Any], zone: tzinfo) -> str:
    when, who = clock.show(row.created_at, zone), shown(row.receiver)
    return f"{when}  out-{row.id:<5} {row.state:<11} {who} < {_short(row.text)} ({shown(row.gateway)})"


def _short(text: str) -> str:
    return repr(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]!r}..."


def _received_events(found: Received) -> Iterator[Event]:
    text = found.text
    came = f"accepted from gateway {shown(text.gateway)}{_known_as(text)}"
    yield text.received_at, f"in-{text.id}: {shown(text.sender)} > {text.text!r}, {came}"
    yield text.received_at, f"  as it came: {_parameters(text.parameters)}"
    for repeat in found.repeats:
        yield repeat.received_at, "  came again, answered as if new, not handled again"
    said: dict[str, str] = {}
    for run in found.runs:
        yield run.started_at, f"  {shown(run.handler)} ran (attempt {run.attempt})"
        again = bool(run.error) and said.get(run.handler) == run.error
        error = f"\n{_DEEP}the same again" if again else _indented(_without_house(run.error))
        yield run.ended_at, f"  {shown(run.handler)} {run.outcome}{error}"
        said[run.handler] = run.error
    for answer in found.answers:
        yield from _sent_events(answer)


def _sent_events(found: Sent) -> Iterator[Event]:
    text = found.text
    because = f", because of {shown(text.cause)}" if text.cause else ""
    because = because if text.broadcast_id is None else f", of broadcast {text.broadcast_id}{because}"
    who = f"{shown(text.receiver)} < {text.text!r}"
    yield text.created_at, f"out-{text.id}: {who}, queued for gateway {shown(text.gateway)}{because}"
    for each in found.submissions:
        which = f"out-{text.id}: part {each.part} of {each.parts}, attempt {each.attempt}"
        yield each.started_at, f"  {which}: offered as {each.reference}"
        if each.ended_at is not None:
            said = f"{': ' + shown(each.error) if each.error else ''}{_indented(each.exchange)}"
            yield each.ended_at, f"  {which}: {each.outcome}{said}"
    for report in found.reports:
        detail = f" ({shown(report.detail)})" if report.detail else ""
        yield (
            report.received_at,
            f"  out-{text.id}: reported {report.status}, the gateway's word {report.word!r}{detail}",
        )


def _ending(found: Received | Sent, zone: tzinfo) -> Iterator[str]:
    text = found.text
    if isinstance(found, Received):
        yield f"in-{text.id} is {text.state}{_next(text, zone, text.state == 'RECEIVED')}"
        for answer in found.answers:
            yield from _ending(answer, zone)
    else:
        reason = f": {shown(text.error)}" if text.error else ""
        yield f"out-{text.id} is {text.state}{reason}{_next(text, zone, text.state in ('QUEUED', 'WAITING'))}"


def _next(text: Row[Any], zone: tzinfo, waits: bool) -> str:
    if waits and text.attempts:
        return f", tried {text.attempts} time(s), next try {clock.show(text.due_at, zone)}"
    return ""


def _known_as(text: Row[Any]) -> str:
    return f" as {shown(text.gateway_message_id)}" if text.gateway_message_id else ""


def _parameters(stored: str) -> str:
    return ", ".join(f"{shown(name)}={value!r}" for name, value in json.loads(stored))


def _without_house(traceback: str) -> str:
    """A traceback without this host's own frames at its beginning: an adapter's author looks for theirs."""
    kept: list[str] = []
    ours = False
    for line in traceback.splitlines():
        if line.startswith('  File "'):
            ours = line.startswith(_HOUSE)
        elif not line.startswith("    "):
            ours = False
        if not ours:
            kept.append(line)
    return "\n".join(kept)


def _indented(text: str) -> str:
    return f"\n{_DEEP}{lines(text.rstrip(), _DEEP)}" if text.strip() else ""
