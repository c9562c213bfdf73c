"""The generic dialect's table: says / hears / ends, callback / gives."""

import pytest

from host.errors import BadCallback, GiveUp, SendError, TryLater
from host.gateways import pick
from host.messages import Accepted, HttpResponse, Inbound
from tests.gateways.dialects import callback, converse, open_gateway, part

PLAIN = '<gateway id="g" hostname="sms.example" port="8081" programName="send"/>'
RENAMED = """<gateway id="g" hostname="sms.example" programName="/a/send.php"
  toParamName="number" textParamName="message" fromParamName="sender" idParamName="ref">
  <parameter name="user" value="a&amp;b"/><parameter name="raw" value="%41+1" encode="false"/></gateway>"""
POSTING = (
    '<gateway id="g" hostname="sms.example" protocol="https" method="POST"><parameter name="k" value="v"/></gateway>'
)


@pytest.mark.parametrize(
    ("element", "text", "method", "url", "body"),
    [
        (PLAIN, "Hello", "GET", "http://sms.example:8081/send?to=%2B15550001&text=Hello", b""),
        (PLAIN, "a&b=c d+é€😀", "GET",
         "http://sms.example:8081/send?to=%2B15550001&text=a%26b%3Dc%20d%2B%C3%A9%E2%82%AC%F0%9F%98%80", b""),
        (RENAMED, "x", "GET", "http://sms.example/a/send.php?number=%2B15550001&message=x&user=a%26b&raw=%41+1", b""),
        (POSTING, "x y", "POST", "https://sms.example/", b"to=%2B15550001&text=x%20y&k=v"),
    ],
)  # fmt: skip
def test_says(element: str, text: str, method: str, url: str, body: bytes) -> None:
    held = converse(open_gateway(element), part(text), HttpResponse(200))
    assert [(said.method, said.url, said.body) for said in held.said] == [(method, url, body)]
    assert held.end == Accepted()


@pytest.mark.parametrize(
    ("response", "error", "after"),
    [
        (HttpResponse(301), TryLater, None),
        (HttpResponse(402), TryLater, None),
        (HttpResponse(400), GiveUp, None),
        (HttpResponse(422), GiveUp, None),
        (HttpResponse(401), TryLater, None),
        (HttpResponse(404), TryLater, None),
        (HttpResponse(429, {"retry-after": "7"}), TryLater, 7.0),
        (HttpResponse(500), TryLater, None),
        (HttpResponse(503, {"retry-after": "soon"}), TryLater, None),
    ],
)
def test_hears_no(response: HttpResponse, error: type[SendError], after: float | None) -> None:
    end = converse(open_gateway(PLAIN), part(), response).end
    assert (type(end), getattr(end, "after", None)) == (error, after)


def test_a_text_for_the_bare_address_is_of_a_gateway_that_can_send_before_the_one_that_studio_wrote() -> None:
    studio = open_gateway('<gateway id="gatewayID" hostname=""/>')
    both = {"gatewayID": studio, "g": open_gateway(PLAIN)}
    request = callback(b"from=1&text=hi")
    assert (pick(both, request).config.id, pick({"gatewayID": studio}, request).config.id) == ("g", "gatewayID")


def test_a_gateway_without_hostname_gives_up_and_says_where_to_set_it() -> None:
    end = converse(open_gateway('<gateway id="g" hostname=""/>'), part()).end
    assert (type(end), str(end)) == (GiveUp, 'gateway "g" has no hostname: set it in SMSConfig.xml:1')


@pytest.mark.parametrize(
    ("element", "query", "gives"),
    [
        (PLAIN, b"from=%2B15550001&to=26161&text=sub+me&keyword=sub",
         Inbound("+15550001", "sub me", "26161", "sub")),
        (PLAIN, b"from=1&text=", Inbound("1", "")),
        (PLAIN, b"from=1&text=a&id=7", Inbound("1", "a")),  # no idParamName, no id: a fixed one must not swallow texts
        (RENAMED, b"sender=1&message=a&ref=7", Inbound("1", "a", gateway_message_id="7")),
        (RENAMED, b"sender=1&message=a&ref=", Inbound("1", "a")),
    ],
)  # fmt: skip
def test_gives(element: str, query: bytes, gives: Inbound) -> None:
    (event,) = open_gateway(element).read(callback(query))
    assert isinstance(event, Inbound)
    kept = (event.sender, event.text, event.receiver, event.keyword, event.gateway_message_id)
    assert kept == (gives.sender, gives.text, gives.receiver, gives.keyword, gives.gateway_message_id)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (b"", 'parameter "from" is missing'),
        (b"text=sub", 'parameter "from" is missing'),
        (b"from=&text=sub", 'parameter "from" is missing'),
        (b"from=1", 'parameter "text" is missing'),
        (b"From=1&Text=sub", 'parameter "from" is missing'),
    ],
)
def test_names_what_is_missing(query: bytes, said: str) -> None:
    with pytest.raises(BadCallback) as caught:
        open_gateway(PLAIN).read(callback(query))
    assert str(caught.value) == said


def test_the_request_is_kept_where_decoding_lost_something() -> None:
    (lossy,) = open_gateway(PLAIN).read(callback(b"from=1&text=%FF", b"x=%00"))
    (lossless,) = open_gateway(PLAIN).read(callback(b"from=1&text=%C3%A9"))
    assert isinstance(lossy, Inbound)
    assert isinstance(lossless, Inbound)
    assert (lossy.text, lossy.raw, lossless.raw) == ("\ufffd", b"from=1&text=%FF\nx=%00", None)
