"""No secret, and nothing a caller brought in its place, shows in a problem, a refusal or a printed value."""

import traceback

import pytest

from host.access import admit
from host.errors import Refused
from host.messages import HttpRequest, Identity
from tests.access.doors import IBM, Verdict, build, console, door, verdict
from tests.access.test_login_modules import JSON, basic, get, post

HEADER = IBM + "HeaderAuthenticator"
BASIC = IBM + "BasicAuthenticator"
SHARED = "smshost.SharedSecretLoginModule"

KEPT, OLD, BROUGHT, SHORT = "kept-by-us", "kept-before", "brought-along", "k3pt"
WORDS = (KEPT, OLD, BROUGHT, SHORT)

DOORS: list[tuple[str, str, dict[str, str], HttpRequest, HttpRequest]] = [
    # authenticator, login module, its parameters, a request with the secret, one with another
    (HEADER, SHARED, {"header": "X-Token"}, get(x_token=KEPT), get(x_token=BROUGHT)),
    (HEADER, SHARED, {"parameter": "t"}, get(query=f"t={OLD}"), get(query=f"t={BROUGHT}")),
    (HEADER, SHARED, {"parameter": "t"}, get(query=f"t={KEPT}"), post(JSON, f'{{"t": "{BROUGHT}'.encode())),
    (BASIC, SHARED, {}, basic(f"me:{KEPT}".encode()), basic(f"me:{BROUGHT}".encode())),
    (BASIC, SHARED, {}, basic(f"me:{KEPT}".encode()), basic(f"{BROUGHT}\xff".encode("latin-1"))),
    (BASIC, SHARED, {}, basic(f"me:{KEPT}".encode()), get(authorization=f"Basic {BROUGHT}")),
    (BASIC, IBM + "SingleIdentityLoginModule", {}, basic(f"me:{KEPT}".encode()), basic(f"me:{BROUGHT}".encode())),
]


@pytest.mark.parametrize(("authenticator", "class_name", "given", "right", "wrong"), DOORS)
def test_refusals_and_rules_show_no_secret(
    authenticator: str, class_name: str, given: dict[str, str], right: HttpRequest, wrong: HttpRequest
) -> None:
    secrets = {"secret": KEPT, "previous-secret": OLD} if class_name == SHARED else {}
    data = door(authenticator, class_name, **secrets, **given)
    rules, problems = build(data, console("me", KEPT))
    assert problems == []
    assert isinstance(verdict(rules, right), Identity)  # the rules hold the secret
    with pytest.raises(Refused) as refusal:
        admit(rules, wrong)
    shown = "".join(traceback.format_exception(refusal.value)) + refusal.value.challenge + repr(rules)
    assert [word for word in WORDS if word in shown] == []


def test_problems_show_no_secret() -> None:
    given = {"secret": SHORT, "previous-secret": SHORT + "2", "header": "X", "parameter": "t", "unknown": KEPT}
    data = door(HEADER, SHARED, **given)
    assert [word for word in (SHORT, KEPT) if word.encode() in data] == [SHORT, KEPT]
    rules, problems = build(data, console("", ""))
    assert len(problems) == 4
    assert [word for word in WORDS if word in "\n".join(problems) + repr(rules)] == []


def test_the_wrong_secret_reads_like_any_wrong_secret() -> None:
    rules, _ = build(door(HEADER, SHARED, secret=KEPT, parameter="t"), console("", ""))
    said: set[Verdict] = {verdict(rules, get(query=f"t={KEPT[:length]}")) for length in range(1, len(KEPT))}
    assert said == {'403: resource "sms", realm "door": the secret in parameter "t": wrong'}
