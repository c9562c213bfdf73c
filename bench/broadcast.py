"""A text to everybody who is subscribed, against a loop over objects: memory, locks, receivers."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from bench import preload
from bench.hosts import Rows, host, processes, quiet
from bench.load import Answers
from bench.machine import Effort, Machine
from bench.measuring import Missing, Report, Table, in_turn, median, ratio, until, whole
from bench.memory import Memory
from bench.traffic import Door, post, posting
from tests.hosts import REPOSITORY, Host

_PHONES = "crowd.phones"
_SUBSCRIPTIONS = (1_000_000, 100_000)
_IN_LOOP = (100_000, 20_000)
_CLIENTS = (64, 8)
_OURS, _LOOP = "notifyEventSource", "loop over objects, a commit for each 1000"
_WITHOUT, _DURING = "without", "during"


@dataclass(frozen=True)
class Told:
    """One broadcast: texts queued a second, growth of the host's memory in bytes, longest transaction in ms."""

    rate: float
    memory: int = 0
    transaction: float = 0.0


@dataclass(frozen=True)
class Crowd:
    """A host with subscriptions, and another database with fewer for the loop."""

    host: Host
    rows: Rows
    looped: Rows

    def told(self) -> Told:
        """Everybody is told, and nothing else happens."""
        memory = Memory(processes(self.host))
        command = [sys.executable, "-m", "bench.locks", self.rows.url]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True) as watch:
            try:
                self.finish(self.begin())
                rate = self.rate()
                transaction, _ = watch.communicate("")
            finally:
                watch.kill()
        return Told(rate, memory.growth(), float(transaction))

    def begin(self) -> int:
        """Announce something; the number of the broadcast, once it is under way."""
        before = int(self.rows.one("SELECT count(*) FROM broadcast"))
        post(Door(self.host.port).load(1, 10, warm_up=0, word="announce", texts=1))
        until(lambda: int(self.rows.one("SELECT count(*) FROM broadcast")) > before, "the broadcast to begin")
        return int(self.rows.one("SELECT max(id) FROM broadcast"))

    def finish(self, number: int) -> None:
        """Wait until everybody's text is queued."""
        until(lambda: self.is_finished(number), "the broadcast to be queued")

    def is_finished(self, number: int) -> bool:
        query = "SELECT count(*) FROM broadcast WHERE id = :number AND finished_at IS NOT NULL"
        return bool(self.rows.one(query, number=number))

    def rate(self) -> float:
        """Texts a second of the last broadcast, from the announcement on."""
        newest = "FROM broadcast ORDER BY id DESC LIMIT 1"
        return float(self.rows.one(f"SELECT queued * 1000.0 / (finished_at - created_at) {newest}"))

    def loop(self) -> Told:
        """The loop over objects."""
        command = [sys.executable, "-m", "bench.ormloop", self.looped.url, str(time.monotonic_ns())]
        return Told(float(subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True).stdout))

    def received(self, clients: int, effort: Effort) -> Answers:
        """Texts received while nobody is told anything."""
        answers = post(Door(self.host.port).load(clients, effort.seconds))
        self.rows.settle()
        return answers

    def received_during(self, clients: int, effort: Effort) -> Answers:
        """Texts received while everybody is told; no longer than that takes."""
        number = self.begin()
        with posting(Door(self.host.port).load(clients, 2 * effort.seconds, warm_up=0.2)) as load:
            until(lambda: self.is_finished(number) or load.process.poll() is not None, "the broadcast or the load")
            load.end()
            answers = load.answers()
        self.finish(number)
        self.rows.settle()
        return answers


def run(machine: Machine, effort: Effort) -> Report:
    """On SQLite, then on PostgreSQL with a worker process; nothing is sent, the gateway takes next to nothing."""
    report = Report()
    _on(machine, effort, report, "SQLite", lambda name: "")
    try:
        _on(machine, effort, report, "PostgreSQL", machine.postgresql)
    except Missing as missing:
        report.missing.append(f"broadcasts on PostgreSQL: {missing}")
    return report


def _on(machine: Machine, effort: Effort, report: Report, database: str, url: Callable[[str], str]) -> None:
    few, many = (
        host(machine.folder(name), adapter="crowd", database=url(name), workers=1, gateways=quiet())
        for name in ("few", "many")
    )
    crowd = Crowd(many, Rows.of(many), Rows.of(few))
    preload.subscriptions(crowd.looped, _PHONES, effort.some(*_IN_LOOP))
    preload.subscriptions(crowd.rows, _PHONES, effort.some(*_SUBSCRIPTIONS))
    with ExitStack() as stack:
        stack.enter_context(many)
        crowd.received(1, effort)  # so that every process has come to work, and has what it needs in memory
        told = in_turn(effort.rounds, {_OURS: crowd.told, _LOOP: crowd.loop})
        _judge(report, database, told, effort.some(*_SUBSCRIPTIONS))
        for clients in _CLIENTS:
            contestants = {
                _WITHOUT: partial(crowd.received, clients, effort),
                _DURING: partial(crowd.received_during, clients, effort),
            }
            _judge_receivers(report, database, clients, in_turn(effort.rounds, contestants))


def _judge(report: Report, database: str, told: dict[str, list[Told]], count: int) -> None:
    ours, loop = ([each.rate for each in told[name]] for name in (_OURS, _LOOP))
    memory = max(each.memory for each in told[_OURS]) / 1e6
    transaction = max(each.transaction for each in told[_OURS])
    report.figure("broadcast", database, ratio(ours, loop))
    report.figure("broadcast-memory", database, memory)
    report.figure("broadcast-transaction", database, transaction)
    rows = [
        (_OURS, whole(median(ours)), f"{ratio(ours, loop):.1f}", f"{memory:.1f}", f"{transaction:.0f}"),
        (_LOOP, whole(median(loop)), "1.0", "", ""),
    ]
    columns = ("", "texts/s", "of the loop", "memory, MB more", "longest transaction, ms")
    report.tables.append(Table(f"Broadcast to {whole(count)}, {database}", columns, list(rows)))


def _judge_receivers(report: Report, database: str, clients: int, rounds: dict[str, list[Answers]]) -> None:
    without, during = ([each.p99 for each in rounds[name]] for name in (_WITHOUT, _DURING))
    if clients == max(_CLIENTS):
        report.figure("broadcast-receive", database, ratio(during, without))
    rows: list[tuple[str, ...]] = [
        (
            f"{name} a broadcast",
            whole(median(each.rate for each in answers)),
            f"{median(each.p50 for each in answers):.1f}",
            f"{median(each.p99 for each in answers):.0f}",
            f"{max(each.slowest for each in answers):.0f}",
        )
        for name, answers in rounds.items()
    ]
    columns = ("", "texts/s", "p50 ms", "p99 ms", "slowest ms")
    note = f"p99 during it, of p99 without: {ratio(during, without):.1f} x."
    report.tables.append(Table(f"Receive during a broadcast, {database}, {clients} clients", columns, rows, note))
