"""What the building of the rules complains about; whatever it complains about stays closed."""

import pytest

from host.access import admit, build_rules
from host.access.steps import walk
from host.config.authconfig import read_authconfig
from host.errors import Refused
from tests.access.doors import (
    IBM,
    build,
    console,
    document,
    door,
    login_module,
    no_console,
    realm,
    resource,
    verdict,
)
from tests.access.test_login_modules import basic, get

HEADER = IBM + "HeaderAuthenticator"
BASIC = IBM + "BasicAuthenticator"
SHARED = "smshost.SharedSecretLoginModule"
NETWORK = "smshost.SourceNetworkLoginModule"
SIGNED = "smshost.GatewaySignatureLoginModule"
TAKES = "it takes secret, previous-secret, header, parameter, user"

LOCK = 'authenticationConfig.xml:6: login module "lock" '
NETWORKS_NEEDED = (
    'needs <parameter name="networks" value="..."/>: the addresses to let in, such as 203.0.113.7 198.51.100.0/24'
)
NO_HEADER = 'that no header is called: write a name without blanks and "_", as X-Gateway-Key'
AS_IN = "write addresses and networks as in 203.0.113.7 198.51.100.0/24"
FITS = 'authenticationConfig.xml:5: realm "door" and login module "lock" do not fit: '

FORM = IBM + "FormBasedAuthenticator"

