"""Who is subscribed to what."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Text,
    any_,
    bindparam,
    func,
    select,
    union_all,
)

from host.errors import StoreUnavailable
from host.store.effects import Subscribed
from host.store.tables import metadata

_subscription = metadata.tables["subscription"]
_user_state = metadata.tables["user_state"]
_FRESH_SECONDS = 0.05


def _of_some(dialect: str) -> tuple[CompoundSelect[Any], Select[Any]]:
    """The subscriptions and the states of many phones, which are one parameter: JSON on SQLite, else an array.

    By phone and by user apart, and in no order: SQLite would else look at all of an event source's.
    """

    def is_one(name: ColumnElement[str]) -> ColumnElement[bool]:
        if dialect == "sqlite":
            return name.in_(select(func.json_each(bindparam("phones", type_=Text)).table_valued("value").c.value))
        return name == any_(bindparam("phones", type_=ARRAY(Text)))

    its = _subscription.c.event_source == bindparam("source")
    found = [select(_subscription).where(its, is_one(_subscription.c[name])) for name in ("phone", "user_id")]
    states = select(_user_state).where(_user_state.c.event_source == bindparam("source"), is_one(_user_state.c.user_id))
    return union_all(*found), states


@dataclass(frozen=True)
class _Sheet:
    """What is stored of some phones for one event source."""

    read_at: float
    devices: Mapping[str, Subscribed]
    users: Mapping[str, list[Subscribed]]
    states: Mapping[str, str]


class Subscribers:
    """What is stored of subscriptions and users, for procedures that handle several phones' texts one after the other.

    The first question about one of the ``phones`` is answered for all of them at once, and holds for a twentieth of a
    second; so it does not see what other procedures did meanwhile, as two that run at the same time would not. Every
    method raises :class:`~host.errors.StoreUnavailable`; ``failed`` is the last that was.
    """

    def __init__(
        self, read: Callable[[], AbstractContextManager[Connection]], phones: Collection[str] = frozenset()
    ) -> None:
        self._read = read
        self._phones = set(phones)
        self._sheets: dict[str, _Sheet] = {}
        self.failed: StoreUnavailable | None = None

    def find(self, event_source: str, phone: str) -> Subscribed | None:
        """A phone's subscription to an event source."""
        return self._sheet(event_source, phone).devices.get(phone)

    def of_user(self, event_source: str, user_id: str) -> list[Subscribed]:
        """Every subscription of one user to an event source, oldest first."""
        return self._sheet(event_source, user_id).users.get(user_id, [])

    def state_of(self, event_source: str, user_id: str) -> dict[str, Any]:
        """What the adapter keeps of a user; empty where it never saved anything."""
        stored = self._sheet(event_source, user_id).states.get(user_id)
        return {} if stored is None else json.loads(stored)

    def _sheet(self, event_source: str, phone: str) -> _Sheet:
        if phone not in self._phones:
            return self._looked_up(event_source, {phone})
        sheet = self._sheets.get(event_source)
        if sheet is None or time.monotonic() - sheet.read_at > _FRESH_SECONDS:
            sheet = self._sheets[event_source] = self._looked_up(event_source, self._phones)
        return sheet

    def _looked_up(self, event_source: str, phones: Collection[str]) -> _Sheet:
        try:
            return self._found(event_source, phones)
        except StoreUnavailable as error:
            self.failed = error
            raise

    def _found(self, event_source: str, phones: Collection[str]) -> _Sheet:
        users: dict[str, list[Subscribed]] = defaultdict(list)
        with self._read() as connection:
            read_at = time.monotonic()
            some = json.dumps(list(phones), ensure_ascii=False) if connection.dialect.name == "sqlite" else list(phones)
            given = {"source": event_source, "phones": some}
            of_subscriptions, of_states = _STATEMENTS[connection.dialect.name]
            rows = {row.id: _subscribed(row) for row in connection.execute(of_subscriptions, given)}
            states = {row.user_id: row.state for row in connection.execute(of_states, given)}
        for _, each in sorted(rows.items()):
            users[each.user_id].append(each)
        return _Sheet(read_at, {each.phone: each for each in rows.values()}, users, states)


def _subscribed(row: Any) -> Subscribed:
    fields = (row.event_source, row.user_id, row.phone, row.gateway, row.created_at, row.alias, row.application)
    return Subscribed(*fields)


_STATEMENTS = {dialect: _of_some(dialect) for dialect in ("sqlite", "postgresql")}
