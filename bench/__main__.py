"""``python -m bench``: run the measurements, print their tables and the table of figures to reach."""

import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import click

from bench.goals import GOALS, verdicts
from bench.machine import Effort, Machine, machine
from bench.measuring import Missing, Report, Table, progress
from bench.writing import write

Benchmark = Callable[[Machine, Effort], Report]

BENCHMARKS = ("receive", "pipeline", "idle", "jobs", "outbox", "broadcast", "matching", "growth", "javascript")
_FULL = Effort()
_QUICK = Effort(rounds=1, seconds=2.0, quick=True)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(BENCHMARKS))
@click.option("--quick", is_flag=True, help="A short look: one short round, less data.")
@click.option("--rounds", type=click.IntRange(1), help="Rounds; medians are taken over them.")
@click.option("--seconds", type=click.FloatRange(0.5), help="Seconds of each contestant in each round.")
@click.option("--write", "to_page", is_flag=True, help="Write the tables to docs/explanation/performance.md.")
@click.option("--list", "only_list", is_flag=True, help="List the benchmarks and the figures to reach.")
@click.option(
    "--directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("/var/tmp"),
    show_default=True,
    help="Where databases are made, on the disk to measure.",
)
def main(
    *,
    names: tuple[str, ...],
    quick: bool,
    rounds: int | None,
    seconds: float | None,
    to_page: bool,
    only_list: bool,
    directory: Path,
) -> None:
    """Measure NAMES, or everything."""
    if only_list:
        for goal in GOALS:
            click.echo(f"{goal.benchmark:10} {goal.what}: {goal.shown}")
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # and with us the servers that were started
    base = _QUICK if quick else _FULL
    effort = Effort(rounds or base.rounds, seconds or base.seconds, quick)
    chosen = names or BENCHMARKS
    lines = _measure(chosen, effort, directory)
    if to_page:
        write(lines)


def _measure(chosen: tuple[str, ...], effort: Effort, directory: Path) -> list[str]:
    """Run the benchmarks; gives everything that was printed."""
    total = Report()
    began = time.monotonic()
    said: list[str] = []
    with machine(directory) as here:
        for name in chosen:
            report = _one(name, here, effort)
            said += _shown(report)
            total.figures |= report.figures
            total.remarks |= report.remarks
        head = [*here.described(), _spent(effort, time.monotonic() - began)]
    table = verdicts(total, set(chosen))
    click.echo("\n".join(["", *head, "", *table]))
    return [*table, "", *(f"- {line}" for line in head), "", *said]


def _one(name: str, here: Machine, effort: Effort) -> Report:
    progress(f"{name} ...")
    run: Benchmark = import_module(f"bench.{name}").run
    began = time.monotonic()
    before = here.disk.probe()
    try:
        report = run(here, effort)
    except Missing as missing:
        report = Report(missing=[f"{name}: {missing}"])
    after = here.disk.probe()
    probes = f"{name}: {time.monotonic() - began:.0f} s; overwrite of 4 KiB and fdatasync, p50 / p99: "
    report.probes = f"{probes}{before} before, {after} after"
    click.echo("\n".join(["", *_shown(report)]))
    return report


def _shown(report: Report) -> list[str]:
    tables: list[Table] = report.tables
    lines = [line for table in tables for line in (*str(table).splitlines(), "")]
    return [*lines, *(f"Not measured: {each}." for each in report.missing), f"({report.probes}.)", ""]


def _spent(effort: Effort, seconds: float) -> str:
    kind = "a quick run: " if effort.quick else ""
    return (
        f"{kind}medians of {effort.rounds} interleaved round(s), {effort.seconds:g} s each with "
        f"{effort.warm_up:g} s of warm-up; {seconds / 60:.0f} minutes in all"
    )


if __name__ == "__main__":
    main()
