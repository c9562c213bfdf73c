"""Broadcasts: a text for every subscriber of an event source, noted in its caller's commit and queued afterwards.

They are queued in chunks: a range of subscriptions, in the order of their ids, by one statement in one transaction with
the broadcast's own progress. So a broadcast goes on where it was, whenever its process died.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Insert,
    Row,
    Text,
    bindparam,
    case,
    func,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from host import clock
from host.store.order import ordered
from host.store.states import OutboxState
from host.store.tables import metadata

_broadcast = metadata.tables["broadcast"]
_subscription = metadata.tables["subscription"]
_outbox = metadata.tables["outbox"]

#: The priority of broadcasts' texts; those to one phone are 0, and go out before them.
PRIORITY = 1
_NO_GATEWAY = "SMSConfig.xml has no gateway of this id"
_SPREAD = 4
_NUMBERING = 0x736D7362  # "smsb", of PostgreSQL's advisory locks

_source: BindParameter[str] = bindparam("source")
_after: BindParameter[int] = bindparam("after")
_last: BindParameter[int] = bindparam("last")
_of_source = _subscription.c.event_source == _source
_in_range = (_of_source, _subscription.c.id > _after, _subscription.c.id <= _last)
_earlier = select(_broadcast.c.last_subscription).where(
    _broadcast.c.event_source == _source, _broadcast.c.key == bindparam("key"), _broadcast.c.key.is_not(None)
)
_NEWEST_OF_KEY = _earlier.order_by(_broadcast.c.id.desc()).limit(1)
_BEFORE_OF_KEY = _NEWEST_OF_KEY.where(_broadcast.c.id < bindparam("number"))
_NEXT = select(_subscription.c.id).where(_of_source, _subscription.c.id > _after).order_by(_subscription.c.id).limit(1)
_NEWEST = select(func.max(_subscription.c.id)).where(_of_source)
_END_OF_CHUNK = select(_subscription.c.id).where(*_in_range).order_by(_subscription.c.id).limit(1)
_END_OF_CHUNK = _END_OF_CHUNK.offset(bindparam("skipped"))
_LEFT = select(func.count()).select_from(_subscription).where(*_in_range)
_UNFINISHED = _broadcast.c.finished_at.is_(None)
_ONE = select(_broadcast).where(_broadcast.c.id == bindparam("number"), _UNFINISHED).with_for_update()
_first = func.min(_broadcast.c.id)
_RUNNING = select(_first).where(_UNFINISHED).group_by(_broadcast.c.event_source).order_by(_first)


@dataclass(frozen=True)
class Announced:
    """A text for every subscriber of an event source; with a ``key`` each subscription gets it once, ever."""

    event_source: str
    text: str
    key: str | None
    created_at: int


@dataclass(frozen=True)
class Chunk:
    """The next step of a broadcast: the texts of ``most`` subscriptions.

    ``gateways``: those that are configured; a subscriber through another one gets a text that has FAILED and says so.
    """

    broadcast: int
    most: int
    gateways: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """What a chunk made: texts, whether they were the last, and how long it took, in seconds."""

    queued: int
    finished: bool
    seconds: float


@dataclass(frozen=True)
class Standing:
    """A broadcast with the states of its texts; ``left``: subscriptions still to come, None where nobody knows yet."""

    row: Row[Any]
    states: dict[str, int]
    left: int | None


def create(connection: Connection, announced: Announced) -> None:
    """Note a broadcast, to be queued after the commit; none where every subscription had what has this key."""
    if announced.key is None or _has_somebody_new(connection, announced.event_source, announced.key):
        values = {**vars(announced), "after_subscription": 0, "queued": 0}
        connection.execute(insert(_broadcast).values(values))


def _has_somebody_new(connection: Connection, source: str, key: str) -> bool:
    newest = connection.execute(_NEWEST_OF_KEY, {"source": source, "key": key}).first()
    if newest is None or newest.last_subscription is None:
        return True
    return connection.execute(_NEXT, {"source": source, "after": newest.last_subscription}).scalar() is not None


def running(connection: Connection) -> Sequence[int]:
    """The broadcasts to go on with: of each event source the oldest, so that its announcements keep their order."""
    return connection.execute(_RUNNING).scalars().all()


@ordered
def advance(connection: Connection, chunks: list[Chunk]) -> Sequence[Progress]:
    """Queue a chunk of each broadcast; of one that is finished, nothing."""
    return [_advance(connection, chunk) for chunk in chunks]


def _advance(connection: Connection, chunk: Chunk) -> Progress:
    started = time.perf_counter()
    row = connection.execute(_ONE, {"number": chunk.broadcast}).first()
    if row is None:
        return Progress(0, True, 0.0)
    after, last = (row.after_subscription, row.last_subscription)
    if last is None:
        after, last = _range(connection, row)
    end = _end(connection, row.event_source, after, last, chunk.most)
    queued = connection.execute(_QUEUE[connection.dialect.name], _texts(row, chunk, after, end)).rowcount
    moved = {"after_subscription": end, "last_subscription": last, "queued": row.queued + queued}
    finished = clock.now() if end >= last else None
    connection.execute(update(_broadcast).where(_broadcast.c.id == row.id).values(**moved, finished_at=finished))
    return Progress(queued, finished is not None, time.perf_counter() - started)


def _range(connection: Connection, row: Row[Any]) -> tuple[int, int]:
    """The subscriptions a broadcast is for: those there are now, without those that had what has its key."""
    had = None
    if row.key is not None:
        _wait_for_numbers(connection)
        had = connection.execute(
            _BEFORE_OF_KEY, {"source": row.event_source, "key": row.key, "number": row.id}
        ).scalar()
    newest = connection.execute(_NEWEST, {"source": row.event_source}).scalar()
    return had or 0, max(had or 0, newest or 0)


def _end(connection: Connection, source: str, after: int, last: int, most: int) -> int:
    """The last subscription of a chunk. No more ids are looked at than it may have, a few times over: without fresh
    statistics PostgreSQL reads all that it is allowed to, and sorts it.
    """
    following = connection.execute(_NEXT, {"source": source, "after": after}).scalar()
    if following is None:
        return last
    window = {"source": source, "after": after, "last": min(last, following + _SPREAD * most)}
    end: int | None = connection.execute(_END_OF_CHUNK, {**window, "skipped": most - 1}).scalar()
    return window["last"] if end is None else end


def _texts(row: Row[Any], chunk: Chunk, after: int, end: int) -> dict[str, Any]:
    because = f"broadcast-{row.id}/" if row.key is None else f"{row.event_source}/{row.key}/"
    texts = {"cause": because, "text": row.text, "created_at": row.created_at, "number": row.id}
    return {"source": row.event_source, "after": after, "last": end, **texts, "gateways": list(chunk.gateways)}


def hold_numbers(connection: Connection) -> None:
    """Say that this transaction is about to number subscriptions.

    On PostgreSQL a later number can be committed first; a broadcast that skips the numbers it has been at must not
    skip one that was not yet to be seen. SQLite has one writer.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock_shared(_NUMBERING)))


