"""How sending to gateways goes, read back: what waits, and how the last of it ended."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, literal_column, select

from host.store.states import Outcome
from host.store.tables import metadata

_outbox = metadata.tables["outbox"]
_submission = metadata.tables["submission"]
_LOOKED_AT = 10_000  # texts: there is no index on when submissions ended, and every sending would pay for one

# Spelled as in the partial index: SQLite uses it for no other condition.
_active = _outbox.c.state.in_([literal_column(f"'{state}'") for state in ("QUEUED", "WAITING", "SENDING")])
_WAITING = (
    select(_outbox.c.gateway, func.count().label("number"), func.min(_outbox.c.due_at).label("due_at"))
    .where(_active)
    .group_by(_outbox.c.gateway)
)
_newest = select(func.max(_outbox.c.id)).scalar_subquery()
_accepted = _submission.c.outcome == Outcome.ACCEPTED
_LAST = (
    select(
        _submission.c.gateway,
        func.max(case((_accepted, _submission.c.ended_at))),
        func.max(case((~_accepted, _submission.c.ended_at))),
    )
    .join(_outbox, _outbox.c.id == _submission.c.outbox_id)
    .where(_outbox.c.id > _newest - _LOOKED_AT, _submission.c.outcome.is_not(None))
    .group_by(_submission.c.gateway)
)


def waiting(connection: Connection) -> Sequence[Row[Any]]:
    """Of each gateway that has any the ``number`` of texts that wait, and when the first is due (``due_at``)."""
    return connection.execute(_WAITING).all()


def last(connection: Connection) -> dict[str, tuple[int | None, int | None, str]]:
    """When each gateway last took a text, and when it last did not, and why, as far as the newest texts tell."""
    return {row[0]: (row[1], row[2], _why(connection, row[0], row[2])) for row in connection.execute(_LAST)}


def _why(connection: Connection, gateway: str, ended_at: int | None) -> str:
    if ended_at is None:
        return ""
    near = and_(_submission.c.outbox_id > _newest - _LOOKED_AT, _submission.c.ended_at == ended_at)
    query = select(_submission.c.error).where(near, _submission.c.gateway == gateway, ~_accepted).limit(1)
    return str(connection.execute(query).scalar() or "")
