"""Waits are bounded: what is due later than anybody could have meant, because a clock was set, is due now."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, and_, text, update

from host.store.tables import metadata

# Spelled as in the partial indexes: SQLite uses them for no other condition.
_LATER = {
    metadata.tables["inbox"]: "state = 'RECEIVED' AND due_at > 0",
    metadata.tables["outbox"]: "state IN ('QUEUED', 'WAITING', 'SENDING') AND due_at > 0",
}


@dataclass(frozen=True)
class Longest:
    """The longest waits, in milliseconds from ``now``: of a text from a phone, and of one to a phone."""

    now: int
    inbox: int
    outbox: int


def due_again(connection: Connection, given: list[Longest]) -> Sequence[int]:
    """Make due at once what waits beyond the longest wait; gives how many texts."""
    return [
        sum(_cut(connection, table, each.now + longest) for table, longest in zip(_LATER, _of(each), strict=True))
        for each in given
    ]


def _of(longest: Longest) -> tuple[int, int]:
    return longest.inbox, longest.outbox


def _cut(connection: Connection, table: Table, latest: int) -> int:
    later = and_(text(_LATER[table]), table.c.due_at > latest)
    return connection.execute(update(table).where(later).values(due_at=0)).rowcount
