"""How many texts a second a gateway is given."""

import threading
import time
from collections.abc import Callable

_AHEAD = 0.01  # seconds before its turn that a text may be taken: it is written down meanwhile


class Rate:
    """Evenly spaced turns; ``per_second=None`` is no limit.

    Texts are taken as their turns come, not before: what is taken late may be something more urgent.
    """

    def __init__(self, per_second: float | None, now: Callable[[], float] = time.monotonic) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._now = now
        self._taken = 0.0  # the turn of the next text that is taken
        self._next = 0.0  # the next turn
        self._lock = threading.Lock()

    def take(self, wanted: int) -> int:
        """How many of so many texts may be taken now."""
        if not self._gap:
            return wanted
        with self._lock:
            soon = self._now() + _AHEAD
            turn = max(self._taken, self._next, soon - _AHEAD)
            count = max(0, min(wanted, 1 + int((soon - turn) / self._gap))) if turn <= soon else 0
            self._taken = turn + count * self._gap if count else self._taken
            return count

    def give_back(self, count: int) -> None:
        """So many texts were not taken after all."""
        if count and self._gap:
            with self._lock:
                self._taken -= count * self._gap

    def rest(self) -> float:
        """Seconds until a text may be taken."""
        with self._lock:
            return max(0.0, max(self._taken, self._next) - _AHEAD - self._now())

    def turn(self, more: bool = False) -> float:
        """Seconds to wait for the next turn, which is now the caller's; ``more``: for a further part of a text."""
        if not self._gap:
            return 0.0
        with self._lock:
            now = self._now()
            turn = max(now, self._next)
            self._next = turn + self._gap
            if more:
                self._taken += self._gap
            return turn - now
