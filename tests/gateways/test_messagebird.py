"""What `messagebird` does beyond its table: hostile tokens, time, premium short codes."""

import base64
import time

import pytest

from host.gateways.base import Gateway
from host.messages import Inbound
from tests.gateways.dialects import open_gateway
from tests.gateways.table import post
from tests.gateways.tables.messagebird import FORM, IN, KEY, POSTED, TABLE, posted

BASE = '<parameter name="access-key" value="k"/><parameter name="from" value="Books"/>'


def gateway(parameters: str) -> Gateway:
    return open_gateway(f'<gateway id="mb" hostname="" dialect="messagebird">{BASE}{parameters}</gateway>')


@pytest.mark.parametrize(
    "token", [base64.urlsafe_b64encode(b"[" * 100_000).decode().rstrip("=") + ".e30.e30", "é.b.c", "." * 1000, "{}", "e30.e30."]
)  # fmt: skip
def test_a_hostile_token_is_no_signature(token: str) -> None:
    assert not TABLE.open().verify(post(FORM, url=IN, headers={"messagebird-signature-jwt": token}))


def test_a_token_counts_for_its_time_and_a_second() -> None:
    now = int(time.time())
    spans = [(now - 60, now + 60), (now - 60, now - 5), (now + 60, now + 120)]
    said = [TABLE.open().verify(posted({**POSTED, "nbf": start, "exp": end})) for start, end in spans]
    assert said == [True, False, False]


def test_without_a_signing_key_nothing_is_signed() -> None:
    text = Inbound("+31612345678", "sub", "+31612345679")
    opened = gateway("")
    requests = [opened.compose(text, IN), gateway(f'<parameter name="signing-key" value="{KEY}"/>').compose(text, IN)]
    assert [opened.verify(each) for each in requests] == [False, False]


def test_what_premium_short_codes_call_the_sender_can_be_said() -> None:
    opened = gateway('<parameter name="premium-sender-field" value="msisdn"/>')
    (event,) = opened.read(post(b"mid=p-1&msisdn=31612345678&shortcode=8338&message=sub"))
    assert isinstance(event, Inbound)
    assert (event.sender, event.receiver) == ("+31612345678", "8338")
