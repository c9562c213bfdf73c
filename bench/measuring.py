"""What a benchmark is given and what it gives: rounds in turn, medians, tables, and figures for the goals."""

import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 180.0
_ASK_SECONDS = 0.02


class Missing(Exception):
    """This machine lacks what a measurement needs; the message says what."""


@dataclass(frozen=True)
class Table:
    """Figures of one run, as shown."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str = ""

    def __str__(self) -> str:
        lines = [f"**{self.title}**", "", *grid(self.columns, self.rows)]
        return "\n".join([*lines, "", self.note] if self.note else lines)


@dataclass
class Report:
    """What one benchmark found. ``figures``: by goal, then by what they are of (a database, say)."""

    tables: list[Table] = field(default_factory=list)
    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    probes: str = ""

    def figure(self, goal: str, of: str, value: float, remark: str = "") -> None:
        """A figure for a goal; the remark is shown beside it."""
        self.figures.setdefault(goal, {})[of] = value
        if remark:
            self.remarks[goal] = remark


def in_turn(rounds: int, contestants: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
    """What every contestant gives, each once a round."""
    results: dict[str, list[T]] = {name: [] for name in contestants}
    for number in range(rounds):
        for name, measure in contestants.items():
            progress(f"round {number + 1} of {rounds}: {name}")
            results[name].append(measure())
    return results


def ratio(these: Iterable[float], those: Iterable[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(this / that for this, that in zip(these, those, strict=True))


def median(values: Iterable[float]) -> float:
    """The median."""
    return statistics.median(values)


def grid(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    dashes = ["---", *("---:" for _ in columns[1:])]
    return [f"| {' | '.join(row)} |" for row in (columns, dashes, *rows)]


def whole(value: float) -> str:
    """A number without decimals, its thousands apart."""
    return f"{value:,.0f}".replace(",", " ")


def progress(what: str) -> None:
    """Say on standard error what happens now."""
    print(f"  {what}", file=sys.stderr, flush=True)


def until(condition: Callable[[], T], what: str, deadline: float = PATIENCE_SECONDS) -> T:
    """The first truthy value of the condition, asked rarely: what is waited for shares the machine.

    Raises TimeoutError after so many seconds.
    """
    end = time.monotonic() + deadline
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {deadline:.0f} s for {what}")
        time.sleep(_ASK_SECONDS)
    return value
