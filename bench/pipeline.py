"""The whole way of a text: received, handled by an adapter that subscribes and replies, its reply sent to a gateway.

Texts handled a second against texts received a second where nobody handles them; then with sending included.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filelock import FileLock

from bench.hosts import Rows, gateway, host, quiet
from bench.load import Answers
from bench.machine import Effort, Machine
from bench.measuring import Missing, Report, Table, in_turn, median, ratio, until, whole
from bench.traffic import Door, Sink, post, sink
from tests.hosts import Host

_ALONE = "receive alone, no process works"
_UNMATCHED = "received, no handler is for it"
_HANDLED = "handled, its reply queued"
_SENT = "handled, its reply sent"
_CLIENTS = 64
_TEXTS = (10_000, 3000)
_CONCURRENCY = "16"
_GRACE_SECONDS = 0.1


@dataclass(frozen=True)
class Passed:
    """What became of the texts of one load.

    ``rate``: texts that went all the way a second, from the first one posted to the last one done.
    ``backlog``: how many still waited for a handler 100 ms after the last answer.
    ``lost``, ``doubled``, ``disordered``: replies, as the gateway counts them.
    """

    answers: Answers
    rate: float
    backlog: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0


@dataclass(frozen=True)
class Work:
    """A host at work, and the gateway that takes its texts."""

    host: Host
    sink: Sink
    effort: Effort

    def handled(self, word: str) -> Passed:
        """Texts whose replies, if any, go nowhere: their gateway takes next to none."""
        rows = Rows.of(self.host)
        newest = rows.one("SELECT coalesce(max(id), 0) FROM inbox")
        answers = _post(self.host, self.effort, "quiet", word)
        rows.settle()
        state = "HANDLED" if word == "echo" else "UNMATCHED"
        last, count = (
            rows.one(f"SELECT {what} FROM inbox WHERE id > :newest AND state = '{state}'", newest=newest)
            for what in ("max(finished_at)", "count(*)")
        )
        rate = count / (last / 1000 - _wall(answers.began))
        return Passed(answers, rate, _backlog(rows, newest, answers), lost=answers.posted - count)

    def sent(self) -> Passed:
        """Texts whose replies the gateway takes."""
        rows = Rows.of(self.host)
        newest = rows.one("SELECT coalesce(max(id), 0) FROM inbox")
        self.sink.forget()
        answers = _post(self.host, self.effort, "bench", "echo", texts=self.effort.some(*_TEXTS))
        rows.settle()
        until(lambda: self._arrived(rows, answers.posted), "every reply to be sent")
        counts = self.sink.counts()
        rate = counts.accepted / (counts.last - answers.began)
        lost = answers.posted - counts.accepted
        return Passed(answers, rate, _backlog(rows, newest, answers), lost, counts.doubled, counts.disordered)

    def _arrived(self, rows: Rows, posted: int) -> bool:
        if self.sink.counts().accepted >= posted:
            return True
        active = "state IN ('QUEUED', 'WAITING', 'SENDING') AND gateway = 'bench'"
        return int(rows.one(f"SELECT count(*) FROM outbox WHERE {active}")) == 0


def run(machine: Machine, effort: Effort) -> Report:
    """Embedded on SQLite, then on PostgreSQL with worker processes."""
    report = Report()
    with ExitStack() as stack:
        taker = stack.enter_context(sink(machine.directory))
        folder = machine.folder("alone")
        stack.enter_context(FileLock(f"{folder}/smshost.db.lock"))
        alone = stack.enter_context(_host(folder, taker))
        work = Work(stack.enter_context(_host(machine.folder("work"), taker)), taker, effort)
        _judge(report, "SQLite", in_turn(effort.rounds, _contestants(alone, work)))
    try:
        _on_postgresql(machine, effort, report)
    except Missing as missing:
        report.missing.append(f"the pipeline on PostgreSQL: {missing}")
    return report


def _on_postgresql(machine: Machine, effort: Effort, report: Report) -> None:
    with ExitStack() as stack:
        taker = stack.enter_context(sink(machine.directory))
        alone, *busy = (
            stack.enter_context(_host(machine.folder("work"), taker, machine.postgresql(f"work{workers}"), workers))
            for workers in (0, 1, 2)
        )
        one, two = (Work(each, taker, effort) for each in busy)
        contestants = _contestants(alone, one)
        contestants |= {f"{name}, two workers": measure for name, measure in _works(two).items()}
        _judge(report, "PostgreSQL", in_turn(effort.rounds, contestants))


def _host(folder: Path, to: Sink, database: str = "", workers: int = 0) -> Host:
    gateways = gateway("bench", to.port, concurrency=_CONCURRENCY) + quiet()
    return host(folder, adapter="echo", database=database, workers=workers, gateways=gateways)


def _contestants(alone: Host, work: Work) -> dict[str, Callable[[], Passed]]:
    """``alone``: a host on whose database no process works."""

    def received() -> Passed:
        answers = _post(alone, work.effort, "quiet", "echo")
        return Passed(answers, answers.rate)

    return {_ALONE: received, _UNMATCHED: partial(work.handled, "nobody"), **_works(work)}


def _works(work: Work) -> dict[str, Callable[[], Passed]]:
    return {_HANDLED: partial(work.handled, "echo"), _SENT: work.sent}


def _backlog(rows: Rows, newest: int, answers: Answers) -> int:
    late = int((_wall(answers.ended) + _GRACE_SECONDS) * 1000)
    query = "SELECT count(*) FROM inbox WHERE id > :newest AND finished_at > :late"
    return int(rows.one(query, newest=newest, late=late))


def _wall(moment: float) -> float:
    """A moment of ``time.monotonic`` as seconds since 1970."""
    return time.time() - time.monotonic() + moment


def _post(to: Host, effort: Effort, gateway_id: str, word: str, texts: int = 0) -> Answers:
    door = Door(to.port, f"/context/receiveSMS/{gateway_id}")
    seconds = effort.seconds - effort.warm_up
    return post(door.load(_CLIENTS, seconds, warm_up=effort.warm_up, word=word, texts=texts))


def _judge(report: Report, database: str, rounds: dict[str, list[Passed]]) -> None:
    report.tables.append(_table(database, rounds))
    handled, alone = ([each.rate for each in rounds[name]] for name in (_HANDLED, _ALONE))
    report.figure("pipeline", database, ratio(handled, alone))
    report.figure("backlog", database, median(each.backlog for each in rounds[_HANDLED]))
    report.figure("end-to-end", database, median(each.rate for each in rounds[_SENT]))


def _table(database: str, rounds: dict[str, list[Passed]]) -> Table:
    columns = ("", "texts/s", "of receive alone", "backlog", "p50 ms", "p99 ms", "lost", "doubled", "out of order")
    alone = [each.rate for each in rounds[_ALONE]]
    rows = [
        (
            name,
            whole(median(each.rate for each in passed)),
            f"{ratio((each.rate for each in passed), alone):.2f}",
            whole(median(each.backlog for each in passed)),
            f"{median(each.answers.p50 for each in passed):.1f}",
            f"{median(each.answers.p99 for each in passed):.0f}",
            *(str(sum(counted)) for counted in zip(*((e.lost, e.doubled, e.disordered) for e in passed), strict=True)),
        )
        for name, passed in rounds.items()
    ]
    return Table(f"The whole pipeline, {database}, {_CLIENTS} clients", columns, rows)
