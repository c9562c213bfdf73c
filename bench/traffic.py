"""The processes around a host, driven from here: gateways that post texts to it, and one that takes texts from it."""

import base64
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests

from bench.load import Answers, Load
from bench.measuring import until
from bench.sink import Counts
from tests.hosts import CREDENTIAL, REPOSITORY
from tests.programs import Program, free_ports

AUTHORIZATION = f"Basic {base64.b64encode(':'.join(CREDENTIAL).encode()).decode()}"
_PHONES_A_LOAD = 10_000
_turns = itertools.count()


@dataclass(frozen=True)
class Door:
    """Where texts are posted to."""

    port: int
    path: str = "/context/receiveSMS"

    def load(self, clients: int, seconds: float, **more: Any) -> Load:
        """A load for this door; each has phones of its own."""
        given = {"authorization": AUTHORIZATION, "first_phone": next(_turns) * _PHONES_A_LOAD, **more}
        return Load(self.port, self.path, clients, seconds, **given)


@dataclass(frozen=True)
class Posting:
    """A load under way, in a process of its own."""

    process: subprocess.Popen[str]

    def end(self) -> None:
        """Let it end now."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def answers(self) -> Answers:
        """What came of it, once it has ended; raises RuntimeError where a text was refused."""
        assert self.process.stdout is not None
        said = self.process.stdout.read()
        if status := self.process.wait():
            raise RuntimeError(f"the load generator ended with status {status}")
        answers = Answers(**json.loads(said))
        if answers.refused:
            raise RuntimeError(f"texts were refused: {answers.refused}")
        return answers


@contextmanager
def posting(load: Load) -> Iterator[Posting]:
    """A load that goes on until it is asked what came of it."""
    command = [sys.executable, "-m", "bench.load", json.dumps(asdict(load))]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield Posting(process)
        finally:
            process.kill()


def post(load: Load) -> Answers:
    """Post a load to its end."""
    with posting(load) as started:
        return started.answers()


@dataclass(frozen=True)
class Sink:
    """A gateway that accepts everything, from outside."""

    port: int

    def is_up(self) -> bool:
        try:
            self.forget()
        except requests.ConnectionError:
            return False
        return True

    def forget(self) -> None:
        """Count from nothing."""
        self._ask("forget")

    def counts(self) -> Counts:
        return Counts(**json.loads(self._ask("counts")))

    def wait_for(self, count: int) -> Counts:
        """The counts once so many texts were accepted."""
        until(lambda: self.counts().accepted >= count, f"{count} texts to be accepted")
        return self.counts()

    def _ask(self, what: str) -> bytes:
        return requests.get(f"http://127.0.0.1:{self.port}/{what}", timeout=30).content


@contextmanager
def sink(directory: Path, latency: int = 0) -> Iterator[Sink]:
    """A gateway's process. ``latency``: milliseconds until it answers."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "bench.sink", str(port), str(latency)]
    with program(f"sink-{port}", command, directory) as started:
        made = Sink(port)
        started.wait_for(made.is_up, "the sink to be up")
        yield made


def program(name: str, command: list[str], directory: Path) -> Program:
    """A process of this package, whose log is in the folder."""
    made = Program(name, command, REPOSITORY)
    made.log_path = directory / f"{name}.log"
    return made
