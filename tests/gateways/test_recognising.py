"""On an address that names no gateway the dialect that a request is in is found, whatever else is configured."""

from dataclasses import replace

import pytest

from host.errors import BadCallback
from host.gateways import pick
from host.gateways.dialects.generic import Generic
from host.messages import HttpRequest, Inbound
from tests.gateways.table import get, post
from tests.gateways.tables import TABLES

GATEWAYS = {
    name: TABLES[name].open()
    for name in ("twilio", "plivo", "vonage", "messagebird", "bandwidth", "infobip", "generic")
}
TEXT = Inbound("+12125550123", "sub", "+12125550199", gateway_message_id="id-1")


@pytest.mark.parametrize("name", GATEWAYS)
def test_what_a_dialect_composes_is_its_own(name: str) -> None:
    request = GATEWAYS[name].compose(TEXT, "https://sms.example.org/context/receiveSMS")
    bare = HttpRequest(request.method, request.url, {"content-type": request.headers["content-type"]}, request.body)
    assert [pick(GATEWAYS, each).name for each in (request, bare)] == [name, name]


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("twilio", post(b"AccountSid=AC1&MessageSid=SM7&MessageStatus=sent")),
        ("plivo", post(b"MessageUUID=u-7&Status=sent")),
        ("vonage", get(b"msisdn=1&messageId=m-7&status=delivered")),
        ("messagebird", get(b"id=m-7&recipient=1&status=sent&statusDatetime=2026-01-01T12%3A00%3A00%2B00%3A00")),
        (
            "infobip",
            post(b'{"results": [{"messageId": "m-1", "status": {"groupName": "DELIVERED"}}]}', "application/json"),
        ),
        ("messagebird", post(b"mid=p-1&originator=1&shortcode=8338&message=sub")),
    ],
)
def test_reports_are_recognised(name: str, request_: HttpRequest) -> None:
    assert pick(GATEWAYS, request_).name == name


def test_a_sample_without_a_host_name_takes_no_texts_from_a_gateway_that_has_one() -> None:
    opened = TABLES["generic"].open()
    sample = Generic(replace(opened.config, id="sample", hostname=""))
    request = opened.compose(TEXT, "https://sms.example.org/context/receiveSMS")
    assert pick({"sample": sample, opened.id: opened}, request) is opened
    assert pick({"sample": sample}, request) is sample


def test_a_body_that_nobody_can_read_is_said_to_be_broken() -> None:
    with pytest.raises(BadCallback, match="the JSON body is broken"):
        pick(GATEWAYS, post(b"{", "application/json"))


@pytest.mark.parametrize("name", ["twilio", "plivo", "vonage", "messagebird"])
def test_a_secret_that_is_no_text_is_no_trouble(name: str) -> None:
    """A .properties file can spell lone surrogates."""
    odd = TABLES[name].open()
    odd.own.update({parameter.name: "\ud800" * 40 for parameter in odd.parameters if parameter.secret})
    request = odd.compose(TEXT, "https://sms.example.org/context/receiveSMS/gw")
    assert [odd.verify(request), GATEWAYS[name].verify(request)] == [True, False]
