"""``${name}`` in configuration values, and the "did you mean" that goes with a name nobody defined."""

import difflib
import re
from collections.abc import Callable, Iterable

_REFERENCE = re.compile(r"\$\{([^${}]*)\}")


def substitute(text: str, lookup: Callable[[str], str], complain: Callable[[str], None]) -> str:
    """The text with every ``${name}`` replaced by ``lookup(name)``; what is put in is not looked at again.

    ``complain`` is told, in a sentence, of a ``${`` that no ``}`` closes.
    """
    if "${" in _REFERENCE.sub("", text):
        complain('a "${" is not closed: write ${name}, and put a value that holds "${" into an environment variable')
    return _REFERENCE.sub(lambda match: lookup(match[1]), text)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``; did you mean "..."?`` for the known name closest to this one, or "" where none is close."""
    spelled = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(name.casefold(), spelled, n=1, cutoff=0.65)
    return f'; did you mean "{spelled[close[0]]}"?' if close else ""
