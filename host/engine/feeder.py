"""A feeder carries due rows from the database into lanes: at once when told of new ones, by the clock for the rest."""

import logging
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
        self._swept = False
        self._stopping = False
        self._signal = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"smshost-{lanes.name}-feeder", daemon=True)
        lanes.drained = self.wake

    def start(self) -> None:
        self.sweep()
        self._thread.start()

    def wake(self) -> None:
        """New rows were committed, or there is room for more."""
        self._signal.set()

    def sweep(self) -> None:
        """Look at everything that is due, however old."""
        self._swept = True
        self._signal.set()

    def stop(self) -> None:
        self._stopping = True
        self._signal.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            self._signal.wait()
            self._signal.clear()
            if self._swept:
                self._swept, self._after = False, 0
            try:
                self._feed()
            except StoreUnavailable as error:
                log.error("%s: the database cannot be read, the next sweep tries again: %s", self._lanes.name, error)
            except Exception:
                log.exception("%s: feeding failed, the next sweep tries again", self._lanes.name)

    def _feed(self) -> None:
        room = self._lanes.begin_offering()
        while room > 0 and not self._stopping:
            items = self._read(self._after, room)
            if not items:
                return
            self._lanes.offer(items)
            self._after = items[-1].id
            room = self._lanes.begin_offering()
