"""The whole report: adapters first, then the configuration, what was passed over, and the sum of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from host import projects
from host.access import build_rules
from host.checking import Findings, legible
from host.folders import adapter_folders
from host.gateways import open_gateways
from host.migration.adapters import Known, Part, Verdict, part
from host.migration.configuration import configuration_lines
from host.migration.leftovers import leftovers


@dataclass(frozen=True)
class Report:
    """``is_well``: everything that is an adapter runs, and the configuration has no problem."""

    lines: tuple[str, ...]
    is_well: bool


def report(project: Path, findings: Findings) -> Report:
    """What of a project runs here, what does not and why; each line begins with a file or folder, and its line."""
    configuration = legible(findings.configuration)
    gateways, _ = open_gateways(configuration.gateways)
    rules, _ = build_rules(configuration.auth, configuration.settings, gateways)
    known = Known(findings.adapters, rules, configuration.properties)
    parts = [part(folder, known) for folder in adapter_folders(projects.adapters(project))]
    counts = Counter(each.verdict for each in parts)
    lines = (
        *(line for each in parts for line in each.lines),
        *map(str, (*findings.problems, *findings.notes)),
        *configuration_lines(project, configuration, rules),
        *leftovers(project),
        *_summary(project, parts, counts, len(findings.problems)),
    )
    return Report(lines, not (counts[Verdict.BROKEN] or findings.problems))


def _summary(project: Path, parts: list[Part], counts: Counter[Verdict], problems: int) -> Iterator[str]:
    told = ", ".join(f"{counts[verdict]} {_PLURAL[verdict]}" for verdict in Verdict)
    yield f"{project}: {len(parts)} adapter(s): {told}; {problems} further problem(s)"


_PLURAL = {Verdict.RUNS: "run", Verdict.DIFFERS: "run with differences", Verdict.BROKEN: "do not run"}
