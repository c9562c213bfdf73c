"""Texts from phones: storing them once, finding what is due, and writing down how they were handled."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    select,
)

from host import clock
from host.messages import Inbound
from host.store.claims import lost_among
from host.store.due import Due, due_rows
from host.store.effects import Effects, apply
from host.store.rows import insert_rows, update_rows, write
from host.store.tables import InboxState, Outcome, metadata

_inbox = metadata.tables["inbox"]
_handling = metadata.tables["handling"]
_repeat = metadata.tables["inbox_repeat"]
_STORED = (
    *("gateway", "gateway_message_id", "sender", "receiver", "text", "keyword", "parameters"),
    *("sent_at", "received_at", "state", "attempts", "due_at"),
)

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
_STORE = insert_rows(_inbox, *_STORED)
_STORE_RAW = insert(_inbox)
_FINISH = update_rows(_inbox, "id", "state", "attempts", "due_at", "finished_at", "claimed_by")
_RUNS = insert_rows(_handling, "inbox_id", "handler", "attempt", "outcome", "started_at", "ended_at", "error")
# One gateway at a time: for pairs of gateway and id SQLite would read the whole index.
_KNOWN = select(_inbox.c.gateway_message_id, _inbox.c.id).where(
    _inbox.c.gateway == bindparam("name"), _inbox.c.gateway_message_id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True)
class Arrival:
    """A text about to be stored; ``sender`` and ``receiver`` are normalised."""

    gateway: str
    sender: str
    receiver: str
    keyword: str
    inbound: Inbound
    received_at: int


@dataclass(frozen=True)
class Run:
    """One run of one handler on one text, with what it did through WL; ``error`` is empty where it succeeded."""

    handler: str
    started_at: int
    ended_at: int
    error: str = ""
    effects: Effects = field(default_factory=Effects)


@dataclass(frozen=True)
class Handled:
    """What became of a text in one attempt; ``due_at``: when to try again, where ``state`` is still RECEIVED.

    ``claimed_by``: the number under which this process claimed the text, where there are several.
    """

    inbox_id: int
    state: InboxState
    attempt: int
    due_at: int
    runs: tuple[Run, ...]
    claimed_by: int | None = None


def store(connection: Connection, arrivals: list[Arrival]) -> Sequence[None]:
    """Store texts, each gateway message id once; a repeat is recorded beside the row it repeats."""
    known = set(_known_ids(connection, arrivals))
    fresh: list[dict[str, object]] = []
    repeats: list[Arrival] = []
    for arrival in arrivals:
        key = (arrival.gateway, arrival.inbound.gateway_message_id)
        if arrival.inbound.gateway_message_id is not None and key in known:
            repeats.append(arrival)
        else:
            known.add(key)
            fresh.append(_row(arrival))
    write(connection, _STORE, (row for row in fresh if row["raw"] is None))
    if any(row["raw"] is not None for row in fresh):  # bytes have no place in JSON
        connection.execute(_STORE_RAW, [row for row in fresh if row["raw"] is not None])
    if repeats:
        _record_repeats(connection, repeats)
    return [None] * len(arrivals)


def _known_ids(connection: Connection, arrivals: list[Arrival]) -> dict[tuple[str, str | None], int]:
    ids: dict[str, set[str]] = {}
    for arrival in arrivals:
        if arrival.inbound.gateway_message_id is not None:
            ids.setdefault(arrival.gateway, set()).add(arrival.inbound.gateway_message_id)
    return {
        (gateway, row.gateway_message_id): row.id
        for gateway, its in ids.items()
        for row in connection.execute(_KNOWN, {"name": gateway, "ids": list(its)})
    }


def _record_repeats(connection: Connection, repeats: list[Arrival]) -> None:
    ids = _known_ids(connection, repeats)
    connection.execute(
        insert(_repeat),
        [{"inbox_id": ids[a.gateway, a.inbound.gateway_message_id], "received_at": a.received_at} for a in repeats],
    )


def _row(arrival: Arrival) -> dict[str, object]:
    text = arrival.inbound
    return {
        "gateway": arrival.gateway,
        "gateway_message_id": text.gateway_message_id,
        "sender": arrival.sender,
        "receiver": arrival.receiver,
        "text": text.text,
        "keyword": arrival.keyword,
        "parameters": json.dumps(text.parameters, ensure_ascii=False),
        "raw": text.raw,
        "sent_at": clock.from_datetime(text.sent_at),
        "received_at": arrival.received_at,
        "state": InboxState.RECEIVED.value,
        "attempts": 0,
        "due_at": arrival.received_at,
    }


def due(connection: Connection, now: int, after: int, most: int, *, worker: int | None = None) -> Sequence[Row[Any]]:
    """The texts to handle now with an id above ``after``, oldest first; none that other workers than this one claimed.

    None whose sender has an earlier one that waits for another try, and of each sender only the first that wait.
    ``behind``: whether it has an earlier one with an id up to ``after``.
    """
    return _DUE.read(connection, {"now": now, "worker": worker or 0}, after, most)


def handlers_so_far(connection: Connection, inbox_id: int) -> tuple[set[str], set[str]]:
    """The handlers that succeeded with this text, and those that raised (some of which may have succeeded later)."""
    query = select(_handling.c.handler, _handling.c.outcome).where(_handling.c.inbox_id == inbox_id)
    runs = connection.execute(query).all()
    return {row[0] for row in runs if row[1] == Outcome.HANDLED}, {row[0] for row in runs if row[1] == Outcome.RAISED}


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
    write(connection, _FINISH, (_finished(attempt, now) for attempt in attempts))
    write(connection, _RUNS, (_run_row(attempt, run) for attempt in attempts for run in attempt.runs))
    apply(connection, [run.effects for attempt in attempts for run in attempt.runs])


def _finished(attempt: Handled, now: int) -> dict[str, object]:
    return {
        "id": attempt.inbox_id,
        "state": attempt.state.value,
        "attempts": attempt.attempt,
        "due_at": attempt.due_at,
        "finished_at": None if attempt.state is InboxState.RECEIVED else now,
        "claimed_by": None,
    }


def _run_row(attempt: Handled, run: Run) -> dict[str, object]:
    return {
        "inbox_id": attempt.inbox_id,
        "handler": run.handler,
        "attempt": attempt.attempt,
        "outcome": (Outcome.RAISED if run.error else Outcome.HANDLED).value,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "error": run.error,
    }
