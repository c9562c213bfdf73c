"""Lists for people, a line each: the recent texts, those that FAILED, those that are HELD, and broadcasts."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection, Row

from host import clock
from host.errors import gist
from host.showing import shown
from host.store import broadcasts, history, troubles
from host.store.states import OutboxState

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
_UNKNOWN = "why could not be stored, the log has it"


def recent(connection: Connection, zone: tzinfo, most: int, state: str | None = None) -> Iterator[str]:
    """The newest texts in both directions, oldest of them first."""
    received, sent = history.recent(connection, most, state)
    rows = [(row.received_at, 0, row.id, _received(row, row.received_at, zone)) for row in received]
    rows += [(row.created_at, 1, row.id, _sent(row, row.created_at, zone)) for row in sent]
    for *_, line in sorted(rows)[-most:]:
        yield line


def failed(connection: Connection, zone: tzinfo, most: int) -> Iterator[str]:
    """The texts in both directions that failed last, the last of them at the end, each with why."""
    received, runs = troubles.failed_from_phones(connection, most)
    rows: list[tuple[int, int, int, str]] = []
    for row in received:
        run = runs.get(row.id)
        why = _UNKNOWN if run is None else f"{shown(run.handler)}: {shown(gist(run.error))}"
        rows.append((row.finished_at or 0, 0, row.id, f"{_received(row, row.finished_at, zone)}  {why}"))
    for row in troubles.failed_to_phones(connection, most):
        line = f"{_sent(row, row.finished_at, zone)}  {shown(gist(row.error))}"
        rows.append((row.finished_at or 0, 1, row.id, line))
    for *_, line in sorted(rows)[-most:]:
        yield line


def held(connection: Connection, zone: tzinfo, gateway: str | None) -> Iterator[str]:
    """The texts to phones of which nobody knows whether they left: since when, and why."""
    for row in troubles.held(connection, gateway):
        yield f"{_sent(row, row.finished_at, zone)}  {shown(gist(row.error))}"


def announced(connection: Connection, zone: tzinfo, most: int) -> Iterator[str]:
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


def _received(row: Row[Any], at: int | None, zone: tzinfo) -> str:
    who = f"{shown(row.sender)} > {_short(row.text)} ({shown(row.gateway)})"
    return f"{clock.show(at, zone):<23}  in-{row.id:<6} {row.state:<11} {who}"


def _sent(row: Row[Any], at: int | None, zone: tzinfo) -> str:
    who = f"{shown(row.receiver)} < {_short(row.text)} ({shown(row.gateway)})"
    return f"{clock.show(at, zone):<23}  out-{row.id:<5} {row.state:<11} {who}"


def _short(text: str) -> str:
    return repr(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]!r}..."
