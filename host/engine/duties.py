"""Duties: what runs every so many seconds in one process of all, such as polls and housekeeping."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_INTERVAL: dict[str, Any] = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
_JUMP_SECONDS = 2.0


@dataclass(frozen=True)
class Duty:
    """Something to run every so many seconds, one run at a time."""

    name: str
    seconds: float
    run: Callable[[], None]


class Duties:
    """Duties and their clock (APScheduler), at work between :meth:`begin` and :meth:`halt`."""

    name = "duties"

    def __init__(self) -> None:
        from apscheduler.schedulers.background import BackgroundScheduler  # noqa: PLC0415 - commands that look have none

        from host.engine.threads import Threads  # noqa: PLC0415 - as above

        self.working = False
        self._duties: list[Duty] = []
        self._runs = Threads()
        self._scheduler = BackgroundScheduler(timezone="UTC", executors={"default": self._runs})
        self._offset = 0.0

    def add(self, duty: Duty) -> None:
        self._duties.append(duty)

    def begin(self) -> None:
        """Run them from now on."""
        if not self._scheduler.running:
            self._scheduler.start()
        self.working = True
        self._schedule()

    def halt(self) -> None:
        """Begin no run any more until :meth:`begin`."""
        self.working = False
        self._scheduler.remove_all_jobs()

    def is_idle(self) -> bool:
        """Whether nothing runs."""
        return self._runs.wait(0.0)

    def wake(self) -> None:
        """Duties have their own time."""

    def sweep(self) -> None:
        """APScheduler reckons in wall-clock time, and would be silent for as long as that was set back."""
        if abs(time.time() - time.monotonic() - self._offset) > _JUMP_SECONDS:
            self._schedule()

    def close(self) -> None:
        """Begin nothing more, for good."""
        if self._scheduler.running:
            self._scheduler.pause()
        self.working = False

    def stop(self, end: float) -> bool:
        """Wait for what runs, until ``end`` (monotonic seconds) at most; gives whether that was enough."""
        self.close()
        ended = self._runs.wait(min(max(0.0, end - time.monotonic()), threading.TIMEOUT_MAX))
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        return ended

    def _schedule(self) -> None:
        self._offset = time.time() - time.monotonic()
        for each in self._duties:
            self._scheduler.add_job(
                each.run, "interval", seconds=each.seconds, id=each.name, replace_existing=True, **_INTERVAL
            )
