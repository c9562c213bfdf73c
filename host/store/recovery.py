"""Texts whose offers or handling were cut off, because their process died or was out of action for long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, literal_column, select

from host import clock
from host.store.health import Verdict, judge
from host.store.inbox import RUNS, Run, run_row
from host.store.order import ordered
from host.store.owners import take_over
from host.store.rows import read, update_rows, write
from host.store.states import InboxState, OutboxState, Outcome
from host.store.submissions import RETURNABLE, UNSETTLED, Begun, withdraw
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
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
_other = _submission.alias("other")
_same = select(_other.c.part).where(
    _other.c.outbox_id == _submission.c.outbox_id,
    _other.c.attempt == _submission.c.attempt,
    _other.c.reference != _submission.c.reference,
)
_UNMADE = select(
    *(_submission.c[name] for name in ("reference", "outbox_id", "gateway", "part", "parts", "attempt", "started_at")),
    (~_same.exists()).label("first"),
).where(
    _submission.c.reference.in_(bindparam("references", expanding=True)),
    UNSETTLED,
    ~_same.where(func.coalesce(_other.c.outcome, Outcome.UNKNOWN) == Outcome.UNKNOWN).exists(),
    _submission.c.outbox_id.in_(select(_outbox.c.id).where(RETURNABLE)),
)
_CUT = update_rows(
    _inbox,
    *("id", "attempts", "due_at"),
    only=lambda given: and_(
        _inbox.c.state == InboxState.RECEIVED,
        _inbox.c.received_at == given.c.received_at,
        _inbox.c.attempts == given.c.attempts - 1,
    ),
    also=("received_at",),
    gives="id",
)


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


@dataclass(frozen=True)
class Cut:
    """A text that was being handled when its process ended, as it was read then: ``attempts`` had been made before.

    ``due_at``: when to try again. ``run``: what is known of that attempt.
    """

    inbox_id: int
    received_at: int
    attempts: int
    due_at: int
    run: Run


@dataclass(frozen=True)
class End:
    """The end of a process: the texts that it was handling, and what that says of adapters."""

    cuts: Sequence[Cut]
    verdicts: Sequence[Verdict] = ()


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


def take_back(connection: Connection, given: list[list[str]]) -> Sequence[int]:
    """Undo the begin of offers, by their references, that a process had certainly not made when it died.

    Their texts wait for their turn again, also where they are HELD by now; gives how many. A text of which another part
    may be under way in the same attempt stays as it is, and so does one whose phone was sent a later one meanwhile.
    """
    return [_take_back(connection, references) for references in given]


def _take_back(connection: Connection, references: list[str]) -> int:
    rows = connection.execute(_UNMADE, {"references": references}).mappings()
    begun = [Begun(**row) for row in rows]
    withdraw(connection, begun)
    return len(begun)


@ordered
def cut_off(connection: Connection, ends: list[End]) -> Sequence[set[int]]:
    """Write down that attempts at texts ended with their process; gives, for each end, the ids of those texts.

    None that was finished since, or tried by another process.
    """
    return [_cut_off(connection, end) for end in ends]


def _cut_off(connection: Connection, end: End) -> set[int]:
    moved = {row[0] for row in read(connection, _CUT, map(_tried, end.cuts))}
    cuts = [each for each in end.cuts if each.inbox_id in moved]
    write(connection, RUNS, (run_row(each.inbox_id, each.attempts + 1, each.run, Outcome.UNKNOWN) for each in cuts))
    judge(connection, end.verdicts if moved else ())
    return moved


def _tried(cut: Cut) -> Mapping[str, Any]:
    return {"id": cut.inbox_id, "attempts": cut.attempts + 1, "due_at": cut.due_at, "received_at": cut.received_at}
