"""Texts that waited for an adapter whose quarantine has ended: made due again in chunks, in the order of their ids.

How far that is stands beside the adapter (``adapter_health``), so that the next process goes on where one died.

A text waits for the first, by name, of the adapters in quarantine that it is for. So one that waits for an adapter of
an earlier name may be for this one, too, and a later text of its phone for this one alone: it is made due with the
others, and waits again once it was handled.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, false, literal_column, or_, select, update

from host import clock
from host.store.interventions import NOTES, note
from host.store.rows import update_rows, write
from host.store.states import InboxState
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
_health = metadata.tables["adapter_health"]
_parked = _inbox.c.state == literal_column("'WAITING'")  # spelled as in the partial indexes, for SQLite
_waits_for = _inbox.c.waits_for.concat("")  # no column of an index: a phone's texts are few, an adapter's many
_DUE = update_rows(_inbox, "id", "state", "due_at", "finished_at")


@dataclass(frozen=True)
class Waking:
    """An adapter that goes on: its texts with ids above ``after`` and up to ``until`` are not due again yet.

    ``names``: the adapters that those wait for.
    """

    adapter: str
    names: tuple[str, ...]
    after: int
    until: int


def under_way(rows: Sequence[Row[Any]]) -> tuple[Waking, ...]:
    """The adapters that go on and have texts which are not due again yet, of how all adapters do."""
    return tuple(_waking(row, rows) for row in rows if row.waking_until is not None)


def _waking(row: Row[Any], rows: Sequence[Row[Any]]) -> Waking:
    others = (each.adapter for each in rows if each.quarantined_at is not None and each.adapter < row.adapter)
    return Waking(row.adapter, (row.adapter, *others), row.waking_after, row.waking_until)


def wake(connection: Connection, chunks: list[int]) -> Sequence[bool]:
    """Make the next texts due of an adapter that goes on, so many at most; gives whether there was such an adapter."""
    return [_wake(connection, most) for most in chunks]


def _wake(connection: Connection, most: int) -> bool:
    locked = select(_health).order_by(_health.c.adapter).with_for_update()
    waking = next(iter(under_way(connection.execute(locked).all())), None)
    if waking is None:
        return False
    rows = _next(connection, waking, most)
    due = {"state": InboxState.RECEIVED, "due_at": 0, "finished_at": None}
    write(connection, _DUE, ({"id": row.id, **due} for row in rows))
    write(connection, NOTES, (each for row in rows if row.waits_for == waking.adapter for each in _notes(row)))
    place = (rows[-1].id, waking.until) if len(rows) == most else (None, None)
    moved = update(_health).where(_health.c.adapter == waking.adapter)
    connection.execute(moved.values(waking_after=place[0], waking_until=place[1]))
    return True


def _next(connection: Connection, waking: Waking, most: int) -> list[Row[Any]]:
    """Adapter by adapter, as the index has them."""
    rows: list[Row[Any]] = []
    for name in waking.names:
        mine = and_(_parked, _inbox.c.waits_for == name, _inbox.c.id > waking.after, _inbox.c.id <= waking.until)
        query = select(_inbox.c.id, _inbox.c.waits_for, _inbox.c.finished_at).where(mine)
        rows += connection.execute(query.order_by(_inbox.c.id).limit(most).with_for_update())
    return sorted(rows, key=lambda row: int(row.id))[:most]


def _notes(row: Row[Any]) -> Iterator[dict[str, object]]:
    adapter = row.waits_for
    yield note("in", row.id, row.finished_at, f"waits for adapter {adapter}, which is in quarantine")
    yield note("in", row.id, clock.now(), f"adapter {adapter} goes on (smshost resume {adapter})")


def has_earlier(connection: Connection, some: Iterable[Waking], sender: str, number: int) -> bool:
    """Whether a phone has an earlier text than this one that is still to be made due."""
    ranges = [and_(_waits_for.in_(each.names), _inbox.c.id > each.after, _inbox.c.id <= each.until) for each in some]
    its = and_(_parked, _inbox.c.sender == sender, _inbox.c.id < number, or_(false(), *ranges))
    return bool(ranges) and connection.execute(select(_inbox.c.id).where(its).limit(1)).first() is not None
