"""What went wrong, read back: the texts that FAILED, those that are HELD, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, literal_column, select

from host.store.states import Outcome
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
_outbox = metadata.tables["outbox"]
_handling = metadata.tables["handling"]

# Spelled as in the partial indexes: SQLite uses them for no other condition.
_FAILED: ColumnElement[str] = literal_column("'FAILED'")
_HELD: ColumnElement[str] = literal_column("'HELD'")


def failed_from_phones(connection: Connection, most: int) -> tuple[Sequence[Row[Any]], Mapping[int, Row[Any]]]:
    """The texts from phones that failed last, newest first, and of each the last run of a handler that raised."""
    texts = _failed(connection, _inbox, most)
    raised = _handling.c.inbox_id.in_([text.id for text in texts]), _handling.c.outcome == Outcome.RAISED
    last = select(func.max(_handling.c.id)).where(*raised).group_by(_handling.c.inbox_id)
    runs = connection.execute(select(_handling).where(_handling.c.id.in_(last)))
    return texts, {run.inbox_id: run for run in runs}


def failed_to_phones(connection: Connection, most: int) -> Sequence[Row[Any]]:
    """The texts to phones that failed last, newest first."""
    return _failed(connection, _outbox, most)


def held(connection: Connection, gateway: str | None = None) -> Sequence[Row[Any]]:
    """The texts to phones that are held, oldest first; those of one gateway alone where it is given."""
    query = select(_outbox).where(_outbox.c.state == _HELD).order_by(_outbox.c.finished_at, _outbox.c.id)
    return connection.execute(query if gateway is None else query.where(_outbox.c.gateway == gateway)).all()


def _failed(connection: Connection, table: Table, most: int) -> Sequence[Row[Any]]:
    newest = (table.c.finished_at.desc().nulls_last(), table.c.id.desc())
    return connection.execute(select(table).where(table.c.state == _FAILED).order_by(*newest).limit(most)).all()
