"""What texts go over to a gateway: the bare sender only where there is no proxy and no credential."""

from collections.abc import Iterator
from typing import NoReturn

import pytest

from host.errors import OutcomeUnknown
from host.gateways.base import Conversation, Gateway
from host.gateways.dialects.generic import Generic
from host.messages import Accepted, HttpRequest, Part
from host.transport import Exchange, Transport
from tests.gateways.dialects import open_gateway, part
from tests.gateways.tables import TABLES
from tests.sink import HangUp, Sink


class Dialect(Generic):
    """Says one request and returns what it is told to."""

    headers: dict[str, str] = {}  # noqa: RUF012 - set for each gateway
    user = ""
    returns: object = Accepted()

    def send(self, part: Part) -> Conversation:
        yield HttpRequest("GET", f"http://{self.user}127.0.0.1:{self.config.port}/send?to=1", self.headers)
        return self.returns  # type: ignore[return-value]  # that of other people's dialects may be anything


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def gateway(sink: Sink, parameters: str = "") -> Dialect:
    attributes = f'id="g" hostname="127.0.0.1" port="{sink.port}"'
    return Dialect(open_gateway(f"<gateway {attributes}>{parameters}</gateway>").config)


def offered(gateway: Gateway, proxies: dict[str, str] | None = None) -> tuple[Exchange, bool]:
    """What came of a text, and whether the bare sender was used."""
    line = Transport(proxies).open_line(gateway)
    exchange = line.offer(part())
    is_bare = line._bare._connection.sock is not None
    line._bare.close()
    return exchange, is_bare


@pytest.mark.parametrize(
    ("parameters", "headers", "user", "is_bare"),
    [
        pytest.param("", {"x-plain": "1"}, "", True, id="plain"),
        pytest.param('<parameter name="api" value="s3cret"/>', {}, "", False, id="a secret parameter"),
        pytest.param("", {"Authorization": "Basic YTpi"}, "", False, id="Authorization"),
        pytest.param("", {"cookie": "a=b"}, "", False, id="a cookie"),
        pytest.param("", {}, "user:secret@", False, id="a user in the address"),
    ],
)
def test_what_a_credential_touches_goes_over_requests(
    sink: Sink, parameters: str, headers: dict[str, str], user: str, is_bare: bool
) -> None:
    to = gateway(sink, parameters)
    to.headers, to.user = headers, user
    exchange, was_bare = offered(to)
    assert (exchange.accepted, was_bare, len(sink.taken)) == (Accepted(), is_bare, 1)


@pytest.mark.parametrize("returns", [None, "ok", Accepted(b"1"), Accepted({"id": 1})])  # type: ignore[arg-type]
def test_what_a_dialect_may_not_return_leaves_the_outcome_unknown(sink: Sink, returns: object) -> None:
    to = gateway(sink)
    to.returns = returns
    exchange, _ = offered(to)
    assert (exchange.accepted, type(exchange.error), len(exchange.lines)) == (None, OutcomeUnknown, 2)


def test_what_a_proxy_touches_goes_over_requests(sink: Sink) -> None:
    exchange, was_bare = offered(gateway(sink), {"http": f"http://127.0.0.1:{sink.port}"})
    assert (exchange.accepted, was_bare, len(sink.taken)) == (Accepted(), False, 1)


@pytest.mark.parametrize(("body", "last"), [("{}", "no id of the text"), ('{"id": "m-9"}', 'heard 202 {"id": "m-9"}')])
def test_the_story_says_where_a_yes_has_no_id(sink: Sink, body: str, last: str) -> None:
    def answer(_: dict[str, str]) -> NoReturn:
        raise HangUp(202, f"HTTP/1.1 202 Accepted\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    sink.answer = answer
    exchange, _ = offered(TABLES["bandwidth"].open(f'hostname="127.0.0.1" port="{sink.port}" protocol="http"'))
    assert (exchange.error, exchange.lines[-1].endswith(last)) == (None, True)
