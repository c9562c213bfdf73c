"""authenticationConfig.xml: published files, what stays closed, and every mistake with its line."""

from typing import Any

import pytest

from host.config.authconfig import (
    AuthConfig,
    LoginModuleConfig,
    Param,
    Realm,
    RealmTest,
    Resource,
    SecurityTest,
    read_authconfig,
)
from host.errors import Place

FILE = "config/authenticationConfig.xml"
EXT = "com.worklight.core.auth.ext."

#: Put together from what public Worklight 6.0 to MobileFirst 7.1 projects contain, odd corners included.
PUBLISHED = b"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<tns:loginConfiguration xmlns:tns="http://www.worklight.com/auth/config" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <!-- <staticResources><resource id="worklightConsole"/></staticResources> -->
    <!---->
    <staticResources>
        <!-- <resource id="logUploadServlet" securityTest="LogUploadServlet"/> -->
        <resource id="subscribeServlet" securityTest="SubscribeServlet">
            <urlPatterns>/subscribeSMS*;/receiveSMS*;/ussd*</urlPatterns>
        </resource>
    </staticResources>
    <securityTests>
        <customSecurityTest AccessTokenExpirationSec="35" name="SubscribeServlet">
            <test isInternalUserID="true" realm="SubscribeServlet" step="2"/>
            <test realm="wl_directUpdateRealm" mode="perSession" step="1"/>
        </customSecurityTest>
        <customSecurityTest name="Anonymous">
            <test realm="wl_antiXSRFRealm"/>
            <test isInternalDeviceID="true" realm="wl_deviceNoProvisioningRealm"/>
        </customSecurityTest>
        <webSecurityTest name="webTests">
            <testUser realm="ConsoleRealm"/>
        </webSecurityTest>
        <mobileSecurityTest name="mobileTests">
            <testUser realm="wl_anonymousUserRealm"/>
            <testDeviceId provisioningType="none"/>
            <testDirectUpdate mode="perSession"/>
        </mobileSecurityTest>
        <mobileSecurityTest name="CustomDeviceProvisioningSecurityTest">
            <testAppAuthenticity/>
            <testDeviceId provisioningType="custom" realm="ConsoleRealm"/>
        </mobileSecurityTest>
    </securityTests>
    <realms>
        <realm name="SubscribeServlet" loginModule="rejectAll">
            <className>
                com.worklight.core.auth.ext.HeaderAuthenticator
            </className>
        </realm>
        <!-- realm name="WASLTPARealm" loginModule="WASLTPAModule"></realm -->
        <realm name="ConsoleRealm" loginModule="MySSO">
            <className>com.worklight.core.auth.ext.FormBasedAuthenticator</className>
            <onLoginUrl>/console</onLoginUrl>
            <usernameParam>j_username</usernameParam>
            <parameter name="login-page" value="/login.html"/>
        </realm>
    </realms>
    <loginModules>
        <loginModule name="rejectAll" expirationInSeconds="-1" audit="true">
            <className>com.worklight.core.auth.ext.RejectingLoginModule</className>
        </loginModule>
        <loginModule name="MySSO" canBeResourceLogin="true" isIdentityAssociationKey="false"
                     ssoDeviceLoginModule="WLDeviceNoProvisioningLoginModule">
            <className>com.example.CustomLoginModule</className>
            <parameter name="username"/>
            <parameter name="password" value="${secret}"/>
        </loginModule>
    </loginModules>
