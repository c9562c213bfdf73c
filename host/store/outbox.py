"""Texts to phones: finding what is due, and writing down every submission before and after the gateway is spoken to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, and_, bindparam, insert, select, update

from host import clock
from host.store.reports import climb, match_late
from host.store.tables import OutboxState, Outcome, metadata

_outbox = metadata.tables["outbox"]
_submission = metadata.tables["submission"]
_ACTIVE = ("QUEUED", "WAITING", "SENDING")


@dataclass(frozen=True)
class Begun:
    """A part about to be offered to a gateway."""

    reference: str
    outbox_id: int
    gateway: str
    part: int
    parts: int
    attempt: int
    started_at: int


@dataclass(frozen=True)
class Ended:
    """How an offer ended. ``state``: the text's next state, or None while more parts follow; ``due_at``: next try."""

    reference: str
    outbox_id: int
    outcome: Outcome
    exchange: str
    error: str
    gateway: str
    gateway_message_id: str | None
    state: OutboxState | None
    due_at: int


def due(connection: Connection, gateway: str, now: int, after: int, most: int) -> Sequence[Row[Any]]:
    """A gateway's texts to send now with an id above ``after``, oldest first.

    None whose phone has an earlier one that waits for another try. ``behind``: whether it has an
    earlier one with an id up to ``after``.
    """
    earlier = _outbox.alias()
    before = select(earlier.c.id).where(
        _is_active(earlier),
        earlier.c.gateway == _outbox.c.gateway,
        earlier.c.receiver == _outbox.c.receiver,
        earlier.c.id < _outbox.c.id,
    )
    blocked = before.where(earlier.c.due_at > now).exists()
    behind = before.where(earlier.c.id + 0 <= after).exists()  # + 0: else SQLite takes the index without the phone
    ready = and_(
        _outbox.c.gateway == gateway,
        _is_active(_outbox),
        _outbox.c.state != "SENDING",
        _outbox.c.due_at <= now,
        ~blocked,
    )
    query = select(_outbox, behind.label("behind")).where(ready, _outbox.c.id > after)
    return connection.execute(query.order_by(_outbox.c.id).limit(most)).all()


def _is_active(table: FromClause) -> ColumnElement[bool]:
    """The condition of the partial indexes, spelled as they are: SQLite uses them for no other."""
    return table.c.state.in_(bindparam("active", _ACTIVE, expanding=True, literal_execute=True))


def gateways_waiting(connection: Connection) -> set[str]:
    """The gateways that have texts to send."""
    query = select(_outbox.c.gateway).where(_is_active(_outbox)).distinct()
    return set(connection.execute(query).scalars())


def parts_accepted(connection: Connection, outbox_id: int) -> set[int]:
    """The numbers of the parts that the gateway already took."""
    query = select(_submission.c.part).where(
        _submission.c.outbox_id == outbox_id, _submission.c.outcome == Outcome.ACCEPTED
    )
    return set(connection.execute(query).scalars())


def begin(connection: Connection, begun: list[Begun]) -> Sequence[None]:
    """Write submissions down before their gateways are spoken to."""
    rows = [{**vars(each), "exchange": "", "error": ""} for each in begun]
    connection.execute(insert(_submission), rows)
    connection.execute(
        update(_outbox).where(_outbox.c.id == bindparam("row")),
        [{"row": each.outbox_id, "state": "SENDING", "attempts": each.attempt} for each in begun],
    )
    return [None] * len(begun)


def end(connection: Connection, ended: list[Ended]) -> Sequence[None]:
    """Write down how submissions ended, and what that makes of their texts."""
    now = clock.now()
    connection.execute(
        update(_submission).where(_submission.c.reference == bindparam("row")),
        [
            {
                "row": each.reference,
                "ended_at": now,
                "outcome": each.outcome.value,
                "gateway_message_id": each.gateway_message_id,
                "exchange": each.exchange,
                "error": each.error,
            }
            for each in ended
        ],
    )
    moved = [_moved(each, now) for each in ended if each.state is not None]
    if moved:
        connection.execute(update(_outbox).where(_outbox.c.id == bindparam("row")), moved)
    match_late(connection, {(each.gateway, each.gateway_message_id) for each in ended if each.gateway_message_id})
    climb(connection, {each.outbox_id for each in ended})
    return [None] * len(ended)


def _moved(ended: Ended, now: int) -> dict[str, object]:
    waits = ended.state is OutboxState.WAITING
    return {
        "row": ended.outbox_id,
        "state": ended.state,
        "due_at": ended.due_at,
        "error": ended.error,
        "finished_at": None if waits else now,
    }


def recover(connection: Connection, reasons: list[str]) -> Sequence[int]:
    """Hold the texts whose submission was under way when the host died; gives how many. Run once, at start."""
    now = clock.now()
    open_submission = _submission.c.outcome.is_(None)
    sending = _outbox.c.state == OutboxState.SENDING
    cut = _outbox.c.id.in_(select(_submission.c.outbox_id).where(open_submission))
    held = connection.execute(
        update(_outbox).where(sending, cut).values(state=OutboxState.HELD, error=reasons[0], finished_at=now)
    )
    connection.execute(update(_outbox).where(sending).values(state=OutboxState.WAITING, due_at=now))
    connection.execute(
        update(_submission).where(open_submission).values(outcome=Outcome.UNKNOWN, ended_at=now, error=reasons[0])
    )
    return [held.rowcount] * len(reasons)
