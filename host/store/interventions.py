"""What a person does with texts: updates of rows, which the engine's sweep finds, each written down beside its text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, false, func, literal_column, or_, select

from host import clock
from host.store import health
from host.store.order import ordered
from host.store.rows import insert_rows, update_rows, write
from host.store.states import InboxState, OutboxState, Outcome
from host.store.tables import metadata

_handling = metadata.tables["handling"]
_intervention = metadata.tables["intervention"]
_TABLES = {"in": metadata.tables["inbox"], "out": metadata.tables["outbox"]}
_MOVES = {way: update_rows(table, "id", "state", "due_at", "finished_at") for way, table in _TABLES.items()}
NOTES = insert_rows(_intervention, "direction", "message_id", "at", "what")


@dataclass(frozen=True)
class Way:
    """What a remedy does with the texts of one direction: from which states to which, and what that means for them."""

    states: tuple[str, ...]
    becomes: str
    means: str


@dataclass(frozen=True)
class Remedy:
    """Something a person can do with texts. ``name``: its command. ``ways``: with those from phones ("in"), to them."""

    name: str
    ways: Mapping[str, Way]


def _remedy(name: str, **ways: tuple[tuple[str, ...], str, str]) -> Remedy:
    return Remedy(name, MappingProxyType({direction.rstrip("_"): Way(*way) for direction, way in ways.items()}))


_HANDLED_AGAIN = ((InboxState.FAILED, InboxState.UNMATCHED), InboxState.RECEIVED, "handled again")
AGAIN = _remedy(
    "again", in_=_HANDLED_AGAIN, out=((OutboxState.FAILED, OutboxState.HELD), OutboxState.WAITING, "offered again")
)
REDRIVE = _remedy("redrive", in_=_HANDLED_AGAIN, out=((OutboxState.FAILED,), OutboxState.WAITING, "offered again"))
RELEASE = _remedy(
    "release",
    in_=((InboxState.REPEAT,), InboxState.RECEIVED, "handled after all"),
    out=((OutboxState.HELD,), OutboxState.WAITING, "offered again, and may arrive twice"),
)
DISCARD = _remedy("discard", out=((OutboxState.HELD,), OutboxState.DISCARDED, "given up"))
REMEDIES = (REDRIVE, RELEASE, DISCARD)  # and "again", the older name of some


@dataclass(frozen=True)
class Asked:
    """A remedy for some texts of one direction.

    ``numbers``: these alone; ``state``: those in it; ``gateway``: those of it; ``adapter``: those that its handlers
    failed with, and have not succeeded with since.
    """

    remedy: Remedy
    direction: str
    numbers: tuple[int, ...] | None = None
    state: str | None = None
    gateway: str | None = None
    adapter: str | None = None


@ordered
def intervene(connection: Connection, asked: list[Asked]) -> Sequence[list[int]]:
    """Do what was asked; gives the numbers of the texts that it was done with. Attempts go on being counted."""
    return [_intervene(connection, each) for each in asked]


def chosen(connection: Connection, asked: Asked) -> Sequence[int]:
    """The numbers of the texts that something is asked for, in order."""
    return connection.execute(_chosen(_TABLES[asked.direction], asked)).scalars().all()


def _chosen(table: Table, asked: Asked) -> Select[Any]:
    return select(table.c.id).where(*_conditions(table, asked)).order_by(table.c.id)


def _intervene(connection: Connection, asked: Asked) -> list[int]:
    table, way = _TABLES[asked.direction], asked.remedy.ways[asked.direction]
    numbers = list(connection.execute(_chosen(table, asked).with_for_update()).scalars())
    final = clock.now() if way.becomes == OutboxState.DISCARDED else None
    moved = {"state": way.becomes, "due_at": 0, "finished_at": final}
    write(connection, _MOVES[asked.direction], ({"id": number, **moved} for number in numbers))
    what = f"{way.means} (smshost {asked.remedy.name})"
    write(connection, NOTES, (note(asked.direction, number, clock.now(), what) for number in numbers))
    return numbers


def _conditions(table: Table, asked: Asked) -> list[ColumnElement[bool]]:
    states = asked.remedy.ways[asked.direction].states
    some = [state for state in states if asked.state in (None, state)]
    conditions: list[ColumnElement[bool]] = [or_(false(), *(table.c.state == _spelled(state) for state in some))]
    if asked.numbers is not None:
        conditions.append(table.c.id.in_(asked.numbers))
    if asked.gateway is not None:
        conditions.append(table.c.gateway == asked.gateway)
    if asked.adapter is not None:
        conditions.append(_failed_in(table, asked.adapter))
    return conditions


def _spelled(state: str) -> ColumnElement[Any]:
    """As in the partial indexes: SQLite uses them for no other condition."""
    return literal_column(f"'{state}'")


def _failed_in(table: Table, adapter: str) -> ColumnElement[bool]:
    """Whether a handler of this adapter raised with the text, and none of its runs succeeded."""
    ran, later = _handling.alias("ran"), _handling.alias("later")
    same = and_(later.c.inbox_id == ran.c.inbox_id, later.c.handler == ran.c.handler)
    mended = select(later.c.id).where(same, later.c.outcome == Outcome.HANDLED).exists()
    prefix = f"{adapter}."  # then the function's name, in which there is no dot
    its = and_(
        func.substr(ran.c.handler, 1, len(prefix)) == prefix, ~func.substr(ran.c.handler, len(prefix) + 1).like("%.%")
    )
    return select(ran.c.id).where(ran.c.inbox_id == table.c.id, ran.c.outcome == Outcome.RAISED, its, ~mended).exists()


@ordered
def resume(connection: Connection, adapters: list[str]) -> Sequence[int | None]:
    """End quarantines; gives for each adapter how many texts waited for it, or None where it was not in quarantine.

    Those are made due afterwards, in chunks, by :func:`host.store.waking.wake`.
    """
    return [_waiting_for(connection, each) if health.lift(connection, each) else None for each in adapters]


def _waiting_for(connection: Connection, adapter: str) -> int:
    inbox = _TABLES["in"]
    waits = and_(inbox.c.state == _spelled(InboxState.WAITING), inbox.c.waits_for == adapter)
    return connection.execute(select(func.count()).select_from(inbox).where(waits)).scalar_one()


def note(direction: str, number: int, at: int, what: str) -> dict[str, object]:
    """A row of what was done with a text, for :data:`NOTES`."""
    return {"direction": direction, "message_id": number, "at": at, "what": what}
