"""SMS Gate: a repeat does no harm, so what may have been taken is offered again, under the same key."""

import pytest

from host.gateways.base import Gateway
from host.messages import HttpRequest
from tests.gateways.dialects import open_gateway


def gateway(attributes: str = "", parameters: str = "") -> Gateway:
    return open_gateway(
        f'<gateway id="phone" dialect="smsgate" hostname="127.0.0.1" {attributes}>'
        f'<parameter name="username" value="u"/><parameter name="password" value="p"/>{parameters}</gateway>'
    )


@pytest.mark.parametrize(("attributes", "on_unknown"), [("", "retry"), ('on-unknown="hold"', "hold")])
def test_a_repeat_is_safe_unless_the_file_says_otherwise(attributes: str, on_unknown: str) -> None:
    assert gateway(attributes).config.on_unknown == on_unknown


def test_without_a_signing_key_nothing_is_signed() -> None:
    request = HttpRequest("POST", "https://host.example/", {"x-signature": "", "x-timestamp": ""}, b"{}")
    assert not gateway().verify(request)
