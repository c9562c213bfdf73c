"""The generic dialect where more is configured than IBM published: bodies, headers, answers, reports."""

import json
import time
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from host.config.smsconfig import read_smsconfig
from host.errors import BadCallback, GiveUp, OutcomeUnknown, SendError, TryLater
from host.gateways import open_gateways
from host.gateways.base import Gateway, basic
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpRequest, HttpResponse, Inbound
from host.transport.masking import Masking
from tests.gateways.dialects import callback, converse, open_gateway, part
from tests.gateways.table import Report, get, post


def gateway(attributes: str = "", **parameters: str) -> Gateway:
    """A generic gateway; in names ``_`` stands for ``-`` and ``__`` for ``:``."""
    return open_gateway(element(attributes, parameters))


def element(attributes: str, parameters: dict[str, str]) -> str:
    names = {name: name.replace("__", ":").replace("_", "-") for name in parameters}
    inner = ElementTree.Element("gateway")
    for name, value in parameters.items():
        ElementTree.SubElement(inner, "parameter", name=names[name], value=value)
    children = "".join(ElementTree.tostring(each, "unicode") for each in inner)
    return f'<gateway id="g" hostname="sms.example" {attributes}>{children}</gateway>'


def said(to: Gateway, text: str = "Hello") -> HttpRequest:
    return converse(to, part(text), HttpResponse(200)).said[0]


NASTY = 'a "b" \\ {to} & <c> \n é 😀 %'
AS_JSON = '{"to": ["{to}"], "text": "{text}", "ref": "{reference}", "from": "{from}", "n": {part}}'


def test_a_body_template_in_json_keeps_every_value_in_its_place() -> None:
    request = said(gateway(body_template=AS_JSON, **{"from": 'BOOK"S'}), NASTY)
    assert (request.method, request.url, request.headers) == (
        "POST", "http://sms.example/", {"content-type": "application/json"},
    )  # fmt: skip
    assert json.loads(request.body) == {
        "to": ["+15550001"], "text": NASTY, "ref": "ref-1", "from": 'BOOK"S', "n": 1,
    }  # fmt: skip


def test_a_body_template_in_xml_keeps_every_value_in_its_place() -> None:
    template = '<sms to="{to}"><text>{text}</text></sms>'
    request = said(
        gateway('method="PUT"', body_template=template, content_type="text/xml; charset=utf-8"), NASTY + "\1"
    )
    root = ElementTree.fromstring(request.body)
    assert (request.method, root.get("to"), root.findtext("text")) == ("PUT", "+15550001", NASTY + "\ufffd")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", "m=a%20%22b%22%20%5C%20%7Bto%7D%20%26%20%3Cc%3E%20%0A%20%C3%A9%20%F0%9F%98%80%20%25"),
        ("text/plain", f"m={NASTY}"),
    ],
)  # fmt: skip
def test_a_body_template_of_other_types(content_type: str, body: str) -> None:
    request = said(gateway(body_template="m={text}", content_type=content_type), NASTY)
    assert request.body.decode() == body


@pytest.mark.parametrize(
    ("attributes", "parameters", "url", "body"),
    [
        ("", {"body_template": '"{text}"', "key": "k", "z": "1"}, "http://sms.example/?key=k&z=1", b'"Hello"'),
        ("", {"body_template": '"{key}"', "key": "k"}, "http://sms.example/", b'"k"'),
        ("", {"number_format": "digits"}, "http://sms.example/?to=15550001&text=Hello", b""),
        ('method="PUT" protocol="https"', {}, "https://sms.example/", b"to=%2B15550001&text=Hello"),
        ("", {"reference_parameter": "ref"}, "http://sms.example/?to=%2B15550001&text=Hello&ref=ref-1", b""),
        ('method="POST"', {"callback_url": "https://h/report?r={reference}", "callback_parameter": "dlr"},
         "http://sms.example/", b"to=%2B15550001&text=Hello&dlr=https%3A%2F%2Fh%2Freport%3Fr%3Dref-1"),
        ("", {"callback_url": "https://h/{reference}", "body_template": '"{callback}"'},
         "http://sms.example/", b'"https://h/ref-1"'),
    ],
)  # fmt: skip
def test_where_values_go(attributes: str, parameters: dict[str, str], url: str, body: bytes) -> None:
    request = said(gateway(attributes, **parameters))
    assert (request.url, request.body) == (url, body)


@pytest.mark.parametrize(
    ("parameters", "headers"),
    [
        ({"basic_user": "bob", "basic_password": "pä:ss"}, {"Authorization": basic("bob", "pä:ss")}),
        ({"bearer_token": "abc"}, {"Authorization": "Bearer abc"}),
        ({"header__X-Api-Key": "abc", "header__Idempotency-Key": "m-{reference}"},
         {"X-Api-Key": "abc", "Idempotency-Key": "m-ref-1"}),
    ],
)  # fmt: skip
def test_headers(parameters: dict[str, str], headers: dict[str, str]) -> None:
    request = said(gateway(**parameters))
    assert (request.url, request.headers) == ("http://sms.example/?to=%2B15550001&text=Hello", headers)