</tns:loginConfiguration>
"""


def test_published_files() -> None:
    config, problems = read_authconfig(PUBLISHED, FILE, {"secret": "hunter2hunter2"})
    assert problems == []
    assert config == AuthConfig(
        resources=(
            Resource("subscribeServlet", ("/subscribeSMS*", "/receiveSMS*", "/ussd*"), "SubscribeServlet", at(7)),
        ),
        security_tests=(
            SecurityTest(
                "SubscribeServlet",
                "custom",
                (RealmTest("SubscribeServlet", 2, is_internal_user_id=True, place=at(13)),),
                ("wl_directUpdateRealm",),
                at(12),
            ),
            SecurityTest("Anonymous", "custom", (), ("wl_antiXSRFRealm", "wl_deviceNoProvisioningRealm"), at(16)),
            SecurityTest(
                "webTests", "web", (RealmTest("ConsoleRealm", 1, is_internal_user_id=True, place=at(21)),), (), at(20)
            ),
            SecurityTest(
                "mobileTests", "mobile", (), ("testDeviceId", "testDirectUpdate", "wl_anonymousUserRealm"), at(23)
            ),
            SecurityTest(
                "CustomDeviceProvisioningSecurityTest",
                "mobile",
                (),
                ("testAppAuthenticity", "testDeviceId", "testUser missing"),
                at(28),
            ),
        ),
        realms=(
            Realm("SubscribeServlet", "rejectAll", EXT + "HeaderAuthenticator", (), at(34)),
            Realm(
                "ConsoleRealm",
                "MySSO",
                EXT + "FormBasedAuthenticator",
                (Param("login-page", "/login.html", at(44)),),
                at(40),
            ),
        ),
        login_modules=(
            LoginModuleConfig("rejectAll", EXT + "RejectingLoginModule", -1, audit=True, parameters=(), place=at(48)),
            LoginModuleConfig(
                "MySSO",
                "com.example.CustomLoginModule",
                3600,
                audit=False,
                parameters=(Param("username", "", at(54)), Param("password", "hunter2hunter2", at(55))),
                place=at(52),
            ),
        ),
    )


def at(line: int) -> Place:
    return Place(FILE, line)


def document(resources: str = "", tests: str = "", realms: str = "", modules: str = "") -> bytes:
    """Four sections on lines 1 to 4; ``test``, ``realm`` and ``module`` are there to be referred to."""
    return f"""<loginConfiguration><staticResources>{resources}</staticResources>
