"""Which handlers a text is for: filters over its parameters, found through an index instead of a scan.

A filter's keys are parameter names, compared exactly; all of them must hold. A value is a string (compared exactly,
except ``keyword``: trimmed and case-insensitive), or, in Python, a list of strings, a compiled pattern, or a predicate.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any, Generic, TypeVar

from host.numerals import spelled

Target = TypeVar("Target")
Value = str | Iterable[str] | re.Pattern[str] | Callable[[str], bool]
Filter = Mapping[str, Value]
_LISTS = (list, tuple, set, frozenset)

_MOST_COMBINATIONS = 64


def compare_as(name: str, value: str) -> str:
    """A parameter's value as filters compare it; phones capitalise the first word they type."""
    return value.strip().casefold() if name == "keyword" else value


class Index(Generic[Target]):
    """Targets by filter: one lookup per distinct set of names; patterns and predicates are tried in turn."""

    def __init__(self, entries: Iterable[tuple[Filter, Target]]) -> None:
        self._equal: dict[tuple[str, ...], dict[tuple[str, ...], list[int]]] = {}
        self._other: list[tuple[int, Filter]] = []
        self._targets: list[Target] = []
        for number, (filter_, target) in enumerate(entries):
            self._targets.append(target)
            self._add(number, filter_)

    def match(self, parameters: Mapping[str, str]) -> list[Target]:
        """Every target whose filter these parameters pass, in the order the index was built with.

        A predicate that raises counts as passed, so that the others are found; :func:`passes` raises what it raised.
        """
        found: set[int] = set()
        for names, by_values in self._equal.items():
            if all(name in parameters for name in names):
                found.update(by_values.get(tuple(compare_as(name, parameters[name]) for name in names), ()))
        found.update(number for number, filter_ in self._other if _may_pass(filter_, parameters))
        return [self._targets[number] for number in sorted(found)]

    def _add(self, number: int, filter_: Filter) -> None:
        names = tuple(sorted(filter_))
        choices = [_choices(name, filter_[name]) for name in names]
        known = [choice for choice in choices if choice is not None]
        combinations = 1
        for choice in known:
            combinations *= len(choice)
        if len(known) < len(choices) or combinations > _MOST_COMBINATIONS:
            self._other.append((number, filter_))
            return
        by_values = self._equal.setdefault(names, {})
        for values in product(*known):
            by_values.setdefault(values, []).append(number)


def passes(filter_: Filter, parameters: Mapping[str, str]) -> bool:
    """Whether parameters pass one filter."""
    return all(name in parameters and _accepts(name, value, parameters[name]) for name, value in filter_.items())


def _may_pass(filter_: Filter, parameters: Mapping[str, str]) -> bool:
    try:
        return passes(filter_, parameters)
    except BaseException:  # noqa: BLE001 - an adapter's predicate, sys.exit() too
        return True


def with_spelled_numbers(filter_: Any) -> Any:
    """The filter with a string in place of each whole number, also in lists; everything else as it came."""
    if not isinstance(filter_, Mapping):
        return filter_
    return {
        name: [spelled(each) for each in value] if isinstance(value, _LISTS) else spelled(value)
        for name, value in filter_.items()
    }


def problem(filter_: object) -> str:
    """What is wrong with a filter, or ``""``."""
    if not isinstance(filter_, Mapping):
        return f"a filter is an object of parameter names and values, not {type(filter_).__name__}"
    for name, value in filter_.items():
        if not isinstance(name, str):
            return f"a filter's names are strings, not {name!r}"
        plain_list = isinstance(value, _LISTS) and all(isinstance(each, str) for each in value)
        if not (isinstance(value, str | re.Pattern) or callable(value) or plain_list):
            kinds = "a string, a list of strings, a compiled pattern or a predicate"
            return f'the filter\'s "{name}" is {kinds}, not {value!r}'
    return ""


def _choices(name: str, value: Value) -> set[str] | None:
    """The values that pass, as they are compared; None where they cannot be listed."""
    if isinstance(value, str):
        return {compare_as(name, value)}
    if isinstance(value, re.Pattern) or callable(value):
        return None
    return {compare_as(name, each) for each in value}


def _accepts(name: str, value: Value, given: str) -> bool:
    if isinstance(value, re.Pattern):
        return value.search(given) is not None
    if callable(value):
        return bool(value(given))
    return compare_as(name, given) in (_choices(name, value) or ())
