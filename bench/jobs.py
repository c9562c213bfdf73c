"""Texts handled a second by a worker process, which takes them many at a time, against a job for every text."""

import subprocess
import sys
from contextlib import ExitStack
from functools import partial

from sqlalchemy import NullPool, create_engine, text

from bench import preload
from bench.hosts import Rows, host, quiet
from bench.machine import Effort, Machine
from bench.measuring import Report, Table, in_turn, median, ratio, whole
from tests.hosts import REPOSITORY, Host

_OURS = "smshost worker"
_SINGLE = "one job of Procrastinate for each text"
_TEXTS = {_OURS: (10_000, 4000), _SINGLE: (2000, 800)}
_RATE = text("""
    SELECT count(*) FILTER (WHERE finished_at > tenth) * 1000.0 / (max(finished_at) - min(tenth)) FROM inbox,
        (SELECT percentile_disc(0.1) WITHIN GROUP (ORDER BY finished_at) AS tenth FROM inbox WHERE id > :after) AS start
    WHERE id > :after
""")


def run(machine: Machine, effort: Effort) -> Report:
    """On PostgreSQL; the texts are there before, those of the second with a job for each."""
    report = Report()
    with ExitStack() as stack:
        working, single = (
            host(machine.folder(name), adapter="echo", database=machine.postgresql(name), workers=1, gateways=quiet())
            for name in ("batches", "single")
        )
        stack.enter_context(working)
        contestants = {
            _OURS: partial(_batches, working, effort.some(*_TEXTS[_OURS])),
            _SINGLE: partial(_one_by_one, single, effort.some(*_TEXTS[_SINGLE])),
        }
        rounds = in_turn(effort.rounds, contestants)
    report.figure("jobs", "", ratio(rounds[_OURS], rounds[_SINGLE]))
    rows: list[tuple[str, ...]] = [
        (name, whole(median(rates)), f"{ratio(rates, rounds[_SINGLE]):.1f}") for name, rates in rounds.items()
    ]
    report.tables.append(Table("Engine, PostgreSQL, 8 threads", ("", "texts/s", "of one job each"), rows))
    return report


def _batches(made: Host, count: int) -> float:
    rows = Rows.of(made)
    after = preload.inbox(rows, count)
    rows.settle()
    return _rate(rows, after)


def _one_by_one(made: Host, count: int) -> float:
    rows = Rows.of(made)
    after = preload.inbox(rows, count)
    config, adapters, database = made.places[1::2]
    command = [sys.executable, "-m", "bench.single", config, adapters, database, str(after)]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    rows.settle()
    return _rate(rows, after)


def _rate(rows: Rows, after: int) -> float:
    """Texts a second, without the first tenth of them; raises RuntimeError where one was not handled."""
    if failed := rows.one("SELECT count(*) FROM inbox WHERE state <> 'HANDLED'"):
        raise RuntimeError(f"{failed} texts were not handled")
    with create_engine(rows.url, poolclass=NullPool).connect() as connection:
        return float(connection.execute(_RATE, {"after": after}).scalar_one())
