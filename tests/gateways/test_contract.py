"""What every dialect must do, asked of all of them without their authors' doing."""

import base64
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from socket import create_server

import pytest

from host.errors import BadCallback, GiveUp, OutcomeUnknown, SendError, TryLater
from host.gateways import dialects
from host.gateways.base import Event, Gateway
from host.gateways.pull import PullGateway
from host.messages import Accepted, DeliveryReport, HttpRequest, Inbound
from host.transport import Exchange, Transport
from tests.gateways.dialects import callback, part
from tests.gateways.table import SECRET
from tests.gateways.tables import TABLES
from tests.programs import free_ports

TEXTS = {"gsm": "L" * 400, "ucs2": "Ж" * 200}


BOTH_SENDERS = pytest.mark.parametrize("secret", [SECRET, ""], ids=["requests", "bare"])


def configured(dialect: str, port: int = 9, secret: str = SECRET, protocol: str = "http") -> Gateway:
    """A gateway of a dialect as its table configures it. Without the secret its texts go over the bare sender."""
    table = TABLES[dialect]
    if not secret:
        table = replace(table, parameters=table.parameters.replace(SECRET, "x"))
    return table.open(f'hostname="127.0.0.1" port="{port}" protocol="{protocol}" timeout="0.3"')


def is_called(name: str) -> bool:
    return dialects()[name].features.outbound and not dialects()[name].features.pull


@pytest.fixture(params=sorted(filter(is_called, dialects())))
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=sorted(dialects()))
def any_dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def gateway_that() -> Iterator[Callable[[bytes], int]]:
    """Starts a gateway that reads a request and answers with these bytes; gives its port."""
    servers = []

    def start(answer: bytes) -> int:
        server = create_server(("127.0.0.1", 0))
        servers.append(server)
        threading.Thread(target=_answer, args=(server, answer), daemon=True).start()
        return int(server.getsockname()[1])

    yield start
    for server in servers:
        server.close()


def _answer(server, answer: bytes) -> None:  # type: ignore[no-untyped-def]
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(2)
            connection.recv(65_536)
            if answer:
                connection.sendall(answer)
            else:
                connection.recv(1)  # silent until the caller gives up


def offer(gateway: Gateway, text: str = "Hello") -> Exchange:
    return Transport().open_line(gateway).offer(part(text))


def credentials_of(request: HttpRequest) -> str:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return base64.b64decode(value).decode() if kind == "Basic" else value


def http(status: int, body: bytes = b"", *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 %d X" % status, b"Content-Length: %d" % len(body), b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@BOTH_SENDERS
def test_a_refused_connection_is_tried_again(dialect: str, secret: str) -> None:
    assert type(offer(configured(dialect, free_ports(1)[0], secret)).error) is TryLater


def test_a_gateway_that_speaks_no_tls_is_tried_again(dialect: str, gateway_that: Callable[[bytes], int]) -> None:
    port = gateway_that(http(200))
    assert type(offer(configured(dialect, port, protocol="https")).error) is TryLater


@BOTH_SENDERS
def test_silence_after_the_request_left_is_unknown(
    dialect: str, secret: str, gateway_that: Callable[[bytes], int]
) -> None:
    assert type(offer(configured(dialect, gateway_that(b""), secret)).error) is OutcomeUnknown


@BOTH_SENDERS
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (http(429, b"", b"Retry-After: 3"), TryLater),
        (http(500, b"trouble"), TryLater),
        (http(503), TryLater),
        (http(400, b"no"), GiveUp),
        (http(302, b"", b"Location: http://127.0.0.1:1/"), TryLater),
        (b"HTTP/1.1 202 X\r\nContent-Length: 99\r\n\r\n0: Acc", OutcomeUnknown),  # closed mid-body
        (b"rubbish\r\n\r\n", OutcomeUnknown),
        (http(202, b"0: Accepted", b"Content-Length: 5"), OutcomeUnknown),
        (b"HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n", OutcomeUnknown),
        (b"HTTP/1.1 103 X\r\nLink: </a>\r\n\r\n" + http(503), TryLater),
    ],
)
def test_what_an_answer_means(
    dialect: str, secret: str, answer: bytes, error: type[SendError], gateway_that: Callable[[bytes], int]
) -> None:
    assert type(offer(configured(dialect, gateway_that(answer), secret)).error) is error


@BOTH_SENDERS
@pytest.mark.parametrize("alphabet", TEXTS)
def test_long_texts_leave_whole_and_in_order(
    dialect: str, secret: str, alphabet: str, gateway_that: Callable[[bytes], int]
) -> None:
    accepted = TABLES[dialect].accepted
    port = gateway_that(http(accepted.status, accepted.body))
    exchange = offer(configured(dialect, port, secret), TEXTS[alphabet])
    assert (type(exchange.accepted), exchange.error) == (Accepted, None)


@pytest.mark.parametrize("answer", [http(400, SECRET.encode()), http(202, b"0: " + SECRET.encode()), b""])
def test_secrets_are_sent_but_not_shown(dialect: str, answer: bytes, gateway_that: Callable[[bytes], int]) -> None:
    gateway = configured(dialect, gateway_that(answer))
    sent = next(gateway.send(part()))
    assert SECRET in sent.url or SECRET in sent.body.decode() or SECRET in str(sent.headers) + credentials_of(sent)
    exchange = offer(gateway)
    shown = [exchange.text, str(exchange.error), repr(exchange), repr(gateway.config), repr(sent)]
    assert [SECRET in each for each in shown] == [False] * len(shown)


_DEMAND_JSON = {"smssync"}  # the app reads nothing else

HOSTILE = {
    "empty": callback(),
    "binary": callback(bytes(range(256)), bytes(range(256)), "application/octet-stream"),
    "huge": callback(b"from=1&text=" + b"a" * 60_000),
    "numbers": callback(b"", b'{"from": 1, "text": 2}', "application/json"),
    "nested": callback(b"", b'{"from": {"a": [1]}, "text": null}', "application/json"),
    "many": callback(b"&".join(b"a=1" for _ in range(2000))),
    "broken multipart": callback(b"", b"--x\r\n", "multipart/form-data; boundary=x"),
    "odd charset": callback(b"from=1&text=%FF&charset=zlib&coding=9&ts=999999999999999999999&id="),
    "strange type": callback(b"from=1&text=a", b"x", "multipart/form-data; boundary=" + "é" * 300),
    "report": callback(b"dlr-status=%FF&reference=%00&status=purple&id=%F0"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_callback_is_read_or_named(any_dialect: str, name: str) -> None:
    events: Sequence[Event] = []
    gateway = configured(any_dialect)
    with suppress(BadCallback):  # any other error fails the test
        events = gateway.read(HOSTILE[name])
    assert [type(event) for event in events if not isinstance(event, Inbound | DeliveryReport)] == []
    with suppress(BadCallback):
        assert gateway.verify(HOSTILE[name]) is False
    with suppress(BadCallback):
        assert not isinstance(gateway, PullGateway) or gateway.asked(HOSTILE[name]) is None


@pytest.mark.parametrize("status", [400, 413, 503])
def test_no_refusal_can_be_texted_to_a_phone_as_junk(any_dialect: str, status: int) -> None:
    answer = configured(any_dialect).refuse(status, "why")
    harmless = answer.headers["Content-Type"] == "text/plain; charset=utf-8" or any_dialect in _DEMAND_JSON
    assert (harmless, answer.status) == (True, status)