def test_what_is_shown_of_a_request_has_no_secrets_in_it() -> None:
    secret = 's3"cret & co'
    to = gateway(body_template='{"key": "{key}"}', key=secret, other=secret, header__X="header-secret")
    shown = Masking(to).request(said(to))
    assert shown == 'POST http://sms.example/?other=*** {"key": "***"}'


OK = {"success_pattern": r"^OK", "failure_pattern": "ERR (1|2)", "retry_pattern": "busy", "id_pattern": r"id=(\w+)"}


@pytest.mark.parametrize(
    ("parameters", "answer", "end", "number"),
    [
        (OK, HttpResponse(200, {}, b"OK id=77 "), Accepted, "77"),
        (OK, HttpResponse(200, {}, b"OK"), Accepted, None),
        (OK, HttpResponse(200, {}, b"Hello"), OutcomeUnknown, None),
        (OK, HttpResponse(200, {}, b"ERR 1"), GiveUp, None),
        (OK, HttpResponse(503, {}, b"ERR 1"), GiveUp, None),
        (OK, HttpResponse(400, {}, b"busy"), TryLater, None),
        (OK, HttpResponse(400, {}, b"OK"), GiveUp, None),
        (OK, HttpResponse(500, {}, b"OK"), TryLater, None),
        ({"id_header": "X-Message-Id"}, HttpResponse(202, {"x-message-id": " m1 "}), Accepted, "m1"),
        ({"id_header": "X-Message-Id"}, HttpResponse(202), Accepted, None),
        ({"id_path": "messages/0/id"}, HttpResponse(200, {}, b'{"messages": [{"id": 12345678901}]}'), Accepted, "12345678901"),
        ({"id_path": "messages/0/id"}, HttpResponse(200, {}, b'{"messages": []}'), Accepted, None),
        ({"id_path": "id"}, HttpResponse(200, {}, b"\xff{"), Accepted, None),
        ({"id_path": "id"}, HttpResponse(200, {}, b"[" * 60_000), Accepted, None),
        ({"id_pattern": "id: .*"}, HttpResponse(200, {}, b"id: 7\nx"), Accepted, "id: 7"),
        ({"id_pattern": "(?s).*"}, HttpResponse(200, {}, b"x" * 501), Accepted, None),
        ({"id_pattern": "(?s).*"}, HttpResponse(200, {}, b"a\0b"), Accepted, "a\ufffdb"),
    ],
)  # fmt: skip
def test_hears(
    parameters: dict[str, str], answer: HttpResponse, end: type[Accepted | SendError], number: str | None
) -> None:
    held = converse(gateway(**parameters), part(), answer).end
    assert (type(held), getattr(held, "gateway_message_id", None)) == (end, number)


def test_no_pattern_takes_for_ever() -> None:
    to = gateway(success_pattern="^(a|a)*(a+)+(.*)*$b")
    began = time.monotonic()
    end = converse(to, part(), HttpResponse(200, {}, b"a" * 60_000)).end
    assert (type(end), time.monotonic() - began < 10) == (OutcomeUnknown, True)


