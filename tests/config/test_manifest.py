"""Adapter manifests: published ones of both namespaces, and mistakes."""

from typing import Any

import pytest

from host.config.connectivity import ConnectionPolicy, Credentials, ProxyPolicy
from host.config.manifest import Manifest, Procedure, read_manifest
from host.errors import Note, Place

FILE = "adapters/BookStoreAdapter/BookStoreAdapter.xml"

PUBLISHED = """<?xml version="1.0" encoding="UTF-8"?>
<wl:adapter name="BookStoreAdapter" authenticationRealm="x" securityTest="y"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:wl="%(ns)s" xmlns:http="%(ns)s/http">
    <displayName>Book store</displayName>
    <description>
        Sells ${what}
    </description>
    <connectivity>
        <connectionPolicy xsi:type="http:HTTPConnectionPolicyType" cookiePolicy="BEST_MATCH">
            <protocol>http</protocol><domain>${never.defined}</domain><port>80</port>
        </connectionPolicy>
        <loadConstraints maxConcurrentConnectionsPerNode="2"/>
    </connectivity>
    <property name="x"/>
    <json:rpc xmlns:json="urn:left-over"/>
    <procedure name="sendSMS"/>
    <procedure name="get_2" securityTest="wl_unprotected" audit="true" connectAs="endUser"
               requestTimeoutInSeconds="30"/>
</wl:adapter>
"""
NEVER_DEFINED = '"${never.defined}" is not defined in worklight.properties: invokeHttp raises WLError'


@pytest.mark.parametrize("namespace", ["http://www.worklight.com/integration", "http://www.ibm.com/mfp/integration"])
def test_published_manifests(namespace: str) -> None:
    manifest, problems = read_manifest((PUBLISHED % {"ns": namespace}).encode(), FILE, {"what": "books"})
    assert problems == []
    assert manifest == Manifest(
        name="BookStoreAdapter",
        display_name="Book store",
        description="Sells books",
        procedures=(
            Procedure("sendSMS", None, audit=False, connect_as="server", place=Place(FILE, 17)),
            Procedure("get_2", "wl_unprotected", audit=True, connect_as="endUser", place=Place(FILE, 19)),
        ),
        place=Place(FILE, 4),
        connection=ConnectionPolicy(
            "http", Place(FILE, 10), most_connections=2, keeps_cookies=True, trouble=NEVER_DEFINED
        ),
        notes=(
            Note(
                Place(FILE, 4), '<adapter authenticationRealm="...">: not honoured; a procedure\'s own securityTest is'
            ),
            Note(Place(FILE, 4), '<adapter securityTest="...">: not honoured; a procedure\'s own securityTest is'),
            Note(Place(FILE, 10), NEVER_DEFINED),
            Note(Place(FILE, 15), "<property>: not honoured"),
            Note(Place(FILE, 19), 'connectAs="endUser": the back end is called as the server all the same'),
            Note(
                Place(FILE, 19),
                'requestTimeoutInSeconds="...": not honoured; calls into a script end after '
                "smshost.javascript.limitSeconds, those into Python are never ended",
            ),
        ),
    )


def test_the_least_there_can_be() -> None:
    expected = Manifest("A", "A", "", (), Place("A.xml", 1))
    assert read_manifest(b'<adapter name="A"/>', "A.xml", {}) == (expected, [])


NAME = 'write a letter (a to z), then letters, digits and "_"'


