"""Texts from phones as they come: each stored once, repeats of its gateway message id or its content beside it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from host import clock
from host.messages import Inbound
from host.store.content import Content, first_ids
from host.store.rows import insert_rows, write
from host.store.states import InboxState
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
_repeat = metadata.tables["inbox_repeat"]

_STORED = (
    *("gateway", "gateway_message_id", "sender", "receiver", "text", "keyword", "parameters"),
    *("sent_at", "received_at", "state", "attempts", "due_at"),
)
_STORE = insert_rows(_inbox, *_STORED)
_STORE_REPEATS = insert_rows(_inbox, *_STORED, "repeat_of")
_STORE_RAW = insert(_inbox)
_STORE_ONE = insert(_inbox).returning(_inbox.c.id)
# One gateway at a time: for pairs of gateway and id SQLite would read the whole index.
_KNOWN = select(_inbox.c.gateway_message_id, _inbox.c.id).where(
    _inbox.c.gateway == bindparam("name"), _inbox.c.gateway_message_id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True)
class Arrival:
    """A text about to be stored; ``sender`` and ``receiver`` are normalised.

    ``window``: milliseconds within which an equal text makes this one a repeat, where the gateway gave it no id.
    ``answer_by``: until when its request waits for texts to take along (:func:`host.clock.steady`), where it does.
    """

    gateway: str
    sender: str
    receiver: str
    keyword: str
    inbound: Inbound
    received_at: int
    window: int = 0
    answer_by: int | None = None

    @property
    def content(self) -> Content | None:
        """What it is compared by with others, where its gateway gave it no id and has a window."""
        if not self.window or self.inbound.gateway_message_id is not None:
            return None
        near = self.received_at - self.window, self.received_at + self.window
        return Content(self.gateway, self.sender, self.receiver, self.inbound.text, *near)


def store(connection: Connection, arrivals: list[Arrival]) -> Sequence[None]:
    """Store texts, each gateway message id once; a repeat is recorded beside the row it repeats.

    A text without such an id that came within its gateway's window is stored as a repeat, in a row of its own.
    """
    known = set(_known_ids(connection, arrivals))
    fresh: list[Arrival] = []
    repeats: list[Arrival] = []
    for arrival in arrivals:
        key = (arrival.gateway, arrival.inbound.gateway_message_id)
        if arrival.inbound.gateway_message_id is not None and key in known:
            repeats.append(arrival)
        else:
            known.add(key)
            fresh.append(arrival)
    if any(arrival.window for arrival in fresh):
        _insert_apart(connection, fresh)
    else:
        _insert(connection, [_row(arrival) for arrival in fresh], _STORE)
    if repeats:
        _record_repeats(connection, repeats)
    return [None] * len(arrivals)


def store_to_answer(connection: Connection, arrivals: list[Arrival]) -> Sequence[int]:
    """Store texts as :func:`store` does, whose requests wait; gives their numbers, of a repeat that of the first."""
    return [_store_to_answer(connection, each) for each in arrivals]


def _store_to_answer(connection: Connection, arrival: Arrival) -> int:
    known = _known_ids(connection, [arrival])
    if known:
        _record_repeats(connection, [arrival])
        return next(iter(known.values()))
    (first,) = first_ids(connection, [arrival.content])
    row = {**_repeat_row(arrival, first), "answer_by": arrival.answer_by}
    number: int = connection.execute(_STORE_ONE, row).scalar_one()
    return number if first is None else first


def _insert(connection: Connection, rows: list[dict[str, object]], statement: Mapping[str, Any]) -> None:
    write(connection, statement, (row for row in rows if row["raw"] is None))
    if any(row["raw"] is not None for row in rows):  # bytes have no place in JSON
        connection.execute(_STORE_RAW, [row for row in rows if row["raw"] is not None])


def _insert_apart(connection: Connection, arrivals: list[Arrival]) -> None:
    """Insert texts, those apart that repeat the content of another one, stored before or among these."""
    begun: dict[tuple[str, ...], int] = {}  # when the last of its content came that repeats none, of those among these
    fresh: list[Arrival] = []
    repeats: list[Arrival] = []
    for arrival, first in zip(arrivals, first_ids(connection, [each.content for each in arrivals]), strict=True):
        content = arrival.content
        if first is not None or (content is not None and content.is_near(begun.get(content.name))):
            repeats.append(arrival)
            continue
        fresh.append(arrival)
        if content is not None:
            begun[content.name] = arrival.received_at
    _insert(connection, [_row(arrival) for arrival in fresh], _STORE)
    firsts = first_ids(connection, [each.content for each in repeats])
    rows = [_repeat_row(arrival, first) for arrival, first in zip(repeats, firsts, strict=True)]
    _insert(connection, rows, _STORE_REPEATS)


def _known_ids(connection: Connection, arrivals: list[Arrival]) -> dict[tuple[str, str | None], int]:
    ids: dict[str, set[str]] = {}
    for arrival in arrivals:
        if arrival.inbound.gateway_message_id is not None:
            ids.setdefault(arrival.gateway, set()).add(arrival.inbound.gateway_message_id)
    return {
        (gateway, row.gateway_message_id): row.id
        for gateway, its in ids.items()
        for row in connection.execute(_KNOWN, {"name": gateway, "ids": list(its)})
    }


def _record_repeats(connection: Connection, repeats: list[Arrival]) -> None:
    ids = _known_ids(connection, repeats)
    connection.execute(
        insert(_repeat),
        [{"inbox_id": ids[a.gateway, a.inbound.gateway_message_id], "received_at": a.received_at} for a in repeats],
    )


def _row(arrival: Arrival) -> dict[str, object]:
    text = arrival.inbound
    return {
        "gateway": arrival.gateway,
        "gateway_message_id": text.gateway_message_id,
        "sender": arrival.sender,
        "receiver": arrival.receiver,
        "text": text.text,
        "keyword": arrival.keyword,
        "parameters": json.dumps(text.parameters, ensure_ascii=False),
        "raw": text.raw,
        "sent_at": clock.from_datetime(text.sent_at),
        "received_at": arrival.received_at,
        "state": InboxState.RECEIVED.value,
        "attempts": 0,
        "due_at": 0,
    }


def _repeat_row(arrival: Arrival, first: int | None) -> dict[str, object]:
    state = InboxState.RECEIVED if first is None else InboxState.REPEAT  # what repeats nothing is a text of its own
    return {**_row(arrival), "state": state.value, "repeat_of": first}
