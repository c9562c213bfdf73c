"""Gateways that fail: what was not taken is offered again, what may have been taken is held, and all of it is told."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.observing import ADAPTERS, count, rows, states, wait_until_settled, web_gateway
from tests.faults.oddgateway import Answer, OddGateway, saying
from tests.hosts import Host, gateway
from tests.programs import free_ports, wait_for
from tests.sink import Sink

PHONE = "+15550001"
QUICK = "smshost.sending.firstWaitSeconds=0.1\nsmshost.sending.longestWaitSeconds=0.3\nsmshost.sending.attempts=3\n"
PATIENT = "smshost.sending.firstWaitSeconds=0.1\nsmshost.sending.longestWaitSeconds=0.3\nsmshost.sending.attempts=500\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def told(host: Host) -> str:
    """The story of the first text to a phone."""
    return host.run("story", "out-1").output


def drip(connection: socket.socket, text: bytes) -> None:
    for byte in text:
        connection.sendall(bytes([byte]))
        threading.Event().wait(0.3)


def hang(connection: socket.socket) -> None:
    connection.recv(1)  # until the host hangs up


swallowed: list[bytes] = []  # the huge answers that were read to their end


def huge(status: bytes) -> Answer:
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 40000000\r\n\r\n")
        for _ in range(400):
            connection.sendall(b"x" * 100_000)
        swallowed.append(status)

    return answer


DRIPPED_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"


def drip_body(connection: socket.socket) -> None:
    connection.sendall(DRIPPED_BODY)
    drip(connection, b"." * 40)


def drip_head(connection: socket.socket) -> None:
    drip(connection, b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 3)


ENDINGS: dict[str, tuple[Answer, str, int, str]] = {
    "ok": (saying(OK), "SENT", 1, "heard 200"),
    "500": (saying(b"HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\nsick"), "FAILED", 3, "the gateway answered 500: sick"),
    "404": (saying(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), "FAILED", 3, "the gateway answered 404"),
    "400": (saying(b"HTTP/1.1 400 No\r\nContent-Length: 3\r\n\r\nbad"), "FAILED", 1, "the gateway answered 400: bad"),
    "redirect": (
        saying(b"HTTP/1.1 302 Elsewhere\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"),
        "FAILED",
        3,
        "the gateway answered 302",
    ),
    "odd redirect": (
        saying(b"HTTP/1.1 302 Elsewhere\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n"),
        "FAILED",
        3,
        "the gateway answered 302",
    ),
    "endless redirect": (
        huge(b"302 Elsewhere\r\nLocation: http://127.0.0.1:9/"),
        "FAILED",
        3,
        "the gateway answered 302",
    ),
    "no answer": (hang, "HELD", 1, "did not answer"),
    "closed": (saying(), "HELD", 1, "did not answer"),
    "no http": (saying(b"220 smtp ready\r\n"), "HELD", 1, "did not answer"),
    "cut": (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), "HELD", 1, "did not answer"),
    "cut in chunks": (
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nha"),
        "HELD",
        1,
        "did not answer",
    ),
    "huge": (huge(b"200 OK"), "SENT", 1, "heard 200"),
    "dripping": (drip_body, "HELD", 1, "did not answer: ReadTimeout"),
    "dripping head": (drip_head, "HELD", 1, "did not answer: ReadTimeout"),
    "odd headers": (saying(b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 0\r\n\r\n"), "SENT", 1, "heard 200"),
}
SECRET, AWKWARD = "correct-horse", "b&tte%ry st/ple"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Host]]:
    """A host with a gateway for every ending, which has sent one text through each."""
    with contextmanager(_odd)(tmp_path_factory.mktemp("odd")) as hosts:
        yield hosts


def _odd(directory: Path) -> Iterator[dict[str, Host]]:
    gateways = [OddGateway(answer) for answer, *_ in ENDINGS.values()]
    for each in gateways:
        each.__enter__()
    credentials = (("user", "gw"), ("password", SECRET), ("api[key]", AWKWARD))
    elements = "".join(
        gateway(f"g{number}", each.port, *credentials, timeout="1") for number, each in enumerate(gateways)
    )
    with Host(directory, elements, properties=QUICK, adapters=ADAPTERS) as host:
        for number in range(len(gateways)):
            assert host.post(f"/g{number}", **{"from": f"+1555000{number:04}", "text": "echo 1"}).status_code == 200
        wait_until_settled(host, 20)
        assert all(SECRET in each.heads[0] for each in gateways)
        yield {"host": host}
    for each in gateways:
        each.__exit__(None, None, None)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_a_gateways_answer_makes_of_a_text(odd: dict[str, Host], ending: str) -> None:
    host, (_, state, attempts, said) = odd["host"], ENDINGS[ending]
    number = list(ENDINGS).index(ending)
    ((id_, *found),) = rows(host, "SELECT id, state, attempts FROM outbox WHERE gateway = :name", name=f"g{number}")
    ((exchange, error),) = rows(
        host, "SELECT exchange, error FROM submission WHERE outbox_id = :number LIMIT 1", number=id_
    )
    assert (found, said in exchange + error) == ([state, attempts], True)


def test_huge_answers_are_not_read_to_their_end(odd: dict[str, Host]) -> None:
    assert count(odd["host"], "submission", "exchange LIKE '%200 xxx%' OR exchange LIKE '%302 xxx%'") == 1 + 3
    assert swallowed == []


@pytest.mark.parametrize("ending", ["dripping", "dripping head"])
def test_an_answer_that_drips_is_given_up_in_time(odd: dict[str, Host], ending: str) -> None:
    gateway_id = f"g{list(ENDINGS).index(ending)}"
    (took,) = rows(odd["host"], "SELECT ended_at - started_at FROM submission WHERE gateway = :name", name=gateway_id)
    assert took < 3000


def test_credentials_are_sent_and_never_shown(odd: dict[str, Host]) -> None:
    host = odd["host"]
    numbers = rows(host, "SELECT id FROM outbox WHERE state = 'HELD' LIMIT 2")
    shown = host.program.log + "".join(host.run("story", f"out-{number}").output for number in numbers)
    shown += "".join(rows(host, "SELECT exchange || error FROM submission"))
    assert "password=***" in shown
    assert not re.findall(r"correct-horse|b&tte|b%26tte|st/ple|st%2Fple", shown)


def test_a_held_text_says_so_in_its_story(odd: dict[str, Host]) -> None:
    number = rows(odd["host"], "SELECT id FROM outbox WHERE state = 'HELD' ORDER BY id")[0]
    assert f"out-{number} is HELD: 127.0.0.1:" in odd["host"].run("story", f"out-{number}").output


def test_a_gateway_that_echoes_its_request_shows_no_credentials(tmp_path: Path) -> None:
    def echo(connection: socket.socket) -> None:
        body = echoing.heads[-1].split()[1].encode() + b" x" * 60 + b" correct-horse correct-horse"
        connection.sendall(b"HTTP/1.1 400 No\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    with OddGateway(echo) as echoing:
        element = gateway("web", echoing.port, ("password", SECRET), ("api[key]", AWKWARD))
        with Host(tmp_path, element, adapters=ADAPTERS) as host:
            host.post(**{"from": PHONE, "text": "echo 1"})
            wait_until_settled(host)
            shown = told(host) + host.program.log
        assert SECRET in echoing.heads[0]
        assert "b%26tte%25ry%20st%2Fple" in echoing.heads[0]
        assert not re.findall(r"corr|b&tte|b%26tte|st/ple|st%2Fple", shown.replace("correct", "corr"))


def test_texts_to_a_gateway_that_is_not_there_yet_wait_in_order(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    with Host(tmp_path, web_gateway(port), properties=PATIENT, adapters=ADAPTERS) as host:
        for number in range(1, 11):
            host.post(**{"from": f"+1555000{number % 2}", "text": f"echo {number}"})
        wait_for(lambda: count(host, "submission", "outcome = 'TRY_LATER'") >= 4, "some tries")
        with Sink(port) as sink:
            wait_until_settled(host)
        assert states(host, "outbox") == {"SENT": 10}
        assert sink.accepted("+15550001") == [f"re echo {number}" for number in (1, 3, 5, 7, 9)]
        assert sink.accepted("+15550000") == [f"re echo {number}" for number in (2, 4, 6, 8, 10)]


def test_retry_after_is_honoured_and_later_texts_of_the_phone_wait_behind(tmp_path: Path) -> None:
    answers: list[Answer] = [saying(b"HTTP/1.1 429 Slow\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n")]

    def answer(connection: socket.socket) -> None:
        (answers.pop() if answers else saying(OK))(connection)

    with OddGateway(answer) as odd, Host(tmp_path, web_gateway(odd.port), properties=QUICK, adapters=ADAPTERS) as host:
        for number in (1, 2):
            host.post(**{"from": PHONE, "text": f"echo {number}"})
        wait_until_settled(host)
        ends = rows(host, "SELECT outbox_id, ended_at, started_at FROM submission ORDER BY started_at, outbox_id")
    assert [number for number, *_ in ends] == [1, 1, 2]
    assert ends[1][2] - ends[0][1] >= 2000


def test_a_connection_is_used_again(tmp_path: Path) -> None:
    served: list[int] = []

    def answer(connection: socket.socket) -> None:
        for _ in range(3):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntaken")
            served.append(connection.getpeername()[1])
            connection.recv(65536)

    with OddGateway(answer) as odd:
        element = web_gateway(odd.port, concurrency="1")
        with Host(tmp_path, element, adapters=ADAPTERS) as host:
            for number in range(3):
                host.post(**{"from": PHONE, "text": f"echo {number}"})
            wait_until_settled(host)
    assert len(served) == 3
    assert len(set(served)) == 1
