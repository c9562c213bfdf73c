"""Programs the harness starts, watches and stops: one process, one log file, one way to wait."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

SHORTEST_POLL, LONGEST_POLL = 0.002, 0.05  # seconds
DEADLINE_SECONDS = 30.0
TAIL_LINES = 30

T = TypeVar("T")


class ProgramDied(AssertionError):
    """A program of the harness ended by itself; the message carries the tail of its log."""


class DeadlinePassed(AssertionError):
    """What was waited for did not come about; the message says what, and shows the tail of the log."""


def wait_for(condition: Callable[[], T], what: str, deadline: float = DEADLINE_SECONDS) -> T:
    """The first truthy value of `condition`, asked for `deadline` seconds; then DeadlinePassed.

    It is asked every 2 ms at first and every 50 ms later, so that what is waited for has the machine to itself.
    """
    begun = time.monotonic()
    while not (value := condition()):
        waited = time.monotonic() - begun
        if waited > deadline:
            raise DeadlinePassed(f"waited {deadline:g} s for {what}")
        time.sleep(min(max(SHORTEST_POLL, waited / 10), LONGEST_POLL))
    return value


def free_ports(count: int) -> list[int]:
    """Different ports of 127.0.0.1 that nobody listens on at this moment."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


class Program:
    """A child process writing both its outputs to `<directory>/<name>.log`; a context manager.

    `environment`: variables that it has beside those of the tests.
    """

    def __init__(
        self, name: str, arguments: list[str], directory: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.directory = directory
        self.environment = environment or {}
        self.log_path = directory / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                self.arguments,
                cwd=self.directory,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.terminate()
        self.finish()

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    @property
    def running(self) -> subprocess.Popen[bytes]:
        """The live process; ProgramDied with the tail of its log when it has ended, or was never started."""
        if self.process is None or self.process.poll() is not None:
            status = "was not started" if self.process is None else f"ended with status {self.process.returncode}"
            raise ProgramDied(f"{self.name} {status}\n{self.tail}")
        return self.process

    @property
    def log(self) -> str:
        """Everything the program has written so far."""
        return self.log_path.read_bytes().decode("utf-8", "replace") if self.log_path.exists() else ""

    @property
    def tail(self) -> str:
        """The last lines of the log, for messages; without those that asking bearerbox for its status causes."""
        return "\n".join([line for line in self.log.splitlines() if "DEBUG: HTTP:" not in line][-TAIL_LINES:])

    def wait_for(self, condition: Callable[[], T], what: str, deadline: float = DEADLINE_SECONDS) -> T:
        """As the function, but gives up at once (ProgramDied) when the program ends, and shows its log."""

        def condition_of_the_living() -> T:
            assert self.running
            return condition()

        try:
            return wait_for(condition_of_the_living, what, deadline)
        except DeadlinePassed as late:
            raise DeadlinePassed(f"{late}; {self.name} said last:\n{self.tail}") from None

    def terminate(self) -> None:
        """Asks the program to end (SIGTERM) and does not wait: several can take their time together."""
        if self.process is not None and self.alive:
            self.process.terminate()

    def finish(self) -> None:
        """Waits until the program is gone; one that ignores SIGTERM is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
