"""An adapter written in words that Python and JavaScript share, and a host at rest that runs it.

A function is a list of lines: ``name = expression``, bare expressions, and a last expression that it gives.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import select

from host.messages import Identity
from host.procedures import Call, invoke
from host.runtime import Runtime
from host.store import polls
from host.store.tables import metadata
from tests.adapters.folders import host_at_rest

_NAMED = re.compile(r"(\w+) = (.+)")
NEWS = 'WL.Server.createEventSource({"name": "news"})'

Functions = Mapping[str, str | list[str]]
Write = Callable[[Path, tuple[str, ...], Functions], None]
Speak = Callable[..., "Spoken"]


class Said(Exception):
    """The one error of a procedure that failed."""


def _lines(body: str | list[str]) -> list[str]:
    return [body] if isinstance(body, str) else body


def _python(folder: Path, declared: tuple[str, ...], functions: Functions) -> None:
    code = ["from host.wl import WL", "true, false, null = True, False, None"]
    for name, body in functions.items():
        *before, last = _lines(body)
        code += [f"def {name}(x=None, y=None):", *(f"    {line}" for line in before), f"    return {last}"]
    (folder / "__init__.py").write_text("\n".join([*code, *declared]), encoding="utf-8")


def _javascript(folder: Path, declared: tuple[str, ...], functions: Functions) -> None:
    code = []
    for name, body in functions.items():
        *before, last = _lines(body)
        code += [f"function {name}(x, y) {{", *(f"  {_statement(line)}" for line in before), f"  return {last};", "}"]
    (folder / "a-impl.js").write_text("\n".join([*code, *map(_statement, declared)]), encoding="utf-8")


def _statement(line: str) -> str:
    return f"var {line};" if _NAMED.fullmatch(line) else f"{line};"


LANGUAGES: Mapping[str, Write] = {"Python": _python, "JavaScript": _javascript}


class Spoken:
    """The adapter's host; a context manager. What functions do is committed when they return.

    ``declared``: lines at the top level; a ``<connectivity>`` goes to the manifest, a setting to worklight.properties.
    """

    def __init__(self, directory: Path, write: Write, declared: tuple[str, ...], functions: Functions) -> None:
        self.folder = directory / "adapters" / "a"
        self.folder.mkdir(parents=True)
        self.connectivity = ""
        self.properties = "some.word=sub\nsms.gateway.id=web\n"
        lines = []
        for each in declared:
            if each.startswith("<connectivity>"):
                self.connectivity = each
            elif each.startswith("smshost."):
                self.properties += f"{each}\n"
            else:
                lines.append(each)
        write(self.folder, tuple(lines), functions)
        procedures = "".join(f'<procedure name="{name}"/>' for name in functions)
        (self.folder / "a.xml").write_text(f'<adapter name="a">{self.connectivity}{procedures}</adapter>')
        self._directory = directory
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.runtime: Runtime = self._stack.enter_context(host_at_rest(self._directory, self.properties))
        self._stack.callback(self.runtime.close_adapters)
        assert self.runtime.adapters.broken == ()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def call(self, name: str, *arguments: Any, identity: Identity | None = None, request: Any = None) -> Any:
        """What a function gives; raises :class:`Said` with the error of one that failed."""
        call = Call(self.runtime, "a", identity=identity, request=request)
        result = invoke(call, "a", name, arguments)
        self.runtime.store.write(polls.commit, call.effects)
        if not result.pop("isSuccessful"):
            (error,) = result["errors"]
            raise Said(error)
        return result["result"] if result.keys() == {"result"} else result or None

    def texts(self) -> list[tuple[str, str, str]]:
        """What waits in the outbox: gateway, phone and text."""
        outbox = metadata.tables["outbox"]
        with self.runtime.store.read() as connection:
            query = select(outbox.c.gateway, outbox.c.receiver, outbox.c.text).order_by(outbox.c.id)
            return [tuple(row) for row in connection.execute(query)]  # type: ignore[misc]
