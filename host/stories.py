"""What happened to one text, for people: its whole story, with its times."""

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
from host.store import history
from host.store.history import Received, Sent

Event = tuple[int, str]  # when (milliseconds), what

_DEEP = " " * 6
_LONG_SECONDS = 1.0  # from which on a story says how long a handler ran
_REMEDIES = {
    ("in", "FAILED"): "smshost redrive {0} gives it once more to the handlers that failed",
    ("in", "REPEAT"): "smshost release {0} has it handled after all",
    ("out", "FAILED"): "smshost redrive {0} offers it once more",
    ("out", "HELD"): "smshost release {0} offers it again, and it may arrive twice; smshost discard {0} gives it up",
}
_HOUSE = f'  File "{Path(__file__).parent}{os.sep}'


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


def _received_events(found: Received) -> Iterator[Event]:
    text = found.text
    came = f"accepted from gateway {shown(text.gateway)}{_known_as(text)}"
    yield text.received_at, f"in-{text.id}: {shown(text.sender)} > {text.text!r}, {came}"
    yield text.received_at, f"  as it came: {_parameters(text.parameters)}"
    yield from _parts(found)
    for repeat in found.repeats:
        yield repeat.received_at, "  came again, answered as if new, not handled again"
    yield from _equals(found)
    if text.state == "WAITING":
        yield text.finished_at, f"  waits for adapter {shown(text.waits_for)}, which is in quarantine"
    for deed in found.deeds:
        yield deed.at, f"  in-{text.id}: {shown(deed.what)}"
    yield from _runs(found)
    for answer in found.answers:
        yield from _sent_events(answer)


def _parts(found: Received) -> Iterator[Event]:
    """The parts that a long text came in, and those that did not come."""
    text, parts = found.text, found.parts
    for part in parts:
        again = f", {part.came} times" if part.came > 1 else ""
        yield part.received_at, f"in-{text.id}: part {part.number} of {part.of} came{_known_as(part)}{again}"
    here = {part.number for part in parts}
    missing = [number for number in range(1, parts[0].of + 1) if number not in here] if parts else []
    for number in missing:
        yield text.received_at, f"  part {number} of {parts[0].of} has not come in time: handed on without it"


def _equals(found: Received) -> Iterator[Event]:
    """What equal texts there are that one of was taken for a repeat of the other."""
    text, first = found.text, found.first
    if first is not None:
        yield text.received_at, f"  repeats in-{first.id} ({_same(first, text)}){_undo(text)}"
    for copy in found.copies:
        yield copy.received_at, f"  came again as in-{copy.id} ({_same(text, copy)}){_undo(copy)}"


def _same(first: Row[Any], later: Row[Any]) -> str:
    apart = abs(later.received_at - first.received_at) / 1000
    return f"same sender, receiver and text, {apart:.1f} s apart"


def _undo(repeat: Row[Any]) -> str:
    if repeat.state != "REPEAT":
        return ", and was released"
    return f", answered as if new, not handled; undo: smshost release in-{repeat.id}"


def _runs(found: Received) -> Iterator[Event]:
    said: dict[str, str] = {}
    for run in found.runs:
        yield run.started_at, f"  {shown(run.handler)} ran (attempt {run.attempt})"
        again = bool(run.error) and said.get(run.handler) == run.error
        error = f"\n{_DEEP}the same again" if again else _indented(_without_house(run.error))
        yield run.ended_at, f"  {shown(run.handler)} {run.outcome}{_after(run)}{error}"
        said[run.handler] = run.error


def _after(run: Row[Any]) -> str:
    seconds = (run.ended_at - run.started_at) / 1000
    return f" after {seconds:.1f} s" if seconds >= _LONG_SECONDS else ""


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
    for deed in found.deeds:
        yield deed.at, f"  out-{text.id}: {shown(deed.what)}"


def _ending(found: Received | Sent, zone: tzinfo) -> Iterator[str]:
    text = found.text
    if isinstance(found, Received):
        yield f"in-{text.id} is {text.state}{_next(text, zone, text.state == 'RECEIVED')}{_remedy('in', text)}"
        for answer in found.answers:
            yield from _ending(answer, zone)
    else:
        reason = f": {shown(text.error)}" if text.error else ""
        coming = _next(text, zone, text.state in ("QUEUED", "WAITING"))
        yield f"out-{text.id} is {text.state}{reason}{coming}{_remedy('out', text)}"


def _next(text: Row[Any], zone: tzinfo, waits: bool) -> str:
    if waits and text.attempts:
        when = clock.show(text.due_at, zone) if text.due_at else "now"
        return f", tried {text.attempts} time(s), next try {when}"
    return ""


def _remedy(direction: str, text: Row[Any]) -> str:
    """What a person can do about the state of a text, fit to follow it."""
    if (direction, text.state) == ("in", "WAITING"):
        return f"; smshost resume {shown(text.waits_for)}, once it is mended"
    says = _REMEDIES.get((direction, text.state))
    return "" if says is None else f"; {says.format(f'{direction}-{text.id}')}"


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
