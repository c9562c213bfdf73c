"""Sending what waits in the outbox, against threads of requests sessions that send as many and write nothing down."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from bench import preload
from bench.hosts import Rows, gateway, host
from bench.machine import Effort, Machine
from bench.measuring import Missing, Report, Table, in_turn, median, ratio, whole
from bench.sink import Counts
from bench.traffic import Sink, sink
from tests.hosts import REPOSITORY

_BARE = "bare loop of requests sessions"
_OURS = "outbox, {}"
_GATEWAYS = {0: 16, 50: 64}  # the gateway's latency in milliseconds, and how many are sent to it at the same time
_TEXTS = (6000, 2000)


def run(machine: Machine, effort: Effort) -> Report:
    """A gateway that answers at once, and one that takes 50 ms."""
    report = Report()
    texts = effort.some(*_TEXTS)
    with ExitStack() as stack:
        sinks = {latency: stack.enter_context(sink(machine.directory, latency)) for latency in _GATEWAYS}
        databases = {"SQLite": _host(machine, stack, sinks, "")}
        try:
            databases["PostgreSQL"] = _host(machine, stack, sinks, machine.postgresql("outbox"))
        except Missing as missing:
            report.missing.append(f"the outbox on PostgreSQL: {missing}")
        for latency, concurrency in _GATEWAYS.items():
            to = sinks[latency]
            contestants: dict[str, Callable[[], Counts]] = {_BARE: partial(_bare, to, concurrency, texts)}
            contestants |= {
                _OURS.format(name): partial(_ours, rows, latency, to, texts) for name, rows in databases.items()
            }
            rounds = in_turn(effort.rounds, contestants)
            report.tables.append(_table(latency, concurrency, rounds))
            for name in databases:
                these, those = ([each.rate for each in rounds[which]] for which in (_OURS.format(name), _BARE))
                report.figure(f"outbox-{latency}", name, ratio(these, those))
    return report


def _host(machine: Machine, stack: ExitStack, sinks: dict[int, Sink], database: str) -> Rows:
    gateways = "".join(
        gateway(f"after{latency}", sinks[latency].port, concurrency=str(concurrency))
        for latency, concurrency in _GATEWAYS.items()
    )
    made = host(machine.folder("outbox"), adapter="nobody", database=database, workers=1, gateways=gateways)
    stack.enter_context(made)
    return Rows.of(made)


def _bare(to: Sink, concurrency: int, texts: int) -> Counts:
    to.forget()
    command = [sys.executable, "-m", "bench.senders", *map(str, (to.port, concurrency, texts))]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    return to.counts()


def _ours(rows: Rows, latency: int, to: Sink, texts: int) -> Counts:
    to.forget()
    preload.outbox(rows, f"after{latency}", texts)
    return to.wait_for(texts)


def _table(latency: int, concurrency: int, rounds: dict[str, list[Counts]]) -> Table:
    bare = [each.rate for each in rounds[_BARE]]
    rows: list[tuple[str, ...]] = [
        (
            name,
            whole(median(each.rate for each in counts)),
            f"{ratio((each.rate for each in counts), bare):.2f}",
            str(sum(each.doubled for each in counts)),
        )
        for name, counts in rounds.items()
    ]
    title = f"Sending to a gateway that takes {latency} ms, {concurrency} at the same time"
    return Table(title, ("", "texts/s", "of bare", "doubled"), rows)