ROWS = [
    (
        FORM,
        NETWORK,
        {"networks": "10.0.0.0/8"},
        FITS + "it judges the request itself, which HeaderAuthenticator hands over",
    ),
    (
        FORM,
        SHARED,
        {"secret": "12345678", "parameter": "t"},
        FITS + 'under FormBasedAuthenticator the secret is the password: remove "header" and "parameter"',
    ),
    (
        HEADER,
        SHARED,
        {"secret": "12345678", "header": "X_Key"},
        LOCK + f'has a "header" {NO_HEADER}',
    ),
    (
        HEADER,
        SHARED,
        {"secret": "schlüssel", "header": "X-Token"},
        LOCK + 'has a "secret" that no header can carry: take letters and digits (ASCII)',
    ),
    (
        HEADER,
        IBM + "HeaderLoginModule",
        {"user-name-header": "X-User:"},
        LOCK + f'has a "user-name-header" {NO_HEADER}',
    ),
    (
        HEADER,
        SHARED,
        {"parameter": "t"},
        LOCK + 'needs <parameter name="secret" value="..."/>: what the gateway must bring',
    ),
    (
        HEADER,
        SHARED,
        {"secret": "1234567", "parameter": "t"},
        LOCK + 'has a "secret" of less than 8 characters: take a longer one',
    ),
    (
        HEADER,
        SHARED,
        {"secret": " 123456 ", "parameter": "t"},
        LOCK + 'has a "secret" of less than 8 characters: take a longer one',
    ),
    (
        HEADER,
        SHARED,
        {"secret": "12345678", "previous_secret": "1234567", "parameter": "t"},
        LOCK + 'has a "previous-secret" of less than 8 characters: take a longer one',
    ),
    (
        HEADER,
        SHARED,
        {"secret": "12345678", "parameter": "t", "header": "h"},
        LOCK + 'has both "header" and "parameter": keep the one the gateway sends the secret in',
    ),
    (
        HEADER,
        SHARED,
        {"secret": "12345678"},
        FITS + 'say with "header" or "parameter" where the secret comes, or take BasicAuthenticator',
    ),
    (
        BASIC,
        SHARED,
        {"secret": "12345678", "header": "h"},
        FITS + 'under BasicAuthenticator the secret is the password: remove "header" and "parameter"',
    ),
    (
        BASIC,
        SHARED,
        {"secret": "12345678", "username": "kannel"},
        LOCK + f'does not know the parameter "username": {TAKES}',
    ),
    (
        HEADER,
        NETWORK,
        {},
        LOCK + NETWORKS_NEEDED,
    ),
    (
        HEADER,
        NETWORK,
        {"networks": " , "},
        LOCK + NETWORKS_NEEDED,
    ),
    (
        HEADER,
        NETWORK,
        {"networks": "10.0.0.0/8 10.0.0.1/8"},
        LOCK + f'has a network it cannot read in "networks": 10.0.0.1/8 has host bits set; {AS_IN}',
    ),
    (
        HEADER,
        NETWORK,
        {"networks": "localhost"},
        LOCK
        + f"has a network it cannot read in \"networks\": 'localhost' does not appear to be an IPv4 or IPv6 network; {AS_IN}",
    ),
    (
        BASIC,
        NETWORK,
        {"networks": "10.0.0.0/8"},
        FITS + "it judges the request itself, which HeaderAuthenticator hands over",
    ),
    (BASIC, SIGNED, {}, FITS + "it judges the request itself, which HeaderAuthenticator hands over"),
    (
        HEADER,
        SIGNED,
        {"gateway": "a"},
        LOCK + 'names the gateway "a", which SMSConfig.xml does not have (it has: none)',
    ),
    (
        HEADER,
        IBM + "HeaderLoginModule",
        {},
        LOCK + 'needs <parameter name="user-name-header" value="..."/>: the header in which your proxy names the user',
    ),
    (
        BASIC,
        IBM + "HeaderLoginModule",
        {"user_name_header": "h"},
        FITS + "it judges the request itself, which HeaderAuthenticator hands over",
    ),
    (
        HEADER,
        IBM + "SingleIdentityLoginModule",
        {},
        FITS + "it judges a user name and a password, which BasicAuthenticator asks for",
    ),
    (
        HEADER,
        "com.example.OurLoginModule",
        {},
        LOCK + 'has an unknown class "com.example.OurLoginModule": known are '
        "com.worklight.core.auth.ext.RejectingLoginModule, com.worklight.core.auth.ext.NonValidatingLoginModule, "
        "com.worklight.core.auth.ext.SingleIdentityLoginModule, com.worklight.core.auth.ext.HeaderLoginModule, "
        "smshost.SharedSecretLoginModule, smshost.SourceNetworkLoginModule, smshost.GatewaySignatureLoginModule",
    ),
    (
        "com.example.OurAuthenticator",
        IBM + "NonValidatingLoginModule",
        {},
        'authenticationConfig.xml:5: realm "door" has an unknown class "com.example.OurAuthenticator": known are '
        "com.worklight.core.auth.ext.HeaderAuthenticator, com.worklight.core.auth.ext.BasicAuthenticator, "
        "com.worklight.core.auth.ext.FormBasedAuthenticator",
    ),
    (
        IBM + "NonValidatingLoginModule",
        IBM + "NonValidatingLoginModule",
        {},
        'authenticationConfig.xml:5: realm "door" has an unknown class '
        '"com.worklight.core.auth.ext.NonValidatingLoginModule": known are '
        "com.worklight.core.auth.ext.HeaderAuthenticator, com.worklight.core.auth.ext.BasicAuthenticator, "
        "com.worklight.core.auth.ext.FormBasedAuthenticator",
    ),
]


@pytest.mark.parametrize(("authenticator", "class_name", "given", "problem"), ROWS)
def test_a_mistake_is_told_with_its_line_and_opens_nothing(
    authenticator: str, class_name: str, given: dict[str, str], problem: str
) -> None:
    rules, problems = build(door(authenticator, class_name, **given), console("admin", "password"))
    assert problems == [problem]
    knock = get(peer="10.0.0.1", query="t=1234567&t=12345678", h="12345678", authorization="Basic a25vY2s6MTIzNDU2Nzg=")
    assert verdict(rules, knock) == '403: resource "sms", realm "door": its configuration has problems'


def test_an_unknown_class_is_a_problem_even_where_nothing_uses_it() -> None:
    data = document("", "", realm("r", "com.example.A", "m"), login_module("m", "com.example.M"))
    assert [each.split(": known")[0] for each in build(data, no_console())[1]] == [
        'authenticationConfig.xml:5: realm "r" has an unknown class "com.example.A"',
        'authenticationConfig.xml:6: login module "m" has an unknown class "com.example.M"',
    ]


