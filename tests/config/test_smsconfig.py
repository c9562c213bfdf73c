"""SMSConfig.xml: published files, our extensions, and every mistake with its line."""

from dataclasses import asdict
from typing import Any

import pytest

from host.config.smsconfig import GatewayConfig, GatewayParameter, read_smsconfig
from host.errors import Place

FILE = "config/SMSConfig.xml"
PROPERTIES = {"host": "api.example.com", "password": "hunter2hunter2", "port": "99999", "empty": ""}

STUDIO_DEFAULT = b"""<?xml version="1.0" encoding="UTF-8"?>
<sms:config xmlns:sms="http://www.worklight.com/sms/config" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
   <gateway id="gatewayID" hostname="" port="80" programName="" toParamName="to" textParamName="text">
      <!-- <parameter name="" value="" /> -->
   </gateway>
</sms:config>
"""

TWO_WAY_SAMPLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<sms:config xmlns:sms="http://www.worklight.com/sms/config" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
   <gateway id="myGateway" hostname="yourhostname.com" port="80" programName="backendProgram" toParamName="to"
    textParamName="text" fromParamName="from">
    <parameter encode="false" name="param1name" value="param1value"/>
    <parameter name="param2name" value="a b" encode="true"/>
   </gateway>
</sms:config>
"""


def gateway(line: int = 1, **given: Any) -> GatewayConfig:
    """A gateway with every default."""
    defaults: dict[str, Any] = {
        "id": "g",
        "hostname": "h",
        "port": 80,
        "program_name": "",
        "to_param": "to",
        "text_param": "text",
        "from_param": "from",
        "protocol": "http",
        "method": "GET",
        "dialect": "generic",
        "rate": None,
        "concurrency": 4,
        "timeout": 30.0,
        "long_texts": None,
        "parameters": (),
        "place": Place(FILE, line),
    }
    return GatewayConfig(**{**defaults, **given})


def read(attributes: str, children: str = "") -> tuple[tuple[GatewayConfig, ...], list[str]]:
    data = f"<config><gateway {attributes}>{children}</gateway></config>"
    gateways, problems = read_smsconfig(data.encode(), FILE, PROPERTIES)
    return gateways, [str(problem).removeprefix(f"{FILE}:1: ") for problem in problems]


def test_the_file_that_studio_generates() -> None:
    assert read_smsconfig(STUDIO_DEFAULT, FILE, {}) == ((gateway(3, id="gatewayID", hostname=""),), [])


def test_the_two_way_sample() -> None:
    parameters = (
        GatewayParameter("param1name", "param1value", encode=False, place=Place(FILE, 5)),
        GatewayParameter("param2name", "a b", encode=True, place=Place(FILE, 6)),
    )
    sample = gateway(
        4, id="myGateway", hostname="yourhostname.com", program_name="backendProgram", parameters=parameters
    )
    assert read_smsconfig(TWO_WAY_SAMPLE, FILE, {}) == ((sample,), [])


@pytest.mark.parametrize(
    "data",
    [
        '<config><gateway id="g" hostname="h"/></config>',
        '<x:config xmlns:x="http://www.worklight.com/sms/config"><gateway id="g" hostname="h"/></x:config>',
        '<x:config xmlns:x="http://www.worklight.com/sms/config"><x:gateway id="g" hostname="h"/></x:config>',
        '<config xmlns="http://www.worklight.com/sms/config"><gateway id="g" hostname="h"/></config>',
        '<config xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="x.xsd">'
        '<gateway id="g" hostname="h"/></config>',
    ],
)
def test_namespaces(data: str) -> None:
    assert read_smsconfig(data.encode(), FILE, {}) == ((gateway(),), [])


@pytest.mark.parametrize("data", ["<config/>", "<config><!-- none --></config>"])
def test_no_gateway_is_no_problem(data: str) -> None:
    assert read_smsconfig(data.encode(), FILE, {}) == ((), [])


@pytest.mark.parametrize(
    ("attributes", "differs"),
    [
        ('id="g" hostname="h"', {}),
        ('id="A-1._z" hostname=""', {"id": "A-1._z", "hostname": ""}),
        ('id="g" hostname="10.0.0.1"', {"hostname": "10.0.0.1"}),
        ('id="g" hostname="[2001:db8::1]"', {"hostname": "[2001:db8::1]"}),
        ('id="g" hostname="bücher.example"', {"hostname": "bücher.example"}),
        ('id="g" hostname="h" protocol="https"', {"protocol": "https", "port": 443}),
        ('id="g" hostname="h" protocol="HTTPS" port="8443"', {"protocol": "https", "port": 8443}),
        ('id="g" hostname="h" port="" rate="" timeout=""', {}),
        ('id="g" hostname="h" port="1"', {"port": 1}),
        ('id="g" hostname="h" port="65535"', {"port": 65535}),
        ('id="g" hostname="h" programName="/sendsms"', {"program_name": "sendsms"}),
        ('id="g" hostname="h" programName="gateway/add.php"', {"program_name": "gateway/add.php"}),
        (
            'id="g" hostname="h" toParamName="recipient" textParamName="msg" fromParamName="sender"',
            {"to_param": "recipient", "text_param": "msg", "from_param": "sender"},
        ),
        ('id="g" hostname="h" toParamName=""', {}),
        ('id="g" hostname="h" method="post"', {"method": "POST"}),
        ('id="g" hostname="h" dialect="kannel"', {"dialect": "kannel"}),
        ('id="g" hostname="h" rate="0.5"', {"rate": 0.5}),
        ('id="g" hostname="h" rate="100"', {"rate": 100.0}),
        ('id="g" hostname="h" concurrency="1000"', {"concurrency": 1000}),
        ('id="g" hostname="h" timeout="600"', {"timeout": 600.0}),
        ('id="g" hostname="h" longTexts="split"', {"long_texts": "split"}),
        ('id="g" hostname="h" longTexts="pass"', {"long_texts": "pass"}),
        ('id="g" hostname="h" idParamName="msgid"', {"id_param": "msgid"}),
        ('id="g" hostname="h" on-unknown="hold"', {"on_unknown": "hold"}),
        ('id="g" hostname="h" on-unknown="retry"', {"on_unknown": "retry"}),
        ('id="g" hostname="h" repeatWindow="60"', {"repeat_window": 60}),
        ('id="g" hostname="h" repeatWindow="0"', {}),
        (
            'id="g" hostname="${host}" programName="x/${host}/${empty}y"',
            {"hostname": "api.example.com", "program_name": "x/api.example.com/y"},
        ),
    ],
)
def test_attributes(attributes: str, differs: dict[str, Any]) -> None:
    assert read(attributes) == ((gateway(**differs),), [])


HOST = "a host name or address alone, without spaces (an IPv6 address in brackets)"
ID = 'it is part of a URL, write letters (a to z), digits, "_", "." and "-"'
NO_HOSTNAME = '<gateway> needs hostname="...": write the gateway\'s host name, or "" while there is none'
PATH = "write the path alone, and each name=value of a query as a <parameter>"


@pytest.mark.parametrize(
    ("attributes", "problems"),
    [
        ('hostname="h"', ['<gateway> needs id="...": it is missing or empty']),
        ('id="" hostname="h"', ['<gateway> needs id="...": it is missing or empty']),
        ('id="a b" hostname="h"', [f'id="a b": {ID}']),
        ('id="a/b" hostname="h"', [f'id="a/b": {ID}']),
        ('id="ü" hostname="h"', [f'id="ü": {ID}']),
        ('id=".." hostname="h"', [f'id="..": {ID}']),
        ('id="g"', [NO_HOSTNAME]),
        ('id="g" host="h"', [NO_HOSTNAME, '<gateway> takes no attribute "host"; did you mean "hostname"?']),
        (
            'id="g" hostname="http://h"',
            ['hostname="http://h": write "h" alone, and separately its protocol "http"'],
        ),
        (
            'id="g" hostname="https://api.example.com:8443/v1/send"',
            [
                'hostname="https://api.example.com:8443/v1/send": write "api.example.com" alone, and separately its '
                'protocol "https", port "8443", path "/v1/send"'
            ],
        ),
        ('id="g" hostname="h:80"', ['hostname="h:80": write "h" alone, and separately its port "80"']),
        ('id="g" hostname="h/send"', ['hostname="h/send": write "h" alone, and separately its path "/send"']),
        ('id="g" hostname="my host"', [f'hostname="my host": write {HOST}']),
        ('id="g" hostname=" h"', [f'hostname=" h": write {HOST}']),
        ('id="g" hostname="::1"', [f'hostname="::1": write {HOST}']),
        ('id="g" hostname="[::x]"', [f'hostname="[::x]": write {HOST}']),
        ('id="g" hostname="h?x"', [f'hostname="h?x": write {HOST}']),
        ('id="g" hostname="h" port="0"', ['port="0": write a whole number from 1 to 65535']),
        ('id="g" hostname="h" port="65536"', ['port="65536": write a whole number from 1 to 65535']),
        ('id="g" hostname="h" port="٨٠"', ['port="٨٠": write a whole number from 1 to 65535']),
        ('id="g" hostname="h" port="8_0"', ['port="8_0": write a whole number from 1 to 65535']),
        ('id="g" hostname="h" port="eighty"', ['port="eighty": write a whole number from 1 to 65535']),
        ('id="g" hostname="h" port="${port}"', ['port="${port}": write a whole number from 1 to 65535']),
        ('id="g" hostname="h" programName="a?b=1"', [f'programName="a?b=1": {PATH}']),
        ('id="g" hostname="h" programName="a b"', [f'programName="a b": {PATH}']),
        ('id="g" hostname="h" protocol="ftp"', ['protocol="ftp": write http or https']),
        ('id="g" hostname="h" method="HEAD"', ['method="HEAD": write GET or POST or PUT']),
        ('id="g" hostname="h" rate="0"', ['rate="0": write a number greater than 0, at most 1000000']),
        ('id="g" hostname="h" rate="-1"', ['rate="-1": write a number greater than 0, at most 1000000']),
        ('id="g" hostname="h" rate="nan"', ['rate="nan": write a number greater than 0, at most 1000000']),
        ('id="g" hostname="h" rate="1e9"', ['rate="1e9": write a number greater than 0, at most 1000000']),
        ('id="g" hostname="h" concurrency="0"', ['concurrency="0": write a whole number from 1 to 1000']),
        ('id="g" hostname="h" concurrency="1001"', ['concurrency="1001": write a whole number from 1 to 1000']),
        ('id="g" hostname="h" timeout="0"', ['timeout="0": write a number greater than 0, at most 600']),
        ('id="g" hostname="h" timeout="601"', ['timeout="601": write a number greater than 0, at most 600']),
        ('id="g" hostname="h" on-unknown="guess"', ['on-unknown="guess": write hold or retry']),
        ('id="g" hostname="h" longTexts="cut"', ['longTexts="cut": write split or pass']),
        ('id="g" hostname="h" repeatWindow="86401"', ['repeatWindow="86401": write a whole number from 0 to 86400']),
        ('id="g" hostname="h" Port="1"', ['<gateway> takes no attribute "Port"; did you mean "port"?']),
        ('id="g" hostname="h" colour="red"', ['<gateway> takes no attribute "colour"']),
        ('id="g" hostname="${hst}"', ['"${hst}" is not defined in worklight.properties; did you mean "host"?']),
        (
            'id="g" hostname="${env:HOST}"',
            ['"${env:HOST}" works in worklight.properties alone: define a property there and name it here'],
        ),
        (
            'id="g" hostname="h" toParamName="${x" textParamName="${}"',
            [
                '"${}" is not defined in worklight.properties',
                'a "${" is not closed: write ${name}, and put a value that holds "${" into an environment variable',
            ],
        ),
    ],
)
def test_mistakes_in_a_gateway(attributes: str, problems: list[str]) -> None:
    assert read(attributes)[1] == problems


@pytest.mark.parametrize(
    ("children", "problems"),
    [
        ('<parameter name="a" value=""/>', []),
        ('<parameter name="a" value="b"/><parameter name="a" value="c"/>', []),
        ('<parameter name="a" value="b" encode="FALSE"/>', []),
        ('<parameter value="b"/>', ['<parameter> needs name="...": it is missing or empty']),
        ('<parameter name="a"/>', ['<parameter> needs value="...": it is missing']),
        ('<parameter name="a" value="b" encode="no"/>', ['encode="no": write true or false']),
        (
            '<parameter name="a" value="b" encoded="true"/>',
            ['<parameter> takes no attribute "encoded"; did you mean "encode"?'],
        ),
        ('<paramter name="a" value="b"/>', ['<gateway> takes no element <paramter>; did you mean "parameter"?']),
        ("<header/>", ["<gateway> takes no element <header>"]),
        (
            '<x:parameter xmlns:x="urn:x" name="a" value="b"/>',
            ['<gateway> takes no element <parameter> in the namespace "urn:x"'],
        ),
    ],
)
def test_parameters(children: str, problems: list[str]) -> None:
    assert read('id="g" hostname="h"', children)[1] == problems


def test_every_problem_of_a_file_with_its_line() -> None:
    data = b"""<config>
  <gateway id="a" hostname="h"/>
  <gateway id="a" hostname="http://h"
           port="x"/>
  <gatway/>
  <gateway id="a" hostname="h"><parameter/></gateway>
</config>"""
    gateways, problems = read_smsconfig(data, FILE, {})
    assert [each.id for each in gateways] == ["a", "a", "a"]
    assert [str(each).removeprefix(FILE) for each in problems] == [
        ':4: hostname="http://h": write "h" alone, and separately its protocol "http"',
        ':4: port="x": write a whole number from 1 to 65535',
        ':4: the gateway "a" is already on line 2: rename or remove one',
        ':5: <config> takes no element <gatway>; did you mean "gateway"?',
        ':6: <parameter> needs name="...": it is missing or empty',
        ':6: <parameter> needs value="...": it is missing',
        ':6: the gateway "a" is already on line 2: rename or remove one',
    ]


def test_values_of_parameters_are_never_printed() -> None:
    gateways, _ = read('id="g" hostname="h"', '<parameter name="password" value="${password}"/>')
    assert asdict(gateways[0])["parameters"][0]["value"] == "hunter2hunter2"
    assert "hunter2" not in repr(gateways)
