"""Databases that die, or have no room left, under load: 503 meanwhile, and on afterwards with nothing missing."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cluster import Cluster
from tests.faults.conftest import Tell
from tests.faults.counting import settled
from tests.faults.posting import posting
from tests.faults.world import KILLS, World, running
from tests.programs import wait_for
from tests.services import require

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

Mount = Callable[[int], Path]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user may pass to; pytest's are its own user's alone."""
    with TemporaryDirectory(prefix="smshost-faults-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def mount(folder: Path) -> Iterator[Mount]:
    """Makes that folder a file system of so many megabytes; mounting takes root."""

    def mount(megabytes: int) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        if os.geteuid() or subprocess.run(command, capture_output=True, check=False).returncode:
            require("the right to mount a file system", False)
        return folder

    yield mount
    subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=False)


def fill(disk: Path) -> Path:
    """A file that takes all the room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        while shutil.disk_usage(disk).free:
            file.write(b"x" * 4096)
    return filler


@pytest.mark.postgres
def test_kill_9_of_postgresql(tmp_path: Path, folder: Path, tell: Tell) -> None:
    fault = "kill -9 of PostgreSQL"
    kills = -(-KILLS // 5) or 1
    with Cluster(folder) as cluster, running(tmp_path, cluster.database) as world:
        chance = world.chance(fault)
        with posting(world, chance) as load:
            for _ in range(kills):
                load.go_on()
                cluster.kill()
                wait_for(lambda: load.refused, "a text to be refused", 60)
                cluster.start()
            load.wait_for_more(50)
        assert set(load.refused) == {503}
        tell(settled(world, load, fault), kills=kills)


def test_disk_full_on_sqlite(tmp_path: Path, mount: Mount, tell: Tell) -> None:
    disk = mount(16)
    with running(tmp_path, f"sqlite:///{disk / 'smshost.db'}") as world:
        check_full_disk(world, disk, tell)


@pytest.mark.postgres
def test_disk_full_on_postgresql(tmp_path: Path, mount: Mount, tell: Tell) -> None:
    disk = mount(100)
    with Cluster(disk) as cluster, running(tmp_path, cluster.database) as world:
        check_full_disk(world, disk, tell, cluster)


def check_full_disk(world: World, disk: Path, tell: Tell, cluster: Cluster | None = None) -> None:
    """Texts before, while and after the disk is full; PostgreSQL may have to be started again."""
    fault = "disk full"
    times = 5 if KILLS else 1
    with posting(world, world.chance(fault)) as load:
        for _ in range(times):
            load.go_on()
            filler = fill(disk)
            seen = len(load.refused)
            wait_for(lambda: len(load.refused) > seen + 20, "texts to be refused", 60)  # noqa: B023
            filler.unlink()
            if cluster is not None and not cluster.is_running():
                cluster.start()
        load.wait_for_more(50)
    assert set(load.refused) == {503}
    tell(settled(world, load, fault), times=times)
