"""The part of the migration report that is about one adapter folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from host.access import AccessRules, procedure_path
from host.adapters import ANY_GATEWAY, Adapter, Adapters, EventSource, Handler
from host.config.authconfig import UNPROTECTED
from host.config.manifest import Manifest, read_manifest
from host.config.properties import Properties
from host.config.xml import Source, read_any_root
from host.declaring import SMS, USSD
from host.errors import Note, Place, Problem
from host.folders import manifest_of
from host.javascript import script_file
from host.migration.published import difference
from host.migration.uses import Use, missing_stylesheets, uses

_FAILS = ": the invokeHttp that names it raises WLError"


class Verdict(StrEnum):
    """What becomes of an adapter here."""

    RUNS = "runs"
    DIFFERS = "runs, with differences"
    BROKEN = "does not run"


@dataclass(frozen=True)
class Part:
    """One adapter: its verdict, and every fact, differences and problems among them."""

    verdict: Verdict
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """What the reports of all adapters are made from."""

    adapters: Adapters
    rules: AccessRules
    properties: Properties


def part(folder: Path, known: Known) -> Part:
    """The report on one adapter folder."""
    adapter = next((each for each in known.adapters.by_name.values() if each.folder == folder), None)
    problems = [each for broken in known.adapters.broken for each in broken.problems if _is_in(each, folder)]
    manifest = _manifest(folder, known.properties)
    used, missing = uses(folder), missing_stylesheets(folder)
    procedures = list(_procedures(manifest, known.rules)) if manifest else []
    differences = [
        *(manifest.notes if manifest else ()),
        *(note for note, is_closed in procedures if is_closed),
        *(Note(place, text) for place, name in used if (text := difference(name))),
        *(Note(place, f'the stylesheet "{name}" is not in the folder{_FAILS}') for place, name in missing),
    ]
    verdict = Verdict.BROKEN if adapter is None else Verdict.DIFFERS if differences else Verdict.RUNS
    name = adapter.name if adapter else manifest.name if manifest else folder.name
    facts = [*_connection(manifest), *(note for note, _ in procedures), *_declared(adapter, folder, used)]
    return Part(
        verdict,
        (
            f"{folder}: adapter {name} ({_kind(folder)}): {verdict}",
            *map(str, problems),
            *map(str, sorted(dict.fromkeys([*facts, *differences]))),
        ),
    )


def _is_in(problem: Problem, folder: Path) -> bool:
    return Path(problem.place.file) == folder or folder in Path(problem.place.file).parents


def _kind(folder: Path) -> str:
    if (folder / "__init__.py").is_file():
        return "Python"
    if script_file(folder):
        return "JavaScript"
    manifest = manifest_of(folder)
    root = read_any_root(manifest.read_bytes(), Source(str(manifest), {})) if manifest else None
    is_java = root is not None and any(each.name == "JAXRSApplicationClass" for each in root.all_children())
    return "Java" if is_java or (folder / "src").is_dir() else "no code"


def _manifest(folder: Path, properties: Properties) -> Manifest | None:
    file = manifest_of(folder)
    return read_manifest(file.read_bytes(), str(file), properties)[0] if file else None


def _connection(manifest: Manifest | None) -> Iterator[Note]:
    connection = manifest.connection if manifest else None
    if connection and not connection.trouble:
        url = f"{connection.protocol}://{connection.domain}:{connection.port}"
        yield Note(connection.place, f"back end {url}, reached when invokeHttp is called")


def _procedures(manifest: Manifest, rules: AccessRules) -> Iterator[tuple[Note, bool]]:
    """Who can call each procedure, and whether that is nobody."""
    for procedure in manifest.procedures:
        path = procedure_path(manifest.name, procedure.name)
        resource = rules.resource_for(path)
        test = procedure.security_test or (resource.security_test if resource else "")
        closed = _why_closed(path, test, rules)
        who = "open to everybody" if test == UNPROTECTED else f'guarded by the security test "{test}"'
        said = f"nobody can call it over HTTP, {closed}" if closed else who + ", audited" * procedure.audit
        yield Note(procedure.place, f"procedure {procedure.name}: {said}"), bool(closed)


def _why_closed(path: str, test: str, rules: AccessRules) -> str:
    if not test:
        return f"for it names no securityTest, and no resource of authenticationConfig.xml governs {path}"
    if test != UNPROTECTED and test not in rules.walks:
        return f'for its security test "{test}" is not in authenticationConfig.xml'
    closed = "" if test == UNPROTECTED else rules.walks[test].closed
    return f'for nobody passes its security test "{test}": {closed}' if closed else ""


def _declared(adapter: Adapter | None, folder: Path, used: list[Use]) -> Iterator[Note]:
    if adapter is None:
        return
    sources = _places(used, "createEventSource", len(adapter.event_sources), folder)
    for place, source in zip(sources, adapter.event_sources, strict=True):
        yield Note(place, f"event source {source.id}{_source(source)}")
    for method, handlers, said in (
        (SMS, adapter.handlers, _texts),
        (USSD, adapter.ussd_handlers, _dialogues),
    ):
        places = _places(used, method, len(handlers), folder)
        for place, handler in zip(places, handlers, strict=True):
            yield Note(place, f"handler {handler.id}: {said(handler)}{_wanted(handler)}")


def _places(used: list[Use], method: str, count: int, folder: Path) -> list[Place]:
    """The lines that call the method, where there are as many as it made; else the file, or the folder."""
    lines = [place for place, name in used if name == f"WL.Server.{method}"]
    file = script_file(folder) or folder / "__init__.py"
    return lines if len(lines) == count else [Place(str(file))] * count


def _source(source: EventSource) -> str:
    poll = [f"polled every {source.poll.interval:g} s"] if source.poll else []
    test = source.security_test
    unasked = [f'its securityTest "{test}" is not asked for: there are no apps'] if test else []
    return "".join(f", {each}" for each in (*poll, *source.callbacks, *unasked))


def _texts(handler: Handler) -> str:
    return "texts from " + ("every gateway" if handler.gateway == ANY_GATEWAY else f"gateway {handler.gateway}")


def _dialogues(handler: Handler) -> str:
    return "USSD requests"


def _wanted(handler: Handler) -> str:
    wanted = [f"{name} {value!r}" for name, value in handler.filter.items()]
    return f" with {' and '.join(wanted)}" if wanted else ""
