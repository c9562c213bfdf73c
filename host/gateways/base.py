"""What a gateway dialect is: declared parameters, limits, a send conversation, and a reader.

A dialect speaks the language of one kind of gateway and does no I/O: :meth:`Gateway.send` is a generator that yields
the requests it wants made and is sent their answers; :mod:`host.transport` alone opens sockets.
"""

import json
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar

from host.config.smsconfig import GatewayConfig
from host.errors import Problem
from host.gateways import ussd
from host.gateways.callbacks import NO_URL, is_url
from host.gateways.judging import judge, required, retry_after
from host.gateways.parameter import Parameter
from host.gateways.wording import FORM, basic, bearer, digits, form_request, international, json_request
from host.messages import Accepted, DeliveryReport, HttpRequest, HttpResponse, Inbound, Part, USSDResponse, plain

__all__ = [
    "CALLBACK",
    "FORM",
    "Conversation",
    "Event",
    "Features",
    "Gateway",
    "Limits",
    "Parameter",
    "basic",
    "bearer",
    "digits",
    "form_request",
    "international",
    "json_request",
    "judge",
    "required",
    "retry_after",
]

Conversation = Generator[HttpRequest, HttpResponse, Accepted]
Event = Inbound | DeliveryReport

#: Where delivery reports go, in dialects whose gateways are told so with every text.
CALLBACK = Parameter(
    "callback-url",
    "this host's /receiveSMS/<gateway id> as the gateway reaches it, with credentials; turns delivery reports on",
    secret=True,
)

_PORTS = {"http": 80, "https": 443}

_NOT_IN_A_QUERY = re.compile(r"[\s\x00-\x1f\x7f#]")
_SECRET = 4  # shorter values are flags and numbers, and would be blotted out all over an answer


@dataclass(frozen=True)
class Limits:
    """``splits``: the gateway itself cuts long texts into parts, so the host passes them whole."""

    splits: bool = True


@dataclass(frozen=True)
class Features:
    """What a dialect can do: a row of the matrix in docs/reference/dialects.md, held by its table in the tests.

    ``signature``: requests are signed, and :meth:`Gateway.verify` tells. ``answer``: texts may go out in the answer to
    a request (:meth:`Gateway.answer_with`). ``parts``: the gateway brings long texts in parts, which the host joins.
    ``pull``: outbound texts wait until the gateway fetches them (:class:`host.gateways.pull.PullGateway`).
    """

    inbound: bool = True
    outbound: bool = True
    reports: bool = False
    signature: bool = False
    answer: bool = False
    parts: bool = False
    pull: bool = False


