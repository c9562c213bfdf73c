"""What of a project is passed over: leftovers of tools and merges, folders without anything, and Java."""

from collections.abc import Iterator
from pathlib import Path

from host import projects
from host.config import FILES
from host.folders import holds_anything, is_leftover

_PYTHON = "__pycache__"  # no news: loading makes one
_JAVA = ("server/java", "server/lib")


def leftovers(project: Path) -> Iterator[str]:
    """A line for each file or folder that this host does not look at."""
    yield from _in_adapters(projects.adapters(project))
    for path in sorted(projects.configuration(project).iterdir()):
        if is_leftover(path.name):
            yield f"{path}: skipped: a leftover"
        elif path.name.casefold() not in {name.casefold() for name in FILES}:
            yield f"{path}: not read: this host needs {', '.join(FILES)} alone"
    for name in _JAVA:
        if (folder := project / name).is_dir() and holds_anything(folder):
            yield f"{folder}: not read: Java does not run here"


def _in_adapters(adapters: Path) -> Iterator[str]:
    for path in sorted(adapters.iterdir()):
        if is_leftover(path.name):
            yield f"{path}: skipped: a leftover"
        elif not path.is_dir():
            yield f"{path}: not read: an adapter is a folder"
        elif not holds_anything(path):
            yield f"{path}: skipped: it holds no adapter, only leftovers"
        elif path.name.startswith("_"):
            yield f'{path}: skipped: its name begins with "_"'
        else:
            left = (each for each in sorted(path.iterdir()) if is_leftover(each.name) and each.name != _PYTHON)
            yield from (f"{each}: skipped: a leftover" for each in left)
