"""Once more, because a person said so: texts that ended without success are due again, as they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, update

from host import clock
from host.store.tables import InboxState, OutboxState, metadata

_inbox = metadata.tables["inbox"]
_outbox = metadata.tables["outbox"]

#: The states a text may be taken up from again.
FROM_PHONES = (InboxState.FAILED, InboxState.UNMATCHED)
TO_PHONES = (OutboxState.FAILED, OutboxState.HELD)


@dataclass(frozen=True)
class Again:
    """Texts to take up again: those in ``state``; ``direction`` ("in" or "out") and ``number``: one of them alone."""

    state: str
    direction: str = ""
    number: int | None = None


def again(connection: Connection, asked: list[Again]) -> Sequence[tuple[int, int]]:
    """Make texts due now; gives how many from phones and how many to phones. Their attempts go on being counted."""
    return [(_handled(connection, each), _offered(connection, each)) for each in asked]


def _handled(connection: Connection, asked: Again) -> int:
    if asked.direction == "out" or asked.state not in FROM_PHONES:
        return 0
    chosen = update(_inbox).where(_inbox.c.state == asked.state)
    if asked.number is not None:
        chosen = chosen.where(_inbox.c.id == asked.number)
    due = chosen.values(state=InboxState.RECEIVED, due_at=clock.now(), finished_at=None)
    return connection.execute(due).rowcount


def _offered(connection: Connection, asked: Again) -> int:
    if asked.direction == "in" or asked.state not in TO_PHONES:
        return 0
    chosen = update(_outbox).where(_outbox.c.state == asked.state)
    if asked.number is not None:
        chosen = chosen.where(_outbox.c.id == asked.number)
    due = chosen.values(state=OutboxState.WAITING, due_at=clock.now(), finished_at=None)
    return connection.execute(due).rowcount
