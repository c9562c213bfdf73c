"""Functions run in a bounded number of threads, for callers who wait for so long and no longer.

Python cannot stop a function. One that hangs keeps its thread; once all are kept so, callers hear it at once, and never
more of their own threads than twice as many wait here.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar, cast

from host.errors import Busy, Overdue

Result = TypeVar("Result")


log = logging.getLogger(__name__)


class _Job(Generic[Result]):
    def __init__(self, function: Callable[[], Result], late: Callable[[], None]) -> None:
        self.function = function
        self.late = late
        self.ended = threading.Event()
        self.began = False
        self.is_deserted = False
        self.result: Result | None = None
        self.error: BaseException | None = None


class Bounded:
    """``threads`` at most, and as many more callers that may wait for one of them."""

    def __init__(self, threads: int) -> None:
        self._most = threads
        self._threads = 0
        self._idle = 0
        self._callers = 0
        self._deserted = 0  # threads whose caller has gone
        self._waiting: deque[_Job[object]] = deque()
        self._changed = threading.Condition()

    def run(self, function: Callable[[], Result], seconds: float, late: Callable[[], None]) -> Result:
        """What the function gives, or raises; raises :class:`Overdue` after so long, or at once where it is hopeless.

        ``late``: called in the function's thread when it ends after that.
        """
        job = _Job(function, late)
        self._queue(cast(_Job[object], job))
        try:
            if not job.ended.wait(seconds):
                self._desert(cast(_Job[object], job))
        finally:
            with self._changed:
                self._callers -= 1
        if job.error is not None:
            raise job.error
        return cast(Result, job.result)

    def _queue(self, job: _Job[object]) -> None:
        with self._changed:
            if self._deserted == self._most or self._callers == 2 * self._most:
                raise Overdue
            self._callers += 1
            self._waiting.append(job)
            if self._idle < len(self._waiting) and self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._work, name="smshost-bounded", daemon=True).start()
            self._changed.notify()

    def _desert(self, job: _Job[object]) -> None:
        with self._changed:
            if job.ended.is_set():
                return
            job.is_deserted = True
            if job.began:
                self._deserted += 1
            else:
                self._waiting.remove(job)
        raise Overdue(began=job.began)

    def _work(self) -> None:
        while True:
            job = self._next()
            try:
                job.result = job.function()
            except BaseException as error:  # noqa: BLE001 - sys.exit() too: its caller hears of it
                job.error = error
            with self._changed:
                job.ended.set()
                self._deserted -= job.is_deserted
            if job.is_deserted:
                _tell(job.late)

    def _next(self) -> _Job[object]:
        with self._changed:
            self._idle += 1
            while not self._waiting:
                self._changed.wait()
            self._idle -= 1
            job = self._waiting.popleft()
            job.began = True
            return job


def _tell(late: Callable[[], None]) -> None:
    try:
        late()
    except Exception:  # what it has to tell must not cost the thread
        log.exception("that a function ended late could not be told")


class Shares:
    """How many threads one adapter may keep for longer than it should: beyond these it gets no more of them.

    Those that run within their time do not count: a crowd of quick calls is no trouble.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: dict[object, tuple[str, float]] = {}
        self._counting = threading.Lock()

    @contextmanager
    def share(self, name: str, deadline: float) -> Iterator[None]:
        """Run as one of ``name``'s; raises :class:`Busy`.

        ``deadline``: when it should have ended (:func:`time.monotonic`).
        """
        key, now = object(), time.monotonic()
        with self._counting:
            hanging = sum(each == name and end < now for each, end in self._running.values())
            if hanging >= self._most:
                raise Busy(f"{hanging} calls of adapter {name} hang: it gets no more threads until one of them ends")
            self._running[key] = name, deadline
        try:
            yield
        finally:
            with self._counting:
                del self._running[key]
