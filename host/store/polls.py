"""What polls and outside calls did, and when polls last ran."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert

from host.store.effects import Effects, apply
from host.store.tables import metadata

_poll = metadata.tables["poll"]


@dataclass(frozen=True)
class Polled:
    """One run of an event source's poll; ``error`` is its traceback, or empty."""

    event_source: str
    started_at: int
    ended_at: int
    error: str
    effects: Effects


def finish(connection: Connection, polled: list[Polled]) -> Sequence[None]:
    """Commit what polls did, with when they ran."""
    apply(connection, [each.effects for each in polled])
    rows = [{name: value for name, value in vars(each).items() if name != "effects"} for each in polled]
    connection.execute(delete(_poll).where(_poll.c.event_source.in_([each.event_source for each in polled])))
    connection.execute(insert(_poll), rows)
    return [None] * len(polled)


def commit(connection: Connection, many: list[Effects]) -> Sequence[None]:
    """Commit what calls from outside did."""
    apply(connection, many)
    return [None] * len(many)