def _wait_for_numbers(connection: Connection) -> None:
    """Wait until every number that was given to a subscription is committed, or never will be."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_NUMBERING)))


def standing(connection: Connection, most: int) -> list[Standing]:
    """The newest broadcasts, oldest of them first, with the states of their texts."""
    newest = connection.execute(select(_broadcast).order_by(_broadcast.c.id.desc()).limit(most)).all()
    return [Standing(row, _states(connection, row.id), left(connection, row)) for row in reversed(newest)]


def unfinished(connection: Connection) -> Sequence[Row[Any]]:
    """The broadcasts that are not queued in full, oldest first."""
    return connection.execute(select(_broadcast).where(_UNFINISHED).order_by(_broadcast.c.id)).all()


def left(connection: Connection, row: Row[Any]) -> int | None:
    """How many subscriptions a broadcast has still to come to; None before its first chunk."""
    if row.finished_at is not None:
        return 0
    if row.last_subscription is None:
        return None
    given = {"source": row.event_source, "after": row.after_subscription, "last": row.last_subscription}
    return connection.execute(_LEFT, given).scalar() or 0


def _states(connection: Connection, number: int) -> dict[str, int]:
    query = select(_outbox.c.state, func.count()).where(_outbox.c.broadcast_id == number).group_by(_outbox.c.state)
    return {row[0]: row[1] for row in connection.execute(query)}


def _queue(dialect: Any) -> Insert:
    """A text for each subscription in the range that has not had it: its cause is stored once, whatever happens."""
    configured = _subscription.c.gateway.in_(bindparam("gateways", expanding=True))
    created: BindParameter[int] = bindparam("created_at", type_=_outbox.c.created_at.type)
    columns = {
        "cause": bindparam("cause", type_=Text) + _subscription.c.id.cast(Text),
        "event_source": _subscription.c.event_source,
        "gateway": _subscription.c.gateway,
        "receiver": _subscription.c.phone,
        "text": bindparam("text", type_=Text),
        "state": case((configured, OutboxState.QUEUED.value), else_=OutboxState.FAILED.value),
        "attempts": literal(0),
        "created_at": created,
        "due_at": literal(0),
        "finished_at": case((configured, null()), else_=created),
        "error": case((configured, ""), else_=_NO_GATEWAY),
        "priority": literal(PRIORITY),
        "broadcast_id": bindparam("number", type_=_outbox.c.broadcast_id.type),
    }
    rows = select(*columns.values()).where(*_in_range).order_by(_subscription.c.id)
    statement = dialect.insert(_outbox).from_select(list(columns), rows, include_defaults=False)
    once: Insert = statement.on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return once


_QUEUE = {"sqlite": _queue(sqlite), "postgresql": _queue(postgresql)}
