"""What polls and outside calls did, and when polls last ran."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert

from host.store.claims import is_alive
from host.store.effects import Effects, apply
from host.store.order import ordered
from host.store.tables import metadata

_poll = metadata.tables["poll"]


@dataclass(frozen=True)
class Polled:
    """One run of an event source's poll; ``error`` is its traceback, or empty.

    ``worker``: the number of the process that ran it, where there are several.
    """

    event_source: str
    started_at: int
    ended_at: int
    error: str
    effects: Effects
    worker: int | None = None


@ordered
def finish(connection: Connection, polled: list[Polled]) -> Sequence[bool]:
    """Commit what polls did, with when they ran; gives whether each counts.

    One whose process lost its session meanwhile does not: another process may have run the poll already.
    """
    counts = [each.worker is None or is_alive(connection, each.worker) for each in polled]
    some = [each for each, does in zip(polled, counts, strict=True) if does]
    apply(connection, [each.effects for each in some])
    if some:
        rows = [{name: value for name, value in vars(each).items() if name in _poll.c} for each in some]
        connection.execute(delete(_poll).where(_poll.c.event_source.in_([each.event_source for each in some])))
        connection.execute(insert(_poll), rows)
    return counts


@ordered
def commit(connection: Connection, many: list[Effects]) -> Sequence[None]:
    """Commit what calls from outside did."""
    apply(connection, many)
    return [None] * len(many)
