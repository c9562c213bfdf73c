"""Durable receive: texts acknowledged a second, against bare Flask and against a commit for every request."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import requests
from filelock import FileLock

from bench.hosts import Rows, host
from bench.load import Answers
from bench.machine import Effort, Machine
from bench.measuring import Missing, Report, Table, in_turn, median, progress, ratio, whole
from bench.traffic import Door, post, program
from tests.programs import free_ports

BARE = "bare Flask, nothing stored"
_COMMITTING = "Flask-SQLAlchemy, commit per request, {}"
_OURS = "smshost serve, {}"
ONLY = "smshost serve, SQLite, another process works"
_TWO = "smshost serve --processes 2, PostgreSQL"
_SQLITE, _POSTGRESQL = "SQLite", "PostgreSQL"
_CLIENTS = (1, 8, 64)
_MOST = 64


@dataclass(frozen=True)
class Contestant:
    """A server that is at rest again once ``settle`` returns."""

    door: Door
    settle: Callable[[], None] = lambda: None


Contestants = dict[str, Contestant]


def run(machine: Machine, effort: Effort) -> Report:
    """Three numbers of clients on the disk as it is; then the most clients with 2 ms more for each fsync."""
    report = Report()
    with ExitStack() as stack:
        contestants = _all(machine, stack, report)
        for clients in _CLIENTS:
            progress(f"{clients} client(s)")
            seconds = effort.seconds if clients == _MOST else effort.seconds / 2
            rounds = _measure(contestants, clients, effort, seconds)
            report.tables.append(_table(f"Durable receive, {clients} client(s)", rounds))
    _judge(report, rounds)
    try:
        _slowly(machine, effort, report)
    except Missing as missing:
        report.missing.append(f"receive with 2 ms more for each fsync: {missing}")
    return report


def _all(machine: Machine, stack: ExitStack, report: Report) -> Contestants:
    contestants = {
        BARE: baseline(machine, stack, "bare"),
        _COMMITTING.format(_SQLITE): baseline(machine, stack, "committing", _file(machine)),
        _OURS.format(_SQLITE): ours(machine, stack),
        ONLY: receiving_only(machine, stack),
    }
    try:
        url = machine.postgresql("committing")
        contestants[_COMMITTING.format(_POSTGRESQL)] = baseline(machine, stack, "committing", url)
        contestants[_OURS.format(_POSTGRESQL)] = ours(machine, stack, machine.postgresql("ours"))
        contestants[_TWO] = ours(machine, stack, machine.postgresql("two"), arguments=("--processes", "2"))
    except Missing as missing:
        report.missing.append(f"receive on PostgreSQL: {missing}")
    return contestants


def _slowly(machine: Machine, effort: Effort, report: Report) -> None:
    slow = machine.disk.slow
    with ExitStack() as stack:
        contestants = {
            BARE: baseline(machine, stack, "bare"),
            _COMMITTING.format(_SQLITE): baseline(machine, stack, "committing", _file(machine), slow),
            _OURS.format(_SQLITE): ours(machine, stack, before=slow),
        }
        try:
            url = machine.postgresql("committing", slow=True)
            contestants[_COMMITTING.format(_POSTGRESQL)] = baseline(machine, stack, "committing", url)
            contestants[_OURS.format(_POSTGRESQL)] = ours(machine, stack, machine.postgresql("ours", slow=True))
        except Missing as missing:
            report.missing.append(f"receive on PostgreSQL with 2 ms more for each fsync: {missing}")
        rounds = _measure(contestants, _MOST, effort, effort.seconds)
    report.tables.append(_table(f"Durable receive, {_MOST} clients, 2 ms more for each fsync", rounds))
    report.figure("receive-slow", "", _of(rounds, _SQLITE, _COMMITTING.format(_SQLITE)))


def _measure(contestants: Contestants, clients: int, effort: Effort, seconds: float) -> dict[str, list[Answers]]:
    def measure(contestant: Contestant) -> Answers:
        answers = post(contestant.door.load(clients, seconds - effort.warm_up, warm_up=effort.warm_up))
        contestant.settle()
        return answers

    return in_turn(effort.rounds, {name: partial(measure, each) for name, each in contestants.items()})


def _table(title: str, rounds: dict[str, list[Answers]]) -> Table:
    columns = ("", "texts/s", "of bare", "of commit per request", "p50 ms", "p99 ms", "slowest ms")
    return Table(title, columns, [_row(name, rounds) for name in rounds])


def _row(name: str, rounds: dict[str, list[Answers]]) -> tuple[str, ...]:
    mine = rounds[name]
    rates = [each.rate for each in mine]
    committing = _COMMITTING.format(_POSTGRESQL if _POSTGRESQL in name else _SQLITE)
    return (
        name,
        whole(median(rates)),
        f"{ratio(rates, (each.rate for each in rounds[BARE])):.2f}",
        "" if name == BARE else f"{ratio(rates, (each.rate for each in rounds[committing])):.1f}",
        f"{median(each.p50 for each in mine):.1f}",
        f"{median(each.p99 for each in mine):.0f}",
        f"{max(each.slowest for each in mine):.0f}",
    )


def _judge(report: Report, rounds: dict[str, list[Answers]]) -> None:
    for database in _databases(rounds):
        report.figure(f"receive-{database.lower()}", "", _of(rounds, database, BARE))
    committing = _COMMITTING.format(_SQLITE)
    report.figure("receive-committing", "", _of(rounds, _SQLITE, committing))
    report.figure(
        "receive-p99", "", ratio(*([each.p99 for each in rounds[name]] for name in (_OURS.format(_SQLITE), committing)))
    )
    report.remarks["receive-sqlite"] = f"{ratio(_rates(rounds[ONLY]), _rates(rounds[BARE])):.2f} while another works"
    if _TWO in rounds:
        one = rounds[_OURS.format(_POSTGRESQL)]
        report.figure("receive-two", "", ratio(_rates(rounds[_TWO]), _rates(one)))


def _databases(rounds: dict[str, list[Answers]]) -> list[str]:
    return [database for database in (_SQLITE, _POSTGRESQL) if _OURS.format(database) in rounds]


def _of(rounds: dict[str, list[Answers]], database: str, other: str) -> float:
    return ratio(_rates(rounds[_OURS.format(database)]), _rates(rounds[other]))


def _rates(answers: list[Answers]) -> list[float]:
    return [each.rate for each in answers]


def ours(
    machine: Machine,
    stack: ExitStack,
    database: str = "",
    arguments: tuple[str, ...] = (),
    before: tuple[str, ...] = (),
) -> Contestant:
    """The host, which finds that no handler is for the texts; on PostgreSQL it leaves that to workers."""
    folder = machine.folder("host")
    made = host(folder, adapter="nobody", database=database, arguments=arguments, before=before)
    stack.enter_context(made)
    rows = Rows.of(made)
    return Contestant(Door(made.port)) if database else Contestant(Door(made.port), rows.settle)


def receiving_only(machine: Machine, stack: ExitStack) -> Contestant:
    """The host on a database that another process works on: this one."""
    folder = machine.folder("host")
    stack.enter_context(FileLock(f"{folder}/smshost.db.lock"))
    made = host(folder, adapter="nobody")
    stack.enter_context(made)
    return Contestant(Door(made.port))


def baseline(
    machine: Machine, stack: ExitStack, kind: str, database: str = "", before: tuple[str, ...] = ()
) -> Contestant:
    """An application of bench.baselines."""
    (port,) = free_ports(1)
    command = [*before, sys.executable, "-m", "bench.baselines", kind, str(port), database]
    started = stack.enter_context(program(f"{kind}-{port}", command, machine.directory))
    started.wait_for(lambda: _answers(port), f"{kind} to be up", deadline=30)
    return Contestant(Door(port, "/receiveSMS"))


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/", timeout=5).status_code > 0
    except requests.RequestException:
        return False


def _file(machine: Machine) -> str:
    return f"sqlite:///{Path(machine.folder('committing')) / 'bench.db'}"
