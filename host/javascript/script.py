"""One adapter's JavaScript at work: its process, begun anew where it ended, and the calls into it."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from host.declaring import Declaration, Draft, declaring
from host.errors import FRAME, Place, ScriptError, StoreUnavailable, WLError
from host.javascript import bridge, lines
from host.javascript.functions import ScriptFunction, flaw_of
from host.javascript.lines import Asked, Full, Logged, Message, Result, Thrown, TooDeep
from host.javascript.process import Ended, Late, Process
from host.javascript.turns import Turn
from host.limits import Limits
from host.runtime import Watch

_PRELUDE = Path(__file__).with_name("prelude.js").read_bytes()
_MOST_GIVEN = 16 << 20  # bytes of JSON that it is handed at once
_START_SECONDS = 20.0
_CLOSE_SECONDS = 0.2
_SLOW_SECONDS = 1.0  # a call that takes longer holds up a thread of the pool
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")


class Script:
    """``file``: the adapter's ``-impl.js``; ``text``: what it says. Calls wait for one another.

    ``engine``: the folder that has quickjs. ``declare``: a new declaration, to load under again once it ended.
    ``stand_ins``: the methods of Java's that it calls and prelude.js has.
    """

    def __init__(
        self,
        file: Path,
        text: str,
        engine: Path,
        declare: Callable[[], Declaration],
        limits: Limits,
        *,
        stand_ins: Sequence[str],
    ) -> None:
        self.file = file
        self._source = text.encode("utf-8", "replace")
        self._engine = engine
        self._declare = declare
        self._limits = limits
        self._stand_ins = list(stand_ins)
        self._turn = Turn(file.name, limits.seconds)
        self._full = False
        self._lent: Watch | None = None
        self._process: Process | None = None
        self._stack = ""
        self._overrun = ""
        self._drafts: list[Draft] = []

    @property
    def pid(self) -> int:
        """The process id of its process; 0 while it has none."""
        return self._process.pid if self._process else 0

    def load(self, declaration: Declaration) -> None:
        """Begin the process, and evaluate the script under this declaration; raises :class:`ScriptError`."""
        declaration.caller = self._caller
        setup = {
            "server": bridge.SERVER,
            "logger": bridge.LOGGER,
            "java": self._stand_ins,
            "configuration": dict(declaration.properties),
            "most": lines.MOST,
            "memory": self._limits.memory >> 20,
        }
        parts = (bridge.to_json(setup), _PRELUDE, self._source)
        self._drafts, self._overrun = [], ""
        process = self._process = Process(self._engine, self._limits.memory, parts)
        self._turn.deadline = time.monotonic() + max(self._limits.seconds, _START_SECONDS)
        try:
            with declaring(declaration):
                self._talk(process, "its top level", process.begin)
        except BaseException:
            self.rest()
            raise

    def find(self, name: str) -> ScriptFunction | None:
        """The function of this name, None where there is none."""
        if not _IDENTIFIER.fullmatch(name):
            return None
        what = f"looking for {name}"
        with self._held(what):
            found = self._asked(["find", name], what)
        match found:
            case [int(line), str(kind)]:
                return ScriptFunction(self, name, -1, line, flaw_of(kind))
        return None

    def call(self, function: ScriptFunction, arguments: Sequence[Any]) -> Any:
        """Call a function; raises :class:`ScriptError`, and what it may not survive (:class:`StoreUnavailable`)."""
        which = function.name if function.number < 0 else function.number
        message = ["call", which, [bridge.pair_of(each) for each in arguments]]
        call, what = bridge.running(), f"{function.__name__} ({Place(self.file.name, function.line)})"
        before = None if call is None else call.deadline
        with self._held(what, before):
            if call is None:
                return self._asked(message, what)
            call.deadline = self._turn.deadline
            try:
                return self._asked(message, what)
            finally:
                call.deadline = before

    def reserve(self, seconds: float) -> bool:
        """Hold the script for calls that follow; False where another call has held it for so long already."""
        return self._turn.reserve(seconds)

    def leave(self) -> None:
        """End :meth:`reserve`."""
        self._turn.leave()

    def rest(self) -> None:
        """End the process; the next call begins another."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def close(self) -> None:
        """End the process, and with it the call that runs in it for longer than a moment."""
        if self.reserve(_CLOSE_SECONDS):
            try:
                self.rest()
            finally:
                self.leave()
        elif process := self._process:
            process.kill()  # its call finds it gone, and puts it away

    @contextmanager
    def _held(self, what: str, until: float | None = None) -> Iterator[None]:
        with self._turn.held(what, until):
            try:
                yield
            finally:
                if self._turn.depth == 1 and self._lent is not None:
                    lent, self._lent = self._lent, None
                    lent.goes_on()

    def _asked(self, message: list[Any], what: str) -> Any:
        """What the script answers to a message."""
        line = bridge.to_json(message)
        if len(line) > _MOST_GIVEN:
            raise WLError(f"{what}: its arguments are {len(line)} bytes as JSON: at most {_MOST_GIVEN} are taken")
        if self._process is not None and self._turn.depth == 1 and self._process.has_ended():
            self.rest()  # between two calls: this one has lost nothing
        if self._process is None:
            self._begin_anew()
        process = self._process
        assert process is not None
        try:
            return self._talk(process, what, partial(process.send, line))
        except (ScriptError, StoreUnavailable):
            raise
        except BaseException:  # whatever it was, the process and this side no longer agree on what comes next
            self.rest()
            raise

    def _begin_anew(self) -> None:
        if self._turn.depth > 1:  # the call that this one is within has lost its process
            raise ScriptError("Ended", self._overrun or "the script's process was ended")
        self.load(self._declare())
        self._turn.begin()

    def _talk(self, process: Process, what: str, begin: Callable[[float], None]) -> Any:
        """Answer what the script asks until it has a result, and give that; raises what the script threw."""
        grave: StoreUnavailable | None = None
        seconds = round(self._turn.deadline - time.monotonic(), 1)
        try:
            begin(self._turn.deadline)
            while not isinstance(message := lines.read(self._heard(process)), Result | Thrown):
                grave = self._heed(process, message) or grave
        except (Late, Ended) as error:
            self.rest()
            raise grave or self._lost(error, what, seconds) from None
        if self._full:
            self._full = False
            self.rest()
        if grave is not None:
            raise grave
        if isinstance(message, Thrown):
            raise self._error(message, what)
        return message.value

    def _heed(self, process: Process, message: Message) -> StoreUnavailable | None:
        """One thing that the script says within a call; gives what the call must not survive."""
        match message:
            case Asked():
                answer, error = self._answer(message)
                process.send(answer, self._turn.deadline)
                return error
            case Logged(level, value) if level in bridge.LOGGER:
                bridge.log(level, value)
            case Full():
                self._full = True
            case TooDeep("host"):
                process.send(bridge.to_json(["error", "RangeError", lines.DEEP, ""]), self._turn.deadline)
            case TooDeep():
                bridge.log("warn", lines.DEEP)
            case _:
                raise Ended(f"the script's process said {message!r:.100}")
        return None

    def _error(self, thrown: Thrown, what: str) -> ScriptError:
        stack = lines.shown(thrown.stack, self.file.name) or f"{FRAME}{what}"
        return ScriptError(*self._worded(thrown), stack, self._place(thrown.stack))

    def _worded(self, thrown: Thrown) -> tuple[str, str]:
        """The name and message; the engine may have had no memory left to write one."""
        if thrown.name == "InternalError" and thrown.said in {"", "out of memory"}:
            limit = f"{self._limits.memory >> 20} MB, smshost.javascript.memoryMegabytes"
            return thrown.name, f"out of memory ({limit})"
        return thrown.name, thrown.said

    def _lost(self, error: Late | Ended, what: str, seconds: float) -> ScriptError:
        anew = "" if bridge.is_declaring() else ", and the script begins anew, without its globals"
        if isinstance(error, Ended) and not self._overrun:
            return ScriptError("Ended", f"{what}: {error}{anew}")
        if isinstance(error, Ended):  # a call that this one made into the same script was late
            return ScriptError("Late", f"{what}: {self._overrun}")
        limit = f"{what} ran for longer than {seconds:g} s (smshost.javascript.limitSeconds)"
        self._overrun = f"{limit}: it was ended{anew}"
        return ScriptError("Late", self._overrun)

    def _heard(self, process: Process) -> bytes:
        """The next line; a thread of the pool that waits long for it is made up for."""
        call = bridge.running()
        if call is None or call.inbox_id is None or self._lent is not None or self._turn.depth > 1:
            return process.receive(self._turn.deadline)
        slow = self._turn.began + _SLOW_SECONDS
        try:
            return process.receive(min(self._turn.deadline, slow))
        except Late:
            if slow >= self._turn.deadline:
                raise
        self._lent = call.runtime.watch
        self._lent.held_up()
        return process.receive(self._turn.deadline)

    def _answer(self, asked: Asked) -> tuple[bytes, StoreUnavailable | None]:
        """The host's answer as a line, and what the call must not survive, whatever the script makes of it."""
        self._stack = asked.stack
        try:
            value = bridge.method_of(asked.method)([self._value(each) for each in asked.arguments])
            return bridge.to_json(["value", self._pair(value)]), None
        except StoreUnavailable as error:
            return bridge.thrown(error), error
        except Exception as error:  # noqa: BLE001 - it is thrown where the script called
            return bridge.thrown(error), None

    def _pair(self, value: Any) -> bridge.Pair:
        if not bridge.is_draft(value):
            return bridge.pair_of(value)
        self._drafts.append(value)
        return "plain", {"$draft": len(self._drafts) - 1}

    def _value(self, value: Any) -> Any:
        """What the script handed over; while it is evaluated, with its functions and drafts."""
        if not bridge.is_declaring():
            return value
        match value:
            case {"$function": int(number), "name": str(name), "line": int(line), "kind": str(kind)}:
                return ScriptFunction(self, name, number, line, flaw_of(kind))
            case {"$draft": int(number)} if 0 <= number < len(self._drafts):
                return self._drafts[number]
            case dict():
                return {name: self._value(each) for name, each in value.items()}
            case list():
                return [self._value(each) for each in value]
        return value

    def _caller(self) -> Place:
        """The line that called WL last."""
        return self._place(self._stack)

    def _place(self, stack: str) -> Place:
        return Place(str(self.file), lines.line_of(lines.own(stack)))
