"""Paths and the patterns that govern them.

A path here is below the context root and already percent-decoded once. One that a proxy, a servlet container or a file
system could read as another path (``/./``, ``;jsessionid=``, a backslash) is refused before any pattern is looked at.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from host.config.authconfig import Resource
from host.errors import Problem

_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")  # control, surrogate, REPLACEMENT CHARACTER
#: What this host's addresses begin with.
DOORS = ("/receiveSMS", "/subscribeSMS", "/ussd", "/adapters", "/invoke")
_NEAR = 0.9  # of difflib's ratio: one slip in a word of this length
_REMEMBERED = 1024  # paths; strangers may ask for any


@dataclass(frozen=True)
class Pattern:
    """One entry of a resource's ``urlPatterns``: exactly ``literal``, or whatever starts with it."""

    literal: str
    prefix: bool
    resource: Resource

    def matches(self, path: str) -> bool:
        """Whether it governs the path; exact case."""
        return path.startswith(self.literal) if self.prefix else path == self.literal

    def reaches(self, door: str) -> bool:
        """Whether it governs some path that starts with this one."""
        return self.literal.startswith(door) or (self.prefix and door.startswith(self.literal))

    def __str__(self) -> str:
        return self.literal + "*" * self.prefix

    @property
    def rank(self) -> tuple[int, bool]:
        """Sorts the most specific first: the longest literal part, exact before ``*``."""
        return -len(self.literal), self.prefix


def patterns(resources: Iterable[Resource]) -> tuple[Pattern, ...]:
    """Every pattern, the most specific first."""
    given = (_pattern(text, resource) for resource in resources for text in resource.patterns)
    return tuple(sorted(given, key=lambda pattern: pattern.rank))


@lru_cache(_REMEMBERED)
def trick(path: str) -> str:
    """What makes this path readable in two ways, or ""."""
    if not path.startswith("/"):
        return "it does not start with /"
    if _UNREADABLE.search(path):
        return "it holds a control character or bytes that are not UTF-8"
    if "\\" in path or ";" in path:
        return "it holds a backslash or a semicolon"
    if "//" in path or {".", ".."} & set(path.split("/")):
        return 'it holds an empty segment, "." or ".."'
    return ""


def pattern_problems(ordered: Iterable[Pattern], context_root: str) -> Iterator[Problem]:
    """Patterns that can never match, and those that two resources claim.

    What does not start with "/" is the reader's to say.
    """
    first: dict[str, Resource] = {}
    for pattern in ordered:
        owner = first.setdefault(str(pattern), pattern.resource)
        if not pattern.literal.startswith("/"):
            continue
        if why := trick(pattern.literal + "x" * pattern.prefix) or _astray(pattern, context_root):
            yield _problem(pattern, f"can never match: {why}")
        if owner is not pattern.resource:
            yield _problem(pattern, f'also belongs to resource "{owner.id}": keep it in one of them')


def _astray(pattern: Pattern, context_root: str) -> str:
    """Why nothing of this host is where the pattern looks, though it seems to mean something of it; else ""."""
    literal = pattern.literal
    if ",/" in literal:
        return 'several patterns are separated by ";"'
    below = literal.removeprefix(context_root)
    if below != literal and _first(below) in DOORS:
        return f'patterns start below the context root: write "{below}{"*" * pattern.prefix}"'
    named = _first(literal)
    if named in DOORS or (pattern.prefix and any(door.startswith(literal) for door in DOORS)):
        return ""
    near = [door for door in DOORS if door.casefold() == named.casefold()]
    near = near or difflib.get_close_matches(named, DOORS, n=1, cutoff=_NEAR)
    return f"the address is {near[0]}, and case counts" if near else ""


def _first(path: str) -> str:
    """Its first segment, with the slash before it."""
    return f"/{path[1:].partition('/')[0]}" if path.startswith("/") else ""


def _pattern(text: str, resource: Resource) -> Pattern:
    return Pattern(text.removesuffix("*"), text.endswith("*"), resource)


def _problem(pattern: Pattern, message: str) -> Problem:
    return Problem(pattern.resource.place, f'the pattern "{pattern}" of resource "{pattern.resource.id}" {message}')
