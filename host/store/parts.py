"""Long texts that their gateway brings in parts: stored part by part, and joined into one text from a phone.

A part is durable before its gateway hears "yes". When all are there, in whatever order and however often each came, the
text goes into the inbox in the same transaction; when some have not come in time, what is there goes on as it is.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, insert, or_, select, update

from host import clock
from host.alphabet import first_word
from host.messages import Piece
from host.store.arrivals import Arrival
from host.store.content import lock
from host.store.states import InboxState
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
_part = metadata.tables["inbox_part"]

#: The parameter of a text that lacks parts: their numbers, as in "2 3".
MISSING = "missingParts"
#: The longest that a text may wait for its parts, in seconds.
LONGEST_WAIT = 86_400

_MOST = 500
_SLACK = 60_000  # milliseconds by which the clocks of two processes may differ

_NAMES = ("gateway", "sender", "receiver", "reference", "of")
_waits = _part.c.inbox_id.is_(None)
_same_text = and_(*(_part.c[name] == bindparam(f"the_{name}") for name in _NAMES))
_same_part = and_(_same_text, _part.c.number == bindparam("the_number"), _part.c.text == bindparam("the_text"))
_WAITING = select(_part).where(_waits, _same_text)
_BY_ID = select(_part).where(
    _part.c.gateway == bindparam("the_gateway"),
    _part.c.gateway_message_id == bindparam("the_id"),
    _part.c.number == bindparam("the_number"),
)
_BY_CONTENT = select(_part).where(
    _same_part, _part.c.gateway_message_id.is_(None), _part.c.received_at >= bindparam("since")
)
_CAME_AGAIN = update(_part).where(_part.c.id == bindparam("which")).values(came=_part.c.came + 1)
_STORE = insert(_part).returning(_part)
_JOIN = insert(_inbox).returning(_inbox.c.id)
_IS_KNOWN = select(_inbox.c.id).where(
    _inbox.c.gateway == bindparam("the_gateway"), _inbox.c.gateway_message_id == bindparam("the_id")
)
_COUNT = select(func.count()).select_from(_part).where(_waits)

_Parts = dict[int, Row[Any]]  # of one text, by their numbers


@dataclass(frozen=True)
class Arrived:
    """A part about to be stored; ``until``: when its text is handed on without what is missing (milliseconds)."""

    arrival: Arrival
    piece: Piece
    until: int

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What parts of one text have in common."""
        arrival, piece = self.arrival, self.piece
        return arrival.gateway, arrival.sender, arrival.receiver, piece.reference, piece.of


def store(connection: Connection, arrived: list[Arrived]) -> Sequence[int | None]:
    """Store parts, each once, and join the texts that are complete; gives the number of each part's text, once it has.

    On PostgreSQL other processes that store parts of the same texts wait until this transaction ends.
    """
    keys = {each.key for each in arrived}
    lock(connection, [tuple(map(str, key)) for key in keys])
    waiting = {key: _waiting(connection, key) for key in keys}
    return [_store(connection, each, waiting[each.key]) for each in arrived]


def hand_on(connection: Connection, moments: list[int]) -> Sequence[int]:
    """Hand on what has waited for its missing parts until then, as it is; gives how many texts."""
    return [_hand_on_overdue(connection, moment) for moment in moments]


def are_any_overdue(connection: Connection, moment: int) -> bool:
    """Whether there is something to hand on without its missing parts."""
    return connection.execute(select(_part.c.id).where(_waits, _overdue(moment)).limit(1)).first() is not None


def waiting(connection: Connection) -> int:
    """How many parts wait for others."""
    return connection.execute(_COUNT).scalar_one()


def _hand_on_overdue(connection: Connection, moment: int) -> int:
    names = [_part.c[name] for name in _NAMES]
    query = select(*names).where(_waits, _overdue(moment)).distinct().limit(_MOST)
    keys = [tuple(row) for row in connection.execute(query)]
    lock(connection, [tuple(map(str, key)) for key in keys])
    some = [parts for key in keys if (parts := _waiting(connection, key))]
    for parts in some:
        _join(connection, parts, moment)
    return len(some)


def _overdue(moment: int) -> ColumnElement[bool]:
    """Its time has come; or it is farther away than any that is given, because the clock was set back."""
    return or_(_part.c.until <= moment, _part.c.until > moment + LONGEST_WAIT * 1000 + _SLACK)


