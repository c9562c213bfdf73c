"""Texts that go out in the answer to the gateway's request: which wait for it, and which went into it before."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, literal_column, select

from host.store.states import InboxState, OutboxState
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
_outbox = metadata.tables["outbox"]
_submission = metadata.tables["submission"]

#: How the exchange of a submission begins that is made in an answer, from its beginning on.
IN_ANSWER = "in the answer to "

_UNFINISHED = select(_inbox.c.id).where(
    _inbox.c.id.in_(bindparam("ids", expanding=True)), _inbox.c.state == InboxState.RECEIVED
)
_LAST = and_(_submission.c.outbox_id == _outbox.c.id, _submission.c.attempt == _outbox.c.attempts)
_columns = (
    *(_outbox.c[name] for name in ("id", "inbox_id", "receiver", "text", "state", "attempts", "excused")),
    *(_submission.c[name] for name in ("reference", "exchange")),
)
_REPLIES = (
    select(*_columns)
    .select_from(_outbox.join(_inbox, _inbox.c.id == _outbox.c.inbox_id).outerjoin(_submission, _LAST))
    .where(
        _outbox.c.inbox_id == bindparam("number"),
        _outbox.c.gateway == _inbox.c.gateway,
        _outbox.c.receiver == _inbox.c.sender,
    )
    .order_by(_outbox.c.id)
)
# Spelled as in the partial index: SQLite uses it for no other condition.
_LEFT = (
    select(*_columns)
    .select_from(_outbox.join(_submission, _LAST))
    .where(
        _outbox.c.gateway == bindparam("name"),
        _outbox.c.state == literal_column("'SENDING'"),
        _submission.c.exchange.startswith(IN_ANSWER, autoescape=True),
        _submission.c.outcome.is_(None),
        _submission.c.started_at < bindparam("before"),
    )
)
_NEW = (OutboxState.QUEUED, OutboxState.WAITING)
_TOLD = (OutboxState.SENDING, OutboxState.SENT, OutboxState.HELD)


def finished(connection: Connection, ids: Collection[int]) -> set[int]:
    """Of these texts from phones those that are handled, or will not be for now."""
    return set(ids) - set(connection.execute(_UNFINISHED, {"ids": list(ids)}).scalars())


def replies(connection: Connection, number: int) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """What answers a text, to its phone through its gateway, in order: what nobody has sent, and what went into an
    earlier answer, which its gateway did not get if it asks again.
    """
    rows = connection.execute(_REPLIES, {"number": number}).all()
    ours = {row.id for row in rows if row.reference is None or row.exchange.startswith(IN_ANSWER)}
    new = [row for row in rows if row.id in ours and row.state in _NEW]
    return new, [row for row in rows if row.id in ours and row.reference is not None and row.state in _TOLD]


def left_open(connection: Connection, gateway: str, before: int) -> Sequence[Row[Any]]:
    """What a gateway's answers took before then, and nobody said that the answers were given."""
    return connection.execute(_LEFT, {"name": gateway, "before": before}).all()
