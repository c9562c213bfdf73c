"""Claims: which worker process has a text from a phone in hand, where several work on one PostgreSQL database."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, select, text, update

from host.store.locks import ALIVE
from host.store.order import ordered
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
_CLAIM = text("""
    UPDATE inbox SET claimed_by = :worker
    FROM unnest(CAST(:ids AS bigint[]), CAST(:attempts AS integer[])) AS read (number, tried)
    WHERE id = read.number AND attempts = read.tried AND state = 'RECEIVED' AND due_at <= :now
    AND (claimed_by IS NULL OR claimed_by = :worker) AND (
        SELECT count(*) FROM (
            SELECT 1 FROM inbox AS other
            WHERE other.state = 'RECEIVED' AND other.sender = inbox.sender AND other.id < inbox.id
            AND coalesce(other.claimed_by, -1) <> :worker AND NOT (other.claimed_by IS NULL AND other.id = ANY(:ids))
            LIMIT 1
        ) AS before
    ) = 0
    RETURNING id
""")
_dead = and_(_inbox.c.claimed_by.is_not(None), _inbox.c.claimed_by.not_in(ALIVE))
_FREE = update(_inbox).values(claimed_by=None).where(_dead)
_ANY_DEAD = select(_inbox.c.id).where(_dead).limit(1)
_living = ALIVE.subquery()
_IS_ALIVE = select(_living.c.number).where(_living.c.number == bindparam("worker"))
_OURS = text("SELECT id, claimed_by, attempts FROM inbox WHERE id = ANY(:ids) AND state = 'RECEIVED' FOR UPDATE")


@dataclass(frozen=True)
class Claim:
    """Texts that a worker wants to handle: its number, their ids, and how often each had been tried when it was read.

    ``now``: milliseconds; what has become due later is another time's.
    """

    worker: int
    ids: list[int]
    attempts: list[int]
    now: int


@ordered
def claim(connection: Connection, claims: list[Claim]) -> Sequence[set[int]]:
    """Make texts a worker's own; gives the ids of those that are. PostgreSQL alone has several workers.

    A text is claimed only with every earlier one of its sender that waits, so that a sender's texts stay in order and
    in one worker's hands, and only as it was read: what others tried meanwhile is read again. Claims come one after the
    other: of two at the same time one could not see the other's.
    """
    return [set(connection.execute(_CLAIM, vars(each)).scalars()) for each in claims]


def are_any_dead(connection: Connection) -> bool:
    """Whether workers that are no more have texts in hand."""
    return connection.execute(_ANY_DEAD).first() is not None


@ordered
def free(connection: Connection, _: list[None]) -> Sequence[int]:
    """Let others claim what workers had in hand that are no more; gives how many texts."""
    return [connection.execute(_FREE).rowcount]


def is_alive(connection: Connection, worker: int) -> bool:
    """Whether a worker still has its session, and so all that is its own."""
    return connection.execute(_IS_ALIVE, {"worker": worker}).first() is not None


def tried_among(connection: Connection, claimed: set[tuple[int, int]]) -> dict[int, int]:
    """Those of ``claimed`` (a text's id, and the number it was claimed under) that are still that worker's.

    With how often each has been tried by now; they are locked until the transaction ends.
    """
    if not claimed:
        return {}
    rows = connection.execute(_OURS, {"ids": [number for number, _ in claimed]})
    return {row.id: row.attempts for row in rows if (row.id, row.claimed_by) in claimed}
