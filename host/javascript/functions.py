"""A script's functions, as the host calls them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

_ASYNC = 'is an "async function", which this host never awaits: write "function"'
_YIELDS = "yields, and would never be run: write a function that returns"
_FLAWS = {"AsyncFunction": _ASYNC, "AsyncGeneratorFunction": _ASYNC, "GeneratorFunction": _YIELDS}


class Caller(Protocol):
    """What calls a script's functions."""

    def call(self, function: "ScriptFunction", arguments: Sequence[Any]) -> Any:
        """Call a function of the script; gives its result."""


@dataclass(frozen=True)
class ScriptFunction:
    """A function of a script, to be called like any other.

    ``number``: in the order the script handed them over; -1 for one at its top level, which is called by its name.
    ``line``: where it begins, 0 where that is not known. ``flaw``: why calling it would not run it, "" where it would.
    """

    script: Caller
    name: str
    number: int = -1
    line: int = 0
    flaw: str = ""

    def __repr__(self) -> str:
        return f"function {self.name}"

    @property
    def __name__(self) -> str:
        return self.name or "handler"

    def __call__(self, *arguments: Any) -> Any:
        return self.script.call(self, arguments)


def flaw_of(kind: str) -> str:
    """Why calling a function of this kind ("AsyncFunction") would not run it, "" where it would."""
    return _FLAWS.get(kind, "")
