"""How many threads may be taken by what can take for ever: bodies that come slowly, and adapters that hang.

`smshost serve` has 208 threads, and some of them must be free for texts whatever strangers and adapters do. Neither can
be stopped from here, so they are counted: each kind has a room, and all rooms together, with the callers that
:mod:`host.ussd` and :mod:`host.answering` let in, have fewer places than there are threads.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from host.errors import Busy

_PATIENCE_SECONDS = 1.0
_ANY_NUMBER = 1_000_000


class Room:
    """Places for one kind of work.

    ``full``: what is said to who finds none within a second. ``waiting``: how many may wait at most, where that
    second itself could take every thread; else as many as come. ``each``: how many places one guest may have; of those
    who may wait, half may be one guest's.
    """

    def __init__(self, places: int, full: str, waiting: int = _ANY_NUMBER, each: int = _ANY_NUMBER) -> None:
        self._places = threading.Semaphore(places)
        self._entrance = threading.Semaphore(places + waiting)
        self._full = full
        self._each = each
        self._each_entering = each + waiting // 2
        self._entering: Counter[str] = Counter()
        self._guests: Counter[str] = Counter()
        self._leaving = threading.Condition()
        self._since: dict[int, tuple[str, float]] = {}

    @contextmanager
    def place(self, what: str = "", guest: str = "") -> Iterator[None]:
        """A place in the room; ``what`` is done there, for this guest. Raises :class:`Busy` where none comes free."""
        end = time.monotonic() + _PATIENCE_SECONDS
        with self._entered(guest), self._seated(guest, end), self._placed(what, end):
            yield

    @contextmanager
    def _entered(self, guest: str) -> Iterator[None]:
        if not self._entrance.acquire(blocking=False):
            raise Busy(self._full)
        try:
            with self._leaving:
                if self._entering[guest] >= self._each_entering:
                    raise Busy(self._full)
                self._entering[guest] += 1
            try:
                yield
            finally:
                with self._leaving:
                    _leave(self._entering, guest)
        finally:
            self._entrance.release()

    @contextmanager
    def _seated(self, guest: str, end: float) -> Iterator[None]:
        """One of the guest's own places."""
        with self._leaving:
            if not self._leaving.wait_for(lambda: self._guests[guest] < self._each, end - time.monotonic()):
                raise Busy(self._full)
            self._guests[guest] += 1
        try:
            yield
        finally:
            with self._leaving:
                _leave(self._guests, guest)
                self._leaving.notify_all()

    @contextmanager
    def _placed(self, what: str, end: float) -> Iterator[None]:
        if not self._places.acquire(timeout=max(0.0, end - time.monotonic())):
            raise Busy(self._full)
        try:
            self._since[threading.get_ident()] = what, time.monotonic()
            yield
        finally:
            self._since.pop(threading.get_ident(), None)
            self._places.release()

    def inside(self) -> list[str]:
        """What is done there and for how long, the longest first, for the log."""
        now = time.monotonic()
        since = sorted(self._since.copy().values(), key=lambda each: each[1])
        return [f"{what} for {now - began:.1f} s" for what, began in since]


def _leave(counted: Counter[str], guest: str) -> None:
    """One less; who is nobody's guest any more is forgotten, for strangers may come from any number of addresses."""
    counted[guest] -= 1
    if not counted[guest]:
        del counted[guest]


class Rooms:
    """The rooms of one process: 152 places for its 208 threads, those to wait in included.

    Beside them are up to 32 callers of USSD, and 16 requests that wait for what goes out in their answers. 60 more
    strangers may wait, each for a second: a burst of quick bodies is let in, and a crowd of slow ones that comes again
    and again leaves threads free. One address has half of their places: gateways that sign, or have their secret in a
    form, are strangers until their body is there, and somebody with slow bodies must not keep them all out.
    """

    def __init__(self) -> None:
        bodies = "too many bodies are on their way: send it again"
        self.known = Room(32, bodies)
        self.strangers = Room(20, bodies, waiting=60, each=10)
        self.calls = Room(16, "too many calls of adapters are under way: send it again", waiting=24, each=8)
