"""What receiving and claiming cost as stored texts become many: the host's own statements, 50 texts at a time."""

import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import count

from sqlalchemy import Engine, create_engine

from bench import preload
from bench.hosts import Rows
from bench.machine import Effort, Machine
from bench.measuring import Missing, Report, Table, in_turn, median, progress, ratio, whole
from host import clock
from host.messages import Inbound
from host.store import claims, inbox, schema
from host.store.arrivals import Arrival, store
from host.store.database import engine_options, for_writing, prepare
from host.store.inbox import Handled, Run
from host.store.states import InboxState

_SIZES: tuple[int, ...] = (1000, 100_000, 1_000_000, 10_000_000)
_QUICK_SIZES: tuple[int, ...] = _SIZES[:2]
_BATCH = 50
_BATCHES = (60, 20)
_WARM_UP = 10
_NEEDED = 15 * 2**30  # bytes free for the largest
_WORKER = 1


@dataclass(frozen=True)
class Cost:
    """Microseconds for each text, the median of batches."""

    receiving: float
    claiming: float


def run(machine: Machine, effort: Effort) -> Report:
    """Databases of several sizes, all there at the same time, measured in turn."""
    report = Report()
    sizes = _QUICK_SIZES if effort.quick else _SIZES
    if machine.disk.free < _NEEDED and sizes[-1] == _SIZES[-1]:
        report.missing.append(f"{whole(sizes[-1])} stored texts: {_NEEDED / 2**30:.0f} GB must be free")
        sizes = sizes[:-1]
    for database, fill in {"SQLite": _sqlite, "PostgreSQL": _postgresql}.items():
        try:
            contestants = {f"{whole(size)} texts": _contestant(fill(machine, size), effort) for size in sizes}
        except Missing as missing:
            report.missing.append(f"growth on {database}: {missing}")
            continue
        rounds = in_turn(effort.rounds, contestants)
        _judge(report, database, rounds, sizes[-1])
    return report


def _judge(report: Report, database: str, rounds: dict[str, list[Cost]], most: int) -> None:
    few, many = next(iter(rounds.values())), list(rounds.values())[-1]
    remark = "" if most == _SIZES[-1] else f"at {whole(most)}"
    receiving = ratio((each.receiving for each in many), (each.receiving for each in few))
    claiming = ratio((each.claiming for each in many), (each.claiming for each in few))
    report.figure("growth-receiving", database, receiving, remark)
    report.figure("growth-claiming", database, claiming, remark)
    rows: list[tuple[str, ...]] = [
        (name, f"{median(each.receiving for each in costs):.0f}", f"{median(each.claiming for each in costs):.0f}")
        for name, costs in rounds.items()
    ]
    rows.append(("most, of fewest", f"{receiving:.2f} x", f"{claiming:.2f} x"))
    columns = ("stored", "receiving, us a text", "claiming and finishing, us a text")
    note = "Gateway ids are random; each batch of 50 is a commit of its own."
    report.tables.append(Table(f"Growth, {database}", columns, rows, note))


def _contestant(engine: Engine, effort: Effort) -> Callable[[], Cost]:
    return partial(_measure, engine, count(1), effort.some(*_BATCHES))


def _measure(engine: Engine, numbers: "count[int]", batches: int) -> Cost:
    """Receive so many batches, then claim and finish them, leaving nothing that waits."""
    receiving = [_seconds(partial(_receive, engine, _arrivals(numbers))) for _ in range(_WARM_UP + batches)]
    claiming = [_seconds(partial(_claim_and_finish, engine)) for _ in range(_WARM_UP + batches)]
    return Cost(*(median(taken[_WARM_UP:]) / _BATCH * 1e6 for taken in (receiving, claiming)))


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _arrivals(numbers: "count[int]") -> list[Arrival]:
    now = clock.now()
    arrivals = []
    for _ in range(_BATCH):
        phone, id_ = f"+1555{next(numbers):07}", secrets.token_hex(12)
        pairs = (("from", phone), ("to", "26161"), ("text", "echo n1"), ("id", id_))
        text = Inbound(phone, "echo n1", receiver="26161", gateway_message_id=id_, parameters=pairs)
        arrivals.append(Arrival("bench", phone, "26161", "echo", text, now))
    return arrivals


def _receive(engine: Engine, arrivals: list[Arrival]) -> None:
    with for_writing(engine).begin() as connection:
        store(connection, arrivals)


def _claim_and_finish(engine: Engine) -> None:
    """As the engine does it; on PostgreSQL texts are claimed in a commit of their own."""
    claimed = _WORKER if engine.dialect.name == "postgresql" else None
    with engine.connect() as connection:
        rows = inbox.due(connection, clock.now(), 0, _BATCH, worker=claimed)
    if claimed is not None:
        with for_writing(engine).begin() as connection:
            ids, attempts = [row.id for row in rows], [row.attempts for row in rows]
            claims.claim(connection, [claims.Claim(claimed, ids, attempts, clock.now())])
    now = clock.now()
    runs = (Run("bench.reply", now, now),)
    handled = [Handled(row.id, InboxState.HANDLED, 1, row.due_at, runs, claimed) for row in rows]
    with for_writing(engine).begin() as connection:
        lost = inbox.finish(connection, [handled])
    if len(handled) != _BATCH or any(lost):
        raise RuntimeError(f"{len(handled)} texts were due, {lost} were lost")


def _sqlite(machine: Machine, size: int) -> Engine:
    progress(f"storing {whole(size)} texts in SQLite")
    path = machine.folder("growth") / "bench.db"
    engine = _opened(f"sqlite:///{path}")
    engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute(preload.stored(Rows(f"sqlite:///{path}"), size))
    return engine


def _postgresql(machine: Machine, size: int) -> Engine:
    url = machine.postgresql(f"growth{size}")
    progress(f"storing {whole(size)} texts in PostgreSQL")
    engine = _opened(url)
    rows = Rows(url)
    rows.run(preload.stored(rows, size))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in ("VACUUM (ANALYZE) inbox", "CHECKPOINT"):
            connection.exec_driver_sql(statement)
    return engine


def _opened(url: str) -> Engine:
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    schema.upgrade(engine)
    return engine
