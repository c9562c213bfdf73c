"""Patterns that administrators write for what gateways answer: RE2, whose time grows with the text alone.

Syntax: https://github.com/google/re2/wiki/Syntax. Python's own patterns can take for ever on an answer that does not
match, and an answer is a stranger's text. RE2 has no backreferences and no lookarounds for the same reason.
"""

from functools import lru_cache
from typing import Any

import re2

#: Characters of an answer that are looked at.
LOOKED_AT = 4096

_QUIET = re2.Options()
_QUIET.log_errors = False  # what is wrong is said in the exception


@lru_cache(256)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern, options=_QUIET)


def trouble(pattern: str) -> str:
    """What is wrong with a pattern, "" for nothing."""
    try:
        _compiled(pattern)
    except re2.error as error:
        return _said(error)
    return ""


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


def found(pattern: str, text: str) -> str | None:
    """The first group, or all of the match where there is none, anywhere in the text's beginning; None for no match."""
    match = _compiled(pattern).search(text[:LOOKED_AT])
    if match is None:
        return None
    return (match[1] or "") if match.re.groups else str(match[0])
