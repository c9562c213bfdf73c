"""Two gateways, two secrets: neither opens the other's door, however a path is spelt and whatever a request pretends."""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

import pytest

from tests.hosts import Host, gateway
from tests.web.wire import FORM, QUIET, RECEIVE, Answer, Kept, ask, attacked, kept, request

OURS, THEIRS = "the-secret-of-web", "the-secret-of-kannel"
KEY, THEIR_KEY = f"X-Key: {OURS}", f"X-Key: {THEIRS}"


def _door(name: str, pattern: str, secret: str) -> dict[str, str]:
    header = "com.worklight.core.auth.ext.HeaderAuthenticator"
    return {
        "staticResources": f'<resource id="{name}" securityTest="{name}"><urlPatterns>{pattern}</urlPatterns></resource>',
        "securityTests": f'<customSecurityTest name="{name}"><test realm="{name}" isInternalUserID="true"/>'
        "</customSecurityTest>",
        "realms": f'<realm name="{name}" loginModule="{name}"><className>{header}</className></realm>',
        "loginModules": f'<loginModule name="{name}"><className>smshost.SharedSecretLoginModule</className>'
        f'<parameter name="secret" value={quoteattr(secret)}/><parameter name="header" value="X-Key"/></loginModule>',
    }


DOORS = (
    _door("web", "/receiveSMS*", OURS),
    _door("kannel", "/receiveSMS/kannel*", THEIRS),
    _door("bank", "/receiveSMS/bank", THEIRS),  # this path and no other
)
ACCESS = "".join(f"<{part}>{''.join(door[part] for door in DOORS)}</{part}>" for part in DOORS[0])

REFUSED = Answer(403)
OK = Answer(200)
UNKNOWN = Answer(400, "SMSConfig.xml has no gateway of this id\n")
NOT_FOUND = Answer(404, "Not Found")
KANNEL_LIKE = ["X-Kannel-From: 1", "X-Kannel-To: 2", "X-Kannel-Service: x", "User-Agent: Kannel/1.4.5"]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    gateways = gateway("kannel", 9, dialect="kannel") + gateway("web", 9) + gateway("bank", 9, fromParamName="payer")
    access = f"<loginConfiguration>{ACCESS}</loginConfiguration>"
    host = Host(tmp_path_factory.mktemp("doors"), gateways, access=access, properties=QUIET)
    with attacked(host, OURS, THEIRS):
        yield host


def send(host: Host, method: str, target: str, *headers: str) -> Answer:
    body = b"from=1&text=a" if method == "POST" else b""
    return ask(host, request(method, target if body else f"{target}?from=1&text=a", [FORM, *headers], body))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("target", "answer"),
    [
        (f"{RECEIVE}/kannel", REFUSED),
        (f"{RECEIVE}/kannel/", REFUSED),
        (f"{RECEIVE}/bank", REFUSED),
        (f"{RECEIVE}/bank/", NOT_FOUND),  # our door governs it, and it leads nowhere
        (f"{RECEIVE}/kannel/x", REFUSED),
        (f"{RECEIVE}//kannel", REFUSED),
        ("/context//receiveSMS/kannel", REFUSED),
        ("//context/receiveSMS/kannel", REFUSED),
        (f"{RECEIVE}/./kannel", REFUSED),
        (f"{RECEIVE}/%2e/kannel", REFUSED),
        (f"{RECEIVE}/%2e%2e/receiveSMS/kannel", REFUSED),
        (f"{RECEIVE}/web/../kannel", REFUSED),
        (f"{RECEIVE}/web/%2E%2E/kannel", REFUSED),
        (f"{RECEIVE}/kannel;x", REFUSED),
        (f"{RECEIVE};x/kannel", REFUSED),
        (f"{RECEIVE}/web;/kannel", REFUSED),
        (f"{RECEIVE}/web%3B/kannel", REFUSED),
        (f"{RECEIVE}%2Fkannel", REFUSED),
        (f"{RECEIVE}%2fkannel", REFUSED),
        (f"{RECEIVE}%5Ckannel", REFUSED),
        (f"{RECEIVE}\\kannel", REFUSED),
        (f"{RECEIVE}/%6Bannel", REFUSED),
        (f"{RECEIVE}/kannel%00", REFUSED),
        (f"{RECEIVE}/kannel%0A", REFUSED),
        (f"{RECEIVE}/kannel%20", REFUSED),
        (f"{RECEIVE}/kannel%3Fx", REFUSED),
        (f"{RECEIVE}/kannel%23x", REFUSED),
        (f"http://other.example{RECEIVE}/kannel", REFUSED),
        (f"{RECEIVE}%252Fkannel", NOT_FOUND),
        (f"{RECEIVE}/%256Bannel", UNKNOWN),
        (f"{RECEIVE}/%20kannel", UNKNOWN),
        (f"{RECEIVE}/KANNEL", UNKNOWN),
        (f"{RECEIVE}/Kannel", UNKNOWN),
        (f"{RECEIVE}/%EF%BD%8Bannel", UNKNOWN),  # a full-width k
        (f"{RECEIVE}/%E2%84%AAannel", UNKNOWN),  # a kelvin sign, k in lower case
        (f"{RECEIVE}/web/kannel", NOT_FOUND),
    ],
)
def test_no_spelling_opens_the_other_door(host: Host, method: str, target: str, answer: Answer) -> None:
    before = kept(host)
    assert send(host, method, target, KEY) == answer
    assert kept(host) == before


