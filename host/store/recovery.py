"""Texts whose offers were cut off, because the process that made them died or was out of action for long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, select

from host import clock
from host.store.owners import take_over
from host.store.rows import update_rows, write
from host.store.states import OutboxState, Outcome
from host.store.tables import metadata

_outbox = metadata.tables["outbox"]
_submission = metadata.tables["submission"]

# Spelled as in the partial index: SQLite uses it for no other condition.
_SENDING = select(_outbox.c.id, _outbox.c.attempts, _outbox.c.excused).where(
    _outbox.c.gateway == bindparam("name"), _outbox.c.state == literal_column("'SENDING'")
)
_LEFT_OPEN = select(_submission.c.reference, _submission.c.outbox_id).where(
    _submission.c.outbox_id.in_(bindparam("numbers", expanding=True)), _submission.c.outcome.is_(None)
)
_CLOSE = update_rows(_submission, "reference", "ended_at", "outcome", "error")
_RECOVER = update_rows(_outbox, "id", "state", "due_at", "error", "finished_at")


@dataclass(frozen=True)
class Recover:
    """A gateway whose texts nobody is sending at this moment; ``reason``: why nobody knows what became of some.

    ``attempts``: up to which a text is offered again after ``wait`` milliseconds; beyond them, and with 0, it is held.
    ``owner``: the number of the worker that sends them from now on, where there are several.
    """

    gateway: str
    reason: str
    attempts: int = 0
    wait: int = 0
    owner: int | None = None


def recover(connection: Connection, given: list[Recover]) -> Sequence[tuple[int, int]]:
    """Settle the texts whose submission was under way when the process that sent them died.

    Gives how many are held and how many wait to be offered again.
    """
    return [_recover(connection, each) for each in given]


def _recover(connection: Connection, given: Recover) -> tuple[int, int]:
    if given.owner is not None:
        take_over(connection, (given.gateway, given.owner))
    now = clock.now()
    texts = {row.id: row for row in connection.execute(_SENDING, {"name": given.gateway})}
    numbers = {"numbers": list(texts)}
    left_open = {row[0]: row[1] for row in connection.execute(_LEFT_OPEN, numbers)} if texts else {}
    unknown = {"outcome": Outcome.UNKNOWN.value, "ended_at": now, "error": given.reason}
    write(connection, _CLOSE, ({"reference": reference, **unknown} for reference in left_open))
    cut = set(left_open.values())
    held = {number for number in cut if texts[number].attempts - texts[number].excused >= given.attempts}
    write(connection, _RECOVER, (_recovered(number, number in cut, number in held, given, now) for number in texts))
    return len(held), len(cut - held)


def _recovered(number: int, is_cut: bool, is_held: bool, given: Recover, now: int) -> Mapping[str, Any]:
    """A text whose offers had all ended goes on at once."""
    return {
        "id": number,
        "state": (OutboxState.HELD if is_held else OutboxState.WAITING).value,
        "due_at": clock.steady() + given.wait if is_cut and not is_held else 0,
        "error": given.reason if is_cut else "",
        "finished_at": now if is_held else None,
    }
