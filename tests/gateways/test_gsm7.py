"""GSM-7 code points as text, and Jasmin's use of them."""

import pytest

from host.gateways import gsm7
from host.messages import Inbound
from tests.gateways.dialects import callback, open_gateway

ROWS = [
    (b"sub", "sub"),
    (b"\x00\x02\x11", "@$_"),
    (b"caf\x05 \x1be \x1b\x28x\x1b\x29", "café € {x}"),
    (b"a\x1b", "a\N{REPLACEMENT CHARACTER}"),
    (b"a\x1ba\x80", "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"),
    (bytes(range(0x61, 0x80)), "abcdefghijklmnopqrstuvwxyzäöñüà"),
]


@pytest.mark.parametrize(("data", "text"), ROWS)
def test_code_points_are_text(data: bytes, text: str) -> None:
    assert gsm7.decode(data) == text


def test_jasmin_takes_coding_0_as_it_is_configured() -> None:
    gateway = open_gateway(
        '<gateway id="jasmin" dialect="jasmin" hostname="127.0.0.1"><parameter name="username" value="u"/>'
        '<parameter name="password" value="p"/><parameter name="coding-0" value="gsm-7"/></gateway>'
    )
    (text,) = gateway.read(callback(b"from=1&coding=0&content=%00&binary=0005"))
    assert isinstance(text, Inbound)
    assert (text.text, text.raw) == ("@é", None)
    assert ("content", "@é") in text.parameters
