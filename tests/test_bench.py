"""The benchmarks can be run, and each figure to reach has one that measures it; the figures are no test's business."""

import subprocess
import sys
from importlib import import_module

import pytest

from bench.__main__ import BENCHMARKS
from bench.goals import GOALS, verdicts
from bench.measuring import Report
from bench.writing import BEGIN, END, PAGE
from tests.hosts import REPOSITORY
from tests.test_docs import rows


def test_the_figures_to_reach_are_listed() -> None:
    command = [sys.executable, "-m", "bench", "--list"]
    listed = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.splitlines()
    assert listed == [f"{goal.benchmark:10} {goal.what}: {goal.shown}" for goal in GOALS]


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_can_be_run_and_measures_a_figure(name: str) -> None:
    assert callable(import_module(f"bench.{name}").run)
    assert any(goal.benchmark == name for goal in GOALS)


def test_every_figure_has_a_benchmark_and_every_benchmark_a_row_in_the_docs() -> None:
    assert {goal.benchmark for goal in GOALS} == set(BENCHMARKS)
    assert rows("explanation/performance.md") == list(BENCHMARKS)


def test_what_was_not_measured_is_not_called_reached() -> None:
    table = verdicts(Report(), set(BENCHMARKS))
    assert [line.split(" | ")[2:] for line in table[2:]] == [["not measured", " |"]] * len(GOALS)


def test_a_figure_counts_from_its_limit_on() -> None:
    report = Report()
    report.figure("outbox-0", "SQLite", 0.9)
    report.figure("outbox-0", "PostgreSQL", 0.95)
    report.figure("outbox-50", "", 0.89)
    report.figure("matching", "", 1.6, "a remark")
    said = {line.split(" | ")[2]: line.split(" | ")[3] for line in verdicts(report, {"outbox", "matching"})[2:]}
    assert said == {"0.9 x (SQLite), 0.95 x (PostgreSQL)": "yes |", "0.89 x": "**no** |", "1.6 x; a remark": "**no** |"}


def test_the_page_has_the_place_for_the_tables() -> None:
    before, _, after = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    assert before
    assert END in after
