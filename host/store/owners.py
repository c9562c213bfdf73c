"""Whose a gateway's sending is, where several workers share a PostgreSQL database, as far as the rows are concerned.

A worker learns that it lost its session, and its locks with it, only when it looks; what it would begin meanwhile is
refused here.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from host import clock
from host.store.tables import metadata

_gateway = metadata.tables["gateway_health"]
_IS_OWNER = select(_gateway.c.gateway).where(
    _gateway.c.gateway == bindparam("name"), _gateway.c.owner == bindparam("worker")
)
_STAYS_OWNER = _IS_OWNER.with_for_update(read=True)

#: A gateway and a worker's number.
Owner = tuple[str, int]


def take_over(connection: Connection, owner: Owner) -> None:
    """Make a gateway's sending a worker's own, once what others are writing at this moment is committed."""
    gateway, worker = owner
    row = {"gateway": gateway, "circuit": "closed", "since": clock.now(), "reason": "", "owner": worker}
    new = insert(_gateway).values(row)
    connection.execute(new.on_conflict_do_update(index_elements=[_gateway.c.gateway], set_={"owner": worker}))


def still(connection: Connection, owners: Iterable[Owner]) -> set[Owner]:
    """Those that own what they say; nobody takes it over before the transaction ends."""
    return {
        owner
        for owner in sorted(set(owners))
        if connection.execute(_STAYS_OWNER, {"name": owner[0], "worker": owner[1]}).first()
    }


def is_owner(connection: Connection, owner: Owner) -> bool:
    """Whether it owns what it says at this moment."""
    return connection.execute(_IS_OWNER, {"name": owner[0], "worker": owner[1]}).first() is not None
