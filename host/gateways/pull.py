"""Gateways that are not called: they come, and fetch the texts that wait for them.

What such a gateway asks for is a value, as what it brings is; :mod:`host.handing` answers it.
"""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from host.config.kinds import Kind, integer, number
from host.errors import GiveUp, Problem
from host.gateways.base import Conversation, Gateway
from host.gateways.parameter import Parameter
from host.messages import HttpRequest, HttpResponse, Part

_PATIENCE = "confirm-within"
_MOST = "at-once"
_LONGEST_WAIT = 86_400 * 7
_KINDS: dict[str, Kind[Any]] = {_PATIENCE: number(_LONGEST_WAIT), _MOST: integer(1, 500)}

#: What every gateway that fetches has for its parameters.
PULLING = (
    Parameter(_PATIENCE, "seconds after which a text that was fetched and not confirmed is HELD", default="600"),
    Parameter(_MOST, "how many texts are handed over at a time, at most", default="50"),
)


@dataclass(frozen=True)
class Fetch:
    """It wants the texts that wait for it."""


@dataclass(frozen=True)
class Took:
    """It asks which of the texts that it fetched, named by our references, it is to send."""

    references: tuple[str, ...]


@dataclass(frozen=True)
class News:
    """It asks for the references of the texts that it is to bring news of."""


@dataclass(frozen=True)
class Alert:
    """Something ails it, in its own words."""

    text: str


Asked = Fetch | Took | News | Alert


class PullGateway(Gateway):
    """A gateway that fetches its texts; ``features.pull`` says so."""

    @abstractmethod
    def asked(self, request: HttpRequest) -> Asked | None:
        """What a request asks for; None for one that brings texts or reports. Raises :class:`BadCallback`."""

    @abstractmethod
    def hand(self, parts: Sequence[Part]) -> HttpResponse:
        """The answer that hands texts over, whole."""

    @abstractmethod
    def list_texts(self, references: Sequence[str]) -> HttpResponse:
        """The answer that names texts: those it is to send (:class:`Took`), or to bring news of (:class:`News`)."""

    @property
    def confirms(self) -> bool:
        """Whether it says which texts it took, so that what it fetched is not taken for sent before that."""
        return True

    @property
    def patience(self) -> float:
        """Seconds after which a text that was handed over, and of which nothing was heard, is of unknown fate."""
        return float(self.own[_PATIENCE])

    @property
    def most(self) -> int:
        """How many texts are handed over at a time, at most."""
        return int(self.own[_MOST])

    def send(self, part: Part) -> Conversation:
        """Never: texts wait until they are fetched."""
        yield from ()
        raise GiveUp(f"gateway {self.id} is not called: it fetches its texts")

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        for name, kind in _KINDS.items():
            try:
                kind.read(self.own[name])
            except ValueError as error:
                yield self.problem(name, f"cannot be read: {error}")