@pytest.mark.parametrize(
    ("data", "usable", "problems"),
    [
        ("<adapter/>", False, ['<adapter> needs name="...": it is missing or empty']),
        (
            '<adapter nmae="A"/>',
            False,
            [
                '<adapter> needs name="...": it is missing or empty',
                '<adapter> takes no attribute "nmae"; did you mean "name"?',
            ],
        ),
        ('<adapter name="1A"/>', False, [f'name="1A": {NAME}']),
        ('<adapter name="A-B"/>', False, [f'name="A-B": {NAME}']),
        ('<adapter name="Á"/>', False, [f'name="Á": {NAME}']),
        ('<adapter name="a"/>', True, []),
        (
            '<adapter name="B"/>',
            True,
            ['name="B" differs from the file\'s name: write name="A" or call the file B.xml'],
        ),
        (
            '<adapter name="A"><JAXRSApplicationClass>com.sample.A</JAXRSApplicationClass></adapter>',
            False,
            ["Java adapters do not run here: rewrite it in Python or JavaScript, or remove its folder"],
        ),
        (
            '<adapter name="A"><procedur name="x"/></adapter>',
            True,
            ['<adapter> takes no element <procedur>; did you mean "procedure"?'],
        ),
        ('<adapter name="A"><jsonrpc/></adapter>', True, []),
        ('<adapter name="A"><procedure/></adapter>', True, ['<procedure> needs name="...": it is missing or empty']),
        ('<adapter name="A"><procedure name="_x"/></adapter>', True, [f'name="_x": {NAME}']),
        (
            '<adapter name="A"><procedure name="x"/>\n<procedure name="x"/></adapter>',
            True,
            ['the procedure "x" is already on line 1: rename or remove one'],
        ),
        (
            '<adapter name="A"><procedure name="x" securityTset="Staff"/></adapter>',
            True,
            ['<procedure> takes no attribute "securityTset"; did you mean "securityTest"?'],
        ),
        (
            '<adapter name="A"><procedure name="x" securityTest=""/></adapter>',
            True,
            ['<procedure> needs securityTest="...": it is missing or empty'],
        ),
        ('<adapter name="A"><procedure name="x" audit="1"/></adapter>', True, ['audit="1": write true or false']),
        (
            '<adapter name="A"><procedure name="x" connectAs="me"/></adapter>',
            True,
            ['connectAs="me": write server or endUser'],
        ),
        (
            '<adapter name="A"><displayName>${x}</displayName></adapter>',
            True,
            ['"${x}" is not defined in worklight.properties'],
        ),
    ],
)
def test_mistakes(data: str, usable: bool, problems: list[str]) -> None:
    manifest, found = read_manifest(data.encode(), "adapters/A/A.xml", {})
    assert (manifest is not None, [each.message for each in found]) == (usable, problems)


def policy(inside: str, attributes: str = "", around: str = "", **properties: str) -> tuple[Manifest, list[str]]:
    """The manifest around a `<connectionPolicy>` of an HTTP adapter, and its problems."""
    text = (
        '<wl:adapter xmlns:http="http://www.worklight.com/integration/http" '
        'xmlns:wl="http://www.worklight.com/integration" name="A" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<connectivity>'
        f'<connectionPolicy {attributes} xsi:type="http:HTTPConnectionPolicyType">{inside}</connectionPolicy>{around}'
        "</connectivity></wl:adapter>"
    )
    manifest, problems = read_manifest(text.encode(), "A.xml", properties)
    assert manifest is not None
    return manifest, [each.message for each in problems]


def connection(**values: Any) -> ConnectionPolicy:
    return ConnectionPolicy("http", Place("A.xml", 2), **{"domain": "h", **values})


HOST = "<domain>h</domain>"
IDENTITY = "<serverIdentity><username>${u}</username><password>${p}</password></serverIdentity>"


