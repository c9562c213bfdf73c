"""A circuit breaker: a gateway that fails again and again is left alone, and tried with one text from time to time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_FIRST_WAIT = 1.0
_PROBE_SECONDS = 60.0  # a probe nobody heard of again by then was not made


@dataclass(frozen=True)
class Permit:
    """Leave to offer ``most`` texts; it ends when the circuit changes, which ``number`` tells."""

    number: int
    most: int


class Circuit:
    """Closed: everything is offered. Open, after so many ``failures`` in a row: nothing but probes, one at a time.

    The waits between probes double from a second up to ``longest``. A success closes it. Beside that a gateway may ask
    for a pause, in which nothing is offered either.
    """

    def __init__(self, failures: int, longest: float, now: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._longest = longest
        self._now = now
        self._failures = 0
        self._number = 0  # of times it changed, probes counted
        self._wait = 0.0
        self._probe_at = 0.0
        self._probing = False  # a probe was taken, and is not offered yet
        self._unheard = False  # a probe may be offered, and nothing was heard of it yet
        self._resumes_at = 0.0
        self._lock = threading.Lock()
        self.is_open = False

    def take(self, wanted: int) -> int:
        """How many of so many texts may be taken now; while it is open one, for a probe."""
        with self._lock:
            if self._rest() > 0:
                return 0
            if not self.is_open:
                return wanted
            self._probing = True
            self._probe_at = self._now() + _PROBE_SECONDS
            return 1

    def rest(self) -> float:
        """Seconds until something may be taken."""
        with self._lock:
            return self._rest()

    def enter(self) -> Permit | None:
        """Leave to offer what was taken; None where the circuit opened meanwhile, or the gateway asked for a pause."""
        with self._lock:
            if self._now() < self._resumes_at:
                self._give_back(self._probing)
                return None
            if not self.is_open:
                return Permit(self._number, 1_000_000)
            if not self._probing:
                return None
            self._probing, self._unheard = False, True
            self._number += 1
            return Permit(self._number, 1)

    def allows(self, permit: Permit) -> bool:
        """Whether the next text may be offered."""
        return permit.number == self._number and self._now() >= self._resumes_at

    def leave(self, permit: Permit) -> None:
        """What was taken is dealt with; a probe that nothing was heard of was not made, and the next may be at once."""
        with self._lock:
            if permit.number == self._number:
                self._give_back(self._unheard)

    def succeeded(self) -> bool:
        """The gateway is well; whether that closed the circuit."""
        if not self._failures:  # as always
            return False
        with self._lock:
            self._failures = 0
            closed, self.is_open = self.is_open, False
            self._number += closed
            return closed

    def failed(self, permit: Permit, pause: float | None = None) -> bool:
        """The gateway is in trouble, and may ask for a pause (seconds); whether that opened the circuit.

        What was offered before the circuit changed says nothing of the gateway as it is now.
        """
        with self._lock:
            self._resumes_at = max(self._resumes_at, self._now() + (pause or 0.0))
            if permit.number != self._number:
                return False
            self._failures += 1
            if self._failures < self._limit and not self.is_open:
                return False
            opened, self.is_open = not self.is_open, True
            self._number += opened
            self._probing = self._unheard = False
            self._wait = min(self._longest, _FIRST_WAIT if opened else self._wait * 2)
            self._probe_at = self._now() + self._wait
            return opened

    def _give_back(self, probe: bool) -> None:
        if probe and self.is_open:
            self._probe_at = self._now()
            self._probing = self._unheard = False

    def _rest(self) -> float:
        return max(0.0, (self._probe_at if self.is_open else 0.0) - self._now(), self._resumes_at - self._now())