PRETENDING = [
    # method, target, headers, the gateway that the text is stored under
    ("GET", f"{RECEIVE}?from=1&text=a", [], "web"),
    ("GET", f"{RECEIVE}/web?from=1&text=a", [], "web"),
    ("GET", f"{RECEIVE}?from=1&text=a&coding=0&charset=UTF-8&smsc=x", [], "web"),
    ("GET", f"{RECEIVE}?from=1&text=a&gateway=kannel&dialect=kannel", [], "web"),
    ("GET", f"{RECEIVE}?from=1&text=a&dlr-status=1&reference=x", [], "web"),
    ("GET", f"{RECEIVE}?from=1&text=a", KANNEL_LIKE, "web"),
    ("GET", f"{RECEIVE}/web?from=1&text=a", ["X-Original-URL: /context/receiveSMS/kannel"], "web"),
    ("GET", f"{RECEIVE}/web?from=1&text=a", ["X-Rewrite-URL: /context/receiveSMS/kannel"], "web"),
    ("GET", f"{RECEIVE}/web?from=1&text=a", ["X-Forwarded-Prefix: /context/receiveSMS/kannel"], "web"),
    ("GET", f"{RECEIVE}/web?from=1&text=a&gateway_id=kannel", ["X-HTTP-Method-Override: POST"], "web"),
]


@pytest.mark.parametrize(("method", "target", "headers", "gateway_id"), PRETENDING)
def test_a_request_is_of_the_gateway_whose_door_it_passed(
    host: Host, method: str, target: str, headers: list[str], gateway_id: str
) -> None:
    before = len(kept(host))
    assert ask(host, request(method, target, [KEY, *headers])) == OK
    assert [text.gateway for text in kept(host)[before:]] == [gateway_id]


@pytest.mark.parametrize(
    "target", [f"{RECEIVE}?dlr-status=1&reference=x", f"{RECEIVE}?coding=0&from=1", f"{RECEIVE}/web?dlr-status=8"]
)
def test_a_report_does_not_come_through_the_other_door(host: Host, target: str) -> None:
    assert ask(host, request("GET", target, [KEY, *KANNEL_LIKE])).status == 400


@pytest.mark.parametrize(
    ("target", "headers", "answer"),
    [
        (f"{RECEIVE}/kannel", [THEIR_KEY], OK),
        (f"{RECEIVE}/%6Bannel", [THEIR_KEY], OK),
        (RECEIVE, [THEIR_KEY], REFUSED),
        (f"{RECEIVE}/web", [THEIR_KEY], REFUSED),
        (f"{RECEIVE}/web", [], REFUSED),
        (f"{RECEIVE}/kannel", [], REFUSED),
        (f"{RECEIVE}/kannel", [f"{KEY}, {THEIRS}"], REFUSED),
        (f"{RECEIVE}/kannel", [KEY, THEIR_KEY], REFUSED),
        (f"{RECEIVE}/kannel", [THEIR_KEY.upper()], REFUSED),
        (f"{RECEIVE}/kannel", [THEIR_KEY[:-1]], REFUSED),
        (f"{RECEIVE}/kannel", [f"{THEIR_KEY}x"], REFUSED),
    ],
)
def test_each_door_has_its_own_secret(host: Host, target: str, headers: list[str], answer: Answer) -> None:
    before = len(kept(host))
    assert send(host, "POST", target, *headers) == answer
    stored = [Kept("kannel", "1", "a", [["from", "1"], ["text", "a"]])] if answer == OK else []
    assert kept(host)[before:] == stored