def _waiting(connection: Connection, key: Collection[Any]) -> _Parts:
    given = {f"the_{name}": value for name, value in zip(_NAMES, key, strict=True)}
    return {row.number: row for row in connection.execute(_WAITING, given)}


def _store(connection: Connection, arrived: Arrived, parts: _Parts) -> int | None:
    known = _known(connection, arrived, parts)
    if known is not None:
        connection.execute(_CAME_AGAIN, {"which": known.id})
        return None if known.inbox_id is None else int(known.inbox_id)
    now = arrived.arrival.received_at
    if arrived.piece.number in parts:  # the phone has begun to count anew: of the earlier text no more will come
        _join(connection, parts, now)
        parts.clear()
    parts[arrived.piece.number] = connection.execute(_STORE, _row(arrived)).one()
    if len(parts) < arrived.piece.of:
        return None
    joined = _join(connection, parts, now, arrived.arrival.answer_by)
    parts.clear()
    return joined


def _known(connection: Connection, arrived: Arrived, parts: _Parts) -> Row[Any] | None:
    """The stored part that this one repeats: by its id, or by what it says where it waits, or has none and waited."""
    text, number = arrived.arrival.inbound, arrived.piece.number
    twin = parts.get(number)
    if twin is not None and twin.text == text.text:
        return twin
    given = {f"the_{name}": value for name, value in zip(_NAMES, arrived.key, strict=True)}
    if text.gateway_message_id is not None:
        named = {"the_gateway": arrived.arrival.gateway, "the_id": text.gateway_message_id, "the_number": number}
        return connection.execute(_BY_ID, named).first()
    since = 2 * arrived.arrival.received_at - arrived.until
    return connection.execute(
        _BY_CONTENT, {**given, "the_number": number, "the_text": text.text, "since": since}
    ).first()


def _join(connection: Connection, parts: Mapping[int, Row[Any]], now: int, answer_by: int | None = None) -> int:
    """Hand the text on; gives its number."""
    some = [parts[number] for number in sorted(parts)]
    row = {**_joined(connection, some, now), "answer_by": answer_by}
    number: int = connection.execute(_JOIN, row).scalar_one()
    connection.execute(update(_part).where(_part.c.id.in_([each.id for each in some])).values(inbox_id=number))
    return number


def _joined(connection: Connection, parts: Sequence[Row[Any]], now: int) -> dict[str, Any]:
    first, text = parts[0], "".join(each.text for each in parts)
    missing = sorted(set(range(1, first.of + 1)) - {each.number for each in parts})
    pairs = [pair for each in parts for pair in json.loads(each.parameters)]
    pairs += [(MISSING, " ".join(map(str, missing)))] if missing else []
    raw = [each.raw for each in parts if each.raw is not None]
    taken = connection.execute(_IS_KNOWN, {"the_gateway": first.gateway, "the_id": first.gateway_message_id}).first()
    return {
        "gateway": first.gateway,
        "gateway_message_id": None if taken else first.gateway_message_id,
        "sender": first.sender,
        "receiver": first.receiver,
        "text": text,
        "keyword": first.keyword or first_word(text),
        "parameters": json.dumps(pairs, ensure_ascii=False),
        "raw": b"\n".join(raw) if raw else None,
        "sent_at": first.sent_at,
        "received_at": now,
        "state": InboxState.RECEIVED.value,
        "attempts": 0,
        "due_at": 0,
    }


def _row(arrived: Arrived) -> dict[str, Any]:
    arrival, text, piece = arrived.arrival, arrived.arrival.inbound, arrived.piece
    return {
        "gateway": arrival.gateway,
        "sender": arrival.sender,
        "receiver": arrival.receiver,
        "reference": piece.reference,
        "number": piece.number,
        "of": piece.of,
        "gateway_message_id": text.gateway_message_id,
        "text": text.text,
        "keyword": text.keyword.strip(),
        "parameters": json.dumps(text.parameters, ensure_ascii=False),
        "raw": text.raw,
        "sent_at": clock.from_datetime(text.sent_at),
        "received_at": arrival.received_at,
        "until": arrived.until,
        "came": 1,
    }