@pytest.mark.parametrize(
    ("authenticator", "class_name", "java"),
    [
        (HEADER, "com.example.OurLoginModule", "com.example.OurLoginModule"),
        (BASIC, "com.example.OurLoginModule", "com.example.OurLoginModule"),
        (FORM, "com.example.OurLoginModule", "com.example.OurLoginModule"),
        ("com.example.OurAuthenticator", IBM + "NonValidatingLoginModule", "com.example.OurAuthenticator"),
        ("org.example.A", "org.example.M", "org.example.A"),
    ],
)
def test_in_a_project_a_java_class_of_a_team_is_no_problem_and_opens_nothing(
    authenticator: str, class_name: str, java: str
) -> None:
    rules, problems = build(door(authenticator, class_name, some_parameter="x"), no_console(), published=True)
    knock = get(peer="10.0.0.1", authorization="Basic a25vY2s6MTIzNDU2Nzg=")
    said = f'403: resource "sms", realm "door": the Java class {java} does not run here'
    assert (problems, verdict(rules, knock)) == ([], said)


@pytest.mark.parametrize("name", ["Authenticator", "smshost.M", IBM + "HeadersAuthenticator", "com.worklight.Ours"])
def test_in_a_project_another_unknown_class_is_a_problem(name: str) -> None:
    _, problems = build(document("", "", realm("r", name, "m"), login_module("m", name)), no_console(), published=True)
    assert [each.split(": known")[0] for each in problems] == [
        f'authenticationConfig.xml:5: realm "r" has an unknown class "{name}"',
        f'authenticationConfig.xml:6: login module "m" has an unknown class "{name}"',
    ]


@pytest.mark.parametrize("settings", [("", ""), ("admin", ""), ("", "password")])
def test_a_console_user_that_nobody_set_is_a_problem_where_a_resource_needs_it(settings: tuple[str, str]) -> None:
    rules, problems = build(door(BASIC, IBM + "SingleIdentityLoginModule"), console(*settings))
    unset = "console.username and console.password are not both set in worklight.properties"
    assert problems == [f'authenticationConfig.xml:4: realm "door" admits nobody: {unset}']
    for credentials in (b"admin:", b":password", b":", b"admin:password"):
        assert verdict(rules, basic(credentials)) == f'403: resource "sms", realm "door": {unset}'


def test_a_parameter_given_twice_is_a_problem() -> None:
    data = door(HEADER, NETWORK, networks="10.0.0.0/8").replace(
        b'<parameter name="networks"', b'<parameter name="networks" value="0.0.0.0/0"/><parameter name="networks"'
    )
    assert build(data, no_console())[1] == [LOCK + "gives a parameter twice: keep one of them"]


NO_TEST = document(resource("sms", "/receiveSMS*", "gate"))
NO_REALM = document(
    resource("sms", "/receiveSMS*"), '<customSecurityTest name="gate"><test realm="a"/></customSecurityTest>'
)
NO_MODULE = door(HEADER, IBM + "NonValidatingLoginModule").replace(b'loginModule="lock"', b'loginModule="key"')
NOTHING = document(resource("sms", "/receiveSMS*"), '<customSecurityTest name="gate"/>')


@pytest.mark.parametrize("data", [NO_TEST, NO_REALM, NO_MODULE, NOTHING])
def test_what_the_reader_complains_about_stays_closed_too(data: bytes) -> None:
    auth, problems = read_authconfig(data, "authenticationConfig.xml", {})
    assert len(problems) == 1
    rules, found = build_rules(auth, no_console(), {})
    assert found == []
    with pytest.raises(Refused, match=r'^resource "sms", '):
        admit(rules, get())


def test_a_walk_without_steps_admits_nobody() -> None:
    with pytest.raises(Refused, match=r"^its security test has no realm$"):
        walk((), ()).login(get())