@pytest.mark.parametrize(
    ("inside", "attributes", "around", "expected"),
    [
        (HOST, "", "", connection()),
        ("<protocol>HTTPS</protocol><domain>h</domain>", "", "", connection(protocol="https", port=443)),
        (f"{HOST}<port> 8080 </port><protocol/>", "", "", connection(port=8080)),
        (
            f"{HOST}<connectionTimeoutInMilliseconds>1500</connectionTimeoutInMilliseconds>"
            "<socketTimeoutInMilliseconds>250</socketTimeoutInMilliseconds>"
            "<maxConcurrentConnectionsPerNode>7</maxConcurrentConnectionsPerNode>",
            "",
            '<loadConstraints maxConcurrentConnectionsPerNode="2"/>',
            connection(connect_timeout=1.5, read_timeout=0.25, most_connections=7),
        ),
        (HOST, "", '<loadConstraints maxConcurrentConnectionsPerNode="2"/>', connection(most_connections=2)),
        (HOST, 'cookiePolicy="BEST_MATCH" maxRedirects="0"', "", connection(keeps_cookies=True, redirects=0)),
        (HOST, 'cookiePolicy="IGNORE_COOKIES"', "", connection()),
        (
            f"{HOST}<authentication><basic/>{IDENTITY}</authentication>",
            "",
            "",
            connection(credentials=Credentials("basic", "me", "a&b")),
        ),
        (
            f"{HOST}<proxy><domain>p</domain><port>3128</port><authentication>{IDENTITY}<digest/></authentication></proxy>",
            "",
            "",
            connection(proxy=ProxyPolicy("http", "p", 3128, Credentials("digest", "me", "a&b"))),
        ),
    ],
)
def test_connection_policies(inside: str, attributes: str, around: str, expected: ConnectionPolicy) -> None:
    manifest, problems = policy(inside, attributes, around, u="me", p="a&b")
    assert (manifest.connection, manifest.notes, problems) == (expected, (), [])


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("sql:SQLConnectionPolicy", "sql"),
        ("sql:SQLConnectionPolicyType", "sql"),
        ("jms:JMSConnectionPolicyType", "jms"),
        ("castIron:CastIronConnectionPolicyType", "castiron"),
        ("wl:NoJNDIConnectionPolicyType", "nojndi"),
    ],
)
def test_policies_of_other_kinds_load_and_are_noted(type_: str, expected: str) -> None:
    text = f"""<adapter name="A" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><connectivity>
        <connectionPolicy xsi:type="{type_}"><dataSourceDefinition><url>${{db}}</url></dataSourceDefinition>
        </connectionPolicy></connectivity></adapter>"""
    manifest, problems = read_manifest(text.encode(), "A.xml", {})
    assert manifest is not None
    assert problems == []
    why = f"{expected.upper()} connections are not provided by this host: calls that need one raise WLError"
    assert manifest.connection == ConnectionPolicy(expected, Place("A.xml", 2), trouble=why)
    assert manifest.notes == (Note(Place("A.xml", 2), why),)


NTLM = "<ntlm> authentication is not provided by this host: invokeHttp raises WLError"
UNDEFINED = '"${u}" is not defined in worklight.properties: invokeHttp raises WLError'


@pytest.mark.parametrize(
    ("inside", "notes", "trouble"),
    [
        (f"{HOST}<authentication><ntlm workstation='w'/></authentication>", [NTLM], NTLM),
        (f"{HOST}<proxy><domain>p</domain><authentication><ntlm/></authentication></proxy>", [NTLM], NTLM),
        ("<domain>${u}</domain>", [UNDEFINED], UNDEFINED),
        (
            f"{HOST}<sslCertificateAlias>a</sslCertificateAlias><sslCertificatePassword>p</sslCertificatePassword>",
            ["<sslCertificateAlias> is not honoured: no client certificate is shown to the back end"],
            "",
        ),
        (f"{HOST}<sslCertificateAlias></sslCertificateAlias>", [], ""),
        (f"{HOST}<keepAlive/>", ["<keepAlive> of <connectionPolicy> is not honoured"], ""),
        (
            f"{HOST}<authentication><basic/></authentication>",
            ["<authentication> without <serverIdentity>: the back end gets no credentials"],
            "",
        ),
    ],
)
def test_what_is_not_honoured_is_noted(inside: str, notes: list[str], trouble: str) -> None:
    manifest, problems = policy(inside)
    assert manifest.connection is not None
    assert ([each.message for each in manifest.notes], manifest.connection.trouble, problems) == (notes, trouble, [])


@pytest.mark.parametrize(
    ("inside", "attributes", "problem"),
    [
        ("", "", "<connectionPolicy> needs <domain>: write the back end's host name"),
        (
            "<domain>http://h:81/x</domain>",
            "",
            '<domain>http://h:81/x</domain>: write "h" alone, and separately its protocol "http", port "81", path "/x"',
        ),
        (f"{HOST}<port>0</port>", "", "<port>0</port>: write a whole number from 1 to 65535"),
        (f"{HOST}<protocol>ftp</protocol>", "", "<protocol>ftp</protocol>: write http or https"),
        (HOST, 'maxRedirects="many"', 'maxRedirects="many": write a whole number from 0 to 100'),
    ],
)
def test_mistakes_in_a_policy(inside: str, attributes: str, problem: str) -> None:
    assert policy(inside, attributes)[1] == [problem]


def test_credentials_are_not_shown() -> None:
    manifest, _ = policy(f"{HOST}<authentication><basic/>{IDENTITY}</authentication>", u="me", p="hush-hush")
    assert manifest.connection is not None
    assert manifest.connection.credentials is not None
    assert manifest.connection.credentials.password == "hush-hush"
    assert "hush-hush" not in repr(manifest)
