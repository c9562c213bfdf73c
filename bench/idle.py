"""How long a text waits for its procedure where there is nothing else to do: one text at a time, with pauses.

From sending to answering lies the commit; the procedure is timed by the clock that all processes share.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

from bench.hosts import host
from bench.load import percentile
from bench.machine import Effort, Machine
from bench.measuring import Missing, Report, Table, in_turn, until
from bench.traffic import AUTHORIZATION

_TEXTS = 150
_WARM_UP = 20
_PAUSE_SECONDS = 0.02
_OK = 200


@dataclass(frozen=True)
class Timed:
    """One text: milliseconds from sending it until its answer came, and until its procedure ran."""

    answered: float
    run: float


def run(machine: Machine, effort: Effort) -> Report:
    """Embedded on SQLite, and on PostgreSQL with a worker process."""
    report = Report()
    goals = {"embedded, SQLite": "idle-embedded"}
    with ExitStack() as stack:
        contestants = {"embedded, SQLite": _contestant(machine, stack, "")}
        try:
            with_worker = "worker process, PostgreSQL"
            contestants[with_worker] = _contestant(machine, stack, machine.postgresql("idle"))
            goals[with_worker] = "idle-distributed"
        except Missing as missing:
            report.missing.append(f"idle, with a worker process: {missing}")
        rounds = in_turn(effort.rounds, contestants)
    timed = {name: [text for each in texts for text in each] for name, texts in rounds.items()}
    for name, goal in goals.items():
        after = percentile(sorted(text.run - text.answered for text in timed[name]), 0.5)
        remark = f"counted from sending; {after:.3g} ms from the answer"
        report.figure(goal, "", percentile(sorted(text.run for text in timed[name]), 0.5), remark)
    report.tables.append(_table(timed))
    return report


def _contestant(machine: Machine, stack: ExitStack, database: str) -> Callable[[], list[Timed]]:
    folder = machine.folder("idle")
    times = folder / "times"
    times.touch()
    made = host(folder, adapter="stopwatch", database=database, workers=1, properties=f"bench.times={times}")
    stack.enter_context(made)
    return partial(_texts, made.port, times, itertools.count(1))


def _texts(port: int, times: Path, numbers: Iterator[int]) -> list[Timed]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.connect()
    spans = {}
    for number in itertools.islice(numbers, _WARM_UP + _TEXTS):
        spans[number] = _send(connection, number)
        time.sleep(_PAUSE_SECONDS)
    connection.close()
    last = f" {max(spans)} "
    until(lambda: last in times.read_text(encoding="utf-8"), "every procedure to run")
    lines = times.read_text(encoding="utf-8").splitlines()
    ran = {int(number): int(at) for _, number, at in (line.split() for line in lines)}
    timed = [Timed((answered - sent) / 1e6, (ran[n] - sent) / 1e6) for n, (sent, answered) in spans.items()]
    return timed[_WARM_UP:]


def _send(connection: HTTPConnection, number: int) -> tuple[int, int]:
    """When a text was sent and when it was answered, in nanoseconds."""
    path = f"/context/receiveSMS?from=%2B1555{number:07}&to=26161&text=time+{number}&id={number}"
    sent = time.monotonic_ns()
    connection.request("GET", path, headers={"Authorization": AUTHORIZATION})
    answer = connection.getresponse()
    answer.read()
    if answer.status != _OK:
        raise RuntimeError(f"a text was refused: {answer.status}")
    return sent, time.monotonic_ns()


def _table(timed: dict[str, list[Timed]]) -> Table:
    columns = ("", "sent to answered, p50 / p99 ms", "sent to procedure", "answered to procedure")
    rows: list[tuple[str, ...]] = []
    for name, texts in timed.items():
        spans = (sorted(each) for each in zip(*((e.answered, e.run, e.run - e.answered) for e in texts), strict=True))
        rows.append((name, *(f"{percentile(span, 0.5):.1f} / {percentile(span, 0.99):.1f}" for span in spans)))
    note = "The commit lies before the answer: a procedure that ran before the answer came has a negative last figure."
    return Table("One text at a time on an idle host", columns, rows, note)