@pytest.mark.parametrize(
    ("attributes", "parameters", "problem"),
    [
        ("", {"success_pattern": "(a"}, 'name="success-pattern"/> is no pattern: missing ): (a'),
        ("", {"id_pattern": r"(a)\1"}, 'name="id-pattern"/> is no pattern: invalid escape sequence: \\1'),
        ("", {"body_template": '{"a": "{whom}"}'}, 'has a place for whom, which is neither of the text nor a <parameter>'),
        ("", {"body_template": '{"a": {text}}'}, ""),
        ("", {"body_template": '{"a": "{text}'}, 'name="body-template"/> is no JSON: '),
        ('method="GET"', {"body_template": '"{text}"'}, 'needs method="POST" or "PUT": a GET has no body'),
        ("", {"content_type": "text/xml; charset=latin1"}, 'name="content-type"/> cannot be one'),
        ("", {"header__X": "a\nb"}, 'name="header:X"/> cannot be a header: write visible ASCII'),
        ("", {"header__X Y": "a"}, "cannot be a header: write visible ASCII"),
        ("", {"header__Content-Length": "1"}, "is set otherwise"),
        ("", {"bearer_token": "a\nb"}, 'name="bearer-token"/> cannot be a header: write visible ASCII'),
        ("", {"bearer_token": "a", "basic_user": "b"}, "both ask for the Authorization header"),
        ("", {"basic_password": "a"}, 'name="basic-password"/> needs a basic-user'),
        ("", {"number_format": "e164"}, 'name="number-format"/> is plus or digits'),
        ("", {"callback_parameter": "dlr"}, "needs a callback-url"),
        ("", {"report_accepted": "sent,Delivered"}, 'has the word "delivered", which report-accepted has too'),
        ("", {"answer_type": "text/plain\n"}, "cannot be a header"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said_at_the_start(attributes: str, parameters: dict[str, str], problem: str) -> None:
    configs, found = read_smsconfig(f"<config>{element(attributes, parameters)}</config>".encode(), "SMSConfig.xml", {})
    problems = [str(each) for each in (*found, *open_gateways(configs)[1])]
    assert [problem in each for each in problems] == ([True] if problem else [])


NESTED = 'fromParamName="msg/from" textParamName="msg/text" toParamName="to" idParamName="msg/id"'


def test_texts_in_nested_json() -> None:
    to = gateway(
        NESTED, time_parameter="at", time_format="epoch-ms", answer_body='{"ok":true}', answer_type="application/json"
    )
    body = b'{"msg": {"from": 15550001, "text": "", "id": 7}, "to": "26161", "at": 1767268800000}'
    (event,) = to.read(post(body, "application/json"))
    assert isinstance(event, Inbound)
    read = (event.sender, event.text, event.receiver, event.gateway_message_id, event.sent_at)
    assert read == ("15550001", "", "26161", "7", datetime(2026, 1, 1, 12, tzinfo=UTC))
    assert to.recognises(post(body, "application/json"))
    assert to.read(to.compose(event, "https://h/"))[0].gateway_message_id == "7"
    answer = to.acknowledge([event])
    assert (answer.body, answer.headers["Content-Type"]) == (b'{"ok":true}', "application/json")
    with pytest.raises(BadCallback, match='"msg/text" is missing'):
        to.read(post(b'{"msg": {"from": 1}}', "application/json"))


@pytest.mark.parametrize(
    ("form", "value", "when"),
    [
        ("iso", "2026-01-01T13:00:00+0100", True),
        ("epoch", "1767268800", True),
        ("epoch-ms", "1767268800000", True),
        ("%d.%m.%Y %H:%M", "01.01.2026 12:00", True),
        ("iso", "yesterday", False),
        ("epoch", "", False),
    ],
)
def test_times(form: str, value: str, when: bool) -> None:
    to = gateway(time_parameter="ts", time_format=form)
    query = f"from=1&text=a&ts={value.replace('+', '%2B')}".encode()
    (event,) = to.read(callback(query))
    assert isinstance(event, Inbound)
    assert event.sent_at == (datetime(2026, 1, 1, 12, tzinfo=UTC) if when else None)


OWN = {
    "report_reference": "ref",
    "report_id": "data/mid",
    "report_status": "data/state",
    "report_delivered": "Handed over, OK",
}
REPORT = "/receiveSMS/g/report"


@pytest.mark.parametrize(
    ("parameters", "request_", "reports"),
    [
        (OWN, post(b'{"data": {"mid": 7, "state": " handed OVER"}}', "application/json", path=REPORT, query=b"ref=r%201"),
         [Report(DeliveryStatus.DELIVERED, " handed OVER", "r 1", "7")]),
        ({**OWN, "report_list": "all"},
         post(b'{"all": [{"data": {"mid": 1, "state": "ok"}}, {"data": {"mid": 2, "state": "?"}}]}', "application/json", path=REPORT),
         [Report(DeliveryStatus.DELIVERED, "ok", None, "1"), Report(DeliveryStatus.UNKNOWN, "?", None, "2")]),
        ({}, post(b'[{"id": "a", "status": "sent"}]', "application/json", path=REPORT),
         [Report(DeliveryStatus.ACCEPTED, "sent", None, "a")]),
        ({}, post(b"id=a&status=Buffered", path=REPORT), [Report(DeliveryStatus.BUFFERED, "Buffered", None, "a")]),
        ({"report_when": "dlr"}, get(b"dlr=1&id=a&status=EXPIRED&from=1&text=x", path="/receiveSMS/g"),
         [Report(DeliveryStatus.UNDELIVERED, "EXPIRED", None, "a")]),
    ],
)  # fmt: skip
def test_reports(parameters: dict[str, str], request_: HttpRequest, reports: list[Report]) -> None:
    events = gateway(**parameters).read(request_)
    assert [Report.of(each) for each in events if isinstance(each, DeliveryReport)] == reports
    assert all(event.parameters for event in events)


@pytest.mark.parametrize(
    ("body", "problem"),
    [(b"{}", '"all" is no array'), (b'{"all": [7]}', "is missing"), (b"{", "the JSON body is broken"), (b"7", "is no array")],
)  # fmt: skip
def test_a_broken_report_is_named(body: bytes, problem: str) -> None:
    with pytest.raises(BadCallback, match=problem):
        gateway(report_list="all").read(post(body, "application/json", path=REPORT))
