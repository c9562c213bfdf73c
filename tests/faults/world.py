"""A world for faults: processes on one database, a gateway that takes their texts, and what ends and begins them.

On SQLite it is one `smshost serve` with the worker beside it; on PostgreSQL `smshost serve` and `smshost worker`
processes of their own, two of each.
"""

import os
import random
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.databases import upgrade
from tests.faults.observing import ADAPTERS, web_gateway
from tests.faults.sinks import MovableSink
from tests.hosts import Host, children_of, gateway, is_gone
from tests.programs import Program, wait_for

SEED = int(os.environ.get("SMSHOST_TEST_SEED", "26161"))
KILLS = int(os.environ.get("SMSHOST_TEST_KILLS", "0"))  # of each database, in the long form; 0 is the short one
START_SECONDS = 60.0

#: Waits that let a test see what follows on them.
QUICK = """
smshost.sending.attempts=1000
smshost.sending.firstWaitSeconds=0.1
smshost.sending.longestWaitSeconds=0.5
smshost.handling.attempts=3
smshost.handling.firstWaitSeconds=0.3
smshost.handling.longestWaitSeconds=0.5
"""


@dataclass
class World:
    """Its processes. `webs` are the hosts that receive, `workers` those that work, where they are not a host's own."""

    database: str
    sink: MovableSink
    webs: list[Host]
    workers: list[Program] = field(default_factory=list)
    first_phone: int = 0

    @property
    def name(self) -> str:
        """The kind of database."""
        return self.database.partition(":")[0].partition("+")[0]

    @property
    def host(self) -> Host:
        """One of its hosts, to look at the database by."""
        return self.webs[0]

    def chance(self, fault: str) -> random.Random:
        """Chance for one fault, the same for the same seed."""
        return random.Random(f"{SEED} {self.name} {fault}")

    def phones(self, count: int) -> list[str]:
        """Phones that nobody had before, ascending as strings too."""
        first, self.first_phone = self.first_phone, self.first_phone + count
        return [f"+1555{number:07}" for number in range(first, self.first_phone)]

    def mend(self) -> Self:
        """Start what does not run."""
        self.sink.come_back()
        self.sink.answer = lambda parameters: 200
        self.start_webs()
        self.start_workers()
        return self

    def start_webs(self) -> None:
        dead = [host for host in self.webs if not host.program.alive]
        for host in dead:
            host.program.finish()
            host.program.__enter__()
        for host in dead:
            host.program.wait_for(host.is_ready, "the host to be ready", START_SECONDS)

    def start_workers(self) -> None:
        dead = [worker for worker in self.workers if not worker.alive]
        for worker in dead:
            worker.finish()
            worker.__enter__()
        for worker in dead:
            worker.wait_for(lambda: "is at work on the database" in worker.log, "it to work", START_SECONDS)  # noqa: B023

    def stop(self) -> None:
        """SIGTERM to every process, and wait for all."""
        programs = [*self.workers, *(host.program for host in self.webs)]
        for program in programs:
            program.terminate()
        for program in programs:
            program.finish()

    def logs(self) -> str:
        """What the processes have said since they last began."""
        return "".join(each.log for each in (*(host.program for host in self.webs), *self.workers))


@contextmanager
def running(
    directory: Path,
    database: str = "",
    *,
    properties: str = "",
    adapters: Path = ADAPTERS,
    environment: Mapping[str, str] | None = None,
) -> Iterator[World]:
    """A world at work; `database`: a URL, else SQLite in the folder."""
    server = database.startswith("postgresql")
    if server:
        upgrade(database)
    with MovableSink() as sink:
        plain = gateway("plain", sink.port, timeout="2", repeatWindow="3600")
        webs = [
            Host(
                directory / f"web{number}",
                web_gateway(sink.port, timeout="2") + plain,
                properties=QUICK + properties,
                adapters=adapters,
                database=database or f"sqlite:///{directory / 'smshost.db'}",
                workers=0,
                environment=dict(environment or {}),
            )
            for number in range(2 if server else 1)
        ]
        workers = [webs[0].worker(f"worker{number}") for number in range(2 if server else 0)]
        world = World(webs[0].database, sink, webs, workers)
        try:
            yield world.mend()
        finally:
            world.stop()


def web_of(host: Host) -> int:
    """The process of a host that receives."""
    return host.program.wait_for(lambda: _child(host, works=False), "a process that receives") or 0


def worker_of(host: Host) -> int:
    """The worker process beside a host."""
    return host.program.wait_for(lambda: _child(host, works=True), "a worker process", START_SECONDS) or 0


def _child(host: Host, works: bool) -> int | None:
    """One of a host's processes that is no zombie; those that work are told by their command line."""
    commands = {int(child): _command(child) for child in children_of(host.program.running.pid)}
    return next((pid for pid, command in commands.items() if command[0] and ("worker" in command) == works), None)


def _command(pid: str) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return [""]


def kill(pid: int) -> None:
    """SIGKILL, and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: is_gone(str(pid)), "a killed process to be gone")


def hold(pid: int, seconds: float) -> None:
    """Stop a process for so long, as a machine does that swaps, or a virtual one that is moved."""
    os.kill(pid, signal.SIGSTOP)
    threading.Event().wait(seconds)
    os.kill(pid, signal.SIGCONT)
