"""Every error of the host, in one tree.

    HostError
    ├── ConfigurationError      the files an administrator edits; carries every problem found
    ├── WLError                 an adapter used the WL API wrongly
    ├── ScriptError             an adapter's JavaScript threw, or had to be ended
    ├── BrokenAdapter           an adapter folder could not be loaded
    ├── Refused                 access was not granted (403; 401 with a challenge where one could help)
    ├── BadCallback             what a gateway sent cannot be read (400)
    │   ├── NotFound            (404)
    │   ├── TooLarge            (413)
    │   ├── LengthRequired      (411)
    │   ├── Declined            (409)
    │   └── Busy                (503)
    ├── StoreUnavailable        the database did not take it (503: the gateway keeps the text)
    ├── Unstorable              the database is well and refuses this: trying again does not help
    ├── Overdue                 an adapter's function did not end while its caller waited
    └── SendError               a gateway did not take a text; answers what to do next
        ├── TryLater            not taken; the same text may be offered again
        ├── GiveUp              not taken, and never will be
        └── OutcomeUnknown      nobody knows whether it was taken

An error's text says what is wrong, where (``file:line`` for configuration), and what to do.
"""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass

#: How a line of a script's stack begins.
FRAME = "    at "


class HostError(Exception):
    """Something this host can name went wrong."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file; line 0 means the file as a whole."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in a file: where it is, what it is and what to do about it."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, order=True)
class Note:
    """Something a file says that this host does not honour: no mistake, but worth knowing when moving here."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ConfigurationError(HostError):
    """The configuration has problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class WLError(HostError):
    """An adapter used the WL API wrongly.

    ``place``: the line that did, where the error is found later than it was made; else the traceback has it.
    """

    def __init__(self, message: str = "", place: Place | None = None) -> None:
        super().__init__(message or "An adapter used the WL API wrongly.")
        self.place = place


class ScriptError(HostError):
    """An adapter's JavaScript threw, or had to be ended.

    ``name`` and ``said``: of the error; ``summary``: both. ``stack``: the calls that led there, or "".
    ``place``: the line, where it is known.
    """

    def __init__(self, name: str, said: str, stack: str = "", place: Place | None = None) -> None:
        self.name = name
        self.said = said
        self.summary = f"{name}: {said}" if name else said
        self.stack = stack.rstrip()
        self.place = place
        super().__init__(f"{self.summary}\n{self.stack}" if self.stack else self.summary)


def told(error: BaseException) -> str:
    """What an adapter raised, for whoever wrote it: a traceback, or a script's own words and lines."""
    return str(error) if isinstance(error, ScriptError) else "".join(traceback.format_exception(error))


def gist(said: str) -> str:
    """One line of what :func:`told` gives, or a gateway said: what it was, without where."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith(FRAME)]
    return lines[-1] if lines else ""


class BrokenAdapter(HostError):
    """An adapter folder could not be loaded; carries every problem found, and the first of them alone.

    ``folder``: its name, once it is known.
    """

    def __init__(self, *problems: Problem, traceback: str = "") -> None:
        self.problems = problems
        self.problem = problems[0]
        self.traceback = traceback
        self.folder = ""
        super().__init__("\n".join(str(problem) for problem in problems))


class Refused(HostError):
    """Access was not granted.

    The text is for the log alone; the caller sees ``status`` and ``challenge`` (a WWW-Authenticate value, or "").
    """

    def __init__(self, message: str = "", challenge: str = "") -> None:
        super().__init__(message)
        self.challenge = challenge
        self.status = 401 if challenge else 403


class BadCallback(HostError):
    """What the gateway sent cannot be read."""

    status = 400


class NotFound(BadCallback):
    """Nothing is at this path."""

    status = 404


class TooLarge(BadCallback):
    """The request's body is larger than this host accepts."""

    status = 413


class LengthRequired(BadCallback):
    """This body needs a Content-Length, so that a torn text is not taken for a whole one."""

    status = 411


class Declined(BadCallback):
    """The adapter does not let this be done."""

    status = 409


class Busy(BadCallback):
    """Too much is under way: send it again."""

    status = 503


class StoreUnavailable(HostError):
    """The database did not take it."""


class Unstorable(HostError):
    """The database is well, and refuses this."""


class Overdue(HostError):
    """An adapter's function did not end while its caller waited; ``began``: whether it began."""

    def __init__(self, began: bool = False) -> None:
        super().__init__()
        self.began = began


class SendError(HostError):
    """A gateway did not take a text."""


class TryLater(SendError):
    """Not taken now; the same text may be offered again.

    ``after``: seconds the gateway asked to wait, or None. ``about_gateway``: the gateway is the trouble (it cannot be
    reached, it is sick, it is given too much), not this text: others would fare the same.
    """

    def __init__(self, message: str = "", after: float | None = None, about_gateway: bool = False) -> None:
        super().__init__(message)
        self.after = after
        self.about_gateway = about_gateway


class GiveUp(SendError):
    """Not taken, and the same text never will be."""


class OutcomeUnknown(SendError):
    """The request left, and no answer came back: the text may or may not be on its way."""
