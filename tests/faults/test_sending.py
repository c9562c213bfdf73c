"""Sending against gateways that have limits and troubles: a real host, and gateways that watch what comes when."""

import json
import random
import socket
import sqlite3
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from tests.faults.observing import (
    ADAPTERS,
    count,
    out_of_order,
    rows,
    states,
    wait_until_sent,
    wait_until_settled,
    web_gateway,
)
from tests.faults.oddgateway import OddGateway, saying
from tests.hosts import Host
from tests.programs import free_ports, wait_for
from tests.sink import Sink

QUICK = "smshost.sending.firstWaitSeconds=0.1\nsmshost.sending.longestWaitSeconds=0.3\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
PHONE = "+15550001"
SEED = 26161
BUSY = 40.0  # seconds, on a machine that does other things too


def queue(host: Host, texts: Iterable[tuple[str, str]], priority: int = 0) -> None:
    """Texts in the outbox, as phone and text, for the host to find."""
    row = "'a.b', 'web', ?, ?, 'QUEUED', 0, 1, 1, '', ?"
    names = "event_source, gateway, receiver, text, state, attempts, created_at, due_at, error, priority"
    with closing(sqlite3.connect(host.directory / "smshost.db", timeout=30)) as connection, connection:
        connection.executemany(f"INSERT INTO outbox ({names}) VALUES ({row})", [(*text, priority) for text in texts])


def host_for(directory: Path, port: int, properties: str = QUICK, **attributes: str) -> Host:
    """A host at rest with its database made, so that texts can be queued before it starts."""
    host = Host(directory, web_gateway(port, **attributes), properties=properties, adapters=ADAPTERS)
    assert host.run("db", "upgrade").status == 0
    return host


def numbered(count: int, phones: int, first: int = 0) -> list[tuple[str, str]]:
    return [(f"+1555{number % phones:04}", str(number)) for number in range(first, first + count)]


def order(sink: Sink) -> int:
    """How many accepted texts came out of their phone's order."""
    return out_of_order((each.to, int(each.text)) for each in sink.taken if each.status == 200)


