"""What `plivo` does beyond its table: V3 demanded, texts in the answer, wrong configuration."""

import pytest

from host.config.smsconfig import read_smsconfig
from host.gateways import open_gateways
from host.gateways.base import Gateway
from host.messages import Inbound
from tests.gateways.dialects import open_gateway, part
from tests.gateways.tables.plivo import V2, V3, posted

ACCOUNT = '<parameter name="auth-id" value="MA1"/><parameter name="auth-token" value="tok3n"/>'


def gateway(parameters: str) -> Gateway:
    return open_gateway(f'<gateway id="pl" hostname="" dialect="plivo">{ACCOUNT}{parameters}</gateway>')


@pytest.mark.parametrize(("least", "counts"), [("v2", [True, True]), ("v3", [False, True])])
def test_v3_can_be_demanded(least: str, counts: list[bool]) -> None:
    opened = gateway(f'<parameter name="from" value="1"/><parameter name="signature" value="{least}"/>')
    assert [opened.verify(each) for each in (posted(v2=V2), posted(v3=V3))] == counts


def test_without_a_main_token_its_headers_count_for_nothing() -> None:
    opened = gateway('<parameter name="from" value="1"/>')
    assert [opened.verify(each) for each in (posted(ma_v2=V2), posted(ma_v3=V3))] == [False, False]


def test_several_texts_go_out_in_one_answer_to_who_sent() -> None:
    events = [Inbound("+15005550006", "sub", "8338")]
    answer = gateway('<parameter name="powerpack" value="p"/>').answer_with(events, [part("Hi & bye"), part("café")])
    message = '<Message src="8338" dst="15005550006" type="sms">{}</Message>'
    texts = message.format("Hi &amp; bye") + message.format("café")
    assert answer.text.partition("?>\n")[2] == f"<Response>{texts}</Response>"


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ("", ' needs <parameter name="from"/> or <parameter name="powerpack"/>'),
        ('<parameter name="from" value="1"/><parameter name="signature" value="v1"/>', ': <parameter name="signature"/> is one of v2, v3'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(parameters: str, problem: str) -> None:
    element = f'<config><gateway id="pl" hostname="" dialect="plivo">{ACCOUNT}{parameters}</gateway></config>'
    configs, _ = read_smsconfig(element.encode(), "f", {})
    assert [each.message for each in open_gateways(configs)[1]] == [f'gateway "pl"{problem}']