<securityTests>{tests}<customSecurityTest name="test"><test realm="realm"/></customSecurityTest></securityTests>
<realms>{realms}<realm name="realm" loginModule="module"><className>c</className></realm></realms>
<loginModules>{modules}<loginModule name="module"><className>c</className></loginModule></loginModules>
</loginConfiguration>""".encode()


def problems(**sections: str) -> list[str]:
    found = read_authconfig(document(**sections), FILE, {"name": "realm"})[1]
    return [str(each).removeprefix(FILE) for each in found]


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"resources": '<resource id="r" securityTest="wl_unprotected"><urlPatterns>/a</urlPatterns></resource>'},
        {"resources": '<resource id="r" securityTest="test"><urlPatterns>/*</urlPatterns></resource>'},
        {"resources": '<resource id="r" securityTest="test"><urlPatterns>\n/a*; /b ;\n</urlPatterns></resource>'},
        {"tests": '<customSecurityTest name="t"><test realm="${name}"/></customSecurityTest>'},
        {"realms": '<realm name="wl_antiXSRFRealm" loginModule="module"><className>c</className></realm>'},
    ],
)
def test_no_problems(sections: dict[str, str]) -> None:
    assert problems(**sections) == []


@pytest.mark.parametrize("data", [b"<loginConfiguration/>", b"<loginConfiguration><realms/></loginConfiguration>"])
def test_an_empty_file_opens_nothing(data: bytes) -> None:
    assert read_authconfig(data, FILE, {}) == (AuthConfig(), [])


def test_steps_order_realms_and_equal_steps_keep_theirs() -> None:
    tests = "".join(f'<test realm="{name}" step="{step}"/>' for name, step in [("c", 3), ("a", 1), ("b", 1), ("d", 3)])
    realms = "".join(f'<realm name="{name}" loginModule="module"><className>c</className></realm>' for name in "abcd")
    data = document(tests=f'<customSecurityTest name="t">{tests}</customSecurityTest>', realms=realms)
    config, found = read_authconfig(data, FILE, {})
    assert found == []
    assert [each.realm for each in config.security_tests[0].tests] == ["a", "b", "c", "d"]


def test_a_predefined_realm_that_the_file_defines_is_an_ordinary_one() -> None:
    data = document(
        tests='<customSecurityTest name="t"><test realm="wl_antiXSRFRealm"/></customSecurityTest>',
        realms='<realm name="wl_antiXSRFRealm" loginModule="module"><className>c</className></realm>',
    )
    config, found = read_authconfig(data, FILE, {})
    assert found == []
    assert [each.realm for each in config.security_tests[0].tests] == ["wl_antiXSRFRealm"]
    assert config.security_tests[0].unsupported == ()


NO_CLASS = "needs exactly one <className> with a class in it"
NOWHERE = "is not defined in this file, outside comments"
PATTERN = 'write a path that starts with "/"; "*" may end it; ";" separates'
NO_PATTERN = "<resource> guards nothing: write its paths as <urlPatterns>/one*;/two</urlPatterns>"
NO_TEST = '<customSecurityTest> tests nothing: write at least one <test realm="..."/> in it'


def resource(patterns: str, attributes: str = 'id="r" securityTest="test"') -> dict[str, str]:
    return {"resources": f"<resource {attributes}><urlPatterns>{patterns}</urlPatterns></resource>"}


@pytest.mark.parametrize(
    ("sections", "found"),
    [
        (resource("/a", 'securityTest="test"'), [':1: <resource> needs id="...": it is missing or empty']),
        (resource("/a", 'id="r"'), [':1: <resource> needs securityTest="...": it is missing or empty']),
        (
            resource("/a", 'id="r" securityTset="test"'),
            [
                ':1: <resource> needs securityTest="...": it is missing or empty',
                ':1: <resource> takes no attribute "securityTset"; did you mean "securityTest"?',
            ],
        ),
        (resource("/a", 'id="r" securityTest="tst"'), [f':1: securityTest="tst" {NOWHERE}; did you mean "test"?']),
        (resource(" ; "), [f":1: {NO_PATTERN}"]),
        ({"resources": '<resource id="r" securityTest="test"/>'}, [f":1: {NO_PATTERN}"]),
        (resource("receiveSMS*"), [f':1: the pattern "receiveSMS*": {PATTERN}']),
        (resource("/a*b"), [f':1: the pattern "/a*b": {PATTERN}']),
        (resource("/a**"), [f':1: the pattern "/a**": {PATTERN}']),
        (resource("/a,\n/b"), [f':1: the pattern "/a,\n/b": {PATTERN}']),
        (resource("*"), [f':1: the pattern "*": {PATTERN}']),
        (
            {"resources": resource("/a")["resources"] + resource("/b")["resources"]},
            [':1: the resource "r" is already on line 1: rename or remove one'],
        ),
        ({"tests": '<customSecurityTest name="t"/>'}, [f":2: {NO_TEST}"]),
        (
            {"tests": '<customSecurityTest name="t"><!-- <test realm="realm"/> --></customSecurityTest>'},
            [f":2: {NO_TEST}"],
        ),
        (
            {"tests": '<customSecurityTest name="t"><tset realm="realm"/></customSecurityTest>'},
            [
                ':2: <customSecurityTest> takes no element <tset>; did you mean "test"?',
                f":2: {NO_TEST}",
            ],
        ),
        (
            {"tests": '<customSecurityTest><test realm="realm"/></customSecurityTest>'},
            [':2: <customSecurityTest> needs name="...": it is missing or empty'],
        ),
        (
            {"tests": '<customSecurityTest name="wl_unprotected"><test realm="realm"/></customSecurityTest>'},
            [':2: "wl_unprotected" means "open to everybody": give this security test its own name'],
        ),
        (
            {"tests": '<webSecurityTest name="test"><testUser realm="realm"/></webSecurityTest>'},
            [':2: the security test "test" is already on line 2: rename or remove one'],
        ),
        (
            {"tests": '<mobileSecurityTest name="t"><testUsr realm="realm"/></mobileSecurityTest>'},
            [':2: <mobileSecurityTest> takes no element <testUsr>; did you mean "testUser"?'],
        ),
        (
            {"tests": '<securityTest name="t"/>'},
            [':2: <securityTests> takes no element <securityTest>; did you mean "webSecurityTest"?'],
        ),
        (
            {"tests": '<customSecurityTest name="t"><test/></customSecurityTest>'},
            [':2: <test> needs realm="...": it is missing or empty'],
        ),
        (
            {"tests": '<customSecurityTest name="t"><test realm="rellam"/></customSecurityTest>'},
            [f':2: realm="rellam" {NOWHERE}; did you mean "realm"?'],
        ),
        (
            {"tests": '<customSecurityTest name="t"><test realm="wl_antiXRSFRealm"/></customSecurityTest>'},
            [f':2: realm="wl_antiXRSFRealm" {NOWHERE}; did you mean "wl_antiXSRFRealm"?'],
        ),
        (
            {"tests": '<customSecurityTest name="t"><test realm="realm" step="0"/></customSecurityTest>'},
            [':2: step="0": write a whole number from 1 to 1000'],
        ),
        (
            {"tests": '<customSecurityTest name="t"><test realm="realm" isInternalUserID="1"/></customSecurityTest>'},
            [':2: isInternalUserID="1": write true or false'],
        ),
        (
            {"realms": '<realm name="realm" loginModule="module"><className>c</className></realm>'},
            [':3: the realm "realm" is already on line 3: rename or remove one'],
        ),
        (
            {"realms": '<realm name="r"><className>c</className></realm>'},
            [':3: <realm> needs loginModule="...": it is missing or empty'],
        ),
        (
            {"realms": '<realm name="r" loginModule="nowhere"><className>c</className></realm>'},
            [f':3: loginModule="nowhere" {NOWHERE}'],
        ),
        ({"realms": '<realm name="r" loginModule="module"/>'}, [f":3: <realm> {NO_CLASS}"]),
        (
            {"realms": '<realm name="r" loginModule="module"><className> </className></realm>'},
            [f":3: <realm> {NO_CLASS}"],
        ),
        (
            {"realms": '<realm name="r" loginModule="module"><classname>c</classname></realm>'},
            [f":3: <realm> {NO_CLASS}", ':3: <realm> takes no element <classname>; did you mean "className"?'],
        ),
        ({"modules": '<loginModule name="m"/>'}, [f":4: <loginModule> {NO_CLASS}"]),
        (
            {"modules": '<loginModule name="m"><className>a</className><className>b</className></loginModule>'},
            [f":4: <loginModule> {NO_CLASS}"],
        ),
        (
            {"modules": '<loginModule name="module"><className>c</className></loginModule>'},
            [':4: the login module "module" is already on line 4: rename or remove one'],
        ),
        (
            {"modules": '<loginModule name="m" expirationInSeconds="-2"><className>c</className></loginModule>'},
            [':4: expirationInSeconds="-2": write a whole number from -1 to 2147483647'],
        ),
        (
            {"modules": '<loginModule name="m"><className>c</className><parameter value="v"/></loginModule>'},
            [':4: <parameter> needs name="...": it is missing or empty'],
        ),
        (
            {"modules": '<loginModule name="m"><className>c</className><parameter name="n" vlaue="v"/></loginModule>'},
            [':4: <parameter> takes no attribute "vlaue"; did you mean "value"?'],
        ),
        (
            {"modules": '<loginModule name="m"><className>${cls}</className></loginModule>'},
            [':4: "${cls}" is not defined in worklight.properties', f":4: <loginModule> {NO_CLASS}"],
        ),
    ],
)
def test_mistakes(sections: dict[str, str], found: list[str]) -> None:
    assert problems(**sections) == sorted(found)


@pytest.mark.parametrize(
    "tests",
    [
        '<customSecurityTest name="t"/>',
        '<customSecurityTest name="t"><x:test xmlns:x="urn:x" realm="realm"/></customSecurityTest>',
        '<webSecurityTest name="t"/>',
        '<webSecurityTest name="t"><x:testUser xmlns:x="urn:x" realm="realm"/></webSecurityTest>',
        '<mobileSecurityTest name="t"/>',
        '<mobileSecurityTest name="t"><testUser realm="realm"/><testAnything/></mobileSecurityTest>',
        '<mobileSecurityTest name="t"><testUser realm="wl_anonymousUserRealm"/></mobileSecurityTest>',
        '<customSecurityTest name="t"><test realm="realm"/><test realm="wl_antiXSRFRealm"/></customSecurityTest>',
    ],
)
def test_a_security_test_that_cannot_be_checked_whole_is_unsupported(tests: str) -> None:
    config, _ = read_authconfig(document(tests=tests), FILE, {})
    assert config.security_tests[0].unsupported


def test_an_unknown_section_is_a_mistake() -> None:
    found: list[Any] = read_authconfig(b"<loginConfiguration><realm/></loginConfiguration>", FILE, {})[1]
    assert [each.message for each in found] == ['<loginConfiguration> takes no element <realm>; did you mean "realms"?']


def test_values_of_parameters_are_never_printed() -> None:
    config, _ = read_authconfig(PUBLISHED, FILE, {"secret": "hunter2hunter2"})
    assert config.login_modules[1].parameters[1].value == "hunter2hunter2"
    assert "hunter2" not in repr(config)
