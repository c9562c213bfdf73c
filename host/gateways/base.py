"""What a gateway dialect is: declared parameters, limits, a send conversation, and a reader.

A dialect speaks the language of one kind of gateway and does no I/O: :meth:`Gateway.send` is a generator that yields
the requests it wants made and is sent their answers; :mod:`host.transport` alone opens sockets.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import ClassVar

from host import clock
from host.config.smsconfig import GatewayConfig
from host.errors import BadCallback, GiveUp, Problem, TryLater
from host.messages import Accepted, DeliveryReport, HttpRequest, HttpResponse, Inbound, Part, plain

Conversation = Generator[HttpRequest, HttpResponse, Accepted]
Event = Inbound | DeliveryReport

_MENDABLE = frozenset({*range(300, 400), 401, 402, 403, 404, 405, 407, 408, 425, 429})
_TOO_MANY = 429
_SERVER_ERROR = 500
_DAY = 86_400
_DIGITS = 9
_NOT_IN_A_QUERY = re.compile(r"[\s\x00-\x1f\x7f#]")
_SECRET = 4  # shorter values are flags and numbers, and would be blotted out all over an answer


@dataclass(frozen=True)
class Parameter:
    """A ``<parameter>`` that the dialect itself understands; others are the gateway's own and are passed on.

    Start-up checks, masking of secrets and the docs derive from this declaration.
    """

    name: str
    help: str
    required: bool = False
    secret: bool = False
    default: str = ""


@dataclass(frozen=True)
class Limits:
    """``splits``: the gateway itself cuts long texts into parts, so the host passes them whole."""

    splits: bool = True


class Gateway(ABC):
    """One configured gateway, speaking its dialect."""

    parameters: ClassVar[tuple[Parameter, ...]] = ()
    limits: ClassVar[Limits] = Limits()

    def __init__(self, config: GatewayConfig) -> None:
        self.config = config
        self.id = config.id
        self.own = {parameter.name: parameter.default for parameter in self.parameters}
        self.own.update((each.name, each.value) for each in config.parameters if each.name in self.own)

    @abstractmethod
    def recognises(self, request: HttpRequest) -> bool:
        """Whether a request without a gateway id in its path looks like this gateway's."""

    @abstractmethod
    def read(self, request: HttpRequest) -> Sequence[Event]:
        """The texts and reports in a request; raises :class:`BadCallback` naming the missing or broken field."""

    @abstractmethod
    def send(self, part: Part) -> Conversation:
        """Offer one part: yield requests, receive responses, return :class:`Accepted` or raise a ``SendError``."""

    def acknowledge(self, events: Sequence[Event]) -> HttpResponse:
        """The answer that this gateway takes for "got it, durable"."""
        return plain()

    def refuse(self, status: int, reason: str) -> HttpResponse:
        """The answer to what could not be read or stored; always text, never a type that a gateway texts to phones."""
        return plain(status, reason)

    def verify(self, request: HttpRequest) -> bool:
        """Whether the request carries this gateway's valid signature; dialects without one never say yes."""
        return False

    @property
    def splits(self) -> bool:
        """Whether long texts are passed whole (the gateway splits) or cut by the host."""
        if self.config.long_texts:
            return self.config.long_texts == "pass"
        return self.limits.splits

    def masked_names(self) -> set[str]:
        """The request parameters whose values are not shown: every configured one that is not declared plain."""
        plain_names = {parameter.name for parameter in self.parameters if not parameter.secret}
        return {each.name for each in self.config.parameters} - plain_names

    def secrets(self) -> list[str]:
        """The configured values that an answer might echo and nobody should read; longest first."""
        names = self.masked_names()
        values = {each.value for each in self.config.parameters if each.name in names and len(each.value) >= _SECRET}
        return sorted(values, key=len, reverse=True)

    def problems(self) -> Iterable[Problem]:
        """What is wrong with this gateway's configuration, beyond what the reader of the file could know."""
        given = {each.name for each in self.config.parameters}
        for parameter in self.parameters:
            if parameter.required and parameter.name not in given:
                yield Problem(
                    self.config.place,
                    f'gateway "{self.id}" needs <parameter name="{parameter.name}"/>: {parameter.help}',
                )
        yield from self._twins()
        for each in self.config.parameters:
            if not each.encode and _NOT_IN_A_QUERY.search(each.value):
                yield self.problem(each.name, "goes out as it is: percent-encode its blanks, control characters and #")

    def problem(self, name: str, what: str) -> Problem:
        """A problem at a configured parameter; the value, which may be secret, is not shown."""
        place = next((each.place for each in self.config.parameters if each.name == name), self.config.place)
        return Problem(place, f'gateway "{self.id}": <parameter name="{name}"/> {what}')

    def _twins(self) -> Iterable[Problem]:
        """Two things under one name in one request: one of them would be taken for the other."""
        config = self.config
        pairs = (
            ("textParamName", config.text_param, "fromParamName", config.from_param, "comes in"),
            ("toParamName", config.to_param, "textParamName", config.text_param, "goes out"),
        )
        for one, name, other, twin, way in pairs:
            if name == twin:
                message = f'gateway "{self.id}": {one} and {other} are both "{name}", and a text {way} under both'
                yield Problem(config.place, f"{message}: give them different names")


def judge(response: HttpResponse) -> None:
    """Raise what an HTTP status means for a text: 2xx passes; what time or an administrator can mend is tried again.

    Wrong credentials, no credit, a wrong path or a redirect are the administrator's to mend; other 4xx are about the
    text.
    """
    status = response.status
    if 200 <= status < 300:  # noqa: PLR2004 - the 2xx range
        return
    answer = f"the gateway answered {status}: {response.text[:200]}"
    if status in _MENDABLE or status >= _SERVER_ERROR:
        about_gateway = status == _TOO_MANY or status >= _SERVER_ERROR
        raise TryLater(answer, retry_after(response, clock.now()), about_gateway)
    raise GiveUp(answer)


def required(value: str, name: str) -> str:
    """The value, or a :class:`BadCallback` that names the parameter it should have come in."""
    if not value:
        raise BadCallback(f'parameter "{name}" is missing')
    return value


def retry_after(response: HttpResponse, now: int) -> float | None:
    """Seconds to wait as the answer asks for (RFC 9110, 10.2.3: seconds, or a date), a day at most; else None.

    ``now``: milliseconds since 1970. The gateway's own ``Date`` is what its date is reckoned from, where it gives one.
    """
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal() and value.isascii():
        return float(min(int(value[:_DIGITS]), _DAY))
    then = _date(value)
    if then is None:
        return None
    since = _date(response.headers.get("date", "")) or now / 1000
    return min(max(0.0, then - since), _DAY)


def _date(value: str) -> float | None:
    """Seconds since 1970."""
    try:
        when = parsedate_to_datetime(value)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
