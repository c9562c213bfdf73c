"""What is shown of JSON that is said to a gateway: everything but its secrets, however they are spelled there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from host.errors import GiveUp
from host.transport import Transport
from host.transport.masking import Masking
from tests.gateways.dialects import open_gateway, part
from tests.gateways.table import SECRET
from tests.gateways.tables import TABLES
from tests.sink import HangUp, Sink

INFOBIP = """<gateway id="infobip" dialect="infobip" hostname="127.0.0.1">
<parameter name="api-key" value="k3y-of-infobip"/><parameter name="entityId" value='se"cret'/>
<parameter name="callback-url" value="https://sms.example.org/in?token=t0ken-of-ours"/></gateway>"""


def test_secrets_in_json_are_not_shown() -> None:
    gateway = open_gateway(INFOBIP)
    request = next(gateway.send(part("café")))
    said = request.body.decode()
    assert ("t0ken-of-ours" in said, 'se\\"cret' in said) == (True, True)
    shown = Masking(gateway).request(request)
    assert ("t0ken" in shown, "cret" in shown, "café" in shown) == (False, False, True)


def test_a_secret_that_an_answer_gives_back_is_not_shown() -> None:
    masking = Masking(open_gateway(INFOBIP))
    shown = masking.start(r'{"url":"https:\/\/sms.example.org\/in?token=t0ken-of-ours"}')
    assert shown == '{"url":"***"}'


@contextmanager
def answering(said: str, status: int) -> Iterator[Sink]:
    body = said.encode()

    def answer(_: dict[str, str]) -> NoReturn:
        head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        raise HangUp(status, head + body)

    with Sink() as sink:
        sink.answer = answer
        yield sink


@pytest.mark.parametrize("status", [200, 400, 412, 500])
@pytest.mark.parametrize("before", [180, 190, 480, 490, 985])
def test_a_secret_is_taken_out_before_an_answer_is_cut(before: int, status: int) -> None:
    called = {name: table for name, table in TABLES.items() if table.features.outbound and not table.features.pull}
    shown = {}
    with answering("x" * before + SECRET + "y" * 900, status) as sink:
        for name, table in called.items():
            gateway = table.open(f'hostname="127.0.0.1" port="{sink.port}" protocol="http"')
            exchange = Transport().open_line(gateway).offer(part())
            shown[name] = f"{exchange.text}\n{exchange.error}"
    assert [name for name, what in shown.items() if SECRET[:5] in what or not what] == []


def test_a_secret_in_a_member_that_an_error_quotes_is_taken_out_before_it_is_cut() -> None:
    said = {"messages": [{"status": "7", "error-text": "x" * before + SECRET} for before in (150, 800, 200)]}
    with answering(json.dumps(said), 200) as sink:
        gateway = TABLES["vonage"].open(f'hostname="127.0.0.1" port="{sink.port}" protocol="http"')
        exchange = Transport().open_line(gateway).offer(part())
    assert (type(exchange.error), SECRET[:5] in str(exchange.error), len(str(exchange.error))) == (GiveUp, False, 1000)
