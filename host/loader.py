"""Loading adapter folders: all of a folder or nothing of it, and one broken folder never touches another.

A Python adapter is a folder with ``__init__.py`` and a manifest in IBM's format, ``<Name>.xml``; without a manifest it
is an adapter of the folder's name that declares no procedures. A JavaScript adapter is a folder with IBM's pair,
``<Name>.xml`` and ``<Name>-impl.js``.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from host.access import procedure_path
from host.adapters import Adapter, Adapters, Function
from host.config import Configuration
from host.config.manifest import Manifest, Procedure, read_manifest
from host.declaring import EVENT, USSD, Declaration, why_never_run
from host.errors import BrokenAdapter, Place, Problem, WLError
from host.folders import adapter_folders, manifest_of
from host.javascript import Script, load_script, script_file
from host.javascript.loading import SUFFIX
from host.limits import Limits
from host.packages import imported

log = logging.getLogger(__name__)

_AT_ONCE = 4
_Named = TypeVar("_Named", Adapter, Manifest)


@dataclass(frozen=True)
class Surroundings:
    """What adapters may refer to while they load, and what their scripts may use."""

    properties: Mapping[str, str]
    gateways: Collection[str]
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def of(cls, configuration: Configuration) -> "Surroundings":
        """What a configuration gives them."""
        settings = configuration.settings
        limits = Limits(settings.javascript_limit, settings.javascript_memory << 20)
        return cls(configuration.properties, tuple(each.id for each in configuration.gateways), limits)


def load_adapters(folder: Path, surroundings: Surroundings) -> Adapters:
    """Every adapter under a folder; what is broken is kept as :class:`BrokenAdapter`, the others work."""
    found = list(_load_all(list(_folders(folder)), surroundings))
    broken = [each for _, each in found if isinstance(each, BrokenAdapter)]
    whole = [(path, each) for path, each in found if isinstance(each, Adapter)]
    chosen = _one_of_each_name(whole)
    for path, adapter in whole:
        if adapter is not chosen[adapter.name]:
            adapter.close()
            said = f'there are two adapters named "{adapter.name}", and the one in {chosen[adapter.name].folder} counts'
            broken.append(_broken(path, f"{said}: rename one of them"))
            broken[-1].folder = path.name
    return Adapters(chosen.values(), broken)


def load_late(folder: Path, surroundings: Surroundings) -> Adapters:
    """As :func:`load_adapters`, for a process that only receives: those that work log what is broken as errors."""
    try:
        adapters = load_adapters(folder, surroundings)
    except BrokenAdapter as error:
        adapters = Adapters(broken=[error])
    adapters.close()  # a script's process begins again at its first call
    for broken in adapters.broken:
        log.debug("an adapter is not loaded: %s", broken)
    return adapters


def procedures_under(folder: Path, properties: Mapping[str, str]) -> dict[str, Procedure]:
    """The procedures that adapters declare, by the path under which they are judged; nothing of an adapter runs.

    Manifests that cannot be read are left out; of a name it is what :func:`load_adapters` prefers.
    """
    read: list[tuple[Path, Manifest]] = []
    for path in _folders(folder) if folder.is_dir() else ():
        with suppress(BrokenAdapter, OSError):
            if manifest := _manifest(path, properties):
                read.append((path, manifest))
    chosen = _one_of_each_name(read).values()
    return {procedure_path(each.name, one.name): one for each in chosen for one in each.procedures}


def load_adapter(path: Path, surroundings: Surroundings) -> Adapter:
    """One adapter folder; raises :class:`BrokenAdapter`, and then leaves no trace of it."""
    try:
        if (path / "__init__.py").is_file():
            return _load_python(path, surroundings)
        if (file := script_file(path)) is not None:
            return _load_javascript(path, file, surroundings)
        raise _broken(path, _no_adapter(path, surroundings))
    except OSError as error:  # a file that nobody may read, no process for a script
        raise _broken(path, f"the system does not let it load: {error}") from error


def _one_of_each_name(found: Iterable[tuple[Path, _Named]]) -> dict[str, _Named]:
    """By name; of several the one whose folder has that name, for another is often its copy, else the first."""
    chosen: dict[str, _Named] = {}
    for path, each in found:
        if each.name not in chosen or path.name == each.name:
            chosen[each.name] = each
    return chosen


def _load_all(folders: list[Path], surroundings: Surroundings) -> Iterator[tuple[Path, Adapter | BrokenAdapter]]:
    """Scripts are evaluated in processes of their own, several at a time; Python folders one after the other."""
    scripts = [path for path in folders if not (path / "__init__.py").is_file()]
    with ThreadPoolExecutor(_AT_ONCE, "smshost-loader") as pool:
        begun = {path: pool.submit(_tried, path, surroundings) for path in scripts}
        for path in folders:
            yield path, begun[path].result() if path in begun else _tried(path, surroundings)


def _tried(path: Path, surroundings: Surroundings) -> Adapter | BrokenAdapter:
    try:
        return load_adapter(path, surroundings)
    except BrokenAdapter as error:
        error.folder = path.name
        return error


def _load_javascript(path: Path, file: Path, surroundings: Surroundings) -> Adapter:
    manifest = _manifest(path, surroundings.properties)
    if manifest is None:
        name = file.name.removesuffix(SUFFIX)
        raise _broken(
            path, f"{file.name} has no manifest: {name}.xml beside it declares the adapter and its procedures"
        )
    told: set[str] = set()  # one for all times that the script begins anew
    declare = partial(Declaration, manifest.name, surroundings.properties, surroundings.gateways, told=told)
    script, functions = load_script(file, declaration := declare(), declare, surroundings.limits)
    try:
        return _adapter(path, manifest, declaration, functions, script)
    except BaseException as error:
        script.rest()
        if isinstance(error, WLError):
            raise BrokenAdapter(Problem(error.place or Place(str(file)), f"WLError: {error}")) from error
        raise


def _adapter(
    path: Path,
    manifest: Manifest | None,
    declaration: Declaration,
    scope: Mapping[str, Any],
    script: Script | None = None,
) -> Adapter:
    """The adapter, with what it declared found in its top level."""
    return Adapter(
        declaration.adapter,
        declaration.event_sources(scope),
        declaration.handlers(scope),
        _procedures(manifest.procedures if manifest else (), scope),
        manifest.connection if manifest else None,
        path,
        script,
        declaration.handlers(scope, USSD),
        tuple(each.id for each in declaration.handlers(scope, EVENT)),
        declaration.told,
    )


def _load_python(path: Path, surroundings: Surroundings) -> Adapter:
    manifest = _manifest(path, surroundings.properties)
    name = manifest.name if manifest else path.name
    declaration = Declaration(name, surroundings.properties, surroundings.gateways)
    with imported(path, declaration) as scope:
        return _adapter(path, manifest, declaration, scope)


def _folders(folder: Path) -> Iterable[Path]:
    """The adapter folders; leftovers of editors, merges and version control are none."""
    if not folder.is_dir():
        raise BrokenAdapter(Problem(Place(str(folder)), "there is no such adapters folder"))
    return adapter_folders(folder)


def _manifest(path: Path, properties: Mapping[str, str]) -> Manifest | None:
    file = manifest_of(path)
    if file is None:
        return None
    manifest, problems = read_manifest(file.read_bytes(), str(file), properties)
    if manifest is None or problems:
        raise BrokenAdapter(*problems)
    return manifest


def _procedures(declared: Iterable[Procedure], scope: Mapping[str, object]) -> dict[str, tuple[Procedure, Function]]:
    found: dict[str, tuple[Procedure, Function]] = {}
    problems: list[Problem] = []
    for procedure in declared:
        function = scope.get(procedure.name)
        if not callable(function):
            message = f'the manifest declares procedure "{procedure.name}", but the adapter has no such function'
            problems.append(Problem(procedure.place, message))
        elif why := why_never_run(function):
            problems.append(Problem(procedure.place, f'procedure "{procedure.name}" {why}'))
        else:
            found[procedure.name] = (procedure, function)
    if problems:
        raise BrokenAdapter(*problems)
    return found


def _no_adapter(path: Path, surroundings: Surroundings) -> str:
    """Why the folder holds no adapter; raises :class:`BrokenAdapter` where its manifest tells."""
    _manifest(path, surroundings.properties)
    return (
        "there is no adapter in this folder: a Python one has an __init__.py, a JavaScript one <Name>-impl.js, and a "
        "manifest <Name>.xml beside it"
    )


def _broken(path: Path, message: str) -> BrokenAdapter:
    return BrokenAdapter(Problem(Place(str(path)), message))
