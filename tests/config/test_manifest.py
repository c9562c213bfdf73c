"""Adapter manifests: published ones of both namespaces, and mistakes."""

import pytest

from host.config.manifest import Manifest, Procedure, read_manifest
from host.errors import Place

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
