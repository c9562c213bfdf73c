"""Worker processes that `smshost serve` starts beside itself: started again where one ends, and ended with it."""

import logging
import os
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 1.0
_STOP_SECONDS = 60  # longer than a worker takes to finish what it has in hand

# Whoever starts a process reads a pipe until that process closes it. One that is forked meanwhile, as granian forks
# its own, would keep the pipe open, and the reader waiting, for as long as it lives.
_starting = threading.Lock()
os.register_at_fork(before=_starting.acquire, after_in_parent=_starting.release, after_in_child=_starting.release)


class Workers:
    """So many `smshost worker` processes; a context manager. They read their options from the environment."""

    def __init__(self, count: int) -> None:
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * count
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="smshost-workers", daemon=True)

    def __enter__(self) -> Self:
        if self._processes:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._processes:
            self._thread.join()
        running = [process for process in self._processes if process is not None]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                log.error("worker process %d does not end: it is killed", process.pid)
                process.kill()
                process.wait()

    def _keep(self) -> None:
        wait = _LOOK_SECONDS
        while not self._stopping.is_set():
            ended = [number for number, process in enumerate(self._processes) if not _runs(process)]
            for number in ended:
                before = self._processes[number]
                if before is not None:
                    log.error(
                        "worker process %d ended with status %d: another one starts", before.pid, before.returncode
                    )
                self._processes[number] = _start()
            wait = _AGAIN_SECONDS if ended else _LOOK_SECONDS
            self._stopping.wait(wait)


def start(command: list[str]) -> "subprocess.Popen[bytes] | None":
    """Start a process while none is forked; None where the system has no room for it (memory, descriptors)."""
    try:
        with _starting:
            return subprocess.Popen(command)  # noqa: S603 - our own program
    except OSError as error:
        log.error("no worker process can be started, it is tried again: %s", error)
        return None


def _start() -> "subprocess.Popen[bytes] | None":
    """Another worker process; None where the system has no room for it (memory, descriptors)."""
    try:
        return start([sys.executable, "-m", "host", "worker"])
    except OSError as error:
        log.error("no worker process can be started, it is tried again: %s", error)
        return None


def _runs(process: "subprocess.Popen[bytes] | None") -> bool:
    return process is not None and process.poll() is None
