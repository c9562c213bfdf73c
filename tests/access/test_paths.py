"""Which resource governs a path, and which paths nobody gets in through."""

import pytest

from host.access import AccessRules
from host.messages import HttpRequest
from tests.access.doors import build, document, no_console, resource, verdict

OPEN = "wl_unprotected"


def opened(**patterns: str) -> AccessRules:
    """Resources that admit everybody, so that only the path decides."""
    rules, problems = build(
        document("".join(resource(name, text, OPEN) for name, text in patterns.items())), no_console()
    )
    assert problems == []
    return rules


def ask(rules: AccessRules, path: str) -> str:
    said = verdict(rules, HttpRequest("GET", "http://host/context" + path, path=path))
    return said if isinstance(said, str) else said.realm


PASSES = [
    "/receiveSMS",
    "/receiveSMS/",
    "/receiveSMS/kannel",
    "/receiveSMS/kannel/report",
    "/receiveSMS/...",
    "/receiveSMS/.hidden",
    "/receiveSMSandmore",
    "/receiveSMS/Straße",
    "/receiveSMS/a b",
]

NEVER = [
    ("", "it does not start with /"),
    ("receiveSMS", "it does not start with /"),
    ("//receiveSMS", 'it holds an empty segment, "." or ".."'),
    ("/receiveSMS//", 'it holds an empty segment, "." or ".."'),
    ("/receiveSMS//kannel", 'it holds an empty segment, "." or ".."'),
    ("/receiveSMS/.", 'it holds an empty segment, "." or ".."'),
    ("/receiveSMS/..", 'it holds an empty segment, "." or ".."'),
    ("/receiveSMS/./kannel", 'it holds an empty segment, "." or ".."'),
    ("/receiveSMS/../subscribeSMS", 'it holds an empty segment, "." or ".."'),
    ("/./receiveSMS", 'it holds an empty segment, "." or ".."'),
    ("/../receiveSMS", 'it holds an empty segment, "." or ".."'),
    ("/receiveSMS;x", "it holds a backslash or a semicolon"),
    ("/receiveSMS;jsessionid=1", "it holds a backslash or a semicolon"),
    ("/receiveSMS/..;/subscribeSMS", "it holds a backslash or a semicolon"),
    ("/receiveSMS\\..\\subscribeSMS", "it holds a backslash or a semicolon"),
    ("/receiveSMS\0", "it holds a control character or bytes that are not UTF-8"),
    ("/receiveSMS\n", "it holds a control character or bytes that are not UTF-8"),
    ("/receiveSMS/\x7f", "it holds a control character or bytes that are not UTF-8"),
    ("/receiveSMS/\x85", "it holds a control character or bytes that are not UTF-8"),
    ("/receiveSMS/\ufffd", "it holds a control character or bytes that are not UTF-8"),
    ("/receiveSMS/\udcff", "it holds a control character or bytes that are not UTF-8"),
]


@pytest.mark.parametrize("path", PASSES)
def test_an_open_prefix_opens_what_starts_with_it(path: str) -> None:
    assert ask(opened(sms="/receiveSMS*"), path) == OPEN


@pytest.mark.parametrize(("path", "why"), NEVER)
def test_a_path_with_two_readings_is_refused_even_where_everything_is_open(path: str, why: str) -> None:
    rules = opened(everything="/*")
    assert ask(rules, path) == f"403: path {path!a}: {why}"
    assert rules.resource_for(path) is None
    assert not rules.shares_resource(path, path)


@pytest.mark.parametrize("path", ["/", "/receivesms", "/RECEIVESMS", "/receiveSM", "/subscribeSMS", "/x/receiveSMS"])
def test_what_no_resource_opens_stays_closed(path: str) -> None:
    said = ask(opened(sms="/receiveSMS*"), path)
    assert said == f"403: path {path!r}: no resource in authenticationConfig.xml opens it"


@pytest.mark.parametrize("path", ["/receiveSMS/", "/receiveSMSx", "/receiveSMS/kannel"])
def test_a_pattern_without_a_star_opens_one_path_alone(path: str) -> None:
    rules = opened(sms="/receiveSMS")
    assert ask(rules, "/receiveSMS") == OPEN
    assert ask(rules, path) == f"403: path {path!r}: no resource in authenticationConfig.xml opens it"


def test_a_log_line_shows_the_beginning_of_an_endless_path() -> None:
    shown = "/" + "a" * 99
    assert ask(opened(), "/" + "a" * 9000) == f"403: path '{shown}': no resource in authenticationConfig.xml opens it"


