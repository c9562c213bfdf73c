"""Texts to phones: finding what is due, and writing down every submission before and after the gateway is spoken to."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    update,
)

from host import clock
from host.store.due import Due, due_rows
from host.store.reports import climb, match_late
from host.store.rows import insert_rows, update_rows, write
from host.store.tables import OutboxState, Outcome, metadata

_outbox = metadata.tables["outbox"]
_submission = metadata.tables["submission"]


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
_BEGIN = update_rows(_outbox, "id", "state", "attempts")
_BEGIN_SUBMISSION = insert_rows(
    _submission,
    *("reference", "outbox_id", "gateway", "part", "parts", "attempt", "started_at", "exchange", "error"),
)
_END = update_rows(_outbox, "id", "state", "due_at", "error", "finished_at")
_END_SUBMISSION = update_rows(
    _submission, "reference", "ended_at", "outcome", "gateway_message_id", "exchange", "error"
)


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


def parts_accepted(connection: Connection, outbox_id: int) -> set[int]:
    """The numbers of the parts that the gateway already took."""
    query = select(_submission.c.part).where(
        _submission.c.outbox_id == outbox_id, _submission.c.outcome == Outcome.ACCEPTED
    )
    return set(connection.execute(query).scalars())


def begin(connection: Connection, begun: list[Begun]) -> Sequence[None]:
    """Write submissions down before their gateways are spoken to."""
    write(connection, _BEGIN_SUBMISSION, ({**vars(each), "exchange": "", "error": ""} for each in begun))
    moved = ({"id": each.outbox_id, "state": "SENDING", "attempts": each.attempt} for each in begun)
    write(connection, _BEGIN, moved)
    return [None] * len(begun)


def end(connection: Connection, ended: list[Ended]) -> Sequence[None]:
    """Write down how submissions ended, and what that makes of their texts."""
    now = clock.now()
    write(connection, _END_SUBMISSION, (_ended(each, now) for each in ended))
    write(connection, _END, (_moved(each, now) for each in ended if each.state is not None))
    match_late(connection, {(each.gateway, each.gateway_message_id) for each in ended if each.gateway_message_id})
    climb(connection, {each.outbox_id for each in ended})
    return [None] * len(ended)


def _ended(ended: Ended, now: int) -> dict[str, object]:
    return {
        "reference": ended.reference,
        "ended_at": now,
        "outcome": ended.outcome.value,
        "gateway_message_id": ended.gateway_message_id,
        "exchange": ended.exchange,
        "error": ended.error,
    }


def _moved(ended: Ended, now: int) -> dict[str, object]:
    waits = ended.state is OutboxState.WAITING
    return {
        "id": ended.outbox_id,
        "state": ended.state,
        "due_at": ended.due_at,
        "error": ended.error,
        "finished_at": None if waits else now,
    }


@dataclass(frozen=True)
class Recover:
    """A gateway whose texts nobody is sending at this moment; ``reason``: why nobody knows what became of some."""

    gateway: str
    reason: str


def recover(connection: Connection, given: list[Recover]) -> Sequence[int]:
    """Hold the texts whose submission was under way when the process that sent them died; gives how many."""
    return [_recover(connection, each.gateway, each.reason) for each in given]


def _recover(connection: Connection, gateway: str, reason: str) -> int:
    now = clock.now()
    sending = and_(_is_active(_outbox), _outbox.c.gateway == gateway, _outbox.c.state == OutboxState.SENDING)
    numbers = connection.execute(select(_outbox.c.id).where(sending)).scalars().all()
    unsettled = and_(_submission.c.outbox_id.in_(numbers), _submission.c.outcome.is_(None))
    cut = connection.execute(select(_submission.c.outbox_id).where(unsettled)).scalars().all()
    unknown = update(_submission).values(outcome=Outcome.UNKNOWN, ended_at=now, error=reason)
    connection.execute(unknown.where(unsettled))
    held = update(_outbox).values(state=OutboxState.HELD, error=reason, finished_at=now)
    connection.execute(held.where(_outbox.c.id.in_(cut)))
    connection.execute(update(_outbox).where(sending).values(state=OutboxState.WAITING, due_at=0))
    return len(set(cut))
