"""Loading adapter folders: all of a folder or nothing of it, and one broken folder never touches another.

A Python adapter is a folder with ``__init__.py`` and a manifest in IBM's format, ``<Name>.xml``; without a manifest it
is an adapter of the folder's name that declares no procedures.
"""

import importlib.util
import os
import sys
import traceback
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from host.adapters import Adapter, Adapters, Function
from host.config.manifest import Manifest, Procedure, read_manifest
from host.declaring import Declaration, declaring, why_never_run
from host.errors import BrokenAdapter, Place, Problem, WLError

PACKAGE = "smshost_adapters"


@dataclass(frozen=True)
class Surroundings:
    """What adapters may refer to while they load."""

    properties: Mapping[str, str]
    gateways: Collection[str]


def load_adapters(folder: Path, surroundings: Surroundings) -> Adapters:
    """Every adapter under a folder; what is broken is kept as :class:`BrokenAdapter`, the others work."""
    loaded: dict[str, Adapter] = {}
    broken: list[BrokenAdapter] = []
    for path in _folders(folder):
        try:
            adapter = load_adapter(path, surroundings)
            if adapter.name in loaded:
                raise _broken(path, f'there are two adapters named "{adapter.name}": rename one of them')
        except BrokenAdapter as error:
            broken.append(error)
        else:
            loaded[adapter.name] = adapter
    return Adapters(loaded.values(), broken)


def load_adapter(path: Path, surroundings: Surroundings) -> Adapter:
    """One adapter folder; raises :class:`BrokenAdapter`, and then leaves no trace of it."""
    if not (path / "__init__.py").is_file():
        raise _broken(path, _no_python(path))
    manifest = _manifest(path, surroundings.properties)
    name = manifest.name if manifest else path.name
    declaration = Declaration(name, surroundings.properties, surroundings.gateways)
    module_name = f"{PACKAGE}.{path.name}"
    try:
        with declaring(declaration):
            module = _execute(module_name, path)
        scope = vars(module)
        return Adapter(
            name,
            declaration.event_sources(scope),
            declaration.handlers(scope),
            _procedures(manifest.procedures if manifest else (), scope),
        )
    except BrokenAdapter:
        _forget(module_name)
        raise
    except BaseException as error:  # sys.exit() in an adapter must not end the host
        _forget(module_name)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise _from_error(path, error) from error


def _folders(folder: Path) -> Iterable[Path]:
    """The adapter folders; leftovers of editors and version control are none."""
    if not folder.is_dir():
        raise BrokenAdapter(Problem(Place(str(folder)), "there is no such adapters folder"))
    return (path for path in sorted(folder.iterdir()) if path.is_dir() and path.name[0] not in "._")


def _manifest(path: Path, properties: Mapping[str, str]) -> Manifest | None:
    files = sorted(each for each in path.glob("*.xml") if each.is_file())
    if not files:
        return None
    if len(files) > 1:
        own = [each for each in files if each.stem.casefold() == path.name.casefold()]
        files = own or files
    manifest, problems = read_manifest(files[0].read_bytes(), str(files[0]), properties)
    if manifest is None or problems:
        raise BrokenAdapter(*problems)
    return manifest


def _execute(module_name: str, path: Path) -> ModuleType:
    """Import the folder as a package of its own, so that adapters cannot collide with each other or with the host."""
    parent = sys.modules.setdefault(PACKAGE, ModuleType(PACKAGE))
    parent.__path__ = []
    path = path.absolute()  # Python remembers what it found under a relative name for as long as it runs
    spec = importlib.util.spec_from_file_location(
        module_name, path / "__init__.py", submodule_search_locations=[str(path)]
    )
    if spec is None or spec.loader is None:
        raise _broken(path, "Python cannot import this folder")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    return module


def _forget(module_name: str) -> None:
    for name in [each for each in sys.modules if each == module_name or each.startswith(f"{module_name}.")]:
        del sys.modules[name]


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


def _no_python(path: Path) -> str:
    scripts = sorted(path.glob("*-impl.js"))
    if scripts:
        return f"{scripts[0].name} is a JavaScript adapter, which this version does not run: write it in Python for now"
    return "there is no __init__.py in this folder: an adapter is a Python package, with a manifest beside it"


def _broken(path: Path, message: str) -> BrokenAdapter:
    return BrokenAdapter(Problem(Place(str(path)), message))


def _from_error(path: Path, error: BaseException) -> BrokenAdapter:
    """What an adapter raised, at the line of its own code that led there."""
    text = "".join(traceback.format_exception(error))
    if isinstance(error, SyntaxError) and error.filename and (place := _own(path, error.filename, error.lineno)):
        return BrokenAdapter(Problem(place, f"SyntaxError: {error.msg}"), traceback=text)
    frames = [_own(path, frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    places = [place for place in frames if place]
    if isinstance(error, WLError) and error.place and (place := _own(path, error.place.file, error.place.line)):
        places.append(place)
    place = places[-1] if places else Place(str(path))
    return BrokenAdapter(Problem(place, f"{type(error).__name__}: {error}"), traceback=text)


def _own(path: Path, file: str, line: int | None) -> Place | None:
    """A line of the adapter's own code, its file spelled as the folder was given; None for another's code."""
    inside = os.path.relpath(os.path.abspath(file), os.path.abspath(path))  # importing made the file's name absolute
    return None if inside.startswith(os.pardir) else Place(str(path / inside), line or 0)
