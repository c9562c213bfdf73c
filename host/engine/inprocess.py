"""The engine inside the web process: worker threads woken at once for what is due now, APScheduler for the clock.

One process works on a database at a time, the one that holds its lock; others receive, and take over when it ends. So
what is in hand need not be written down: a crash leaves rows as they were.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from host.engine.feeder import Feeder, Read
from host.engine.lanes import Item, Lanes, Work
from host.engine.lock import Lock
from host.engine.threads import Threads

log = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
_ROOM = 2000
_INTERVAL = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}


class InProcess:
    """Queues, polls and their clock, at work while this process holds the database's ``lock``."""

    def __init__(self, lock: Lock) -> None:
        self.stopping = threading.Event()
        self._lock = lock
        self._runs = Threads()
        self._scheduler = BackgroundScheduler(timezone="UTC", executors={"default": self._runs})
        self._feeders: dict[str, Feeder[Any]] = {}
        self._lanes: dict[str, Lanes[Any]] = {}
        self._polls: list[tuple[str, float, Callable[[], None]]] = []
        self._recover: Callable[[], None] = lambda: None
        self.working = False

    def add_queue(self, name: str, threads: int, read: Read[Work], run: Callable[[Item[Work]], None]) -> Lanes[Work]:
        """A queue of rows: how due ones are read, and what a worker thread does with one."""
        lanes = Lanes(name, threads, _ROOM, run)
        self._lanes[name] = lanes
        self._feeders[name] = Feeder(lanes, read)
        return lanes

    def add_poll(self, name: str, seconds: float, run: Callable[[], None]) -> None:
        """Something to run every so many seconds, one run at a time."""
        self._polls.append((name, seconds, run))

    def wake(self, name: str) -> None:
        """Rows were committed for this queue; a queue this process does not know is another's business."""
        if self.working and name in self._feeders:
            self._feeders[name].wake()

    def start(self, recover: Callable[[], None]) -> None:
        """Begin to work, now or as soon as the database's lock is free; ``recover`` runs first."""
        self._recover = recover
        self._scheduler.start()
        self._tick()
        self._scheduler.add_job(self._tick, "interval", seconds=SWEEP_SECONDS, id="sweep", **_INTERVAL)

    def stop(self, seconds: float = 30.0) -> bool:
        """Finish what is in hand, at most so many seconds; gives whether that was enough.

        The rest is left to the next start; the lock then stays taken until the process ends, because it goes on.
        """
        end = time.monotonic() + seconds
        self.stopping.set()
        if self._scheduler.running:
            self._scheduler.pause()
        for feeder in self._feeders.values():
            feeder.close()
        for lanes in self._lanes.values():
            lanes.close()
        for feeder in self._feeders.values():
            feeder.stop(max(0.0, end - time.monotonic()))
        busy = [name for name, lanes in self._lanes.items() if not lanes.stop(max(0.0, end - time.monotonic()))]
        busy += [] if self._runs.wait(max(0.0, end - time.monotonic())) else ["a poll"]
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for name in busy:
            log.warning("%s: still busy after %.0f s; what it does is taken up again at the next start", name, seconds)
        if not busy:
            self._lock.release()
        return not busy

    def _tick(self) -> None:
        if self.stopping.is_set():
            return
        if not self.working:
            if self._lock.take():
                self._begin()
            return
        if not self._lock.kept() and not self._lock.take():
            log.error("another process works on this database now: this one ends, in good order")
            os.kill(os.getpid(), signal.SIGTERM)
            return
        for feeder in self._feeders.values():
            feeder.sweep()

    def _begin(self) -> None:
        """Come to work; where it fails, the next tick begins again."""
        self._recover()
        for name, seconds, run in self._polls:
            self._scheduler.add_job(run, "interval", seconds=seconds, id=name, replace_existing=True, **_INTERVAL)
        self.working = True
        for feeder in self._feeders.values():
            feeder.start()
