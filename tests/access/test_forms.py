"""Logging in by a form: who gets a session, and that it is good for its realm, its time and its configuration alone."""

import logging
import time
from urllib.parse import urlencode

import pytest
from werkzeug.http import parse_cookie

from host.access import AccessRules, admit, build_rules, log_in, without_credentials
from host.config.authconfig import read_authconfig
from host.errors import BadCallback, Refused
from host.messages import HttpRequest, Identity
from tests.access.doors import IBM, console, document, login_module, no_console, realm, resource, verdict

FORM, HEADER = IBM + "FormBasedAuthenticator", IBM + "HeaderAuthenticator"
KEY = "a key of the tests, long enough to be one"
RIGHT = {"j_username": "admin", "j_password": "päss:wörd"}
ASKED = '401 Form realm="door"'


def rules(
    module: str = "", realms: str = "", tests: str = "", key: str = KEY, password: str = "päss:wörd"
) -> AccessRules:
    data = document(
        resource("sms", "/receiveSMS*") + resource("other", "/ussd*", "second"),
        '<customSecurityTest name="gate"><test realm="door" isInternalUserID="true"/></customSecurityTest>' + tests,
        realms or realm("door", FORM, "lock", **{"login-page": "/login.html"}),
        module or login_module("lock", IBM + "SingleIdentityLoginModule"),
    )
    auth, problems = read_authconfig(
        data.replace(b"second", b"second" if tests else b"gate"), "authenticationConfig.xml", {}
    )
    made, found = build_rules(auth, console("admin", password), {}, key)
    assert [*problems, *found] == []
    return made


def posted(query: str = "", content_type: str = "application/x-www-form-urlencoded", **fields: str) -> HttpRequest:
    url = f"http://host/context/j_security_check?{query}"
    body = urlencode(fields).encode()
    return HttpRequest(
        "POST", url, {"content-type": content_type}, body, "/j_security_check", query.encode(), "10.0.0.1"
    )


def bearing(cookie: str, path: str = "/receiveSMS") -> HttpRequest:
    headers = {"cookie": cookie.partition(";")[0]}
    return HttpRequest("GET", f"http://host/context{path}", headers, path=path)


def cookie_of(made: AccessRules, **fields: str) -> str:
    return log_in(made, posted(**(fields or RIGHT))).cookie


def test_a_session_is_who_logged_in() -> None:
    made = rules()
    assert verdict(made, bearing("")) == f'{ASKED}: resource "sms", realm "door": nobody has logged in'
    cookie = cookie_of(made)
    assert admit(made, bearing(cookie)) == Identity("admin", "door", "admin")
    assert admit(made, posted()) == Identity("anonymous", "wl_unprotected", "anonymous")


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_from_plain_http_where_there_is_https() -> None:
    made = rules()
    attributes = cookie_of(made).partition("; ")[2]
    assert attributes == "HttpOnly; Path=/context; SameSite=Strict"
    request = posted(**RIGHT)
    secure = HttpRequest("POST", request.url.replace("http:", "https:"), request.headers, request.body, request.path)
    assert log_in(made, secure).cookie.partition("; ")[2] == "Secure; HttpOnly; Path=/context; SameSite=Strict"


def test_the_cookie_holds_no_secret() -> None:
    cookie = cookie_of(rules())
    token = next(iter(parse_cookie(cookie.partition(";")[0]).values()))
    assert "admin" not in cookie
    assert len(token.split(".")) == 2


WRONG = [
    ({"j_username": "admin", "j_password": "wrong"}, "wrong user name or password"),
    ({"j_username": "nobody", "j_password": "päss:wörd"}, "wrong user name or password"),
]


@pytest.mark.parametrize(("fields", "why"), WRONG)
def test_wrong_credentials(fields: dict[str, str], why: str) -> None:
    with pytest.raises(Refused) as raised:
        log_in(rules(), posted(**fields))
    assert (raised.value.status, str(raised.value)) == (401, f'realm "door": {why}')