GOVERNED = {
    "all": "/*",
    "servlets": "/subscribeSMS*;/receiveSMS*;/ussd*",
    "bare": "/receiveSMS",
    "kannel": "/receiveSMS/kannel;/receiveSMS/kannel/*",
    "kan": "/receiveSMS/kan*",
    "report": "/receiveSMS/kannel/report",
}

GOVERNS = [
    ("/", "all"),
    ("/console", "all"),
    ("/receiveSM", "all"),
    ("/receiveSMS", "bare"),
    ("/receiveSMS/", "servlets"),
    ("/receiveSMSx", "servlets"),
    ("/receiveSMS/other", "servlets"),
    ("/subscribeSMS", "servlets"),
    ("/ussd/x", "servlets"),
    ("/receiveSMS/kan", "kan"),
    ("/receiveSMS/kannel", "kannel"),
    ("/receiveSMS/kannel2", "kan"),
    ("/receiveSMS/Kannel", "servlets"),
    ("/receiveSMS/kannel/", "kannel"),
    ("/receiveSMS/kannel/x", "kannel"),
    ("/receiveSMS/kannel/report", "report"),
    ("/receiveSMS/kannel/report/", "kannel"),
]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("path", "governor"), GOVERNS)
def test_the_longest_literal_part_governs_whatever_the_order_in_the_file(path: str, governor: str, order: int) -> None:
    rules = opened(**dict(list(GOVERNED.items())[::order]))
    found = rules.resource_for(path)
    assert found is not None
    assert found.id == governor


@pytest.mark.parametrize(
    ("path_a", "path_b", "shared"),
    [
        ("/subscribeSMS", "/ussd", True),
        ("/receiveSMS/kannel", "/receiveSMS/kannel/x", True),
        ("/receiveSMS", "/receiveSMS/other", False),
        ("/receiveSMS", "/receiveSMS/kannel", False),
        ("/receiveSMS/kannel", "/receiveSMS/kannel2", False),
    ],
)
def test_whether_who_passed_for_one_path_passed_for_another(path_a: str, path_b: str, shared: bool) -> None:
    rules = opened(**GOVERNED)
    assert rules.shares_resource(path_a, path_b) is shared
    assert rules.shares_resource(path_b, path_a) is shared


def test_two_ungoverned_paths_share_nothing() -> None:
    assert not opened(sms="/receiveSMS*").shares_resource("/ussd", "/ussd")


def test_one_pattern_in_two_resources_is_a_problem() -> None:
    resources = f"\n{resource('first', '/ussd;/receiveSMS*', OPEN)}\n{resource('second', '/receiveSMS*', OPEN)}"
    assert build(document(resources), no_console())[1] == [
        'authenticationConfig.xml:5: the pattern "/receiveSMS*" of resource "second" also belongs to resource "first": '
        "keep it in one of them"
    ]


def test_one_pattern_twice_in_one_resource_is_none() -> None:
    assert build(document(resource("sms", "/ussd;/ussd", OPEN)), no_console())[1] == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("/receiveSMS/../ussd", 'it holds an empty segment, "." or ".."'),
        ("/receiveSMS//*", 'it holds an empty segment, "." or ".."'),
        ("/receiveSMS\\*", "it holds a backslash or a semicolon"),
        ("/context/receiveSMS*", 'patterns start below the context root: write "/receiveSMS*"'),
        ("/context/ussd/one", 'patterns start below the context root: write "/ussd/one"'),
        ("/receivesms/web", "the address is /receiveSMS, and case counts"),
        ("/recieveSMS*", "the address is /receiveSMS, and case counts"),
        ("/adapter/shop/*", "the address is /adapters, and case counts"),
        ("/receiveSMS/web,/ussd", 'several patterns are separated by ";"'),
    ],
)
def test_a_pattern_that_can_never_match_is_a_problem(pattern: str, why: str) -> None:
    assert build(document(resource("sms", pattern, OPEN)), no_console())[1] == [
        f'authenticationConfig.xml:3: the pattern "{pattern}" of resource "sms" can never match: {why}'
    ]


@pytest.mark.parametrize(
    "pattern", ["/*", "/context*", "/receive*", "/adapter*", "/apps/services/loguploader*", "/console*", "/dev/*"]
)
def test_a_pattern_for_more_or_for_what_only_ibms_server_had_is_no_problem(pattern: str) -> None:
    assert build(document(resource("sms", pattern, OPEN)), no_console())[1] == []
