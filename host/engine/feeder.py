"""A feeder carries due rows from the database into lanes: at once when told of new ones, by the clock for the rest."""

import logging
import math
import threading
from collections.abc import Callable
from typing import Generic

from host.engine.lanes import Item, Lanes, Work
from host.errors import StoreUnavailable

log = logging.getLogger(__name__)

#: Reads due rows with an id above the first argument, at most as many as the second, in the order of their ids.
Read = Callable[[int, int], list[Item[Work]]]


class Feeder(Generic[Work]):
    """One thread that reads and offers.

    :meth:`wake` looks for rows newer than the last one offered; :meth:`sweep` for everything that is due.
    """

    def __init__(self, lanes: Lanes[Work], read: Read[Work]) -> None:
        self._lanes = lanes
        self._read = read
        self._after = 0
        self._back: float = math.inf  # the id to look again after, where that is before the last one offered
        self._lock = threading.Lock()
        self._stopping = False
        self._signal = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"smshost-{lanes.name}-feeder", daemon=True)
        lanes.drained = self.wake
        lanes.short = self.look_again

    def start(self) -> None:
        self.sweep()
        if not self._thread.is_alive():
            self._thread.start()

    def wake(self) -> None:
        """New rows were committed, or there is room for more."""
        self._signal.set()

    def sweep(self) -> None:
        """Look at everything that is due, however old."""
        self.look_again(0)

    def look_again(self, after: int) -> None:
        """Look at what is due after this id, offered before or not."""
        with self._lock:
            self._back = min(self._back, after)
        self._signal.set()

    def close(self) -> None:
        """Offer nothing more."""
        self._stopping = True
        self._signal.set()

    def stop(self, seconds: float | None = None) -> None:
        """Offer nothing more, and wait for the last look to end, at most so many seconds."""
        self.close()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping:
            self._signal.wait()
            self._signal.clear()
            with self._lock:
                self._after, self._back = int(min(self._after, self._back)), math.inf
            try:
                self._feed()
            except StoreUnavailable as error:
                log.error("%s: the database cannot be read, the next sweep tries again: %s", self._lanes.name, error)
            except Exception:
                log.exception("%s: feeding failed, the next sweep tries again", self._lanes.name)

    def _feed(self) -> None:
        room = self._lanes.begin_offering(self._after)
        while room > 0 and not self._stopping:
            items = self._read(self._after, room)
            if not items:
                return
            self._lanes.offer(items)
            self._after = items[-1].id
            room = self._lanes.begin_offering(self._after)
