"""SIGTERM ends a host in good order; kill -9 of one of its two processes ends the other."""

import os
import signal
import threading
from pathlib import Path

import pytest

from tests.faults.observing import (
    ADAPTERS,
    count,
    faulty_host,
    out_of_order,
    rows,
    states,
    wait_until_settled,
    web_gateway,
)
from tests.hosts import Host
from tests.programs import DEADLINE_SECONDS, wait_for
from tests.sink import Sink

TEXTS = 120


def post(host: Host, phone: str, text: str, id_: str) -> int:
    """The status a text is answered with; 0 where the host is not there."""
    try:
        return host.post(**{"from": phone, "text": text, "id": id_}).status_code
    except OSError:  # requests' errors are
        return 0


def worker_of(host: Host) -> int:
    """The process id of a host's worker."""
    pid = host.program.running.pid
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def is_gone(pid: int) -> bool:
    """Whether a process has ended, buried or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def end(host: Host) -> int:
    """SIGTERM to the host; gives its exit status, once it has ended in good order."""
    process = host.program.running
    process.terminate()
    status = process.wait(DEADLINE_SECONDS)
    host.program.finish()
    return status


def answer_after_a_second(_: dict[str, str]) -> int:
    threading.Event().wait(1)
    return 200


def test_sigterm_under_load_loses_and_holds_nothing(tmp_path: Path) -> None:
    with Sink() as sink:
        host = faulty_host(tmp_path, sink.port)
        answered: list[tuple[str, str]] = []

        def keep_posting(phone: str) -> None:
            for number in range(1, TEXTS + 1):
                id_ = f"{phone}-{number}"
                if post(host, phone, f"echo {number}", id_) != 200:
                    return
                answered.append((phone, id_))

        with host:
            posters = [threading.Thread(target=keep_posting, args=(f"+1555000{number}",)) for number in range(4)]
            for poster in posters:
                poster.start()
            wait_for(lambda: len(answered) > TEXTS, "load")
            assert end(host) == 0
            for poster in posters:
                poster.join(30)
            assert count(host, "outbox", "state IN ('HELD', 'SENDING')") == 0
            host.start()
            wait_until_settled(host)
        assert {id_ for _, id_ in answered} <= set(rows(host, "SELECT gateway_message_id FROM inbox"))
        assert states(host, "inbox") == {"HANDLED": count(host, "inbox")}
        assert states(host, "outbox") == {"SENT": count(host, "inbox")}
        assert len(sink.taken) == count(host, "inbox")
        assert out_of_order((each.to, int(each.text.split()[-1])) for each in sink.taken) == 0


def test_sigterm_lets_a_slow_handler_and_a_slow_gateway_finish(tmp_path: Path) -> None:
    with Sink() as sink:
        host = faulty_host(tmp_path, sink.port, "faults.slowSeconds=2")
        sink.answer = answer_after_a_second
        with host:
            post(host, "+15550001", "slow 1", "a")
            post(host, "+15550001", "slow 2", "b")
            post(host, "+15550002", "echo 1", "c")
            wait_for(lambda: count(host, "outbox", "state = 'SENDING'"), "the gateway to be spoken to")
            assert end(host) == 0
            assert states(host, "inbox") == {"HANDLED": 2, "RECEIVED": 1}
            assert states(host, "outbox") == {"QUEUED": 1, "SENT": 1}
            host.start()
            wait_until_settled(host)
        assert states(host, "outbox") == {"SENT": 3}
        assert sink.accepted("+15550001") == ["re slow 1", "re slow 2"]


def test_sigterm_ends_a_host_that_has_just_begun(tmp_path: Path) -> None:
    host = faulty_host(tmp_path, 9, "faults.loadSeconds=3")
    with host.program:
        wait_for(lambda: "loading" in host.program.log, "the adapters to be loading")
        assert end(host) == 0


def test_a_killed_supervisor_takes_its_worker_along(tmp_path: Path) -> None:
    with Sink() as sink:
        host = faulty_host(tmp_path, sink.port)
        host.start()
        worker = worker_of(host)
        post(host, "+15550001", "echo 1", "a")
        host.program.running.kill()
        host.program.finish()
        wait_for(lambda: is_gone(worker), "the worker to end by itself")
        with host:  # on the same port
            assert post(host, "+15550001", "echo 2", "b") == 200
            wait_until_settled(host)
        assert sink.accepted() == ["re echo 1", "re echo 2"]
        assert states(host, "outbox") == {"SENT": 2}


def test_a_supervisor_killed_while_the_worker_loads_takes_it_along(tmp_path: Path) -> None:
    host = faulty_host(tmp_path, 9, "faults.loadSeconds=3")
    with host.program:
        wait_for(lambda: "loading" in host.program.log, "the adapters to be loading")
        worker = worker_of(host)
        host.program.running.kill()
        host.program.finish()
        wait_for(lambda: is_gone(worker), "the worker to end by itself")


def test_a_killed_worker_ends_the_host_with_an_error_for_its_supervisor_to_see(tmp_path: Path) -> None:
    with Sink() as sink:
        host = faulty_host(tmp_path, sink.port)
        host.start()
        os.kill(worker_of(host), signal.SIGKILL)
        status = host.program.running.wait(DEADLINE_SECONDS)
        host.program.finish()
        assert status == 1


@pytest.mark.parametrize("killed", [True, False])
def test_a_second_host_on_the_database_only_receives_until_the_first_ends(tmp_path: Path, killed: bool) -> None:
    with Sink() as sink:
        first = faulty_host(tmp_path, sink.port)
        (tmp_path / "second").mkdir()
        second = Host(
            tmp_path / "second",
            web_gateway(sink.port),
            adapters=ADAPTERS,
            database=f"sqlite:///{tmp_path / 'smshost.db'}",
        )
        first.start()
        with second:
            for number in range(1, 31):
                assert post((first, second)[number % 2], "+15550001", f"slow {number}", str(number)) == 200
            wait_until_settled(first)
            assert (first.program.log.count("slowly"), second.program.log.count("slowly")) == (30, 0)
            if killed:
                first.kill()
            else:
                assert end(first) == 0
            for number in range(31, 41):
                assert post(second, "+15550001", f"slow {number}", str(number)) == 200
            wait_until_settled(first)
        assert sink.accepted() == [f"re slow {number}" for number in range(1, 41)]
        assert count(first, "handling") == 40
