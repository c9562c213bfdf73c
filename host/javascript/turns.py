"""Whose turn it is with a script: one call at a time, and what that call causes within itself."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from host.errors import ScriptError, WLError

_PATIENCE = 10  # times as long is waited while calls are short
_MOMENT = 0.01  # seconds that anybody waits
_MOST_PATIENT = 2  # threads that wait for longer: the others have other texts to handle
_DEEPEST = 20  # calls into one script within each other
_WAIT_SHARE = 0.5  # of a call's time, to wait for the script: who has waited longer would be ended for others' slowness
_CALL_SHARE = 0.9  # and to let that work: the caller is to hear of what becomes of it

_waiting: dict[int, "Turn"] = {}  # what each thread waits for
_looking = threading.Lock()
_within = threading.local()  # how many calls of scripts this thread is within


class Turn:
    """Who has a script, by its file's ``name``, for calls of ``seconds`` at most.

    ``began``: when the outermost call did, 0 while there is none; ``deadline``: when it is to be ended, both
    :func:`time.monotonic`. ``depth``: how many calls there are within each other.
    """

    def __init__(self, name: str, seconds: float) -> None:
        self.began = 0.0
        self.deadline = 0.0
        self.depth = 0
        self._name = name
        self._seconds = seconds
        self._lock = threading.RLock()
        self._counting = threading.Lock()
        self._patient = 0
        self._last = math.inf
        self._holder = 0
        self._doing = ""

    def reserve(self, seconds: float) -> bool:
        """Hold the script for calls that follow; False where another has it for so long, or enough wait already."""
        if self._acquire(_MOMENT):
            return True
        with self._counting:
            if self._patient >= _MOST_PATIENT:
                return False
            self._patient += 1
        try:
            return self._waited(seconds)
        finally:
            with self._counting:
                self._patient -= 1

    def _waited(self, seconds: float) -> bool:
        last = time.monotonic() + _PATIENCE * seconds
        while True:
            now, began = time.monotonic(), self.began
            if now > last or (began and now - began > seconds):
                return False
            if self._acquire(seconds / 4):
                return True

    def begin(self) -> None:
        """The time of the call that has the script begins now; what ends it in any case is not put off."""
        self.began = time.monotonic()
        self.deadline = min(self.began + self._seconds, self._last)

    def leave(self) -> None:
        """End :meth:`reserve`."""
        self._lock.release()

    @contextmanager
    def held(self, what: str, until: float | None = None) -> Iterator[None]:
        """The script for one call; a call within a call of this script has the time that is left to the first.

        The wait for its turn is part of a call's time. ``until``: when this call is to be ended at the latest, or that
        of another script which it is within. Raises :class:`ScriptError` where others keep the script for too long.
        """
        outer: int = getattr(_within, "calls", 0)
        now = time.monotonic()
        left = math.inf if until is None else until - now
        if left <= 0:  # to begin would only end a process that is well
            raise ScriptError("Late", f"{what} was not called: no time was left for it")
        self._wait(min(self._seconds * _WAIT_SHARE, left * (_WAIT_SHARE if outer else 1)))
        _within.calls = outer + 1
        try:
            self._enter(what, min(now + self._seconds, now + left * (_CALL_SHARE if outer else 1)))
            yield
        finally:
            _within.calls = outer
            self.depth -= 1
            if not self.depth:
                self.began = 0.0
            self._lock.release()

    def _enter(self, what: str, last: float) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise WLError(f"more than {_DEEPEST} calls into {self._name} within each other")
        if self.depth == 1:
            self._doing = what
            self._last = last
            self.begin()

    def _acquire(self, seconds: float) -> bool:
        if not self._lock.acquire(timeout=max(seconds, 0)):
            return False
        self._holder = threading.get_ident()
        return True

    def _wait(self, seconds: float) -> None:
        if self._acquire(0):
            return
        me = threading.get_ident()
        with _looking:
            if self._waits_for(me):
                raise ScriptError(
                    "Busy", f"{self._name} {self._busy()}, which waits for this call: each calls the other"
                )
            _waiting[me] = self
        try:
            if not self._acquire(seconds):
                raise ScriptError("Busy", f"{self._name} {self._busy()}: it was waited for {max(seconds, 0):.1f} s")
        finally:
            del _waiting[me]

    def _waits_for(self, thread: int) -> bool:
        """Whether the call that has this script waits, maybe through others, for what the thread has."""
        turn: Turn | None = self
        for _ in range(len(_waiting) + 1):
            turn = _waiting.get(turn._holder) if turn is not None else None
            if turn is not None and turn._holder == thread:
                return True
        return False

    def _busy(self) -> str:
        return f"is busy with {self._doing}" if self._doing else "is busy"
