"""How many texts a second a gateway is given."""

import threading
import time


class Rate:
    """Evenly spaced turns; ``per_second=None`` is no limit."""

    def __init__(self, per_second: float | None) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, stopping: threading.Event) -> bool:
        """Wait for the next turn; False where the host stops first."""
        if not self._gap:
            return not stopping.is_set()
        with self._lock:
            turn = max(time.monotonic(), self._next)
            self._next = turn + self._gap
        return not stopping.wait(max(0.0, turn - time.monotonic()))
