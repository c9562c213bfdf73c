"""The clock's executor: a thread for each run, so that one that hangs holds up no other, nor the end of the process."""

import threading
import time
from datetime import datetime

from apscheduler.executors.base import BaseExecutor, run_job
from apscheduler.job import Job


class Threads(BaseExecutor):  # type: ignore[misc]  # APScheduler has no types
    """Daemon threads: Python waits at its end for those of APScheduler's own pool, and that has ten."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: set[threading.Thread] = set()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing runs, at most so many seconds; gives whether that came."""
        end = time.monotonic() + seconds
        for thread in self._runs - {threading.current_thread()}:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._runs - {threading.current_thread()})

    def _do_submit_job(self, job: Job, run_times: list[datetime]) -> None:
        self._runs = {thread for thread in self._runs if thread.is_alive()}
        thread = threading.Thread(target=self._run, args=(job, run_times), name=f"smshost-{job.id}", daemon=True)
        thread.start()
        self._runs.add(thread)

    def _run(self, job: Job, run_times: list[datetime]) -> None:
        try:
            events = run_job(job, job._jobstore_alias, run_times, self._logger.name)
        except BaseException as error:  # noqa: BLE001 - whatever it was, its next run must be allowed
            self._run_job_error(job.id, error, error.__traceback__)
        else:
            self._run_job_success(job.id, events)
