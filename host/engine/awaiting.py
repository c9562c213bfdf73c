"""Threads that wait until texts are handled: one asks for all of them, fifty times a second, while there are any."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from host.errors import StoreUnavailable

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.02
_PLACES = 16

#: Of these rows those that nobody need wait for any more.
Finished = Callable[[Collection[int]], set[int]]


class Awaiting:
    """Places for those who wait in this process, and what they wait for. ``finished`` asks the database."""

    def __init__(self, finished: Finished, places: int = _PLACES) -> None:
        self._finished = finished
        self._places = threading.Semaphore(places)
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, threading.Event]] = []
        self._asks = False

    @contextmanager
    def place(self) -> Iterator[bool]:
        """A place to wait in: False where all are taken."""
        has_place = self._places.acquire(blocking=False)
        try:
            yield has_place
        finally:
            if has_place:
                self._places.release()

    def wait(self, number: int, seconds: float) -> None:
        """Wait until the row is finished, at most so long."""
        mine = number, threading.Event()
        with self._lock:
            self._waiting.append(mine)
            begins, self._asks = not self._asks, True
        if begins:
            threading.Thread(target=self._ask, name="smshost-awaiting", daemon=True).start()
        mine[1].wait(seconds)
        with self._lock:
            self._waiting.remove(mine)

    def _ask(self) -> None:
        while waiting := self._those_who_wait():
            try:
                finished = self._finished({number for number, _ in waiting})
            except StoreUnavailable as error:
                log.error("whether texts are handled cannot be read: %s", error)
                finished = set()
            for number, event in waiting:
                if number in finished:
                    event.set()
            time.sleep(_PAUSE_SECONDS)

    def _those_who_wait(self) -> list[tuple[int, threading.Event]]:
        with self._lock:
            self._asks = bool(self._waiting)
            return [each for each in self._waiting if not each[1].is_set()] or self._waiting[:]
