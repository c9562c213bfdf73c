"""Workers that stand still for a while, and clocks that jump."""

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import new_postgresql
from tests.faults.conftest import Tell
from tests.faults.counting import settled
from tests.faults.posting import posting
from tests.faults.world import KILLS, World, hold, running, worker_of

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

_HOUR = 3600


def test_worker_that_stands_still(world: World, tell: Tell) -> None:
    """PostgreSQL ends its session after 10 s, and others take over; it wakes up, and must not go on with its work."""
    seconds = 12.0 if world.workers else 3.0
    fault = f"a worker stopped for {seconds:g} s"
    times = 5 if KILLS else 1
    chance = world.chance(fault)
    with posting(world, chance) as load:
        for _ in range(times):
            load.go_on()
            hold(chance.choice(world.workers).running.pid if world.workers else worker_of(world.host), seconds)
        load.wait_for_more(50)
    tell(settled(world, load, fault), times=times)


@dataclass(frozen=True)
class Clock:
    """The wall clock of a world's processes."""

    library: Path
    file: Path

    def jump(self, seconds: int) -> None:
        """Move it, from now on, by so many seconds from the machine's."""
        with self.file.open("r+b") as file:
            os.pwrite(file.fileno(), struct.pack("q", seconds), 0)

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "SMSHOST_TEST_CLOCK": str(self.file)}


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """A clock to be moved; made by a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("needs a C compiler, for a clock that can be moved")
    made = Clock(tmp_path / "clock.so", tmp_path / "clock")
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(made.library), str(source), "-ldl"], check=True)
    made.file.write_bytes(bytes(8))
    return made


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_clock_that_jumps_back(tmp_path: Path, clock: Clock, database: str, tell: Tell) -> None:
    fault = "clock that jumps back an hour"
    with new_database(database, tmp_path) as url, running(tmp_path, url, environment=clock.environment) as world:
        with posting(world, world.chance(fault)) as load:
            for seconds in (-_HOUR, 0, -_HOUR, -2 * _HOUR):
                load.go_on()
                clock.jump(seconds)
            load.wait_for_more(50)
        tell(settled(world, load, fault, clocks=False))


@contextmanager
def new_database(kind: str, directory: Path) -> Iterator[str]:
    """A URL for :func:`running`."""
    if kind == "sqlite":
        yield ""
    else:
        with new_postgresql(f"clock_{directory.name}") as url:
            yield url
