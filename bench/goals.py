"""The figures to reach: what, by which benchmark, and when a figure counts as reached."""

from dataclasses import dataclass

from bench.measuring import Report, grid


@dataclass(frozen=True)
class Goal:
    """A row of the table of figures. ``limit`` in ``unit``; ``at_most`` where less is better."""

    key: str
    benchmark: str
    what: str
    limit: float
    unit: str = "x"
    at_most: bool = False

    @property
    def shown(self) -> str:
        return f"at {'most' if self.at_most else 'least'} {self.figure(self.limit)}"

    def figure(self, value: float) -> str:
        """A value in the goal's unit."""
        return f"{value:,.0f} {self.unit}".replace(",", " ") if value >= 1000 else f"{value:.3g} {self.unit}"  # noqa: PLR2004

    def reached(self, value: float) -> bool:
        return value <= self.limit if self.at_most else value >= self.limit


GOALS = (
    Goal("receive-sqlite", "receive", "durable receive, SQLite FULL, 64 clients, of bare Flask", 0.50),
    Goal("receive-committing", "receive", "the same, of Flask-SQLAlchemy with a commit per request", 3.5),
    Goal("receive-slow", "receive", "the same with 2 ms more for each fsync", 12),
    Goal("receive-p99", "receive", "p99 of the answer at 64 clients, of commit-per-request's p99", 0.3, at_most=True),
    Goal("receive-postgresql", "receive", "durable receive, PostgreSQL, 64 clients, of bare Flask", 0.45),
    Goal("receive-two", "receive", "durable receive, PostgreSQL, two web processes, of one", 1.5),
    Goal("pipeline", "pipeline", "texts handled a second, of receive alone", 0.80),
    Goal("backlog", "pipeline", "backlog 100 ms after the last answer", 0, "texts", at_most=True),
    Goal("end-to-end", "pipeline", "text in to text accepted by a loopback sink, 64 clients", 1000, "texts/s"),
    Goal("idle-embedded", "idle", "idle host, commit to procedure, p50, embedded", 2, "ms", at_most=True),
    Goal("idle-distributed", "idle", "idle host, commit to procedure, p50, worker process", 10, "ms", at_most=True),
    Goal("jobs", "jobs", "batch jobs, of one job per message", 5),
    Goal("outbox-0", "outbox", "outbox, of a bare loop of requests sessions, gateway of 0 ms", 0.90),
    Goal("outbox-50", "outbox", "the same, gateway of 50 ms", 0.90),
    Goal("broadcast", "broadcast", "broadcast to 1 000 000, of a chunked ORM loop", 20),
    Goal("broadcast-memory", "broadcast", "growth of the host's memory during it", 10, "MB", at_most=True),
    Goal("broadcast-transaction", "broadcast", "its longest transaction", 100, "ms", at_most=True),
    Goal("broadcast-receive", "broadcast", "receive p99 during it, of p99 without", 3, at_most=True),
    Goal("matching", "matching", "matching at 100 000 handlers, of matching at 10", 1.5, at_most=True),
    Goal("javascript-call", "javascript", "a JavaScript call of three WL methods, p50", 1, "ms", at_most=True),
    Goal("javascript-start", "javascript", "a JavaScript adapter loaded, its child started", 100, "ms", at_most=True),
    Goal("javascript-memory", "javascript", "memory of its child", 25, "MB", at_most=True),
    Goal("javascript-many", "javascript", "50 JavaScript adapters loaded at once", 5, "s", at_most=True),
    Goal("growth-receiving", "growth", "receiving at 10 000 000 stored texts, of 1 000", 1.5, at_most=True),
    Goal("growth-claiming", "growth", "claiming at 10 000 000 stored texts, of 1 000", 1.5, at_most=True),
)


def verdicts(report: Report, benchmarks: set[str]) -> list[str]:
    """The table of figures, as far as these benchmarks ran."""
    rows = [_row(goal, report) for goal in GOALS if goal.benchmark in benchmarks]
    return grid(("what", "goal", "measured", "reached"), rows)


def _row(goal: Goal, report: Report) -> tuple[str, ...]:
    figures = report.figures.get(goal.key)
    if not figures:
        return (goal.what, goal.shown, "not measured", "")
    said = [goal.figure(value) + (f" ({of})" if of else "") for of, value in figures.items()]
    remark = report.remarks.get(goal.key)
    return (
        goal.what,
        goal.shown,
        ", ".join(said) + (f"; {remark}" if remark else ""),
        "yes" if all(map(goal.reached, figures.values())) else "**no**",
    )
