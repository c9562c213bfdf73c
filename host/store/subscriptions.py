"""Who is subscribed to what."""

import json
from typing import Any

from sqlalchemy import Connection, bindparam, select

from host.store.effects import Subscribed
from host.store.tables import metadata

_subscription = metadata.tables["subscription"]
_user_state = metadata.tables["user_state"]


_FIND = select(_subscription).where(
    _subscription.c.event_source == bindparam("source"), _subscription.c.phone == bindparam("phone")
)
_OF_USER = (
    select(_subscription)
    .where(_subscription.c.event_source == bindparam("source"), _subscription.c.user_id == bindparam("user"))
    .order_by(_subscription.c.id)
)
_STATE_OF = select(_user_state.c.state).where(
    _user_state.c.event_source == bindparam("source"), _user_state.c.user_id == bindparam("user")
)


def find(connection: Connection, event_source: str, phone: str) -> Subscribed | None:
    """A phone's subscription to an event source."""
    row = connection.execute(_FIND, {"source": event_source, "phone": phone}).first()
    return None if row is None else _subscribed(row)


def of_user(connection: Connection, event_source: str, user_id: str) -> list[Subscribed]:
    """Every subscription of one user to an event source, oldest first."""
    rows = connection.execute(_OF_USER, {"source": event_source, "user": user_id})
    return [_subscribed(row) for row in rows]


def state_of(connection: Connection, event_source: str, user_id: str) -> dict[str, Any]:
    """What the adapter keeps of a user; empty where it never saved anything."""
    stored = connection.execute(_STATE_OF, {"source": event_source, "user": user_id}).scalar()
    return {} if stored is None else json.loads(stored)


def _subscribed(row: Any) -> Subscribed:
    return Subscribed(row.event_source, row.user_id, row.phone, row.gateway, row.created_at)
