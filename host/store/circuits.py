"""How gateways do, for people: whether a circuit is open, since when and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from host.store.tables import metadata

_gateway = metadata.tables["gateway_health"]


@dataclass(frozen=True)
class Standing:
    """A gateway's circuit (``open`` or ``closed``), since when, and why."""

    gateway: str
    circuit: str
    since: int
    reason: str


def note(connection: Connection, given: list[Standing]) -> Sequence[None]:
    """Write down how gateways do now; where several say so of one, the last counts."""
    rows = [vars(each) for each in {each.gateway: each for each in given}.values()]
    statement = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(_gateway)
    new = {name: statement.excluded[name] for name in ("circuit", "since", "reason")}
    connection.execute(statement.on_conflict_do_update(index_elements=[_gateway.c.gateway], set_=new), rows)
    return [None] * len(given)


def left_alone(connection: Connection) -> Sequence[Row[Any]]:
    """The gateways that are not spoken to at present."""
    query = select(_gateway).where(_gateway.c.circuit == "open")
    return connection.execute(query.order_by(_gateway.c.gateway)).all()
