"""Loading an adapter's JavaScript: evaluated once, in its own process, with what it declares kept."""

import importlib.util
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from host.declaring import Declaration
from host.errors import BrokenAdapter, Place, Problem, ScriptError
from host.folders import is_leftover
from host.javascript.functions import ScriptFunction
from host.javascript.script import Script
from host.javascript.text import encoding_of, script_text
from host.limits import Limits

if TYPE_CHECKING:
    from host.javascript.reading import Reading

log = logging.getLogger(__name__)

SUFFIX = "-impl.js"
_EXTRA = {
    "_quickjs": "quickjs-ng",
    "tree_sitter": "tree-sitter",
    "tree_sitter_javascript": "tree-sitter-javascript",
}
_INSTALL = "pip install '.[js]' in the host's checkout"


class Functions(Mapping[str, ScriptFunction]):
    """The functions at a script's top level, by name; each is looked for when it is asked for."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def __getitem__(self, name: str) -> ScriptFunction:
        found = self._script.find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        """Nobody knows them all."""
        return iter(())

    def __len__(self) -> int:
        return 0


def script_file(path: Path) -> Path | None:
    """The folder's ``-impl.js``, the one of its own name where there are several; None where there is none."""
    files = sorted(each for each in path.glob(f"*{SUFFIX}") if each.is_file() and not is_leftover(each.name))
    own = [each for each in files if each.name.removesuffix(SUFFIX).casefold() == path.name.casefold()]
    return next(iter(own or files), None)


def load_script(
    file: Path, declaration: Declaration, declare: Callable[[], Declaration], limits: Limits
) -> tuple[Script, Functions]:
    """Evaluate a script under a declaration; raises :class:`BrokenAdapter` with every line that cannot work here.

    ``declare``: a new declaration, for when the script has to begin anew.
    """
    engine, text = _engine(file), _text(file)
    from host.javascript.reading import read  # noqa: PLC0415 - it needs the extra

    found = read(text)
    if foreign := sorted(_foreign(file, found), key=lambda each: each.place.line):
        raise BrokenAdapter(*foreign)
    script = Script(file, text, engine, declare, limits, stand_ins=sorted({each.name for each in found.stand_ins}))
    try:
        script.load(declaration)
    except ScriptError as error:
        place = error.place if error.place and error.place.line else Place(str(file))
        raise BrokenAdapter(Problem(place, error.summary), traceback=str(error)) from error
    return script, Functions(script)


def _text(file: Path) -> str:
    text = script_text(file)
    if "\0" in text:
        place = Place(str(file), text.count("\n", 0, text.index("\0")) + 1)
        raise BrokenAdapter(Problem(place, "there is a NUL character, where the engine would end: is this a script?"))
    if encoding_of(file.read_bytes()) == "iso-8859-1":
        log.warning("%s is not UTF-8: it is read as ISO-8859-1", file)
    return text


def _foreign(file: Path, found: "Reading") -> Iterator[Problem]:
    """What only IBM's server could run, wherever in the script it is."""
    for each in found.e4x:
        yield Problem(
            Place(str(file), each.line), f"E4X is not supported: {each.name}; read XML by WL.Server.invokeHttp"
        )
    for each in found.java:
        yield Problem(Place(str(file), each.line), f"Java classes are not supported: {each.name}")
    for each in found.rhino:
        yield Problem(Place(str(file), each.line), f"only Rhino understood this: {each.name}")


def _engine(file: Path) -> Path:
    """The folder that has quickjs; raises :class:`BrokenAdapter` where the extra is not installed."""
    found = {module: importlib.util.find_spec(module) for module in _EXTRA}
    missing = sorted({_EXTRA[module] for module, spec in found.items() if spec is None})
    engine = found["_quickjs"]
    if missing or engine is None or engine.origin is None:
        what = " and ".join(missing)
        message = f"{file.name} is a JavaScript adapter, and {what} is not installed: say {_INSTALL}"
        raise BrokenAdapter(Problem(Place(str(file)), message))
    return Path(engine.origin).parent
