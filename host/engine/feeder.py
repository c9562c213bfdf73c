"""A feeder carries due rows from the database into lanes: at once when told of new ones, by the clock for the rest."""

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Generic

from host.engine.lanes import Item, Lanes, Work
from host.errors import StoreUnavailable

log = logging.getLogger(__name__)

#: Reads due rows with an id above the first argument, at most as many as the second, in the order of their ids.
Read = Callable[[int, int], list[Item[Work]]]
#: Claims rows for this process, as they were read; gives the ids of those that are now its own.
Claim = Callable[[list[Item[Work]]], set[int]]

_FIRST_WAIT, _LONGEST_WAIT = 0.02, 1.0  # seconds until rows that another process had are looked at again


class Feeder(Generic[Work]):
    """One thread that reads, claims where there are other processes, and offers.

    :meth:`wake` looks for rows newer than the last one offered; :meth:`sweep` for everything that is due.
    """

    def __init__(self, name: str, lanes: Lanes[Work], read: Read[Work], claim: Claim[Work] | None = None) -> None:
        self._name = name
        self._lanes = lanes
        self._read = read
        self._claim = claim
        self._after = 0
        self._back: float = math.inf  # the id to look again after, where that is before the last one offered
        self._missed: float = math.inf  # the id before the first that another process had
        self._wait = _FIRST_WAIT
        self._looked = 0.0  # monotonic seconds at which a look ended
        self._lock = threading.Lock()
        self._stopping = False
        self._signal = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"smshost-{name}-feeder", daemon=True)
        lanes.drained = self.wake
        lanes.short = self.look_again

    def start(self) -> None:
        self.sweep()
        if self._thread.ident is None:
            self._thread.start()

    def wake(self) -> None:
        """New rows were committed, or there is room for more."""
        if not self._signal.is_set():
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
            self._signal.wait(self._patience())
            if self._patience() == 0:
                self.look_again(int(self._missed))
                self._wait = min(self._wait * 2, _LONGEST_WAIT)
            self._signal.clear()
            with self._lock:
                reached, self._after, self._back = self._after, int(min(self._after, self._back)), math.inf
            if self._after <= self._missed:
                self._missed = math.inf
            try:
                self._feed(reached)
            except StoreUnavailable as error:
                log.error("%s: the database cannot be read, the next sweep tries again: %s", self._name, error)
            except Exception:
                log.exception("%s: feeding failed, the next sweep tries again", self._name)
            if self._missed == math.inf:
                self._wait = _FIRST_WAIT
            self._looked = time.monotonic()

    def _patience(self) -> float | None:
        """Seconds until what another process had is looked at again, signal or not; None where it had nothing."""
        return None if self._missed == math.inf else max(0.0, self._looked + self._wait - time.monotonic())

    def _feed(self, reached: int) -> None:
        """Offer what is due, to the end, or until earlier rows are to be looked at again.

        Rows up to ``reached``, where an earlier look was, come first; else old ones would keep new ones from theirs,
        or new ones that never end the old ones.
        """
        room = self._lanes.begin_offering(self._after)
        while room > 0 and not self._stopping:
            items = self._read(self._after, room)
            if not items:
                return
            self._lanes.offer(items if self._claim is None else self._claimed(items, self._claim))
            self._after = items[-1].id
            if self._after > reached and self._back < self._after:
                return
            room = self._lanes.begin_offering(self._after)

    def _claimed(self, items: list[Item[Work]], claim: Claim[Work]) -> list[Item[Work]]:
        """Those of the items that are this process's own; the rest is looked at again soon."""
        fresh = self._lanes.fresh(items)
        if not fresh:
            return []
        ours = claim(fresh)
        self._missed = min(self._missed, next((item.id - 1 for item in fresh if item.id not in ours), math.inf))
        return [item for item in fresh if item.id in ours]
