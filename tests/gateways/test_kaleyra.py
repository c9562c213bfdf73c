"""Kaleyra beyond its table: what may not start, and what never is lost or shown."""

import pytest

from host.config.smsconfig import read_smsconfig
from host.errors import GiveUp
from host.gateways import open_gateways
from host.messages import Inbound
from host.transport.masking import Masking
from tests.gateways.dialects import converse, open_gateway, part
from tests.gateways.table import SECRET, post

ONLY_TEXTS = '<gateway id="acoustic" hostname="" dialect="kaleyra"/>'
MO = b"device_address=447700900123&inbound_address=55255&message=a&message_orig=%7Ba%7D&message_id=1&message_subid="


def test_what_is_only_forwarded_needs_no_account() -> None:
    to = open_gateway(ONLY_TEXTS)
    (text,) = to.read(post(MO + b"1"))
    assert isinstance(text, Inbound)
    assert dict(text.parameters)["message_orig"] == "{a}"
    end = converse(to, part()).end
    assert (type(end), "has no sid" in str(end)) == (GiveUp, True)


def test_a_repeat_is_known_by_both_ids_however_late() -> None:
    to = open_gateway(ONLY_TEXTS)
    ids = [to.read(post(MO + sub))[0].gateway_message_id for sub in (b"1", b"1", b"2")]
    assert ids == ["1/1", "1/1", "1/2"]


def test_the_credentials_in_our_address_are_not_shown() -> None:
    parameters = (
        '<parameter name="sid" value="S"/><parameter name="api-key" value="k3y-k3y"/>'
        f'<parameter name="callback-url" value="https://h/report?token={SECRET}"/>'
    )
    to = open_gateway(f'<gateway id="g" hostname="h" dialect="kaleyra">{parameters}</gateway>')
    request = next(to.send(part()))
    assert SECRET.encode() in request.body
    assert SECRET not in Masking(to).request(request)


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"sid": "S"}, 'name="sid"/> stands alone: sending needs sid and api-key'),
        ({"api-key": "S"}, 'name="api-key"/> stands alone'),
        ({"callback-method": "PUT"}, 'name="callback-method"/> is POST or GET'),
        ({"id-pattern": "("}, 'name="id-pattern"/> is no pattern'),
        ({"report-delivered": "sent"}, 'has the word "sent"'),
    ],
)
def test_what_cannot_work_is_said_at_the_start(parameters: dict[str, str], problem: str) -> None:
    inner = "".join(f'<parameter name="{name}" value="{value}"/>' for name, value in parameters.items())
    element = f'<config><gateway id="g" hostname="h" dialect="kaleyra">{inner}</gateway></config>'
    configs, found = read_smsconfig(element.encode(), "SMSConfig.xml", {})
    (said,) = [str(each) for each in (*found, *open_gateways(configs)[1])]
    assert problem in said
