"""What happened, for people: the recent texts as a list, and one text's whole story with its times."""

import json
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection, Row

from host import clock
from host.errors import HostError
from host.runtime import Runtime
from host.store import history
from host.store.history import Received, Sent

Event = tuple[int, str]  # when (milliseconds), what


def listing(connection: Connection, zone: tzinfo, most: int, state: str | None = None) -> Iterator[str]:
    """The newest texts in both directions, oldest of them first, a line each."""
    received, sent = history.recent(connection, most, state)
    lines = [(row.received_at, 0, row.id, _received_line(row, zone)) for row in received]
    lines += [(row.created_at, 1, row.id, _sent_line(row, zone)) for row in sent]
    for *_, line in sorted(lines)[-most:]:
        yield line


def status(runtime: Runtime, zone: tzinfo) -> Iterator[str]:
    """How the host is: its adapters and gateways, its texts by state, and when its polls last ran."""
    for name in runtime.adapters.by_name:
        yield f"adapter {name}: loaded"
    for broken in runtime.adapters.broken:
        yield f"adapter not loaded: {broken}"
    for gateway in runtime.gateways.values():
        where = f"{gateway.config.hostname}:{gateway.config.port}" if gateway.config.hostname else "no hostname"
        yield f"gateway {gateway.id}: {gateway.config.dialect}, {where}"
    with runtime.store.read() as connection:
        for table, state, number in history.counts(connection):
            yield f"{table} {state}: {number}"
        for poll in history.polls(connection):
            ended = f"poll {poll.event_source}: last ran {clock.show(poll.started_at, zone)}"
            yield f"{ended}, and failed{_indented(poll.error)}" if poll.error else ended


def story(connection: Connection, zone: tzinfo, message: str) -> Iterator[str]:
    """One text's story. ``message``: ``in-12`` or ``12`` from a phone, ``out-7`` to one. Raises :class:`HostError`."""
    direction, _, digits = message.rpartition("-")
    if direction not in {"in", "out", ""} or not digits.isdecimal():
        raise HostError(f"{message!r} names no text: write in-12, or out-7, as `smshost messages` shows them")
    number = int(digits)
    found = history.sent(connection, number) if direction == "out" else history.received(connection, number)
    if found is None:
        raise HostError(f"there is no text {message}")
    events = _sent_events(found) if isinstance(found, Sent) else _received_events(found)
    yield from (f"{clock.show(when, zone)}  {what}" for when, what in sorted(events, key=lambda event: event[0]))
    yield ""
    yield from _ending(found, zone)


def _received_line(row: Row[Any], zone: tzinfo) -> str:
    when = clock.show(row.received_at, zone)
    return f"{when}  in-{row.id:<6} {row.state:<11} {row.sender} > {row.text!r} ({row.gateway})"


def _sent_line(row: Row[Any], zone: tzinfo) -> str:
    when = clock.show(row.created_at, zone)
    return f"{when}  out-{row.id:<5} {row.state:<11} {row.receiver} < {row.text!r} ({row.gateway})"


def _received_events(found: Received) -> Iterator[Event]:
    text = found.text
    yield (
        text.received_at,
        f"in-{text.id}: {text.sender} > {text.text!r}, accepted from gateway {text.gateway}{_named(text)}",
    )
    yield text.received_at, f"  as it came: {_parameters(text.parameters)}"
    for repeat in found.repeats:
        yield repeat.received_at, "  came again, answered as if new, not handled again"
    for run in found.runs:
        yield run.started_at, f"  {run.handler} ran (attempt {run.attempt})"
        yield run.ended_at, f"  {run.handler} {run.outcome}{_indented(run.error)}"
    for answer in found.answers:
        yield from _sent_events(answer)


def _sent_events(found: Sent) -> Iterator[Event]:
    text = found.text
    because = f", because of {text.cause}" if text.cause else ""
    yield text.created_at, f"out-{text.id}: {text.receiver} < {text.text!r}, queued for gateway {text.gateway}{because}"
    for each in found.submissions:
        which = f"out-{text.id}: part {each.part} of {each.parts}, attempt {each.attempt}"
        yield each.started_at, f"  {which}: offered as {each.reference}"
        if each.ended_at is not None:
            said = _indented(each.exchange)
            yield each.ended_at, f"  {which}: {each.outcome}{': ' + each.error if each.error else ''}{said}"
    for report in found.reports:
        detail = f" ({report.detail})" if report.detail else ""
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
        reason = f": {text.error}" if text.error else ""
        yield f"out-{text.id} is {text.state}{reason}{_next(text, zone, text.state in ('QUEUED', 'WAITING'))}"


def _next(text: Row[Any], zone: tzinfo, waits: bool) -> str:
    if waits and text.attempts:
        return f", tried {text.attempts} time(s), next try {clock.show(text.due_at, zone)}"
    return ""


def _named(text: Row[Any]) -> str:
    return f" as {text.gateway_message_id}" if text.gateway_message_id else ""


def _parameters(stored: str) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in json.loads(stored))


def _indented(text: str) -> str:
    return "".join(f"\n      {line}" for line in text.rstrip().splitlines())
