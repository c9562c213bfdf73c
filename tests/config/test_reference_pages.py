"""The pages of docs/reference have a row for everything the readers take, with its true default."""

import re
from pathlib import Path

import pytest

from host.backends.options import OPTIONS
from host.config.authconfig import PREDEFINED_REALMS
from host.config.connectivity import POLICY_ATTRIBUTES, POLICY_ELEMENTS
from host.config.manifest import PROCEDURE_ATTRIBUTES
from host.config.settings import PREFIX, SETTINGS, Setting
from host.config.smsconfig import GATEWAY_ATTRIBUTES, PARAMETER_ATTRIBUTES

PAGES = Path(__file__).parents[2] / "docs" / "reference"


def page(name: str) -> str:
    return (PAGES / name).read_text()


def first_column(text: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)`", text, flags=re.MULTILINE)


def shown(setting: Setting) -> str:
    """A default as the page writes it."""
    if isinstance(setting.default, bool):
        return f"`{str(setting.default).lower()}`"
    if isinstance(setting.default, float):
        return f"`{setting.default:g}`"
    return f"`{setting.default}`" if setting.default or isinstance(setting.default, int) else "empty"


def test_every_setting_has_its_row_and_no_row_is_left_over() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|", page("worklight-properties.md"), flags=re.MULTILINE)
    assert rows == [(each.key, shown(each), "ours" if each.key.startswith(PREFIX) else "IBM's") for each in SETTINGS]


def test_every_attribute_of_smsconfig_has_its_row() -> None:
    gateway, _, parameter = page("smsconfig.md").partition("## `<parameter>`")
    assert first_column(gateway) == list(GATEWAY_ATTRIBUTES)
    assert first_column(parameter) == list(PARAMETER_ATTRIBUTES)


@pytest.mark.parametrize("attribute", PROCEDURE_ATTRIBUTES)
def test_every_attribute_of_a_procedure_has_its_row(attribute: str) -> None:
    assert f"| `procedure` `{attribute}` |" in page("adapter-manifest.md")


def test_everything_in_a_connection_policy_has_its_row() -> None:
    _, _, policy = page("adapter-manifest.md").partition("| of `connectionPolicy` |")
    assert first_column(policy) == ["xsi:type", *POLICY_ATTRIBUTES, *POLICY_ELEMENTS]


def test_every_option_of_invoke_http_has_its_row() -> None:
    options, _, _ = page("invokehttp.md").partition("## The result")
    assert sorted(first_column(options)) == sorted(OPTIONS)


@pytest.mark.parametrize("realm", PREDEFINED_REALMS)
def test_every_predefined_realm_is_named(realm: str) -> None:
    assert f"`{realm}`" in page("authenticationconfig.md")
