"""401 with a challenge where a user name and password could help, 403 everywhere else; neither says more."""

import base64
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPResponse

import pytest

from tests.hosts import CREDENTIAL, Host, gateway
from tests.web.wire import BASIC, QUIET, RECEIVE, attacked, kept, request

ASKED = (401, 'Basic realm="gateway", charset="UTF-8"', b"")
REFUSED = (403, None, b"")
TEXT = "?from=1&text=a"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    host = Host(tmp_path_factory.mktemp("basic"), gateway("web", 9), properties=QUIET)
    with attacked(host, CREDENTIAL[1], BASIC.split()[-1]):
        yield host
        assert kept(host) == []


def credentials(text: bytes) -> str:
    return f"Authorization: Basic {base64.b64encode(text).decode()}"


@pytest.mark.parametrize(
    ("target", "headers", "answer"),
    [
        (RECEIVE, [], ASKED),
        (RECEIVE, [BASIC[:-4]], ASKED),
        (RECEIVE, ["Authorization: Basic"], ASKED),
        (RECEIVE, ["Authorization: Basic \xff\xff"], ASKED),
        (RECEIVE, [credentials(b"")], ASKED),
        (RECEIVE, [credentials(b":" + CREDENTIAL[1].encode())], ASKED),
        (RECEIVE, [credentials(b"gw:" + CREDENTIAL[1].encode() + b"x")], ASKED),
        (RECEIVE, [credentials(b"wg:" + CREDENTIAL[1].encode())], ASKED),
        (RECEIVE, [credentials(b"gw:" + CREDENTIAL[1].encode() + b"\0")], ASKED),
        (RECEIVE, [credentials(b"gw:" + b"a" * 50_000)], ASKED),
        (RECEIVE, [credentials(b"gw:"), BASIC], ASKED),
        (RECEIVE, [BASIC.replace("Basic", "Bearer")], ASKED),
        (f"{RECEIVE}/nope", [], ASKED),  # no hint at which gateways there are
        (f"{RECEIVE}/web", [], ASKED),
        ("/context/subscribeSMS", [BASIC], REFUSED),
        ("/context/ussd", [BASIC], REFUSED),
        ("/context/nope", [BASIC], REFUSED),
        ("/context/receiveSMS/../receiveSMS", [BASIC], REFUSED),
        ("/context/receiveSMS;x", [BASIC], REFUSED),
    ],
)
def test_credentials_are_asked_for_where_they_could_help(
    host: Host, target: str, headers: list[str], answer: tuple[int, str | None, bytes]
) -> None:
    for method in ("GET", "POST", "OPTIONS", "FOO"):
        with socket.create_connection(("127.0.0.1", host.port), timeout=10) as connection:
            connection.sendall(request(method, target + TEXT, headers))
            with closing(HTTPResponse(connection, method=method)) as response:
                response.begin()
                assert (response.status, response.getheader("WWW-Authenticate"), response.read()) == answer
