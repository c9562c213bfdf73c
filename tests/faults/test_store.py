"""A database that does not take anything: 503 so that gateways keep their texts, nothing half-stored, and then on."""

import os
import resource
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from tests.faults.observing import count, faulty_host, rows, states, wait_until_settled
from tests.hosts import Host
from tests.programs import wait_for
from tests.services import require
from tests.sink import Sink

PHONE = "+15550001"
INSISTING = "are not written down yet"
KEPT = (503, "text/plain; charset=utf-8", "5", "the store is unavailable, send it again\n")


def post(host: Host, number: int) -> requests.Response:
    """Text `echo <number>`, named by its number."""
    return host.post(**{"from": PHONE, "text": f"echo {number}", "id": str(number)})


def shown(answer: requests.Response) -> tuple[int, str, str | None, str]:
    """What a gateway sees of an answer."""
    return answer.status_code, answer.headers["content-type"], answer.headers.get("retry-after"), answer.text


def worker_of(host: Host) -> int:
    """The process id of a host's worker."""
    pid = host.program.running.pid
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


@contextmanager
def locked(host: Host) -> Iterator[None]:
    """The database locked by this process."""
    with closing(sqlite3.connect(host.directory / "smshost.db", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def limited(host: Host) -> Iterator[None]:
    """A host whose files may not grow."""
    pid = worker_of(host)
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def moved_away(host: Host) -> Iterator[None]:
    """A database file that is not where it was."""
    path = host.directory / "smshost.db"
    path.rename(path.with_suffix(".away"))
    yield
    path.with_suffix(".away").rename(path)


@contextmanager
def full(host: Host) -> Iterator[None]:
    """A disk without any room; for a host in a small file system."""
    filler = host.directory / "filler"
    with filler.open("wb", buffering=0) as file:
        while shutil.disk_usage(host.directory).free:
            file.write(b"x" * 4096)
    yield
    filler.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB; mounting takes root."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        require("the right to mount a file system", False)
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.parametrize("trouble", [limited, moved_away, locked])
def test_texts_are_refused_while_the_database_takes_nothing_and_all_goes_on_afterwards(
    tmp_path: Path, trouble: Callable[[Host], Iterator[None]]
) -> None:
    with Sink() as sink, faulty_host(tmp_path, sink.port) as host:
        check_that_trouble_passes(host, sink, trouble)


def test_texts_are_refused_while_the_disk_is_full_and_all_goes_on_afterwards(small_disk: Path) -> None:
    with Sink() as sink, faulty_host(small_disk, sink.port) as host:
        check_that_trouble_passes(host, sink, full)


def check_that_trouble_passes(host: Host, sink: Sink, trouble: Callable[[Host], Iterator[None]]) -> None:
    """Texts before, during and after it: those refused are not there, those taken are handled and sent."""
    assert post(host, 1).status_code == 200
    wait_until_settled(host)
    with trouble(host):
        assert shown(post(host, 2)) == KEPT
    assert count(host, "inbox") == 1
    wait_for(lambda: post(host, 2).status_code == 200, "the host to take texts again")
    assert post(host, 3).status_code == 200
    wait_until_settled(host)
    assert (states(host, "inbox"), states(host, "outbox")) == ({"HANDLED": 3}, {"SENT": 3})
    assert sink.accepted() == ["re echo 1", "re echo 2", "re echo 3"]
    assert "Traceback" not in host.program.log


def test_what_a_gateway_said_is_written_down_however_long_the_database_takes(tmp_path: Path) -> None:
    may_answer = threading.Event()

    def answer(_: dict[str, str]) -> int:
        may_answer.wait(10)
        return 200

    with Sink() as sink, faulty_host(tmp_path, sink.port) as host:
        sink.answer = answer
        post(host, 1)
        wait_for(lambda: count(host, "outbox", "state = 'SENDING'"), "the gateway to be spoken to")
        with moved_away(host):
            may_answer.set()
            wait_for(lambda: INSISTING in host.program.log, "the host to notice")
        wait_until_settled(host)
        assert states(host, "outbox") == {"SENT": 1}
        assert rows(host, "SELECT outcome FROM submission") == ["ACCEPTED"]
        assert sink.accepted() == ["re echo 1"]


def test_what_a_gateway_said_is_written_down_while_the_host_stops(tmp_path: Path) -> None:
    may_answer = threading.Event()

    def answer(_: dict[str, str]) -> int:
        may_answer.wait(10)
        return 200

    with Sink() as sink, faulty_host(tmp_path, sink.port) as host:
        sink.answer = answer
        post(host, 1)
        wait_for(lambda: count(host, "outbox", "state = 'SENDING'"), "the gateway to be spoken to")
        host.program.terminate()
        wait_for(lambda: not host.is_ready(), "the host to stop")
        with moved_away(host):
            may_answer.set()
            wait_for(lambda: host.program.log.count(INSISTING) > 1, "the host to insist")
        host.stop()
        assert states(host, "outbox") == {"SENT": 1}
        assert rows(host, "SELECT outcome FROM submission") == ["ACCEPTED"]


def test_a_corrupted_database_refuses_texts(tmp_path: Path) -> None:
    with Sink() as sink, faulty_host(tmp_path, sink.port) as host:
        post(host, 1)
        wait_until_settled(host)
        for path in (tmp_path / "smshost.db", tmp_path / "smshost.db-wal"):
            path.write_bytes(b"no database" * (path.stat().st_size // 11))
        statuses: list[int] = []  # SQLite may write to pages it knows before it reads one that is broken

        def is_refused() -> bool:
            answer = shown(post(host, len(statuses) + 2))
            statuses.append(answer[0])
            return answer == KEPT

        wait_for(is_refused, "texts to be refused")
        assert set(statuses) <= {200, 503}
        assert requests.get(f"{host.url}/health/ready", timeout=10).status_code == 503


def test_a_database_replaced_by_a_copy_is_opened_anew(tmp_path: Path) -> None:
    with Sink() as sink, faulty_host(tmp_path, sink.port) as host:
        post(host, 1)
        wait_until_settled(host)
        path = tmp_path / "smshost.db"
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
            source.backup(copy)
        for name in ("smshost.db-wal", "smshost.db-shm"):
            (tmp_path / name).unlink()
        shutil.move(tmp_path / "copy.db", path)
        wait_for(lambda: post(host, 2).status_code == 200, "the host to take texts again")
        wait_until_settled(host)
        assert rows(host, "SELECT text FROM inbox ORDER BY id") == ["echo 1", "echo 2"]


def test_a_host_that_cannot_open_its_database_says_so_and_ends(tmp_path: Path) -> None:
    host = faulty_host(tmp_path, 9)
    path = tmp_path / "smshost.db"
    path.write_bytes(b"no database" * 1000)
    ended = host.run("serve", "--port", str(host.port))
    assert (ended.status, ended.output.splitlines()[-1]) == (
        1,
        f"Error: the database sqlite:///{path} cannot be used: file is not a database",
    )
