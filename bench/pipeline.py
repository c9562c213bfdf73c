"""The whole way of a text: received, handled by an adapter that subscribes and replies, its reply sent to a gateway.

Texts handled a second against texts received a second where nobody handles them; then with sending included.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from filelock import FileLock

from bench.hosts import Rows, gateway, host, workers
from bench.load import Answers
from bench.machine import Effort, Machine
from bench.measuring import Missing, Report, Table, in_turn, median, ratio, until, whole
from bench.sink import Counts
from bench.traffic import Door, Sink, post, sink
from tests.hosts import Host

_ALONE = "receive alone: no process works"
_UNMATCHED = "received, no handler is for it"
_HANDLED = "handled, its reply queued"
_SENT = "handled, its reply sent"
_CLIENTS = 64
_TEXTS = (10_000, 3000)
_CONCURRENCY = "16"


@dataclass(frozen=True)
class Passed:
    """What became of the texts of one load.

    ``backlog``: how many waited for a handler when the load had ended. ``rate``: texts that went all the way a second,
    from the first one posted to the last one done. ``lost``, ``doubled`` and ``disordered`` replies, at the gateway.
    """

    answers: Answers
    rate: float
    backlog: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0


@dataclass(frozen=True)
class World:
    """A host at work, one on which nobody works, and a gateway that takes texts."""

    busy: Host
    alone: Host
    sink: Sink
    effort: Effort

    def received(self) -> Passed:
        """Texts that wait: nobody works on this database."""
        answers = self._post(self.alone, "quiet", "echo")
        return Passed(answers, answers.rate)

    def handled(self, word: str) -> Passed:
        """Texts whose replies, if any, go nowhere: their gateway takes next to none."""
        rows = Rows.of(self.busy)
        newest = rows.one("SELECT coalesce(max(id), 0) FROM inbox")
        answers = self._post(self.busy, "quiet", word)
        backlog = rows.waiting()
        rows.settle()
        state = "HANDLED" if word == "echo" else "UNMATCHED"
        ended, count = (
            rows.one(f"SELECT {what} FROM inbox WHERE id > :newest AND state = '{state}'", newest=newest)
            for what in ("max(finished_at)", "count(*)")
        )
        began = time.time() - time.monotonic() + answers.began
        return Passed(answers, count / (ended / 1000 - began), backlog, lost=answers.posted - count)

    def sent(self) -> Passed:
        """Texts whose replies the gateway takes."""
        rows = Rows.of(self.busy)
        self.sink.forget()
        texts = self.effort.some(*_TEXTS)
        answers = self._post(self.busy, "bench", "echo", texts=texts)
        backlog = rows.waiting()
        rows.settle()
        until(lambda: self._arrived(rows, answers.posted), "every reply to be sent")
        counts: Counts = self.sink.counts()
        rate = counts.accepted / (counts.last - answers.began)
        return Passed(answers, rate, backlog, answers.posted - counts.accepted, counts.doubled, counts.disordered)

    def _arrived(self, rows: Rows, posted: int) -> bool:
        if self.sink.counts().accepted >= posted:
            return True
        active = "state IN ('QUEUED', 'WAITING', 'SENDING') AND gateway = 'bench'"
        return int(rows.one(f"SELECT count(*) FROM outbox WHERE {active}")) == 0

    def _post(self, to: Host, gateway_id: str, word: str, texts: int = 0) -> Answers:
        door = Door(to.port, f"/context/receiveSMS/{gateway_id}")
        seconds, warm_up = self.effort.seconds, self.effort.warm_up
        return post(door.load(_CLIENTS, seconds - warm_up, warm_up=warm_up, word=word, texts=texts))


def run(machine: Machine, effort: Effort) -> Report:
    """Embedded on SQLite, then on PostgreSQL with a worker process."""
    report = Report()
    _on(machine, effort, report, "SQLite", lambda name: "")
    try:
        _on(machine, effort, report, "PostgreSQL", machine.postgresql)
    except Missing as missing:
        report.missing.append(f"the pipeline on PostgreSQL: {missing}")
    return report


def _on(machine: Machine, effort: Effort, report: Report, database: str, url: Callable[[str], str]) -> None:
    with world(machine, effort, url) as here:
        contestants: dict[str, Callable[[], Passed]] = {
            _ALONE: here.received,
            _UNMATCHED: partial(here.handled, "nobody"),
            _HANDLED: partial(here.handled, "echo"),
            _SENT: here.sent,
        }
        rounds = in_turn(effort.rounds, contestants)
    report.tables.append(_table(database, rounds))
    handled, alone = ([each.rate for each in rounds[name]] for name in (_HANDLED, _ALONE))
    report.figure("pipeline", database, ratio(handled, alone))
    report.figure("backlog", database, median(each.backlog for each in rounds[_HANDLED]))
    report.figure("end-to-end", database, median(each.rate for each in rounds[_SENT]))


@contextmanager
def world(machine: Machine, effort: Effort, url: Callable[[str], str]) -> Iterator[World]:
    """Everything that takes part, started. ``url`` makes a database by a name, or gives "" for SQLite."""
    with ExitStack() as stack:
        folder, databases = machine.folder("alone"), (url("alone"), url("busy"))
        if not databases[0]:
            stack.enter_context(FileLock(f"{folder}/smshost.db.lock"))
        taker = stack.enter_context(sink(machine.directory))
        quiet = gateway("quiet", rate="0.001", concurrency="1")
        gateways = gateway("bench", taker.port, concurrency=_CONCURRENCY) + quiet
        alone = host(folder, adapter="nobody", database=databases[0], gateways=gateways)
        busy = host(machine.folder("busy"), adapter="echo", database=databases[1], gateways=gateways)
        stack.enter_context(alone)
        stack.enter_context(busy)
        if databases[1]:
            stack.enter_context(workers(busy))
        yield World(busy, alone, taker, effort)


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
