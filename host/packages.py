"""A Python adapter's folder as a package of its own: imported whole, or forgotten whole."""

import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from host.adapters import PACKAGE
from host.declaring import Declaration, declaring
from host.errors import BrokenAdapter, Place, Problem, WLError


@contextmanager
def imported(path: Path, declaration: Declaration) -> Iterator[Mapping[str, Any]]:
    """The folder's top level, imported under a declaration, to make an adapter of.

    Raises :class:`BrokenAdapter` for whatever goes wrong while it is imported or made use of, and then forgets it.
    """
    name = f"{PACKAGE}.{path.name}"
    try:
        with declaring(declaration):
            module = _execute(name, path)
        yield vars(module)
    except BrokenAdapter:
        _forget(name)
        raise
    except BaseException as error:  # sys.exit() in an adapter must not end the host
        _forget(name)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise _from_error(path, error) from error


def _execute(module_name: str, path: Path) -> ModuleType:
    """Import the folder as a package of its own, so that adapters cannot collide with each other or with the host."""
    parent = sys.modules.setdefault(PACKAGE, ModuleType(PACKAGE))
    parent.__path__ = []
    path = path.absolute()  # Python remembers what it found under a relative name for as long as it runs
    spec = importlib.util.spec_from_file_location(
        module_name, path / "__init__.py", submodule_search_locations=[str(path)]
    )
    if spec is None or spec.loader is None:
        raise BrokenAdapter(Problem(Place(str(path)), "Python cannot import this folder"))
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    return module


def _forget(module_name: str) -> None:
    for name in [each for each in sys.modules if each == module_name or each.startswith(f"{module_name}.")]:
        del sys.modules[name]


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