class Gateway(ABC):
    """One configured gateway, speaking its dialect. ``own``: the values of the parameters that are not passed on.

    A dialect is a class in a module of :mod:`host.gateways.dialects`. ``name``: what ``dialect="..."`` selects it with.
    ``hostname`` and ``protocol``: what counts where ``SMSConfig.xml`` says none; hosted services have theirs.
    ``networks``: the addresses that the vendor says its requests come from; ``SourceNetworkLoginModule`` takes the
    dialect's name for them. ``on_unknown``: as the attribute, "retry" where offering a text again is safe because
    :attr:`Part.key` names it. ``paths``: what may follow ``/receiveSMS/<gateway id>/``; :meth:`read` tells them apart
    by ``request.path``. ``puts``: it may PUT what others POST.
    """

    name: ClassVar[str] = ""
    hostname: ClassVar[str] = ""
    protocol: ClassVar[str] = "http"
    on_unknown: ClassVar[str] = "hold"
    paths: ClassVar[tuple[str, ...]] = ()
    networks: ClassVar[tuple[str, ...]] = ()
    puts: ClassVar[bool] = False
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    limits: ClassVar[Limits] = Limits()
    features: ClassVar[Features] = Features()

    def __init__(self, config: GatewayConfig) -> None:
        self.config = self.completed(config)
        self.id = config.id
        self.own = {parameter.name: parameter.default for parameter in self.declared()}
        self.own.update((each.name, each.value) for each in config.parameters if each.name in self.own)

    @classmethod
    def completed(cls, config: GatewayConfig) -> GatewayConfig:
        """The configuration with the dialect's own defaults for what the file does not say."""
        protocol = config.protocol if "protocol" in config.given else cls.protocol
        port = config.port if "port" in config.given else _PORTS[protocol]
        on_unknown = config.on_unknown if "on-unknown" in config.given else cls.on_unknown
        hostname = config.hostname or cls.hostname
        return replace(config, hostname=hostname, protocol=protocol, port=port, on_unknown=on_unknown)

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

    def reference(self) -> str:
        """A new name for a text that goes out in an answer: unguessable and unique."""
        return secrets.token_urlsafe(12)

    def answer_with(self, events: Sequence[Event], parts: Sequence[Part]) -> HttpResponse:
        """The answer that takes these texts to the phone that the request was from; for ``features.answer`` alone."""
        raise NotImplementedError

    def compose(self, text: Inbound, url: str) -> HttpRequest:
        """What this gateway would send to ``url`` for a text from a phone, signed as it signs.

        For `smshost simulate` and the tests; the gateway's own spelling of numbers is the dialect's business.
        """
        fields = {
            self.config.from_param: text.sender,
            self.config.to_param: text.receiver,
            self.config.text_param: text.text,
        }
        if self.config.id_param and text.gateway_message_id:
            fields[self.config.id_param] = text.gateway_message_id
        return form_request(url, fields)

    def refuse(self, status: int, reason: str) -> HttpResponse:
        """The answer to what could not be read or stored; always text, never a type that a gateway texts to phones."""
        return plain(status, reason)

    def ussd(self, response: USSDResponse) -> HttpResponse:
        """What a USSD handler says, as this gateway takes it; raises :class:`~host.errors.WLError`."""
        return ussd.answer(response, self.own)

    @classmethod
    def declared(cls) -> tuple[Parameter, ...]:
        """The parameters that are not passed on: the dialect's, and those that every dialect has."""
        return (*cls.parameters, *ussd.PARAMETERS)

    def extras(self) -> dict[str, str]:
        """The parameters that the dialect does not know, in file order: they are sent with every text."""
        return {each.name: each.value for each in self.config.parameters if each.name not in self.own}

    def passed(self) -> dict[str, object]:
        """The extras as members of a JSON document: JSON where they can be read as such, else text."""
        return {name: _json_or_text(value) for name, value in self.extras().items()}

    def verify(self, request: HttpRequest) -> bool:
        """Whether the request carries this gateway's valid signature; dialects without one never say yes."""
        return False

    def can_verify(self, request: HttpRequest) -> bool:
        """Whether any signature could be valid; ``request``: as composed. By a public key it takes more than ours."""
        return self.verify(request)

    @property
    def tells(self) -> Set[str]:
        """What it wants to hear of the texts it brought (of ``sent``, ``delivered``, ``failed``), each once.

        :meth:`send` is then given a :class:`Part` that is ``about`` such a text, with one of these words.
        """
        return frozenset()

    @property
    def splits(self) -> bool:
        """Whether long texts are passed whole (the gateway splits) or cut by the host."""
        if self.config.long_texts:
            return self.config.long_texts == "pass"
        return self.limits.splits

    def masked_names(self) -> set[str]:
        """The request parameters whose values are not shown: every configured one that is not declared plain."""
        plain_names = {parameter.name for parameter in self.declared() if not parameter.secret}
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
            if parameter.choices and self.own[parameter.name] not in parameter.choices:
                yield self.problem(parameter.name, f"is one of {', '.join(parameter.choices)}")
        if (url := self.own.get("callback-url", "")) and not is_url(url):
            yield self.problem("callback-url", NO_URL)
        if self.config.reply == "answer" and not self.features.answer:
            why = f'reply="answer" is not for dialect "{self.name}", whose answers carry no texts'
            yield Problem(self.config.place, f'gateway "{self.id}": {why}')
        yield from self._twins()
        yield from (self.problem(name, what) for name, what in ussd.problems(self.own))
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


def _json_or_text(value: str) -> object:
    try:
        return json.loads(value, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return value


def _no_json(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
