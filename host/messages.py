"""The values that travel through the house: requests, texts, reports, and who is asking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from host.alphabet import Alphabet
from host.parameters import Parameters, read

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class HttpRequest:
    """A request, coming in or going out.

    ``headers``: lower-case names. ``path``: below the context root, percent-decoded, for requests that came in.
    ``peer``: the caller's address (after trusted proxies). ``url``: complete; for incoming requests as the public
    sees it, because signatures cover it. Not shown where the request is: credentials travel in it.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    path: str = ""
    query: bytes = field(default=b"", repr=False)
    peer: str = ""

    @property
    def parameters(self) -> Parameters:
        """Query and body parameters; raises :class:`~host.errors.BadCallback` where the body is broken."""
        found: Parameters | None = self.__dict__.get("_parameters")
        if found is None:  # not a cached_property: before Python 3.12 all threads queue for one lock there
            found = self.__dict__["_parameters"] = read(self.query, self.body, self.headers.get("content-type", ""))
        return found


_SHOWN = 200


@dataclass(frozen=True)
class HttpResponse:
    """An answer, given or received. ``masked``: of one received, the beginning of its text without our secrets."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    masked: str | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The body as text, undecodable bytes replaced."""
        return self.body.decode("utf-8", errors="replace")

    @property
    def start(self) -> str:
        """What errors quote: secrets are taken out before it is cut, for half a secret is not known for one."""
        return (self.text if self.masked is None else self.masked)[:_SHOWN]


def plain(status: int = 200, text: str = "", headers: Mapping[str, str] | None = None) -> HttpResponse:
    """An answer in ``text/plain``, the only type that is safe with gateways that text bodies to phones."""
    return HttpResponse(status, {"Content-Type": "text/plain; charset=utf-8", **(headers or {})}, text.encode())


@dataclass(frozen=True)
class USSDResponse:
    """What a USSD handler answers with: what ``WL.Server.createUSSDResponse`` gives, under the published names.

    ``content``: what the phone shows. ``isLastMsg``: whether the dialogue ends with it; each gateway has its own way
    to be told so.
    """

    content: str
    contentType: str = "text/plain; charset=UTF-8"  # noqa: N815 - adapters see the published spelling
    isLastMsg: bool = False  # noqa: N815


@dataclass(frozen=True)
class Identity:
    """Who was admitted, and through which realm."""

    user: str
    realm: str
    display_name: str = ""


@dataclass(frozen=True)
class Piece:
    """Which part of a longer text this is; parts of one text share sender, receiver and ``reference``. From 1."""

    reference: str
    number: int
    of: int


@dataclass(frozen=True)
class Inbound:
    """A text from a phone (mobile-originated), as its dialect read it.

    ``sender``, ``receiver``: as the gateway spelled them. ``gateway_message_id``: None where the gateway gives no id.
    ``sent_at``: the gateway's time in UTC. ``parameters``: everything that came, in order. ``raw``: the request's
    query and body where ``parameters`` could not keep every byte. ``piece``: where the gateway brings a long text in
    parts.
    """

    sender: str
    text: str
    receiver: str = ""
    keyword: str = ""
    gateway_message_id: str | None = None
    sent_at: datetime | None = None
    parameters: Pairs = ()
    raw: bytes | None = None
    piece: Piece | None = None


class DeliveryStatus(StrEnum):
    """What became of a text, in the words all dialects are translated to; states only climb down this list."""

    UNKNOWN = "UNKNOWN"
    ACCEPTED = "ACCEPTED"
    BUFFERED = "BUFFERED"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"


@dataclass(frozen=True)
class DeliveryReport:
    """What a gateway says of a text it took (DLR).

    It names the text by our own ``reference`` or by its ``gateway_message_id``. ``word`` is the gateway's own status.
    """

    status: DeliveryStatus
    word: str
    reference: str | None = None
    gateway_message_id: str | None = None
    detail: str = ""
    parameters: Pairs = ()


@dataclass(frozen=True)
class Part:
    """One part of a text to a phone, as it is offered to a gateway.

    ``reference`` is ours: unguessable and unique, for gateways that hand it back in a delivery report. ``key`` is the
    same in every attempt at this part, for gateways that take a text with a key they know for the one they have.
    ``made_at``: when an adapter made the text. ``about``: for gateways that want to be told (``Gateway.tells``), the
    gateway's own id of a text that it brought; then this is none, and ``text`` is what became of that one.
    """

    receiver: str
    text: str
    reference: str
    number: int = 1
    of: int = 1
    key: str = ""
    made_at: datetime | None = None
    about: str = ""

    @property
    def alphabet(self) -> Alphabet:
        """The narrowest alphabet that carries this text."""
        return Alphabet.of(self.text)


@dataclass(frozen=True)
class Accepted:
    """A gateway took a part; ``gateway_message_id`` where it said one. ``note``: what the story says beside."""

    gateway_message_id: str | None = None
    note: str = field(default="", compare=False)