NO_NAME = '"j_username" has more than 200 characters or a control character'
UNREADABLE = [
    (posted(), 'the form has no "j_username", or an empty one'),
    (posted(j_username="admin"), 'the form has no "j_password", or an empty one'),
    (posted(j_username="", j_password="x"), 'the form has no "j_username", or an empty one'),
    (posted(j_username="a\0b\r\nc", j_password="x"), NO_NAME),
    (posted(j_username="a\x85", j_password="x"), NO_NAME),
    (posted(j_username="x" * 201, j_password="x"), NO_NAME),
    (posted(urlencode(RIGHT)), 'the form has no "j_username", or an empty one'),
    (posted(content_type="application/json", **RIGHT), "the body is no form: post application/x-www-form-urlencoded"),
]


@pytest.mark.parametrize(("request_", "why"), UNREADABLE)
def test_what_is_no_login(request_: HttpRequest, why: str) -> None:
    with pytest.raises(BadCallback) as raised:
        log_in(rules(), request_)
    assert str(raised.value) == why


SINGLE = IBM + "SingleIdentityLoginModule"
TWO = realm("door", FORM, "lock") + realm("back", FORM, "lock")
SECOND = '<customSecurityTest name="second"><test realm="back"/></customSecurityTest>'


def test_a_cookie_is_of_its_realm_alone() -> None:
    made = rules(realms=TWO, tests=SECOND)
    cookie = log_in(made, posted(realm="door", **RIGHT)).cookie
    assert admit(made, bearing(cookie)).realm == "door"
    assert (
        verdict(made, bearing(cookie, "/ussd"))
        == '401 Form realm="back": resource "other", realm "back": nobody has logged in'
    )
    _, _, token = cookie.partition(";")[0].partition("=")
    name = log_in(made, posted(realm="back", **RIGHT)).cookie.partition("=")[0]
    forged = verdict(made, bearing(f"{name}={token}", "/ussd"))
    assert str(forged).endswith("or its cookie is not of this realm and its present configuration")


def test_where_there_are_several_realms_the_form_names_one() -> None:
    made = rules(realms=TWO, tests=SECOND)
    with pytest.raises(BadCallback, match="name one in the parameter"):
        log_in(made, posted(**RIGHT))
    with pytest.raises(Refused) as raised:
        log_in(made, posted(realm="nowhere", **RIGHT))
    assert (raised.value.status, str(raised.value)) == (403, "there is no such realm to log in to")


LOCK = login_module("lock", SINGLE)
SHARED = "smshost.SharedSecretLoginModule"
OTHERS = [
    rules(key=KEY + "!"),
    rules(password="päss:wört"),
    rules(module=LOCK.replace('name="lock"', 'name="lock" expirationInSeconds="60"', 1)),
    rules(module=LOCK.replace('name="lock"', 'name="lock" expirationInSeconds="-1"', 1)),
    rules(module=login_module("lock", SHARED, secret="päss:wörd")),
    rules(module=login_module("lock", IBM + "NonValidatingLoginModule")),
]


@pytest.mark.parametrize("other", OTHERS)
def test_a_session_ends_with_the_key_and_the_configuration_it_began_under(other: AccessRules) -> None:
    cookie = cookie_of(rules())
    assert admit(rules(), bearing(cookie)).user == "admin"
    assert str(verdict(other, bearing(cookie))).startswith(
        f'{ASKED}: resource "sms", realm "door": the session has ended'
    )


def test_sessions_end_in_time_unless_they_last_as_long_as_the_browser() -> None:
    short = rules(module=LOCK.replace('name="lock"', 'name="lock" expirationInSeconds="1"', 1))
    long = rules(module=LOCK.replace('name="lock"', 'name="lock" expirationInSeconds="-1"', 1))
    brief, lasting, begun = cookie_of(short), cookie_of(long), time.monotonic()
    assert admit(short, bearing(brief)).user == "admin"
    while isinstance(said := verdict(short, bearing(brief)), Identity):
        assert time.monotonic() - begun < 10
    assert "the session has ended" in said
    assert admit(long, bearing(lasting)).user == "admin"


