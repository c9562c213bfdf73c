"""Many at the same time, or one alone: for work that may end its process, and is not to take others along."""

import math
import threading
import time


class Alone:
    """A door through which many go, or somebody who wants to be alone, for some seconds at most."""

    def __init__(self) -> None:
        self._inside = 0
        self._until = 0.0  # when somebody is alone no longer, whether he has left or not
        self._changed = threading.Condition()

    def enter(self, alone: float = 0.0) -> bool:
        """Go in; False where somebody is, or waits to be, alone.

        ``alone``: for how many seconds nobody else is to come; those that are inside are waited for as long, at most.
        """
        with self._changed:
            if time.monotonic() < self._until:
                return False
            if alone:
                self._until = math.inf
                self._changed.wait_for(lambda: not self._inside, alone)
                self._until = time.monotonic() + alone
            self._inside += 1
            return True

    def leave(self, alone: float = 0.0) -> None:
        """Go out, as one came in."""
        with self._changed:
            self._inside -= 1
            if alone:
                self._until = 0.0
            elif self._until:
                self._changed.notify_all()
