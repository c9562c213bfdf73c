"""Which ``WL`` names an adapter's code uses, and where; nothing is run."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from host.errors import Place
from host.folders import is_leftover
from host.javascript import script_file
from host.javascript.text import script_text

if TYPE_CHECKING:
    from host.javascript.reading import Reading

_FULL = 3  # parts of WL.Server.name

Use = tuple[Place, str]


def uses(folder: Path) -> list[Use]:
    """Every use of a full name, such as ``WL.Server.invokeHttp``, and of what stands in for Java."""
    script = _script_of(folder)
    if script is None:
        return list(_python(folder))
    reading = _read(script)
    found = (*reading.wl, *reading.stand_ins) if reading else ()
    return [(Place(str(script), each.line), each.name) for each in found]


def missing_stylesheets(folder: Path) -> list[Use]:
    """The stylesheets that a script names and its folder does not have, and where."""
    script = _script_of(folder)
    named = reading.stylesheets if script and (reading := _read(script)) else ()
    return [(Place(str(script), each.line), each.name) for each in named if not (folder / each.name).is_file()]


def _script_of(folder: Path) -> Path | None:
    return None if (folder / "__init__.py").is_file() else script_file(folder)


def _read(file: Path) -> "Reading | None":
    try:
        from host.javascript.reading import read  # noqa: PLC0415 - it needs the extra that JavaScript needs
    except ImportError:  # the adapter does not run then, and says why
        return None
    return read(script_text(file))


def _python(folder: Path) -> Iterator[Use]:
    for file in sorted(folder.rglob("*.py")):
        if any(is_leftover(part) for part in file.relative_to(folder).parts):
            continue
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError):  # the adapter does not run then, and says where
            continue
        members = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        for line, name in sorted((each.end_lineno or each.lineno, _dotted(each)) for each in members):
            if name.startswith("WL.") and name.count(".") == _FULL - 1:
                yield Place(str(file), line), name


def _dotted(node: ast.expr) -> str:
    """The name as written, "" for members of something that has no name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) and parts else ""
