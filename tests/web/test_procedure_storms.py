"""Procedure calls that are huge, deep, many or hang: each has its answer, and texts are received all the while."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
import requests

from tests.faults.observing import rows
from tests.hosts import CREDENTIAL, Host
from tests.programs import wait_for
from tests.web.shop import shop
from tests.web.wire import FORM, JSON, QUIET, Answer, answer_on, ask, connect, get, kept, request

ECHO = "/context/adapters/shop/echo"
EACH = 8  # calls of one adapter, of host.web.rooms


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with shop(tmp_path_factory.mktemp("storm"), properties=f"{QUIET}\nsmshost.receive.maxBodyBytes=2000000") as host:
        yield host


@contextmanager
def _locked(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield connection


def _texts(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM outbox")]


def post(kind: str, body: bytes, target: str = ECHO) -> bytes:
    return request("POST", target, [kind], body)


MANY = json.dumps(list(range(100_000))).encode()
HOSTILE = [
    (post(JSON, b"[" + b"1," * 2_500_000 + b"1]"), 413),
    (post(FORM, b"params=" + b"a" * 5_000_000), 413),
    (post(JSON, MANY), 200),
    (post(FORM, b"params=" + MANY), 200),
    (post(FORM, b"params=" + b"['a'" + b",'b'" * 400_000 + b"]"), 200),
    (post(FORM, b"params=" + b"['a'" + b",'b'" * 400_000), 400),
    (post(JSON, b"[" * 500_000 + b"]" * 500_000), 400),
    (post(JSON, b'{"params":' * 5_000 + b"1" + b"}" * 5_000), 400),
    (post(FORM, b"params=" + b"[" * 500_000), 400),
    (post(FORM, b"params='" + b"[" * 500_000), 400),
    (post(FORM, b"params=" + b"/*" * 500_000), 400),
    (post(FORM, b"params=[" + b"9" * 500_000 + b"]"), 400),
    (post(FORM, b"params=[" + b"-" * 500_000), 400),
    (post(FORM, b"&".join(b"a%d=1" % number for number in range(2000))), 400),
    (request("GET", f"{ECHO}?params=%00%01%1b%5B31m"), 400),
    (request("GET", f"{ECHO}?params=%FF%FE"), 400),
    (request("GET", f"{ECHO}?params=[%22%1b%22]"), 200),
    (request("GET", f"{ECHO}?params=%5B%22%E2%80%AE%22%5D"), 200),
    (post("Content-Type: application/json; charset=utf-16", "[1]".encode("utf-16")), 400),
    (post("Content-Type: multipart/form-data; boundary=x", b"--x\r\n"), 400),
    (request("POST", ECHO, [JSON, "Content-Length: 50"], b"[1]"), None),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "status"), HOSTILE)
def test_hostile_calls_are_answered(host: Host, asked: bytes, status: int | None) -> None:
    answer = ask(host, asked, hang_up=status is None)
    assert answer.status in ({status} if status else {400})
    assert "Traceback" not in answer.body


def test_nothing_of_it_steers_the_log(host: Host) -> None:
    log = host.program.log
    assert ("\x1b" in log, "Traceback" in log) == (False, "1 / 0" in log)  # the one adapter that is broken


def test_procedures_that_hang_never_stop_texts(host: Host) -> None:
    hang = request("GET", "/context/adapters/shop/hang?params=[3]")
    before = len(kept(host))
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(host, 30)) for _ in range(EACH)]
        for connection in connections:
            connection.sendall(hang)
        more = [stack.enter_context(connect(host, 30)) for _ in range(3 * 64)]
        for connection in more:
            connection.sendall(hang)
        for number in range(20):
            assert ask(host, get(f"from=1&text=n{number}"), timeout=5) == Answer(200)
        answers = [answer_on(connection) for connection in more]
        assert {(answer.status, answer.body) for answer in answers} <= {
            (503, "too many calls of adapters are under way: send it again\n"),
            (200, '{"isSuccessful": true}'),
        }
        assert sum(answer.status == 503 for answer in answers) >= 3 * 64 - EACH
        assert [answer_on(connection).status for connection in connections] == [200] * EACH
    assert [text.text for text in kept(host)[before:]] == [f"n{number}" for number in range(20)]
    assert "no room for '/adapters/shop/hang'; under way: /adapters/shop/hang for " in host.program.log
    assert ask(host, request("GET", ECHO)).status == 200


def test_a_stuck_adapter_leaves_room_for_others(tmp_path: Path) -> None:
    with shop(tmp_path) as host, ExitStack() as stack:
        hanging = [stack.enter_context(connect(host, 30)) for _ in range(18)]
        for connection in hanging:
            connection.sendall(request("GET", "/context/adapters/shop/hang?params=[4]"))
        answer = requests.get(f"{host.url}{ECHO}", timeout=20)
        while answer.status_code != 503:  # the others are still on their way in
            answer = requests.get(f"{host.url}{ECHO}", timeout=20)
        assert answer.headers["Retry-After"] == "5"
        for _ in range(10):
            assert requests.get(f"{host.url}/context/adapters/guarded/open", timeout=20).status_code == 200
        assert requests.get(f"{host.url}{ECHO}", timeout=20).status_code == 503  # meanwhile
        assert sorted(answer_on(each).status for each in hanging) == [200] * EACH + [503] * (18 - EACH)


def test_a_store_that_is_away_is_503_and_nothing_counts(tmp_path: Path) -> None:
    with shop(tmp_path) as host:
        url = f"{host.url}/context/adapters/shop/text"
        params = {"params": '["+15550001", "a"]'}
        assert requests.get(url, params, auth=CREDENTIAL, timeout=20).json() == {"isSuccessful": True}
        database = host.directory / "smshost.db"
        with ExitStack() as stack:
            connection = stack.enter_context(_locked(database))
            answer = requests.get(url, params, auth=CREDENTIAL, timeout=30)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert answer.text == "the store is unavailable, send it again\n"
            connection.execute("ROLLBACK")
        assert requests.get(url, params, auth=CREDENTIAL, timeout=20).json() == {"isSuccessful": True}
        assert len(_texts(database)) == 2


def test_a_procedure_that_ran_too_long_is_logged_and_counted(tmp_path: Path) -> None:
    with shop(tmp_path, properties=f"{QUIET}\nsmshost.handling.limitSeconds=0.05") as host:
        assert ask(host, request("GET", "/context/adapters/shop/hang?params=[0.1]")).status == 200
        said = "shop.hang ran for 0.1 s, longer than smshost.handling.limitSeconds"
        wait_for(lambda: said in host.program.log, "the log's line")
        counted = "adapter shop: 1 run(s) of its handlers took too long"
        wait_for(lambda: rows(host, "SELECT overruns FROM adapter_health") == [1], "the count")
        assert counted in host.run("status").output
