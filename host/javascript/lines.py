"""What a script's process says, a line at a time. Scripts may be hostile: nothing of a line is taken for granted."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from host.errors import FRAME
from host.javascript.process import Ended

_LINE = re.compile(r"<input>:(\d+)(?::\d+)?")
_EVALUATED = re.compile(r"<eval> \((<input>:\d+(?::\d+)?)\)")
_ERROR = re.compile(r"[A-Z]?[A-Za-z]*Error")
_MOST_AROUND = 1 << 20  # characters, beside those of MOST
_MOST_SAID = 2_000  # characters of an error's message
_MOST_STACK = 4_000
_KINDS = ("host", "log")

#: Characters of JSON that a script may hand to the host at once.
MOST = 4 << 20

#: What is said of a value that Python cannot read.
DEEP = "this is nested too deeply"


@dataclass(frozen=True)
class Asked:
    """A call of the host: ``method`` as ``Server.subscribeSMS``; ``stack``: the engine's, or "" once it has loaded."""

    method: str
    arguments: list[Any]
    stack: str


@dataclass(frozen=True)
class Logged:
    """A line for the log."""

    level: str
    value: object


@dataclass(frozen=True)
class Result:
    """What a call gave."""

    value: Any


@dataclass(frozen=True)
class Thrown:
    """What a call, or the top level, threw; ``stack``: the engine's, without the host's own part."""

    name: str
    said: str
    stack: str


@dataclass(frozen=True)
class TooDeep:
    """A line whose values are nested deeper than Python reads: of ``kind`` "host" or "log"."""

    kind: str


@dataclass(frozen=True)
class Full:
    """The call that ends now has left too little memory for the next one."""


Message = Asked | Logged | Result | Thrown | TooDeep | Full


def read(line: bytes) -> Message:
    """One line; raises :class:`Ended` for what is none: the process is of no more use."""
    if len(line) > MOST + _MOST_AROUND and len(line.decode(errors="replace")) > MOST + _MOST_AROUND:
        return _too_long(line)
    message: Message | None = None
    try:
        said = json.loads(line)
    except RecursionError:
        message = _too_deep(line)
    except ValueError:
        pass
    else:
        message = _message(said)
    if message is None:
        raise Ended(f"the script's process said {line[:100]!r}")
    return message


def own(stack: str) -> str:
    """The script's own part of the engine's stack."""
    return "\n".join(_kept([line for line in stack.splitlines() if line.strip()]))


def line_of(stack: str) -> int:
    """The script's line that a stack begins at, 0 where it has none."""
    found = _LINE.search(stack)
    return int(found[1]) if found else 0


def shown(stack: str, file: str) -> str:
    """A stack as people read it, with the file's name."""
    return _LINE.sub(rf"{file}:\1", _EVALUATED.sub(r"\1", stack))


def _too_deep(line: bytes) -> Message | None:
    if line.startswith(b'["result",'):
        return Thrown("RangeError", f"its result: {DEEP}", "")
    return next((TooDeep(kind) for kind in _KINDS if line.startswith(f'["{kind}",'.encode())), None)


def _too_long(line: bytes) -> Message:
    """Nobody reads it: prelude.js makes no such line but of what was thrown, and a script can have it make any."""
    if line.startswith((b'["failed",', b'["unloaded",')):
        return Thrown("RangeError", "what it threw is too long to be told", "")
    raise Ended(f"the script's process wrote a line of {len(line)} bytes: at most {MOST} characters are taken")


def _message(message: object) -> Message | None:
    made: Message | None = None
    match message:
        case ["host", str(method), list(arguments), str(stack)]:
            made = Asked(method, arguments, stack)
        case ["log", str(level), value]:
            made = Logged(level, value)
        case ["result", value]:
            made = Result(value)
        case ["loaded"]:
            made = Result(None)
        case ["failed", str(name), str(said), str(stack)]:
            made = Thrown(_cut(name, 200), _cut(said, _MOST_SAID), _cut(own(stack), _MOST_STACK))
        case ["unloaded", str(text)]:
            made = _unloaded(text)
        case ["full"]:
            made = Full()
    return made


def _unloaded(text: str) -> Thrown:
    """What the script threw while it was evaluated, in the engine's own words."""
    head, _, frames = text.partition(f"\n{FRAME}")
    name, colon, said = head.partition(": ")
    if not frames and not (colon and _ERROR.fullmatch(name)):
        if head.strip() == "null":
            return Thrown("", "it ran out of memory, or threw null", "")
        first = head.splitlines()[0] if head else repr(head)
        return Thrown("", f"it threw {_cut(first, _MOST_SAID)}, which is no Error", "")
    return Thrown(_cut(name, 200), _cut(said, _MOST_SAID), _cut(own(FRAME + frames), _MOST_STACK))


def _kept(lines: list[str]) -> Iterator[str]:
    for line, caller in pairwise([*lines, ""]):
        if "$wl" not in line and not ("(native)" in line and "$wl" in caller):
            yield line


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}..."
