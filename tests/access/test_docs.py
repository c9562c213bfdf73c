"""What the docs say about access is what the host does."""

import re
from pathlib import Path

import pytest

from host.access import AccessRules, build_rules, classes
from host.config.authconfig import read_authconfig
from host.messages import Identity
from tests.access.doors import Verdict, no_console, verdict
from tests.access.test_login_modules import basic, get

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = (DOCS / "how-to" / "let-a-gateway-in.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "login-modules.md").read_text(encoding="utf-8")
KANNEL, HOMEMADE, SIGNED = re.findall(r"```xml\n(.*?)```", HOW_TO, re.DOTALL)

PROPERTIES = {
    "kannel.secret": "kannels-long-secret",
    "gateway.secret": "gateways-long-secret",
    "gateway.previous.secret": "gateways-old-secret",
}


def worked_example(excerpt: str) -> AccessRules:
    root = f'<t:loginConfiguration xmlns:t="http://www.worklight.com/auth/config">{excerpt}</t:loginConfiguration>'
    auth, problems = read_authconfig(root.encode(), "authenticationConfig.xml", PROPERTIES)
    rules, found = build_rules(auth, no_console(), {})
    assert [*problems, *found] == []
    return rules


def answer(said: Verdict) -> str:
    return said.user if isinstance(said, Identity) else said[:3]


def test_the_kannel_example() -> None:
    rules = worked_example(KANNEL)
    right = basic(b"kannel:kannels-long-secret").headers["authorization"]
    assert answer(verdict(rules, get("/receiveSMS/kannel", authorization=right))) == "kannel"
    assert answer(verdict(rules, get("/receiveSMS/kannel"))) == "401"
    assert answer(verdict(rules, get("/receiveSMS", authorization=right))) == "403"


@pytest.mark.parametrize(
    ("peer", "query", "said"),
    [
        ("203.0.113.9", "token=gateways-long-secret", "token"),
        ("203.0.113.9", "token=gateways-old-secret", "token"),
        ("203.0.113.9", "token=gateways", "403"),
        ("203.0.114.9", "token=gateways-long-secret", "403"),
    ],
)
def test_the_home_made_example(peer: str, query: str, said: str) -> None:
    assert answer(verdict(worked_example(HOMEMADE), get(peer=peer, query=query))) == said


def test_the_signed_example() -> None:
    assert answer(verdict(worked_example(SIGNED), get("/receiveSMS/unknown"))) == "403"


def test_every_class_has_its_row() -> None:
    documented = re.findall(r"`((?:com\.worklight|smshost)\.[\w.]*(?:LoginModule|Authenticator))`", REFERENCE)
    known = [*classes.AUTHENTICATORS, *classes.LOGIN_MODULES]
    closed = [*sorted(classes.CLOSED_AUTHENTICATORS), *sorted(classes.CLOSED_LOGIN_MODULES)]
    assert documented[: len(known)] == known
    assert sorted(documented[len(known) :]) == sorted(closed)
