"""What procedures do through WL, collected while they run and written set-wise in the commit that says "handled"."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite

from host.store import broadcasts
from host.store.broadcasts import Announced
from host.store.rows import insert_rows, write
from host.store.states import OutboxState
from host.store.tables import metadata

_outbox = metadata.tables["outbox"]
_subscription = metadata.tables["subscription"]
_user_state = metadata.tables["user_state"]
_QUEUE = insert_rows(
    _outbox,
    *("cause", "inbox_id", "event_source", "gateway", "receiver", "text"),
    *("state", "attempts", "created_at", "due_at", "error"),
)


@dataclass(frozen=True)
class Subscribed:
    """A phone's subscription to an event source, to be or already stored."""

    event_source: str
    user_id: str
    phone: str
    gateway: str
    created_at: int
    alias: str = ""
    application: str = ""


@dataclass(frozen=True)
class Queued:
    """A text for the outbox. ``cause``: what makes it unique, or None where nothing can repeat it.

    ``due_at``: 0 for at once, or when it may be sent (:func:`host.clock.steady`), where an answer may take it first.
    """

    gateway: str
    receiver: str
    text: str
    event_source: str
    created_at: int
    cause: str | None = None
    inbox_id: int | None = None
    due_at: int = 0


Key = tuple[str, str]  # an event source and a phone, or a user


@dataclass
class Effects:
    """What one procedure did. The last word on a subscription counts (None: unsubscribed); texts are in their order.

    ``replaced``: subscriptions that were ended and made again, so that the stored one has to go.
    """

    subscriptions: dict[Key, Subscribed | None] = field(default_factory=dict)
    replaced: set[Key] = field(default_factory=set)
    texts: list[Queued | Announced] = field(default_factory=list)
    states: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.subscriptions or self.texts or self.states)

    def copy(self) -> "Effects":
        """A copy that later effects do not change, to go back to."""
        return Effects(dict(self.subscriptions), set(self.replaced), list(self.texts), dict(self.states))

    def subscribe(self, subscribed: Subscribed) -> None:
        """A new subscription, also after an end in the same procedure."""
        key = (subscribed.event_source, subscribed.phone)
        if key in self.subscriptions:
            self.replaced.add(key)
        self.subscriptions[key] = subscribed

    def gateways(self) -> set[str]:
        """The gateways that these texts go to, apart from announcements."""
        return {text.gateway for text in self.texts if isinstance(text, Queued)}

    def announces(self) -> bool:
        """Whether there is an announcement among them."""
        return any(isinstance(text, Announced) for text in self.texts)


def apply(connection: Connection, many: Iterable[Effects]) -> None:
    """Write the effects of several procedures: subscriptions, then texts in their order, then states."""
    some = [effects for effects in many if effects]
    if not some:
        return
    _subscriptions(connection, some)
    texts = [text for effects in some for text in effects.texts]
    write(connection, _QUEUE, (_queued_row(text) for text in texts if isinstance(text, Queued)))
    for text in texts:
        if isinstance(text, Announced):
            broadcasts.create(connection, text)
    _states(connection, {key: state for effects in some for key, state in effects.states.items()})


def _subscriptions(connection: Connection, some: list[Effects]) -> None:
    words = {key: word for effects in some for key, word in effects.subscriptions.items()}
    gone = {key for key, word in words.items() if word is None}.union(*(effects.replaced for effects in some))
    new = [vars(word) for word in words.values() if word is not None]
    if gone:
        where = and_(_subscription.c.event_source == bindparam("source"), _subscription.c.phone == bindparam("number"))
        keys = [{"source": source, "number": phone} for source, phone in sorted(gone)]
        connection.execute(delete(_subscription).where(where), keys)
    if new:
        broadcasts.hold_numbers(connection)
        connection.execute(_insert(connection, _subscription).on_conflict_do_nothing(), new)


def _queued_row(queued: Queued) -> dict[str, Any]:
    return {**vars(queued), "state": OutboxState.QUEUED.value, "attempts": 0, "error": ""}


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
