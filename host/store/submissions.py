"""Offers to gateways, written down before the gateway is spoken to and when it is known how they ended.

Everything is guarded by what the row says now: a process that was out of action may come late, when another one has
taken over its gateway and declared its offers unknown. What it knows counts; what others did since is not undone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    and_,
    bindparam,
    case,
    delete,
    literal,
    not_,
    or_,
    select,
    update,
)

from host import clock
from host.store.owners import Owner, still
from host.store.reports import climb, match_late
from host.store.rows import insert_rows, read, update_rows, write
from host.store.states import OutboxState, Outcome
from host.store.tables import metadata

_outbox = metadata.tables["outbox"]
_submission = metadata.tables["submission"]


@dataclass(frozen=True)
class Begun:
    """A part about to be offered; ``first``: it is the first of this attempt.

    ``exchange``: what can be said of the exchange before it ended.
    """

    reference: str
    outbox_id: int
    gateway: str
    part: int
    parts: int
    attempt: int
    started_at: int
    first: bool = True
    exchange: str = ""


@dataclass(frozen=True)
class Ended:
    """How an offer ended. ``state``: the text's next state, or None while more parts follow; ``due_at``: next try.

    ``excused``: how many attempts are not to count towards the limit.
    """

    begun: Begun
    outcome: Outcome
    exchange: str
    error: str
    gateway_message_id: str | None
    state: OutboxState | None
    due_at: int
    excused: int


@dataclass(frozen=True)
class Turn:
    """What is written at once: how offers ended, which were not made after all, and which are next.

    ``taken``: texts whose parts turned out to have been taken already, all of them. ``owner``: the number of the worker
    whose the gateway's sending is, where there are several; nothing is begun by another one.
    """

    ended: Sequence[Ended] = ()
    withdrawn: Sequence[Begun] = ()
    begun: Sequence[Begun] = ()
    taken: Sequence[int] = ()
    owner: int | None = None

    @property
    def owners(self) -> set[Owner]:
        """As whose property it begins offers."""
        return set() if self.owner is None else {(begun.gateway, self.owner) for begun in self.begun}


def _is_mine(given: FromClause) -> ColumnElement[bool]:
    """The text's last attempt is the one that ended, whatever was thought of it; of those released since, the taken."""
    open_states = _outbox.c.state.in_((OutboxState.SENDING, OutboxState.HELD))
    taken = and_(_outbox.c.state == OutboxState.WAITING, given.c.state == OutboxState.SENT)
    return and_(_outbox.c.attempts == given.c.attempts, or_(open_states, taken))


def _is_next(given: FromClause) -> ColumnElement[bool]:
    """The text still waits for the attempt that is to begin."""
    waits = _outbox.c.state.in_((OutboxState.QUEUED, OutboxState.WAITING))
    return and_(waits, _outbox.c.attempts == given.c.attempts - 1)


#: Nobody knows, or not yet, how it ended.
UNSETTLED = or_(_submission.c.outcome.is_(None), _submission.c.outcome == Outcome.UNKNOWN)
_BEGIN = update_rows(_outbox, "id", "state", "attempts", only=_is_next, gives="id")
_BEGIN_SUBMISSION = insert_rows(
    _submission,
    *("reference", "outbox_id", "gateway", "part", "parts", "attempt", "started_at", "exchange", "error"),
)
_END = update_rows(
    _outbox, "id", "state", "due_at", "error", "finished_at", "excused", only=_is_mine, also=("attempts",)
)
_END_SUBMISSION = update_rows(
    _submission,
    *("reference", "ended_at", "outcome", "gateway_message_id", "exchange", "error"),
    only=UNSETTLED,
    gives="delivery",
)
_SETTLE = update_rows(
    _outbox,
    *("id", "state", "finished_at", "error"),
    only=_outbox.c.state.in_((OutboxState.QUEUED, OutboxState.WAITING)),
)
_later = _outbox.alias("later")
_overtaken = (
    select(literal(1))
    .where(*(_later.c[name] == _outbox.c[name] for name in ("gateway", "receiver", "priority")))
    .where(_later.c.id > _outbox.c.id, _later.c.attempts > 0)
    .exists()
)
#: An offer that was not made can be undone: also of a text that another process has HELD since, unless a later text to
#: its phone was begun, which must not be the first to arrive.
RETURNABLE = or_(_outbox.c.state == OutboxState.SENDING, and_(_outbox.c.state == OutboxState.HELD, not_(_overtaken)))
_stays_held = (
    select(literal(1))
    .where(
        _outbox.c.id == _submission.c.outbox_id,
        _outbox.c.state == OutboxState.HELD,
        _outbox.c.attempts == _submission.c.attempt,
    )
    .exists()
)
_begun = select(literal(1)).where(_submission.c.reference == bindparam("reference"), UNSETTLED).correlate(None).exists()
_WITHDRAW = delete(_submission).where(_submission.c.reference == bindparam("which"), UNSETTLED, not_(_stays_held))
_PUT_BACK = (
    update(_outbox)
    .where(
        _outbox.c.id == bindparam("which"),
        _outbox.c.attempts == bindparam("attempt"),
        or_(_begun, bindparam("fewer") == 0),
        RETURNABLE,
    )
    .values(
        state=case((_outbox.c.attempts > bindparam("fewer"), OutboxState.WAITING), else_=OutboxState.QUEUED),
        attempts=_outbox.c.attempts - bindparam("fewer"),
        excused=_outbox.c.excused + bindparam("more"),
        finished_at=None,
        error="",
    )
)


