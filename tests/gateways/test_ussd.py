"""How gateways are told of USSD answers: every dialect by the same parameters."""

import pytest

from host.config import read_configuration
from host.config.smsconfig import read_smsconfig
from host.development import begin, overlay
from host.errors import WLError
from host.gateways import dialects, open_gateways
from host.gateways.ussd import NAMES
from host.messages import HttpResponse, USSDResponse
from tests.gateways.dialects import converse, open_gateway, part
from tests.gateways.tables import TABLES

ELEMENT = '<gateway id="g" hostname="h" dialect="{}">{}</gateway>'
PLAIN = "text/plain; charset=UTF-8"


def parameters(**values: str) -> str:
    return "".join(
        f'<parameter name="ussd-{name.replace("_", "-")}" value="{value}"/>' for name, value in values.items()
    )


PREFIXES = parameters(continue_prefix="CON ", end_prefix="END ")
HEADERS = parameters(continue_header="Freeflow: FC", end_header="Freeflow:FB")


@pytest.mark.parametrize("dialect", sorted(dialects()))
@pytest.mark.parametrize(
    ("configured", "is_last", "body", "headers"),
    [
        ("", False, b"Hi", {}),
        ("", True, b"Hi", {}),
        (PREFIXES, False, b"CON Hi", {}),
        (PREFIXES, True, b"END Hi", {}),
        (HEADERS, False, b"Hi", {"Freeflow": "FC"}),
        (HEADERS, True, b"Hi", {"Freeflow": "FB"}),
    ],
)
def test_the_last_message_is_shown_as_configured(
    dialect: str, configured: str, is_last: bool, body: bytes, headers: dict[str, str]
) -> None:
    gateway = open_gateway(ELEMENT.format(dialect, TABLES[dialect].parameters + configured))
    always = {"Content-Type": PLAIN, "Cache-Control": "no-store"}
    assert gateway.ussd(USSDResponse("Hi", isLastMsg=is_last)) == HttpResponse(200, {**always, **headers}, body)


def test_the_content_is_encoded_as_its_type_says() -> None:
    gateway = open_gateway(ELEMENT.format("generic", ""))
    said = [
        (PLAIN, "é€", "é€".encode()),
        ("text/xml", "é", "é".encode()),
        ("text/plain; charset=ISO-8859-1", "é", b"\xe9"),
        ('text/plain;charset="utf-16be"', "é", b"\x00\xe9"),
    ]
    assert [gateway.ussd(USSDResponse(content, kind)).body for kind, content, _ in said] == [each[2] for each in said]


@pytest.mark.parametrize(
    ("content_type", "content", "error"),
    [
        ("text/plain\r\nX-Injected: 1", "x", "contentType is a media type as in"),
        ("text/plain; charset=utf-8\n", "x", "contentType is a media type as in"),
        ("text/plain; charset=é", "x", "contentType is a media type as in"),
        ("plain", "x", "contentType is a media type as in"),
        ("", "x", "contentType is a media type as in"),
        ("text/plain; charset=base64", "x", "contentType names the charset 'base64', which nobody knows"),
        ("text/plain; charset=none", "x", "contentType names the charset 'none', which nobody knows"),
        ("text/plain; charset=ISO-8859-1", "€", "the content does not fit into the charset 'ISO-8859-1': "),
    ],
)
def test_what_cannot_be_said_is_an_error(content_type: str, content: str, error: str) -> None:
    with pytest.raises(WLError) as caught:
        open_gateway(ELEMENT.format("generic", "")).ussd(USSDResponse(content, content_type))
    assert str(caught.value).startswith(error)


def test_lines_in_the_content_stay_in_the_body() -> None:
    said = open_gateway(ELEMENT.format("generic", PREFIXES)).ussd(USSDResponse("1 Buy\r\nX-Injected: 1\r\n\r\nx"))
    assert (said.body, sorted(said.headers)) == (
        b"CON 1 Buy\r\nX-Injected: 1\r\n\r\nx",
        ["Cache-Control", "Content-Type"],
    )


@pytest.mark.parametrize(
    ("value", "is_well"),
    [
        ("Freeflow: FB", True),
        ("Freeflow:FB", True),
        ("X-Session: end of it", True),
        ("Freeflow", False),
        ("Freeflow:", False),
        ("Free flow: FB", False),
        ("Freeflow: FB&#13;&#10;X: 1", False),
        ("Freeflow: FB&#10;", False),
        ("Freeflow: é", False),
        ("Content-Length: 0", False),
        ("content-type: text/html", False),
        ("Transfer-Encoding: chunked", False),
    ],
)
def test_a_header_is_checked_at_its_line(value: str, is_well: bool) -> None:
    element = (
        f'<config><gateway id="g" hostname="h">\n<parameter name="ussd-end-header" value="{value}"/></gateway></config>'
    )
    configs, found = read_smsconfig(element.encode(), "SMSConfig.xml", {})
    problem = 'SMSConfig.xml:2: gateway "g": <parameter name="ussd-end-header"/> is no header that an answer may have: '
    said = [str(each) for each in (*found, *open_gateways(configs)[1])]
    assert said == ([] if is_well else [f"{problem}write Name: value, as in Freeflow: FB"])


def test_development_mode_shows_it_as_configured() -> None:
    element = f'<config><gateway id="g" hostname="h"><parameter name="secret" value="x"/>{PREFIXES}</gateway></config>'
    configuration, problems = read_configuration({"SMSConfig.xml": element.encode()}, {})
    gateways, more = open_gateways(overlay(configuration, begin(9)).gateways)
    assert [*problems, *more] == []
    assert gateways["g"].ussd(USSDResponse("Hi", isLastMsg=True)).body == b"END Hi"
    said = converse(gateways["g"], part(), HttpResponse(200)).said[0].body
    assert (b"credential=" in said, b"ussd" in said, b"secret" in said) == (True, False, False)


@pytest.mark.parametrize("dialect", sorted(name for name, kind in dialects().items() if not kind.features.pull))
def test_no_text_carries_these_parameters(dialect: str) -> None:
    gateway = open_gateway(ELEMENT.format(dialect, TABLES[dialect].parameters + PREFIXES + HEADERS))
    first = converse(gateway, part(), HttpResponse(400)).said[0]
    assert [name for name in NAMES if name in first.url or name.encode() in first.body] == []
    assert gateway.masked_names().isdisjoint(NAMES)
