"""Filters, and that the index finds what a scan finds."""

import random
import re

import pytest

from host.filters import Filter, Index, passes, problem

TEXT = {"from": "+15550001", "to": "26161", "text": "Sub now", "keyword": "Sub", "shortCode": "26161"}


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({}, True),
        ({"keyword": "sub"}, True),
        ({"keyword": " SUB "}, True),
        ({"keyword": "unsub"}, False),
        ({"text": "sub now"}, False),  # only keywords forgive capitals
        ({"text": "Sub now"}, True),
        ({"shortcode": "26161"}, False),  # names are exact
        ({"keyword": "sub", "to": "26161"}, True),
        ({"keyword": "sub", "to": "1"}, False),
        ({"keyword": ["start", "sub"]}, True),
        ({"keyword": []}, False),
        ({"text": re.compile("now$")}, True),
        ({"text": re.compile("^now")}, False),
        ({"text": str.istitle}, False),
        ({"text": lambda text: "now" in text, "keyword": "sub"}, True),
        ({"missing": lambda text: True}, False),
    ],
)
def test_a_filter_says_yes_or_no(filter_: Filter, found: bool) -> None:
    assert (passes(filter_, TEXT), Index([(filter_, "handler")]).match(TEXT)) == (found, ["handler"] if found else [])


@pytest.mark.parametrize(
    ("filter_", "said"),
    [
        ({"keyword": "sub"}, ""),
        ({"keyword": ["sub", "start"]}, ""),
        ("sub", "a filter is an object of parameter names and values, not str"),
        (None, "a filter is an object of parameter names and values, not NoneType"),
        ({1: "sub"}, "a filter's names are strings, not 1"),
        (
            {"to": 26161},
            'the filter\'s "to" is a string, a list of strings, a compiled pattern or a predicate, not 26161',
        ),
        ({"to": [1]}, 'the filter\'s "to" is a string, a list of strings, a compiled pattern or a predicate, not [1]'),
    ],
)
def test_what_is_no_filter(filter_: object, said: str) -> None:
    assert problem(filter_) == said


@pytest.mark.parametrize("seed", range(10))
def test_the_index_finds_what_a_scan_finds_in_the_same_order(seed: int) -> None:
    chance = random.Random(seed)
    entries = [(_filter(chance), number) for number in range(300)]
    index = Index(entries)
    for _ in range(50):
        text = {name: chance.choice("abc") for name in ("keyword", "to", "operator") if chance.random() < 0.8}
        assert index.match(text) == [number for filter_, number in entries if passes(filter_, text)]


def _filter(chance: random.Random) -> Filter:
    kinds = [lambda: chance.choice("abcA"), lambda: chance.sample("abc", 2), lambda: re.compile(chance.choice("abc"))]
    names = chance.sample(["keyword", "to", "operator"], chance.randint(0, 3))
    return {name: chance.choices(kinds, weights=[8, 2, 1])[0]() for name in names}