def turn(connection: Connection, turns: list[Turn]) -> Sequence[set[str]]:
    """Write turns; gives the references of the offers that may be made: of each turn, those whose text still waits."""
    owned = still(connection, {owner for each in turns for owner in each.owners})  # before anything is locked
    _end(connection, [ended for each in turns for ended in each.ended])
    withdraw(connection, [begun for each in turns for begun in each.withdrawn])
    _settle(connection, [number for each in turns for number in each.taken])
    begun = _begin(connection, [begun for each in turns if each.owners <= owned for begun in each.begun])
    return [{each.reference for each in turn.begun if each.reference in begun} for turn in turns]


def parts_accepted(connection: Connection, outbox_id: int) -> set[int]:
    """The numbers of the parts that the gateway already took."""
    query = select(_submission.c.part).where(
        _submission.c.outbox_id == outbox_id, _submission.c.outcome == Outcome.ACCEPTED
    )
    return set(connection.execute(query).scalars())


def _begin(connection: Connection, begun: list[Begun]) -> set[str]:
    starts = [
        {"id": each.outbox_id, "state": OutboxState.SENDING.value, "attempts": each.attempt}
        for each in begun
        if each.first
    ]
    moved = {row[0] for row in read(connection, _BEGIN, starts)}
    written = _written(connection, [each.reference for each in begun if not (each.first and each.outbox_id in moved)])
    new = [each for each in begun if each.outbox_id in moved or not (each.first or each.reference in written)]
    write(connection, _BEGIN_SUBMISSION, map(_submitted, new))
    return {each.reference for each in new} | written


def _submitted(begun: Begun) -> Mapping[str, Any]:
    return {**vars(begun), "error": ""}


def _written(connection: Connection, references: list[str]) -> set[str]:
    """Those that are there already: where the answer to a commit was lost, its turn is written once more."""
    if not references:
        return set()
    query = select(_submission.c.reference).where(
        _submission.c.reference.in_(references), _submission.c.outcome.is_(None)
    )
    return set(connection.execute(query).scalars())


def _end(connection: Connection, ended: list[Ended]) -> None:
    if not ended:
        return
    now = clock.now()
    reported = any(row[0] for row in read(connection, _END_SUBMISSION, (_how(each, now) for each in ended)))
    write(connection, _END, (_moved(each, now) for each in ended if each.state is not None))
    named = {(each.begun.gateway, each.gateway_message_id) for each in ended if each.gateway_message_id}
    match_late(connection, named)
    climbers = {each.begun.outbox_id for each in ended if reported or each.begun.parts > 1}
    if climbers:
        climb(connection, climbers)


def _how(ended: Ended, now: int) -> dict[str, object]:
    return {
        "reference": ended.begun.reference,
        "ended_at": now,
        "outcome": ended.outcome.value,
        "gateway_message_id": ended.gateway_message_id,
        "exchange": ended.exchange,
        "error": ended.error,
    }


def _moved(ended: Ended, now: int) -> dict[str, object]:
    return {
        "id": ended.begun.outbox_id,
        "attempts": ended.begun.attempt,
        "state": ended.state,
        "due_at": ended.due_at,
        "error": ended.error,
        "finished_at": None if ended.state is OutboxState.WAITING else now,
        "excused": ended.excused,
    }


def _settle(connection: Connection, taken: list[int]) -> None:
    if taken:
        end = {"state": OutboxState.SENT.value, "finished_at": clock.now(), "error": ""}
        write(connection, _SETTLE, ({"id": number, **end} for number in taken))
        climb(connection, taken)


def withdraw(connection: Connection, begun: list[Begun]) -> None:
    """An offer that was not made leaves no trace, and its attempt does not count, unless its text was overtaken.

    Nobody may know whether its begin was written: then the attempt may be another process's, which has a reference of
    its own.
    """
    if not begun:
        return
    connection.execute(_PUT_BACK, [_put_back(each) for each in begun])
    connection.execute(_WITHDRAW, [{"which": each.reference} for each in begun])


def _put_back(begun: Begun) -> Mapping[str, Any]:
    fewer = int(begun.first)
    named = {"which": begun.outbox_id, "attempt": begun.attempt, "reference": begun.reference}
    return {**named, "fewer": fewer, "more": 1 - fewer}