@pytest.mark.parametrize(
    "cookie",
    ["x", "", "x.y", "\xff\xfe", "W10", "null", ".", "W251bGwsIiIsbnVsbF0.AAAA", "a" * 60_000, "\u1234", "%00", '"'],
)
def test_what_is_no_session(cookie: str) -> None:
    made = rules()
    name = cookie_of(made).partition("=")[0]
    assert str(verdict(made, bearing(f"{name}={cookie}"))).startswith(f'{ASKED}: resource "sms", realm "door": ')
    torn = cookie_of(made).partition(";")[0]
    assert str(verdict(made, bearing(torn[:-1]))).startswith(ASKED)
    assert str(verdict(made, bearing(torn[:-3] + "AAA"))).startswith(ASKED)


def test_a_session_gives_nothing_to_realms_that_judge_the_request() -> None:
    network = realm("net", HEADER, "net")
    module = LOCK + login_module("net", "smshost.SourceNetworkLoginModule", networks="10.0.0.0/8")
    made = rules(
        module,
        realm("door", FORM, "lock") + network,
        '<customSecurityTest name="second"><test realm="net"/></customSecurityTest>',
    )
    assert verdict(made, bearing(cookie_of(made), "/ussd")) == (
        '403: resource "other", realm "net": the caller\'s address is in none of the networks'
    )


def test_without_a_realm_to_log_in_to_there_is_no_login() -> None:
    dummy = realm("Dummy", FORM, "lock") + realm("door", HEADER, "lock")
    auth, _ = read_authconfig(
        document(
            resource("sms", "/receiveSMS*"),
            '<customSecurityTest name="gate"><test realm="door"/></customSecurityTest>'
            '<webSecurityTest name="closed"><testUser realm="Dummy"/><testUser realm="wl_antiXSRFRealm"/></webSecurityTest>',
            dummy,
            login_module("lock", IBM + "NonValidatingLoginModule"),
        ),
        "a.xml",
        {},
    )
    made, problems = build_rules(auth, no_console(), {})
    assert problems == []
    assert (
        verdict(made, posted(**RIGHT))
        == "403: path '/j_security_check': no resource in authenticationConfig.xml opens it"
    )


def test_credentials_and_cookies_go_no_further() -> None:
    made = rules()
    request = bearing(cookie_of(made))
    query = "from=1&j_password=a&j_username=b&text=c"
    stray = HttpRequest(
        "GET", f"http://host/context/receiveSMS?{query}", request.headers, path="/receiveSMS", query=query.encode()
    )
    kept = without_credentials(made, stray)
    assert (kept.query, dict(kept.headers)) == (b"from=1&text=c", {})


def test_every_login_is_written_down_where_the_login_module_says_so(caplog: pytest.LogCaptureFixture) -> None:
    made = rules(module=LOCK.replace('name="lock"', 'name="lock" audit="true"', 1))
    with caplog.at_level(logging.INFO, "smshost.audit"):
        cookie = cookie_of(made)
        admit(made, bearing(cookie))
        for fields in (*(each for each, _ in WRONG), {"j_username": "é" + "x" * 199, "j_password": "x"}):
            with pytest.raises(Refused):
                log_in(made, posted(**fields))
    assert [record.getMessage() for record in caplog.records] == [
        "login user='admin' realm='door' peer=10.0.0.1 outcome=admitted",
        "login user='admin' realm='door' peer=10.0.0.1 outcome=refused",
        "login user='nobody' realm='door' peer=10.0.0.1 outcome=refused",
        f"login user='\\xe9{'x' * 99}' realm='door' peer=10.0.0.1 outcome=refused",
    ]


def test_of_a_realm_without_sessions_every_request_is_a_login(caplog: pytest.LogCaptureFixture) -> None:
    module = login_module("lock", SHARED, secret="correct horse", parameter="t").replace(
        'name="lock"', 'name="lock" audit="true"', 1
    )
    made = rules(module, realm("door", HEADER, "lock"))
    with caplog.at_level(logging.INFO, "smshost.audit"):
        for query in ("t=correct+horse", "t=wrong"):
            verdict(made, HttpRequest("GET", "http://host/", path="/receiveSMS", query=query.encode(), peer="10.0.0.1"))
    assert [record.getMessage() for record in caplog.records] == [
        "login user='lock' realm='door' peer=10.0.0.1 outcome=admitted",
        "login user='' realm='door' peer=10.0.0.1 outcome=refused",
    ]
