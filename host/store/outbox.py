"""Texts to phones: finding what is due."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    and_,
    bindparam,
    literal_column,
    select,
)

from host.store.due import Due, due_rows
from host.store.tables import metadata

_outbox = metadata.tables["outbox"]


def _is_active(table: FromClause) -> ColumnElement[bool]:
    """The condition of the partial indexes, spelled as they are: SQLite uses them for no other."""
    return table.c.state.in_([literal_column(f"'{state}'") for state in ("QUEUED", "WAITING", "SENDING")])


def _due() -> Due:
    return due_rows(
        _outbox,
        ("gateway", "receiver", "priority"),
        waits=_is_active,
        mine=lambda table: and_(
            table.c.attempts >= literal_column("0"),
            table.c.gateway == bindparam("name"),
            table.c.priority == bindparam("priority"),
            table.c.state != "SENDING",
        ),
    )


_DUE = _due()


def due(
    connection: Connection, gateway: str, now: int, after: int, most: int, *, priority: int = 0
) -> Sequence[Row[Any]]:
    """A gateway's texts of one priority to send now with an id above ``after``, oldest first.

    None whose phone has an earlier one that waits for another try, and of each phone only the first that wait.
    ``behind``: whether it has an earlier one with an id up to ``after``.
    """
    return _DUE.read(connection, {"name": gateway, "priority": priority, "now": now}, after, most)


def gateways_waiting(connection: Connection) -> set[str]:
    """The gateways that have texts to send."""
    query = select(_outbox.c.gateway).where(_is_active(_outbox)).distinct()
    return set(connection.execute(query).scalars())
