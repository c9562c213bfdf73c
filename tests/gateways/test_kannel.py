"""The Kannel dialect's table; what the real Kannel says and does is in tests/kannel."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from host.errors import BadCallback, GiveUp, OutcomeUnknown, SendError, TryLater
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpResponse, Inbound
from tests.gateways.dialects import callback, converse, open_gateway, part

PLAIN = """<gateway id="k" dialect="kannel" hostname="127.0.0.1" port="13013">
  <parameter name="username" value="mfp"/><parameter name="password" value="s3cret"/></gateway>"""
REPORTING = """<gateway id="k" dialect="kannel" hostname="127.0.0.1" port="13013" programName="cgi-bin/sendsms">
  <parameter name="callback-url" value="http://u:p%40@127.0.0.1:8080/context/receiveSMS/k"/></gateway>"""
ACCEPTED = HttpResponse(202, {}, b"0: Accepted for delivery")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Hello", "to=%2B15550001&text=Hello&username=mfp&password=s3cret&coding=0&charset=UTF-8"),
        ("café €", "to=%2B15550001&text=caf%C3%A9%20%E2%82%AC&username=mfp&password=s3cret&coding=0&charset=UTF-8"),
        ("Да", "to=%2B15550001&text=%D0%94%D0%B0&username=mfp&password=s3cret&coding=2&charset=UTF-8"),
        ("😀", "to=%2B15550001&text=%F0%9F%98%80&username=mfp&password=s3cret&coding=2&charset=UTF-8"),
    ],
)
def test_says(text: str, query: str) -> None:
    held = converse(open_gateway(PLAIN), part(text), ACCEPTED)
    assert [said.url for said in held.said] == [f"http://127.0.0.1:13013/cgi-bin/sendsms?{query}"]
    assert held.end == Accepted()


def test_asks_for_reports_under_our_own_reference() -> None:
    (said,) = converse(open_gateway(REPORTING), part(), ACCEPTED).said
    given = parse_qs(urlsplit(said.url).query)
    assert given["dlr-mask"] == ["31"]
    assert given["dlr-url"] == [
        "http://u:p%%40@127.0.0.1:8080/context/receiveSMS/k?reference=ref-1&dlr-status=%d&dlr-id=%F&dlr-text=%A"
    ]
    assert "callback-url" not in given


@pytest.mark.parametrize(
    ("status", "body", "end"),
    [
        (202, b"0: Accepted for delivery", Accepted),
        (202, b"3: Queued for later delivery", Accepted),
        (202, b"Sent. Message splits: 2", Accepted),
        (200, b"<html>the proxy's login page</html>", OutcomeUnknown),
        (403, b"Authorization failed for sendsms", TryLater),  # the administrator's to mend
        (403, b"Not routable. Do not try again.", GiveUp),
        (400, b"Missing receiver number, rejected", GiveUp),
        (500, b"Sending failed.", TryLater),
        (503, b"Temporal failure, try again later.", TryLater),
    ],
)
def test_hears(status: int, body: bytes, end: type[Accepted | SendError]) -> None:
    assert type(converse(open_gateway(PLAIN), part(), HttpResponse(status, {}, body)).end) is end


ASKED = b"from=%2B15550100&to=26161&id=04c9775a&ts=1767268800"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (b"text=sub+me&charset=UTF-8&coding=0", "sub me"),
        (b"text=caf%C3%A9+%E2%82%AC&charset=UTF-8&coding=0", "café €"),
        (b"text=%04%1F%04%40%048&charset=UTF-16BE&coding=2", "При"),
        (b"text=%00s%00u%00b%00+%D8%3D%DE%00&charset=UTF-16BE&coding=2", "sub 😀"),
        (b"text=%00%80%FF&charset=8-BIT&coding=1", "\ufffd\x80ÿ"),
        (b"text=a&charset=no-such-charset&coding=0", "a"),
        (b"text=&charset=UTF-8&coding=0", ""),
    ],
)
def test_gives_texts(query: bytes, text: str) -> None:
    (event,) = open_gateway(PLAIN).read(callback(ASKED + b"&" + query))
    assert isinstance(event, Inbound)
    assert (event.sender, event.receiver, event.text, event.gateway_message_id) == (
        "+15550100",
        "26161",
        text,
        "04c9775a",
    )
    assert (event.sent_at, dict(event.parameters)["text"]) == (datetime(2026, 1, 1, 12, tzinfo=UTC), text)


POSTED = {"x-kannel-to": "26161", "x-kannel-from": "+15550100", "x-kannel-coding": "0"}


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ('text/plain; charset="UTF-8"', "café €".encode(), "café €"),
        ('text/plain; charset="UTF-16BE"', "sub 😀".encode("utf-16-be"), "sub 😀"),
        ("application/octet-stream", b"A\x80\xff", "A\x80ÿ"),
        ('text/plain; charset="UTF-8"', b"a=1&b=%41+c", "a=1&b=%41+c"),
        ('text/plain; charset="UTF-8"', b"", ""),
    ],
)
def test_gives_posted_texts(content_type: str, body: bytes, text: str) -> None:
    request = callback(b"id=04c9775a&ts=1767268800", body, content_type, POSTED)
    (event,) = open_gateway(PLAIN).read(request)
    assert event == Inbound(
        sender="+15550100",
        receiver="26161",
        text=text,
        gateway_message_id="04c9775a",
        sent_at=datetime(2026, 1, 1, 12, tzinfo=UTC),
        parameters=(("id", "04c9775a"), ("ts", "1767268800"), *POSTED.items()),
    )


@pytest.mark.parametrize(
    ("body", "content_type"), [(b"\xd8\x3d", 'text/plain; charset="UTF-16BE"'), (b"A\0", "application/octet-stream")]
)
def test_keeps_the_octets_of_what_no_text_can_hold(body: bytes, content_type: str) -> None:
    (event,) = open_gateway(PLAIN).read(callback(b"id=1", body, content_type, POSTED))
    assert isinstance(event, Inbound)
    assert event.raw == b"id=1\n" + body


def test_the_message_id_has_the_name_that_the_configuration_says() -> None:
    gateway = open_gateway(PLAIN.replace('port="13013"', 'port="13013" idParamName="mid"'))
    (event,) = gateway.read(callback(b"from=1&text=a&id=no&mid=yes"))
    assert isinstance(event, Inbound)
    assert event.gateway_message_id == "yes"


def test_a_posted_text_without_sender_names_the_header() -> None:
    with pytest.raises(BadCallback) as caught:
        open_gateway(PLAIN).read(callback(b"id=1", b"a", "text/plain", {"x-kannel-to": "26161"}))
    assert str(caught.value) == 'parameter "X-Kannel-From" is missing'


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("1", DeliveryStatus.DELIVERED),
        ("2", DeliveryStatus.UNDELIVERED),
        ("4", DeliveryStatus.BUFFERED),
        ("8", DeliveryStatus.ACCEPTED),
        ("16", DeliveryStatus.UNDELIVERED),
        ("32", DeliveryStatus.BUFFERED),
        ("", DeliveryStatus.UNKNOWN),
        ("purple", DeliveryStatus.UNKNOWN),
    ],
)
def test_gives_reports(word: str, status: DeliveryStatus) -> None:
    (event,) = open_gateway(PLAIN).read(callback(f"reference=ref-1&dlr-status={word}&dlr-id=&dlr-text=ACK%2F".encode()))
    assert isinstance(event, DeliveryReport)
    assert (event.status, event.word, event.reference, event.detail) == (status, word, "ref-1", "ACK/")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (b"dlr-status=1", 'parameter "reference" is missing'),
        (b"from=1", 'parameter "text" is missing'),
        (b"text=a", 'parameter "from" is missing'),
    ],
)
def test_names_what_is_missing(query: bytes, said: str) -> None:
    with pytest.raises(BadCallback) as caught:
        open_gateway(PLAIN).read(callback(query))
    assert str(caught.value) == said
