"""How a security test walks its realms, and what closes it as a whole."""

import pytest

from host.messages import HttpRequest, Identity
from tests.access.doors import IBM, build, console, document, login_module, no_console, realm, resource, verdict
from tests.access.test_login_modules import basic, get

HEADER = IBM + "HeaderAuthenticator"
BASIC = IBM + "BasicAuthenticator"

REALMS = "\n".join(
    [
        realm("office", HEADER, "office"),
        realm("token", HEADER, "token"),
        realm("user", BASIC, "user", basic_realm_name='Gateways "only" für uns'),
        realm("nobody", HEADER, "nobody"),
        realm("adapter", "com.worklight.integration.auth.AdapterAuthenticator", "user"),
        realm("ldap", HEADER, "ldap"),
    ]
)

MODULES = "\n".join(
    [
        login_module("office", "smshost.SourceNetworkLoginModule", networks="10.0.0.0/8"),
        login_module("token", "smshost.SharedSecretLoginModule", secret="correct horse", parameter="token"),
        login_module("user", IBM + "SingleIdentityLoginModule"),
        login_module("nobody", IBM + "RejectingLoginModule"),
        login_module("ldap", IBM + "LdapLoginModule"),
    ]
)

CHALLENGE = r'401 Basic realm="Gateways \"only\" f?r uns", charset="UTF-8"'
FOREIGN = "this host cannot check it without an app on the phone or an application server"
RIGHT = b"admin:password"


def after(tests: str, request: HttpRequest) -> Identity | str:
    rules, problems = build(
        document(resource("sms", "/receiveSMS*"), tests, REALMS, MODULES), console("admin", "password")
    )
    assert problems == []
    return verdict(rules, request)


def custom(inside: str) -> str:
    return f'<customSecurityTest name="gate">{inside}</customSecurityTest>'


INSIDE, OUTSIDE = "10.0.0.1", "203.0.113.7"
OFFICE, TOKEN = Identity(INSIDE, "office", INSIDE), Identity("token", "token", "token")
STEPS = '<test realm="token" step="2"/><test realm="office" step="1"/>'
NAMED = '<test realm="token" step="2"/><test realm="office" step="1" isInternalUserID="true"/>'
ASKS = '<test realm="office" step="1"/><test realm="user" step="2" isInternalUserID="true"/>'

WALKS = [
    (STEPS, get(query="token=correct+horse", peer=INSIDE), TOKEN),
    (NAMED, get(query="token=correct+horse", peer=INSIDE), OFFICE),
    (NAMED, get(query="token=wrong+horse", peer=INSIDE), 'realm "token": the secret in parameter "token": wrong'),
    (
        NAMED,
        get(query="token=correct+horse", peer=OUTSIDE),
        'realm "office": the caller\'s address is in none of the networks',
    ),
    (STEPS, get(query="token=wrong", peer=OUTSIDE), 'realm "office": the caller\'s address is in none of the networks'),
    (STEPS + '<test realm="nobody" step="3"/>', get(), 'realm "nobody": its login module rejects everybody'),
    (ASKS + '<test realm="nobody" step="3"/>', basic(RIGHT), 'realm "nobody": its login module rejects everybody'),
    (ASKS, basic(RIGHT), 'realm "office": the caller\'s address is in none of the networks'),
    ('<test realm="adapter"/>', basic(RIGHT), f'realm "adapter": {FOREIGN}'),
    ('<test realm="ldap"/>', basic(RIGHT), f'realm "ldap": {FOREIGN}'),
]


@pytest.mark.parametrize(("tests", "request_", "said"), WALKS)
def test_every_step_must_admit_in_order(tests: str, request_: HttpRequest, said: Identity | str) -> None:
    expected = f'403: resource "sms", {said}' if isinstance(said, str) else said
    assert after(custom(tests), request_) == expected


def test_a_challenge_comes_only_where_credentials_could_help() -> None:
    tests = custom('<test realm="user"/>')
    assert after(tests, get()) == f'{CHALLENGE}: resource "sms", realm "user": no Basic credentials'
    assert after(tests, basic(RIGHT)) == Identity("admin", "user", "admin")


@pytest.mark.parametrize(
    "tests",
    [
        '<webSecurityTest name="gate"/>',
        '<mobileSecurityTest name="gate"><testAppAuthenticity/><testUser realm="user"/></mobileSecurityTest>',
        custom('<test realm="user"/><test realm="wl_antiXSRFRealm" step="2"/>'),
        custom('<test realm="wl_anonymousUserRealm" isInternalUserID="true"/>'),
    ],
)
def test_what_this_host_cannot_check_admits_nobody_and_asks_for_nothing(tests: str) -> None:
    auth = document(resource("sms", "/receiveSMS*"), tests, REALMS, MODULES)
    rules, problems = build(auth, console("admin", "password"))
    assert problems == []
    for request in (get(), basic(RIGHT)):
        said = verdict(rules, request)
        assert isinstance(said, str)
        assert said.startswith('403: resource "sms", ')


def test_wl_unprotected_admits_everybody_because_the_administrator_wrote_it() -> None:
    rules, problems = build(document(resource("sms", "/receiveSMS*", "wl_unprotected")), no_console())
    assert problems == []
    assert verdict(rules, get()) == Identity("anonymous", "wl_unprotected", "anonymous")


#: The shape of the file that IBM's Studio generated for a new project.
SHIPPED = document(
    resource("subscribeServlet", "/subscribeSMS*;/receiveSMS*;/ussd*", "SubscribeServlet"),
    '<customSecurityTest name="SubscribeServlet"><test realm="SubscribeServlet" isInternalUserID="true"/>'
    "</customSecurityTest>",
    realm("SampleAppRealm", IBM + "FormBasedAuthenticator", "StrongDummy")
    + realm("SubscribeServlet", HEADER, "rejectAll"),
    login_module("StrongDummy", IBM + "NonValidatingLoginModule")
    + login_module("requireLogin", IBM + "SingleIdentityLoginModule")
    + login_module("rejectAll", IBM + "RejectingLoginModule"),
)


@pytest.mark.parametrize("path", ["/receiveSMS", "/receiveSMS/kannel", "/subscribeSMS", "/ussd", "/ussd/x"])
def test_the_shipped_file_starts_and_is_closed(path: str) -> None:
    rules, problems = build(SHIPPED, no_console())
    assert problems == []
    assert verdict(rules, get(path, peer="127.0.0.1", authorization="Basic YWRtaW46YWRtaW4=")) == (
        '403: resource "subscribeServlet", realm "SubscribeServlet": its login module rejects everybody'
    )


def test_a_file_without_resources_is_closed() -> None:
    rules, problems = build(document(""), no_console())
    assert problems == []
    assert verdict(rules, get()) == "403: path '/receiveSMS': no resource in authenticationConfig.xml opens it"