class Watch:
    """What a gateway sees: when each request came, and how many there were at a time."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.times: list[float] = []
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def answer(self, _: dict[str, str]) -> int:
        with self._lock:
            self.times.append(time.monotonic())
            self._now += 1
            self.most = max(self.most, self._now)
        threading.Event().wait(self.seconds)
        with self._lock:
            self._now -= 1
        return 200


def test_a_gateway_that_was_down_costs_no_text_its_attempts_or_its_place(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    properties = f"{QUICK}smshost.sending.attempts=3\nsmshost.sending.circuitLongestSeconds=1\n"
    host = host_for(tmp_path, port, properties)
    queue(host, numbered(200, 20))
    with host:
        probes = "outcome = 'TRY_LATER'"
        wait_for(lambda: "circuit open" in host.program.log, "the circuit to open", BUSY)
        queue(host, numbered(100, 20, 200))
        before = count(host, "submission", probes)
        wait_for(lambda: count(host, "submission", probes) >= before + 2, "two probes", BUSY)
        assert "gateway web: circuit open since" in host.run("status").output
        assert count(host, "submission", probes) < 20
        with Sink(port) as sink:
            wait_until_sent(host, BUSY)
            assert "circuit open" not in host.run("status").output
    assert states(host, "outbox") == {"SENT": 300}
    assert (order(sink), len(sink.accepted())) == (0, 300)
    assert host.program.log.count("circuit open") == host.program.log.count("circuit closed") == 1


def test_every_text_of_a_sick_gateway_arrives_once_and_in_order(tmp_path: Path) -> None:
    """Half of all requests are answered 429 or 503."""
    chance = random.Random(SEED)

    def answer(_: dict[str, str]) -> int:
        return chance.choice([200, 200, 429, 503])

    with Sink() as sink:
        sink.answer = answer
        properties = f"{QUICK}smshost.sending.circuitLongestSeconds=0.1\nsmshost.sending.attempts=1000\n"
        host = host_for(tmp_path, sink.port, properties)
        queue(host, numbered(300, 30))
        with host:
            wait_until_sent(host, 60)
        assert (states(host, "outbox"), order(sink)) == ({"SENT": 300}, 0)
        assert len(sink.accepted()) == len(set(sink.accepted())) == 300


def test_one_text_that_ails_its_gateway_does_not_stop_the_others(tmp_path: Path) -> None:
    """It is answered 500 whenever it comes, goes before announcements, and opens the circuit by itself."""
    with Sink() as sink:
        sink.answer = lambda given: 500 if given["text"] == "poison" else 200
        limits = "smshost.sending.attempts=8\nsmshost.sending.circuitLongestSeconds=2\n"
        host = host_for(tmp_path, sink.port, QUICK + limits)
        queue(host, [(PHONE, "poison")])
        with host:
            wait_for(lambda: "circuit open" in host.program.log, "the circuit to open", BUSY)
            queue(host, [(f"+1555100{number:02}", "announced") for number in range(20)], priority=1)
            wait_for(lambda: len(sink.accepted()) == 20, "the others", 15)
            wait_until_sent(host, BUSY)
        assert states(host, "outbox") == {"SENT": 20, "FAILED": 1}
        assert rows(host, "SELECT attempts - excused FROM outbox WHERE text = 'poison'") == [8]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_at_a_time_than_allowed(tmp_path: Path, concurrency: int) -> None:
    watch = Watch(0.01)
    with Sink() as sink:
        sink.answer = watch.answer
        host = host_for(tmp_path, sink.port, concurrency=str(concurrency))
        queue(host, numbered(150, 50))
        with host:
            wait_until_sent(host, BUSY)
        assert (watch.most, order(sink), len(sink.taken)) == (concurrency, 0, 150)


def test_texts_are_evenly_spaced_and_parts_counted(tmp_path: Path) -> None:
    watch = Watch()
    with Sink() as sink:
        sink.answer = watch.answer
        host = host_for(tmp_path, sink.port, rate="20", longTexts="split")
        queue(host, [(f"+1555{number}", "a" * 400) for number in range(10)])
        with host:
            wait_until_sent(host, BUSY)
    gaps = [later - earlier for earlier, later in pairwise(watch.times)]
    assert len(watch.times) == 30
    assert sum(gaps) >= 29 * 0.05 - 0.2  # the first may be late, and is not made up for
    assert sorted(gaps)[5] > 0.02


def test_a_reply_goes_out_before_the_announcements_that_wait(tmp_path: Path) -> None:
    with Sink() as sink:
        host = host_for(tmp_path, sink.port, rate="4")
        queue(host, [(f"+1555{number:04}", "announcement") for number in range(500)], priority=1)
        with host:
            sink.wait_for(3)
            host.post(**{"from": PHONE, "text": "echo 1"})
            came = len(sink.taken)
            wait_for(lambda: "re echo 1" in sink.accepted(), "the reply", BUSY)
            assert sink.accepted().index("re echo 1") <= came + 1
            host.kill()


def test_a_gateway_that_asks_for_a_pause_gets_it_for_all_texts(tmp_path: Path) -> None:
    times: list[float] = []

    def answer(connection: socket.socket) -> None:
        times.append(time.monotonic())
        slow = b"HTTP/1.1 429 Slow\r\nRetry-After: 2\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(slow if len(times) == 1 else LAST)

    with OddGateway(answer) as odd, host_for(tmp_path, odd.port, concurrency="1") as host:
        for number in range(20):
            host.post(**{"from": f"+1555000{number}", "text": f"echo {number}"})
        wait_until_settled(host, BUSY)
        assert states(host, "outbox") == {"SENT": 20}
    assert (times[1] - times[0] >= 2, len(times)) == (True, 21)


def test_an_unknown_outcome_is_offered_again_where_that_is_allowed(tmp_path: Path) -> None:
    answers = [saying(), saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")]

    def answer(connection: socket.socket) -> None:
        (answers.pop() if answers else saying(OK))(connection)

    with OddGateway(answer) as odd, host_for(tmp_path, odd.port, **{"on-unknown": "retry"}) as host:
        host.post(**{"from": PHONE, "text": "echo 1"})
        wait_until_settled(host, BUSY)
        outcomes = rows(host, "SELECT outcome FROM submission ORDER BY attempt")
        assert (outcomes, states(host, "outbox")) == (["UNKNOWN", "UNKNOWN", "ACCEPTED"], {"SENT": 1})


SMSGATE = """<gateway id="web" dialect="smsgate" hostname="127.0.0.1" port="{}" protocol="http" concurrency="1">
<parameter name="username" value="user"/><parameter name="password" value="secret"/></gateway>"""


def test_a_gateway_that_knows_its_texts_is_offered_an_unknown_one_again(tmp_path: Path) -> None:
    """The phone took the text, and its answer was lost: 409 to the same id means that it has it."""
    ids: list[str] = []

    def answer(connection: socket.socket) -> None:
        head = odd.heads[-1]
        body = head.partition("\r\n\r\n")[2] or connection.recv(65536).decode()
        ids.append(json.loads(body)["id"])
        if len(ids) > 1:
            connection.sendall(b"HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n")

    with OddGateway(answer) as odd:
        host = Host(tmp_path, SMSGATE.format(odd.port), properties=QUICK, adapters=ADAPTERS)
        assert host.run("db", "upgrade").status == 0
        queue(host, [(PHONE, "1"), ("+15550002", "2")])
        with host:
            wait_until_sent(host, BUSY)
        outcomes = rows(host, "SELECT outcome FROM submission ORDER BY outbox_id, attempt")
        named = rows(host, "SELECT gateway_message_id FROM submission WHERE outcome = 'ACCEPTED'")
        assert sorted(outcomes) == ["ACCEPTED", "ACCEPTED", "UNKNOWN"]
        assert (len(ids), sorted(set(ids)), states(host, "outbox")) == (3, sorted(named), {"SENT": 2})


def test_an_unknown_outcome_is_offered_again_within_bounds(tmp_path: Path) -> None:
    properties = f"{QUICK}smshost.sending.attempts=3\n"
    with OddGateway(saying()) as odd:
        host = host_for(tmp_path, odd.port, properties, **{"on-unknown": "retry"})
        with host:
            host.post(**{"from": PHONE, "text": "echo 1"})
            wait_until_settled(host, BUSY)
        assert (states(host, "outbox"), len(odd.heads)) == ({"HELD": 1}, 3)


@pytest.mark.parametrize(("policy", "state", "offered"), [("hold", "HELD", [1, 2]), ("retry", "SENT", [1, 2, 2, 3])])
def test_accepted_parts_are_not_repeated_after_a_kill(
    tmp_path: Path, policy: str, state: str, offered: list[int]
) -> None:
    killed = threading.Event()

    def answer(connection: socket.socket) -> None:
        if len(odd.heads) == 2 and not killed.is_set():
            killed.wait(20)  # the second part is under way when the host is killed
        else:
            connection.sendall(OK)

    with OddGateway(answer) as odd:
        host = host_for(tmp_path, odd.port, longTexts="split", **{"on-unknown": policy})
        queue(host, [(PHONE, "a" * 153 + "b" * 153 + "c" * 50)])
        host.start()
        wait_for(lambda: len(odd.heads) == 2, "the second part", BUSY)
        wait_for(lambda: count(host, "submission", "outcome = 'ACCEPTED'") == 1, "the first part to be durable", BUSY)
        host.kill()
        killed.set()
        with host:
            wait_until_sent(host, BUSY)
        assert states(host, "outbox") == {state: 1}
        parts = [
            next(number for number, letter in enumerate("abc", 1) if f"text={letter}" in head) for head in odd.heads
        ]
        assert parts == offered


def test_a_connection_that_the_gateway_closed_meanwhile_costs_no_text(tmp_path: Path) -> None:
    """It says keep-alive and closes after each answer."""
    with OddGateway(saying(OK)) as odd, host_for(tmp_path, odd.port, concurrency="1") as host:
        for number in range(10):
            host.post(**{"from": PHONE, "text": f"echo {number}"})
            wait_until_settled(host, BUSY)
        assert states(host, "outbox") == {"SENT": 10}
        assert len(odd.heads) == 10
