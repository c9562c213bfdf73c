"""Texts that gateways fetch: handed over once, confirmed or overdue, and asked about.

A text that is handed over is SENDING, and its submission open, until the gateway confirms it; the states and the rows
are those of a text that is sent, and the same guards keep what other processes did meanwhile.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from host import clock
from host.store.outbox import due
from host.store.states import OutboxState, Outcome
from host.store.submissions import Begun, Ended, Turn, turn
from host.store.tables import metadata

_outbox, _submission = metadata.tables["outbox"], metadata.tables["submission"]
_fetched, _phone = metadata.tables["fetched"], metadata.tables["phone_health"]
_PRIORITIES = (0, 1)
_AGAIN = 3_600_000  # milliseconds until news of a text that was sent, and perhaps not delivered yet, is asked for again

_unsettled = or_(_submission.c.outcome.is_(None), _submission.c.outcome == Outcome.UNKNOWN)
_on_its_way = _outbox.c.state.in_((OutboxState.SENDING, OutboxState.HELD))
_is_last = _submission.c.attempt == _outbox.c.attempts
_OFFERS = select(*_submission.c, _outbox.c.excused).join(_outbox, _outbox.c.id == _submission.c.outbox_id)
_NAMED = _OFFERS.where(_submission.c.reference.in_(bindparam("references", expanding=True)), _is_last).where(
    _submission.c.gateway == bindparam("name")
)
_TO_SEND = _NAMED.where(
    or_(
        and_(_unsettled, _on_its_way),
        and_(_submission.c.outcome == Outcome.ACCEPTED, _outbox.c.state == OutboxState.SENT),  # the answer was lost
    )
)
# Spelled as in the partial index: SQLite uses it for no other condition.
_OVERDUE = _OFFERS.where(_outbox.c.gateway == bindparam("name"), _outbox.c.state == literal_column("'SENDING'")).where(
    _is_last, _submission.c.outcome.is_(None), _submission.c.started_at < bindparam("before")
)
_told_nothing = or_(
    _submission.c.delivery.is_(None),
    and_(_submission.c.delivery == "ACCEPTED", _fetched.c.asked_at < bindparam("earlier")),
)
_WANTED = (
    select(_fetched.c.reference)
    .join(_submission, _submission.c.reference == _fetched.c.reference)
    .where(_fetched.c.gateway == bindparam("name"), _told_nothing)
    .order_by(_fetched.c.asked_at, _fetched.c.reference)
    .limit(bindparam("most"))
)
_ASKED = update(_fetched).where(_fetched.c.reference == bindparam("which")).values(asked_at=bindparam("now"))


@dataclass(frozen=True)
class Seen:
    """A sign of life of a gateway that fetches: columns of ``phone_health`` and their new values."""

    gateway: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Hand:
    """A gateway fetches: at most so many texts. ``reference`` names each; ``asks``: it may bring news of them."""

    seen: Seen
    most: int
    reference: Callable[[], str] = field(repr=False)
    asks: bool
    at: int


@dataclass(frozen=True)
class Handed:
    """A text that is handed over."""

    reference: str
    receiver: str
    text: str


@dataclass(frozen=True)
class Settled:
    """Texts that a gateway has, by the references they were handed over with. ``exchange``: how that is known."""

    gateway: str
    references: Sequence[str]
    exchange: str


@dataclass(frozen=True)
class Question:
    """A gateway wants to know which texts to bring news of."""

    seen: Seen
    most: int
    at: int


def hand_over(connection: Connection, asked: list[Hand]) -> Sequence[list[Handed]]:
    """Begin what is due, oldest first; gives what may be handed over, which nobody else is given."""
    return [_hand_over(connection, each) for each in asked]


def _hand_over(connection: Connection, asked: Hand) -> list[Handed]:
    note(connection, [asked.seen])  # first: of two that fetch at the same moment, one waits here for the other
    rows: list[Row[Any]] = []
    for priority in _PRIORITIES:
        room = asked.most - len(rows)
        rows += due(connection, asked.seen.gateway, clock.steady(), 0, room, priority=priority) if room else ()
    begun = [Begun(asked.reference(), row.id, row.gateway, 1, 1, row.attempts + 1, asked.at) for row in rows]
    (may,) = turn(connection, [Turn(begun=begun)])
    if may and asked.asks:
        new = {"gateway": asked.seen.gateway, "at": asked.at, "asked_at": 0}
        connection.execute(insert(_fetched), [{"reference": reference, **new} for reference in sorted(may)])
    each = zip(begun, rows, strict=True)
    return [Handed(begun.reference, row.receiver, row.text) for begun, row in each if begun.reference in may]


def to_send(connection: Connection, gateway: str, references: Iterable[str]) -> list[str]:
    """Those of these that the gateway is to send: handed over to it, and neither given up since nor handed over again.

    One that it was told to send before, too: the answer was lost, or the question came twice.
    """
    given = {"name": gateway, "references": list(references)}
    known = {row.reference for row in connection.execute(_TO_SEND, given)}
    return [each for each in dict.fromkeys(given["references"]) if each in known]


def settle(connection: Connection, settled: list[Settled]) -> Sequence[None]:
    """Have texts sent that a gateway has."""
    for each in settled:
        rows = _those(connection, _NAMED.where(_unsettled), {"name": each.gateway, "references": list(each.references)})
        ended = [
            Ended(begun, Outcome.ACCEPTED, each.exchange, "", None, OutboxState.SENT, 0, excused)
            for begun, excused in rows
        ]
        turn(connection, [Turn(ended)])
    return [None] * len(settled)


def overdue(connection: Connection, gateway: str, before: int) -> list[tuple[Begun, int]]:
    """The offers of texts handed over before then and not confirmed, with the attempts that are excused."""
    return _those(connection, _OVERDUE, {"name": gateway, "before": before})


def wanted(connection: Connection, asked: list[Question]) -> Sequence[list[str]]:
    """The references of texts that nothing is known of yet, those first that were asked for least recently."""
    return [_wanted(connection, each) for each in asked]


def _wanted(connection: Connection, asked: Question) -> list[str]:
    note(connection, [asked.seen])
    given = {"name": asked.seen.gateway, "earlier": asked.at - _AGAIN, "most": asked.most}
    found = list(connection.execute(_WANTED, given).scalars())
    if found:
        connection.execute(_ASKED, [{"which": each, "now": asked.at} for each in found])
    return found


def are_any_old(connection: Connection, before: int) -> bool:
    """Whether texts handed over before then (milliseconds) are still asked about."""
    return connection.execute(select(_fetched.c.reference).where(_fetched.c.at < before).limit(1)).first() is not None


def forget(connection: Connection, before: list[int]) -> Sequence[None]:
    """Ask no more for news of what was handed over before then (milliseconds)."""
    connection.execute(delete(_fetched).where(_fetched.c.at < max(before)))
    return [None] * len(before)


def note(connection: Connection, seen: list[Seen]) -> Sequence[None]:
    """Write down signs of life."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    for each in sorted(seen, key=lambda one: one.gateway):
        new = dialect.insert(_phone).values(gateway=each.gateway, **each.values)
        set_ = {name: new.excluded[name] for name in each.values}
        connection.execute(new.on_conflict_do_update(index_elements=[_phone.c.gateway], set_=set_))
    return [None] * len(seen)


def health(connection: Connection, gateway: str) -> Row[Any] | None:
    """When a gateway was last heard of; None where it never was."""
    return connection.execute(select(_phone).where(_phone.c.gateway == gateway)).first()


def on_their_way(connection: Connection, gateway: str) -> tuple[int, int]:
    """How many texts wait to be fetched, and how many were fetched and are not confirmed."""
    active = _outbox.c.state.in_([literal_column(f"'{state}'") for state in ("QUEUED", "WAITING", "SENDING")])
    its = (active, _outbox.c.attempts >= literal_column("0"), _outbox.c.gateway == gateway)
    query = select(_outbox.c.state, func.count()).where(*its).group_by(_outbox.c.state)
    numbers = {row[0]: row[1] for row in connection.execute(query)}
    out = numbers.pop(OutboxState.SENDING, 0)
    return sum(numbers.values()), out


def _those(connection: Connection, query: Select[Any], given: Mapping[str, object]) -> list[tuple[Begun, int]]:
    return [
        (
            Begun(row.reference, row.outbox_id, row.gateway, row.part, row.parts, row.attempt, row.started_at),
            row.excused,
        )
        for row in connection.execute(query, given)
    ]
