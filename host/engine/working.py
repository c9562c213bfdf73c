"""The engine: what this process works on, as far as the locks say that it is this process's to work on.

What is in hand is known in memory; a crash leaves rows as they were, and the locks that went with the process tell the
others.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from host.engine.duties import Duties, Duty
from host.engine.lanes import Work
from host.engine.queue import Kind, Queue

log = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0

Part = Queue[Any] | Duties


class Locks(Protocol):
    """What says which process works on what: :mod:`host.store.locks`."""

    @property
    def number(self) -> int | None: ...

    def join(self) -> bool: ...

    def hold(self, name: str) -> bool: ...

    def wait(self, seconds: float, wake: Callable[[str], None]) -> None: ...

    def leave(self) -> None: ...


class Engine:
    """Queues and duties. Without ``locks`` this process works on nothing: it receives, and wakes others."""

    def __init__(self, locks: Locks | None) -> None:
        self.stopping = threading.Event()
        self._locks = locks
        self._duties = Duties()
        self._queues: dict[str, Queue[Any]] = {}
        self._shared: set[str] = set()
        self._ticks: list[Callable[[], None]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="smshost-engine", daemon=True)

    @property
    def works(self) -> bool:
        """Whether this process is one that works."""
        return self._locks is not None

    @property
    def number(self) -> int | None:
        """This process's number among several that work on one database."""
        return None if self._locks is None else self._locks.number

    def add_queue(self, kind: Kind[Work]) -> Queue[Work]:
        """A queue of rows; it is worked on by one process at a time, unless it says how rows are claimed."""
        queue = self._queues[kind.name] = Queue(kind)
        if kind.claim is not None:
            self._shared.add(kind.name)
        return queue

    def add_duty(self, name: str, seconds: float, run: Callable[[], None]) -> None:
        """Something to run every so many seconds, in one process of all, one run at a time."""
        self._duties.add(Duty(name, seconds, run))

    def on_tick(self, run: Callable[[], None]) -> None:
        """Something quick to run about once a second in every process that works."""
        self._ticks.append(run)

    def wake(self, name: str) -> None:
        """Rows were committed for this queue; a queue this process does not know is another's business."""
        queue = self._queues.get(name)
        if queue is not None:
            queue.wake()

    def has_room(self, name: str) -> bool:
        """Whether a queue can take more rows in hand."""
        return self._queues[name].has_room()

    def start(self) -> None:
        """Begin to work, now or as soon as the locks allow."""
        if self._locks is not None:
            self._tick()
            self._thread.start()

    def stop(self, seconds: float = 30.0) -> bool:
        """Finish what is in hand, at most so many seconds; gives whether that was enough.

        The rest is left to others; the locks then stay taken until the process ends, because it goes on.
        """
        end = time.monotonic() + seconds
        self.stopping.set()
        parts = self._parts()
        for part in parts:
            part.close()
        busy = [part.name for part in parts if not part.stop(end)]
        for name in busy:
            log.warning("%s: still busy after %.0f s; what it does is taken up again later", name, seconds)
        self._ended.set()
        if not busy and self._locks is not None:
            if self._thread.is_alive():
                self._thread.join(SWEEP_SECONDS * 2)
            self._locks.leave()
        return not busy

    def _parts(self) -> list[Part]:
        return [*self._queues.values(), self._duties]

    def _run(self) -> None:
        assert self._locks is not None
        while not self._ended.is_set():
            try:
                self._locks.wait(SWEEP_SECONDS, self.wake)
                self._tick()
            except Exception as error:  # noqa: BLE001 - the next tick tries again
                log.error("the engine's clock: %s", error)
                self._ended.wait(SWEEP_SECONDS)

    def _tick(self) -> None:
        """Look at the locks; while the process stops, only so that they are kept until all is done."""
        assert self._locks is not None
        joined = self._joined()
        if self.stopping.is_set():
            return
        for part in self._parts():
            self._look_after(part, joined and self._is_ours(part))
        for run in self._ticks if joined else ():
            run()

    def _is_ours(self, part: Part) -> bool:
        """Whether its lock is held; not asked for while what ran before a session was lost is still at it."""
        assert self._locks is not None
        if part.name in self._shared:
            return True
        return (part.working or part.is_idle()) and self._locks.hold(part.name)

    def _joined(self) -> bool:
        assert self._locks is not None
        try:
            return self._locks.join()
        except Exception as error:  # noqa: BLE001 - whatever the database says, it may be back at the next tick
            log.error("the database cannot be worked on: %s", error)
            return False

    def _look_after(self, part: Part, ours: bool) -> None:
        if ours and part.working:
            part.sweep()
        elif part.working:
            log.warning("%s: this process does not hold its lock any more", part.name)
            part.halt()
        elif ours and (part.name in self._shared or part.is_idle()):
            try:
                part.begin()
            except Exception:
                log.exception("%s: cannot begin, the next tick tries again", part.name)
