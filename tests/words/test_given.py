"""What a USSD handler is given, and what its filter sees of it."""

import pytest

from host.given import Asked, Given, Headers, USSDRequest

PARAMS = Given((("shortCode", "123"), ("input", "1"), ("input", "2"), ("Host", "mine"), ("__wlpath", "/forged")))
REQUEST = USSDRequest(PARAMS, Headers((("host", "h"), ("user-agent", "gw"))), "raw")


def test_the_parts_are_members_and_entries() -> None:
    assert (dict(REQUEST), REQUEST.params is REQUEST["params"]) == (vars(REQUEST), True)
    assert (REQUEST.params.shortCode, REQUEST.params["shortCode"], REQUEST.body) == ("123", "123", "raw")


def test_of_a_repeated_parameter_the_first_counts_and_all_are_there() -> None:
    assert (PARAMS["input"], PARAMS.all("input"), PARAMS.all("none")) == ("1", ["1", "2"], [])


def test_headers_are_found_in_any_case_and_parameters_are_not() -> None:
    assert [REQUEST.headers[name] for name in ("User-Agent", "user-agent")] == ["gw", "gw"]
    assert (REQUEST.headers.all("HOST"), "shortcode" in PARAMS, PARAMS.get("shortcode")) == (["h"], False, None)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(AttributeError, match="the gateway sent no 'sessionId'"):
        _ = PARAMS.sessionId


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("__wlpath", "/gateway1"),  # nobody forges it by a parameter
        ("shortCode", "123"),
        ("Host", "mine"),  # a parameter before a header
        ("HOST", "h"),
        ("User-Agent", "gw"),
        ("shortcode", None),
    ],
)
def test_filters_see_the_path_parameters_and_headers(name: str, seen: str | None) -> None:
    asked = Asked(REQUEST, "/gateway1")
    assert (asked.get(name), name in asked) == (seen, seen is not None)


def test_filters_can_list_what_there_is() -> None:
    asked = Asked(REQUEST, "")
    assert sorted(asked) == ["Host", "__wlpath", "host", "input", "shortCode", "user-agent"]
    assert len(asked) == 6
