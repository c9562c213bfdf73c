"""Whole numbers as JavaScript writes them."""

import math

import pytest

from host.filters import Index, with_spelled_numbers
from host.numerals import spelled


@pytest.mark.parametrize(
    ("value", "written"),
    [(15559001, "15559001"), (15559001.0, "15559001"), (0, "0"), (-0.0, "0"), (-7, "-7"), (10**21 - 1, "9" * 21)],
)
def test_whole_numbers(value: object, written: str) -> None:
    assert spelled(value) == written


@pytest.mark.parametrize("value", [True, False, None, "1", 5.5, math.inf, -math.inf, math.nan, 1e21, 10**21, [1], b"1"])
def test_everything_else_stays(value: object) -> None:
    assert spelled(value) is value


def test_filters_with_numbers() -> None:
    index = Index([(with_spelled_numbers({"shortCode": 123}), "one"), (with_spelled_numbers({"to": [1, "2"]}), "two")])
    assert [index.match(each) for each in ({"shortCode": "123"}, {"to": "1"}, {"to": "2"}, {"to": "3"})] == [
        ["one"],
        ["two"],
        ["two"],
        [],
    ]
