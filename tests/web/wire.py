"""Requests as bytes on a socket, the answers, and what of them a host kept; one host for a module of attacks."""

import base64
import json
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPResponse

from tests.hosts import CREDENTIAL, Host

RECEIVE = "/context/receiveSMS"
PLAIN = "text/plain; charset=utf-8"
QUIET = "smshost.polls.enabled=false"

BASIC = "Authorization: Basic " + base64.b64encode(":".join(CREDENTIAL).encode()).decode()
FORM = "Content-Type: application/x-www-form-urlencoded"
JSON = "Content-Type: application/json"
MULTIPART = "Content-Type: multipart/form-data; boundary=x"
CHUNKED = "Transfer-Encoding: chunked"

Pairs = list[list[str]]


@dataclass(frozen=True)
class Answer:
    """An answer. `kind`: its content type, "" for the bodiless ones that granian itself gives."""

    status: int
    body: str = ""
    kind: str = PLAIN


@dataclass(frozen=True)
class Kept:
    """A stored text."""

    gateway: str
    sender: str
    text: str
    parameters: Pairs
    raw: bytes | None = None


def request(method: str, target: str | bytes, headers: Sequence[str] = (), body: bytes = b"") -> bytes:
    """A request; with its Content-Length unless the headers say how long the body is."""
    lines = [
        f"{method} ".encode() + (target.encode() if isinstance(target, str) else target) + b" HTTP/1.1",
        b"Host: x",
    ]
    lines += [header.encode("latin-1") for header in headers]
    if body and not any(header.startswith(("Content-Length", "Transfer-Encoding")) for header in headers):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", body])


def post(kind: str, body: bytes, *headers: str, target: str = RECEIVE) -> bytes:
    """A POST with the credential that OPEN asks for."""
    return request("POST", target, [BASIC, *([kind] if kind else []), *headers], body)


def get(query: str | bytes, *headers: str, target: str = RECEIVE) -> bytes:
    """A GET with the credential that OPEN asks for."""
    given = query.encode() if isinstance(query, str) else query
    return request("GET", target.encode() + b"?" + given, [BASIC, *headers])


def multipart(*parts: tuple[str, bytes]) -> bytes:
    """A multipart body; each part with its headers, of boundary x."""
    return b"".join(b"--x\r\n%s\r\n\r\n%s\r\n" % (head.encode(), data) for head, data in parts) + b"--x--\r\n"


def field(name: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"'


def chunks(*data: bytes) -> bytes:
    """A chunked body, ended properly."""
    return b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in data) + b"0\r\n\r\n"


def connect(host: Host, timeout: float = 10.0) -> socket.socket:
    return socket.create_connection(("127.0.0.1", host.port), timeout)


def answer_on(connection: socket.socket, method: str = "GET") -> Answer:
    """The next answer on a connection that only one is awaited on."""
    response = HTTPResponse(connection, method=method)
    with closing(response):
        response.begin()
        return Answer(response.status, response.read().decode("latin-1"), response.getheader("Content-Type", ""))


def ask(host: Host, data: bytes, timeout: float = 10.0, hang_up: bool = False) -> Answer:
    """Send bytes, perhaps nothing more ever, and read one answer."""
    with connect(host, timeout) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # a host may answer before it has read everything
            connection.sendall(data)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
        return answer_on(connection, data.partition(b" ")[0].decode("latin-1"))


def kept(host: Host) -> list[Kept]:
    """Every stored text, in order."""
    with closing(sqlite3.connect(f"file:{host.directory / 'smshost.db'}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT gateway, sender, text, parameters, raw FROM inbox ORDER BY id").fetchall()
    return [Kept(gateway, sender, text, json.loads(pairs), raw) for gateway, sender, text, pairs, raw in rows]


@contextmanager
def attacked(host: Host, *secrets: str) -> Iterator[Host]:
    """The host, running; afterwards it must be alive, and its log without tracebacks and without the secrets."""
    with host:
        yield host
        assert host.is_ready()
    assert [word for word in ("Traceback", *secrets) if word in host.program.log] == []
