"""Many at once, slow ones, and several requests on one connection: everybody is answered, and nothing is lost."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.hosts import CREDENTIAL, HEADER, Host, gateway, opened
from tests.programs import wait_for
from tests.web.wire import (
    BASIC,
    FORM,
    QUIET,
    RECEIVE,
    Answer,
    answer_on,
    ask,
    attacked,
    connect,
    get,
    kept,
    post,
    request,
)

pytestmark = pytest.mark.alone

OK = Answer(200)
THREADS = 208  # of host.serving
CROWD = 1300


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    host = Host(tmp_path_factory.mktemp("crowd"), gateway("web", 9), properties=QUIET)
    with attacked(host, CREDENTIAL[1]):
        yield host


def texts(host: Host, before: int = 0) -> list[str]:
    return [text.text for text in kept(host)[before:]]


def test_200_connections_at_once(host: Host) -> None:
    before = len(kept(host))
    sent = [f"n{number}" for number in range(200)]
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(host, 30)) for _ in sent]
        for connection, text in zip(connections, sent, strict=True):
            connection.sendall(post(FORM, f"from=1&text={text}".encode()))
        assert [answer_on(connection) for connection in connections] == [OK] * 200
    assert sorted(texts(host, before)) == sorted(sent)


@pytest.mark.parametrize("headers", [[], [BASIC[:-4]], [BASIC]])
@pytest.mark.parametrize("target", ["/context/ussd", "/context/nope", "/health/live", "/nope"])
def test_strangers_with_slow_bodies_hold_up_nobody(host: Host, target: str, headers: list[str]) -> None:
    _hold_up(host, request("POST", target, [FORM, "Content-Length: 100", *headers], b"from="))


@pytest.mark.parametrize("headers", [[], [BASIC[:-4]]])
def test_strangers_with_slow_texts_hold_up_nobody(host: Host, headers: list[str]) -> None:
    _hold_up(host, request("POST", RECEIVE, [FORM, "Content-Length: 100", *headers], b"from="))


def test_slow_headers_hold_up_nobody(host: Host) -> None:
    _hold_up(host, post(FORM, b"from=1&text=a")[:40])


def test_connections_that_say_nothing_hold_up_nobody(host: Host) -> None:
    _hold_up(host, b"")


def _hold_up(host: Host, data: bytes, crowd: int = 2 * THREADS) -> None:
    before = len(kept(host))
    with ExitStack() as stack:
        for connection in [stack.enter_context(connect(host)) for _ in range(crowd)]:
            connection.sendall(data)
        assert ask(host, get("from=1&text=through"), timeout=8) == OK
    assert texts(host, before) == ["through"]


@pytest.mark.parametrize("data", [b"", request("GET", "/nope"), post(FORM, b"from=1&text=a")[:40]])
def test_more_connections_than_the_server_would_accept_by_itself_hold_up_nobody(host: Host, data: bytes) -> None:
    """Nor more than the usual limit of open files, with which a host is started."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CROWD + 500
    if 0 <= hard < wanted:
        pytest.skip(f"at most {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        _hold_up(host, data, CROWD)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_slow_strangers_of_one_address_leave_room_for_a_gateway_that_has_its_secret_in_the_form(tmp_path: Path) -> None:
    access = opened({"web": (HEADER, "smshost.SharedSecretLoginModule", {"parameter": "key", "secret": CREDENTIAL[1]})})
    target = f"{RECEIVE}/web"
    slow = request("POST", target, [FORM, "Content-Length: 100"], b"key=")
    text = request("POST", target, [FORM, "Connection: close"], f"key={CREDENTIAL[1]}&from=1&text=a".encode())
    with ExitStack() as stack, Host(tmp_path, gateway("web", 9), access, QUIET) as host:
        for connection in [stack.enter_context(connect(host)) for _ in range(THREADS)]:
            connection.sendall(slow)
        wait_for(lambda: ask(host, slow + b"a" * 96).status == 503, "their places to be taken")
        place = ("127.0.0.1", host.port)
        for _ in range(10):
            with socket.create_connection(place, 10, ("127.0.0.2", 0)) as connection:
                connection.sendall(text)
                assert answer_on(connection) == OK


def test_a_slow_gateway_is_waited_for(host: Host) -> None:
    before = len(kept(host))
    slow = post(FORM, b"from=1&text=slow")
    with ExitStack() as stack:
        connections = [stack.enter_context(connect(host)) for _ in range(20)]
        for connection in connections:
            connection.sendall(slow[:-2])
        assert ask(host, get("from=1&text=quick"), timeout=8) == OK
        for connection in connections:
            connection.sendall(slow[-2:])
        assert [answer_on(connection) for connection in connections] == [OK] * 20
    assert texts(host, before) == ["quick", *["slow"] * 20]


def test_pipelined_requests_are_answered_in_order(host: Host) -> None:
    before = len(kept(host))
    asked = [
        post(FORM, b"from=1&text=first"),
        request("POST", RECEIVE, [FORM]),
        request("GET", f"{RECEIVE}?from=1&text=refused"),
        get("text=nobody"),
        request("HEAD", f"{RECEIVE}?from=1&text=head", [BASIC]),
        get("from=1&text=second", "Connection: close"),
    ]
    with connect(host) as connection:
        connection.sendall(b"".join(asked))
        assert _statuses(connection) == ["200", "401", "401", "400", "405", "200"]
    assert texts(host, before) == ["first", "second"]


@pytest.mark.parametrize("more", [0, 200_000])
@pytest.mark.parametrize(("target", "status"), [(RECEIVE, "401"), ("/context/ussd", "403"), ("/nope", "404")])
def test_a_refused_body_is_not_taken_for_a_request(host: Host, target: str, status: str, more: int) -> None:
    """The body that a refusal does not read holds a whole request with good credentials."""
    before = kept(host)
    inner = get("from=1&text=smuggled") + b"x" * more
    with connect(host) as connection:
        last = request("GET", "/health/live", ["Connection: close"])
        connection.sendall(request("POST", target, [FORM], inner) + last)
        statuses = _statuses(connection)
    assert statuses in ([status], [status, "200"])  # the host may close the connection, or read over the body
    assert kept(host) == before


def _statuses(connection: socket.socket) -> list[str]:
    """Of all the answers until the connection ends."""
    data = b""
    try:
        while more := connection.recv(65_536):
            data += more
    except ConnectionResetError:
        pass
    return [line.split()[1].decode() for line in data.splitlines() if line.startswith(b"HTTP/1.1 ")]
