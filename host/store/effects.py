"""What procedures do through WL, collected while they run and written set-wise in the commit that says "handled"."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Insert, and_, bindparam, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from host.store.rows import insert_rows, write
from host.store.tables import OutboxState, metadata

_outbox = metadata.tables["outbox"]
_subscription = metadata.tables["subscription"]
_user_state = metadata.tables["user_state"]
_ANNOUNCED = (
    "cause",
    "event_source",
    "gateway",
    "receiver",
    "text",
    "state",
    "attempts",
    "created_at",
    "due_at",
    "error",
)
_QUEUE = insert_rows(_outbox, *_ANNOUNCED, "inbox_id")


@dataclass(frozen=True)
class Subscribed:
    """A phone's subscription to an event source, to be or already stored."""

    event_source: str
    user_id: str
    phone: str
    gateway: str
    created_at: int


@dataclass(frozen=True)
class Queued:
    """A text for the outbox. ``cause``: what makes it unique, or None where nothing can repeat it."""

    gateway: str
    receiver: str
    text: str
    event_source: str
    created_at: int
    cause: str | None = None
    inbox_id: int | None = None


@dataclass(frozen=True)
class Announced:
    """A text for every subscriber of an event source; with a ``key`` each subscription gets it once, ever."""

    event_source: str
    text: str
    key: str | None
    created_at: int


@dataclass
class Effects:
    """What one procedure did, in order; the last word on a subscription counts (None: unsubscribed)."""

    subscriptions: dict[tuple[str, str], Subscribed | None] = field(default_factory=dict)
    queued: list[Queued] = field(default_factory=list)
    announced: list[Announced] = field(default_factory=list)
    states: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.subscriptions or self.queued or self.announced or self.states)

    def copy(self) -> "Effects":
        """A copy that later effects do not change, to go back to."""
        return Effects(dict(self.subscriptions), list(self.queued), list(self.announced), dict(self.states))


def apply(connection: Connection, many: Iterable[Effects]) -> None:
    """Write the effects of several procedures: subscriptions, then texts, then announcements, then states."""
    some = [effects for effects in many if effects]
    if not some:
        return
    _subscriptions(connection, {key: word for effects in some for key, word in effects.subscriptions.items()})
    write(connection, _QUEUE, (_queued_row(each) for effects in some for each in effects.queued))
    for effects in some:
        for announced in effects.announced:
            connection.execute(_announce(connection, announced))
    _states(connection, {key: state for effects in some for key, state in effects.states.items()})


def _subscriptions(connection: Connection, words: dict[tuple[str, str], Subscribed | None]) -> None:
    gone = [{"source": source, "number": phone} for (source, phone), word in words.items() if word is None]
    new = [vars(word) for word in words.values() if word is not None]
    if gone:
        where = and_(_subscription.c.event_source == bindparam("source"), _subscription.c.phone == bindparam("number"))
        connection.execute(delete(_subscription).where(where), gone)
    if new:
        connection.execute(_insert(connection, _subscription).on_conflict_do_nothing(), new)


def _queued_row(queued: Queued) -> dict[str, Any]:
    return {**vars(queued), "state": OutboxState.QUEUED.value, "attempts": 0, "due_at": queued.created_at, "error": ""}


def _announce(connection: Connection, announced: Announced) -> Insert:
    """One text for each subscription; with a key, for each subscription that has not had it yet."""
    prefix = f"{announced.event_source}/{announced.key}/"
    cause = literal(prefix) + _subscription.c.id.cast(_outbox.c.cause.type) if announced.key else literal(None)
    rows = select(
        cause,
        literal(announced.event_source),
        _subscription.c.gateway,
        _subscription.c.phone,
        literal(announced.text),
        literal(OutboxState.QUEUED.value),
        literal(0),
        literal(announced.created_at),
        literal(announced.created_at),
        literal(""),
    ).where(_subscription.c.event_source == announced.event_source)
    statement = _insert(connection, _outbox).from_select(_ANNOUNCED, rows.order_by(_subscription.c.id))
    return statement.on_conflict_do_nothing()


def _states(connection: Connection, states: dict[tuple[str, str], dict[str, Any]]) -> None:
    rows = [
        {"event_source": source, "user_id": user, "state": json.dumps(state)}
        for (source, user), state in states.items()
    ]
    if rows:
        statement = _insert(connection, _user_state)
        key = [_user_state.c.event_source, _user_state.c.user_id]
        connection.execute(
            statement.on_conflict_do_update(index_elements=key, set_={"state": statement.excluded.state}), rows
        )


def _insert(connection: Connection, table: Any) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
