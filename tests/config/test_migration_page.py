"""The table of files and elements in docs/how-to/migrate-from-mobilefirst.md has what the readers know, and no more."""

import re
from pathlib import Path

import pytest

from host.access import classes
from host.config.authconfig import LEGACY_ATTRIBUTES, SECTIONS, TEST_ATTRIBUTES
from host.config.connectivity import POLICY_ATTRIBUTES, POLICY_ELEMENTS
from host.config.manifest import PROCEDURE_ATTRIBUTES
from host.config.settings import PREFIX, SETTINGS
from host.config.smsconfig import GATEWAY_ATTRIBUTES, PARAMETER_ATTRIBUTES
from host.javascript.java import STAND_INS

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "migrate-from-mobilefirst.md").read_text(encoding="utf-8")
TABLES = PAGE.partition("## Files and elements")[2]
ROWS = dict(re.findall(r"^\| `([^|]+)` \| (works|differs|not provided) \|", TABLES, re.MULTILINE))

KNOWN = [
    *(f"<parameter {name}>" for name in PARAMETER_ATTRIBUTES),
    *(f"<test {name}>" for name in TEST_ATTRIBUTES),
    *(f"<{name} name>" for name in SECTIONS["securityTests"]),
    *(f"<loginModule {name}>" for name in ("name", "audit", "expirationInSeconds", *LEGACY_ATTRIBUTES)),
    *(f"<procedure {name}>" for name in PROCEDURE_ATTRIBUTES),
    *(f"<connectionPolicy {name}>" for name in POLICY_ATTRIBUTES),
    *(f"<{name}>" for name in POLICY_ELEMENTS),
    *(setting.key for setting in SETTINGS if not setting.key.startswith(PREFIX)),
    *(name for name in (*classes.AUTHENTICATORS, *classes.LOGIN_MODULES) if not name.startswith(classes.OURS)),
]


@pytest.mark.parametrize("name", KNOWN)
def test_what_the_readers_know_has_a_row(name: str) -> None:
    assert name in ROWS


@pytest.mark.parametrize("name", sorted(classes.CLOSED_AUTHENTICATORS | classes.CLOSED_LOGIN_MODULES))
def test_what_admits_nobody_is_not_provided(name: str) -> None:
    assert ROWS[name] == "not provided"


@pytest.mark.parametrize("name", sorted(STAND_INS))
def test_what_stands_in_for_java_differs(name: str) -> None:
    assert ROWS[name] == "differs"


def test_every_gateway_attribute_in_the_table_is_read() -> None:
    told = [name.removeprefix("<gateway ").rstrip(">") for name in ROWS if name.startswith("<gateway ")]
    assert [name for name in told if name not in GATEWAY_ATTRIBUTES] == []


def test_what_differs_says_how() -> None:
    assert re.findall(r"^\| `([^|]+)` \| differs \| *\|$", TABLES, re.MULTILINE) == []
