"""Texts from phones that are stored: finding what is due, and writing down how they were handled."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    func,
    literal_column,
    select,
)

from host import clock
from host.store.claims import lost_among
from host.store.due import Due, due_rows
from host.store.effects import Effects, apply
from host.store.health import Verdict, judge, shut_among
from host.store.order import ordered
from host.store.rows import insert_rows, update_rows, write
from host.store.states import InboxState, Outcome
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
_handling = metadata.tables["handling"]

# Spelled as in the partial indexes: SQLite uses them for no other condition.
_RECEIVED: ColumnElement[str] = literal_column("'RECEIVED'")


def _due() -> Due:
    return due_rows(
        _inbox,
        ("sender",),
        waits=lambda table: table.c.state == _RECEIVED,
        mine=lambda table: and_(
            table.c.attempts >= literal_column("0"),
            func.coalesce(table.c.claimed_by, bindparam("worker")) == bindparam("worker"),
        ),
    )


_DUE = _due()
_FINISH = update_rows(
    _inbox,
    *("id", "state", "attempts", "due_at", "finished_at", "claimed_by"),
    only=_inbox.c.state == _RECEIVED,  # what another process has finished stays so
)
_PARK = update_rows(_inbox, "id", "waits_for")
RUNS = insert_rows(_handling, "inbox_id", "handler", "attempt", "outcome", "started_at", "ended_at", "error")


@dataclass(frozen=True)
class Run:
    """One run of one handler on one text, with what it did through WL; ``error`` is empty where it succeeded."""

    handler: str
    started_at: int
    ended_at: int
    error: str = ""
    effects: Effects = field(default_factory=Effects)


@dataclass(frozen=True)
class Earlier:
    """Earlier attempts at a text: the handlers that succeeded (``done``), and those that ``raised``, before or since.

    ``cut``: those that were running when their process ended, once for each time.
    """

    done: Set[str] = frozenset()
    raised: Set[str] = frozenset()
    cut: tuple[str, ...] = ()


@dataclass(frozen=True)
class Handled:
    """What became of a text in one attempt; ``due_at``: when to try again, where ``state`` is still RECEIVED.

    ``claimed_by``: the number under which this process claimed the text, where there are several.
    ``waits_for``: the adapter in quarantine that it waits for. ``verdicts``: what it says of adapters, seldom anything.
    """

    inbox_id: int
    state: InboxState
    attempt: int
    due_at: int
    runs: tuple[Run, ...]
    claimed_by: int | None = None
    waits_for: str = ""
    verdicts: tuple[Verdict, ...] = ()


def due(connection: Connection, now: int, after: int, most: int, *, worker: int | None = None) -> Sequence[Row[Any]]:
    """The texts to handle now with an id above ``after``, oldest first; none that other workers than this one claimed.

    None whose sender has an earlier one that waits for another try, and of each sender only the first that wait.
    ``behind``: whether it has an earlier one with an id up to ``after``.
    """
    return _DUE.read(connection, {"now": now, "worker": worker or 0}, after, most)


def newest(connection: Connection) -> int:
    """The number of the newest text, or 0."""
    return connection.execute(select(func.max(_inbox.c.id))).scalar() or 0


def is_any_waiting(connection: Connection, until: int) -> bool:
    """Whether a text up to this one is not finished, and waits for nobody in quarantine."""
    waits = and_(_inbox.c.state == _RECEIVED, _inbox.c.attempts >= literal_column("0"))
    oldest = connection.execute(select(_inbox.c.id).where(waits).order_by(_inbox.c.id).limit(1)).scalar()
    return oldest is not None and oldest <= until


def has_earlier(connection: Connection, sender: str, number: int) -> bool:
    """Whether a phone has an earlier text than this one that is not finished."""
    waits = and_(_inbox.c.state == _RECEIVED, _inbox.c.sender == sender, _inbox.c.id < number)
    return connection.execute(select(_inbox.c.id).where(waits).limit(1)).first() is not None


def handlers_so_far(connection: Connection, inbox_id: int) -> Earlier:
    """What became of earlier attempts at this text."""
    query = select(_handling.c.handler, _handling.c.outcome).where(_handling.c.inbox_id == inbox_id)
    runs = connection.execute(query).all()
    done, raised, cut = (
        [row[0] for row in runs if row[1] == outcome] for outcome in (Outcome.HANDLED, Outcome.RAISED, Outcome.UNKNOWN)
    )
    return Earlier(frozenset(done), frozenset(raised), tuple(cut))


@ordered
def finish(connection: Connection, batches: list[Sequence[Handled]]) -> Sequence[set[int]]:
    """Write down how texts were handled together with everything their handlers did through WL, in one transaction.

    Gives, for each batch, the ids of texts that were no longer this worker's: of those nothing is written.
    """
    claimed = ((each.inbox_id, each.claimed_by) for batch in batches for each in batch if each.claimed_by is not None)
    lost = lost_among(connection, set(claimed))
    attempts = [attempt for batch in batches for attempt in batch if attempt.inbox_id not in lost]
    _finish(connection, attempts)
    return [{attempt.inbox_id for attempt in batch} & lost for batch in batches]


def _finish(connection: Connection, attempts: list[Handled]) -> None:
    now = clock.now()
    if any(attempt.waits_for for attempt in attempts):
        attempts = _parked_or_not(connection, attempts)
    write(connection, _FINISH, (_finished(attempt, now) for attempt in attempts))
    parked = (attempt for attempt in attempts if attempt.waits_for)
    write(connection, _PARK, ({"id": attempt.inbox_id, "waits_for": attempt.waits_for} for attempt in parked))
    write(connection, RUNS, (_ran(attempt, run) for attempt in attempts for run in attempt.runs))
    apply(connection, [run.effects for attempt in attempts for run in attempt.runs])
    judge(connection, [verdict for attempt in attempts for verdict in attempt.verdicts])


def _parked_or_not(connection: Connection, attempts: list[Handled]) -> list[Handled]:
    """Attempts as they are to be stored: none waits for an adapter whose quarantine ended meanwhile.

    Its other texts were made due in the transaction that ended it; this one is due with them.
    """
    names = {attempt.waits_for for attempt in attempts if attempt.waits_for}
    ended = names - shut_among(connection, names)
    return [
        replace(attempt, state=InboxState.RECEIVED, due_at=0) if attempt.waits_for in ended else attempt
        for attempt in attempts
    ]


def _finished(attempt: Handled, now: int) -> dict[str, object]:
    return {
        "id": attempt.inbox_id,
        "state": attempt.state.value,
        "attempts": attempt.attempt,
        "due_at": attempt.due_at,
        "finished_at": None if attempt.state is InboxState.RECEIVED else now,
        "claimed_by": None,
    }


def run_row(inbox_id: int, attempt: int, run: Run, outcome: Outcome) -> Mapping[str, object]:
    """A row of a handler's run, for :data:`RUNS`."""
    return {
        "inbox_id": inbox_id,
        "handler": run.handler,
        "attempt": attempt,
        "outcome": outcome.value,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "error": run.error,
    }


def _ran(attempt: Handled, run: Run) -> Mapping[str, object]:
    outcome = Outcome.RAISED if run.error else Outcome.HANDLED
    return run_row(attempt.inbox_id, attempt.attempt, run, outcome)
