"""What a dialect's table consists of: what it says, how it hears answers, and what it makes of callbacks.

Each dialect has one, `TABLE` in tests/gateways/tables/<dialect>.py; test_tables.py and test_contract.py run them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from host.errors import SendError
from host.gateways.base import Features, Gateway
from host.gateways.pull import Asked
from host.messages import Accepted, DeliveryReport, DeliveryStatus, HttpRequest, HttpResponse, Inbound, Part
from tests.gateways.dialects import open_gateway

SECRET = "s3cret-of-the-gateway"  # every table has it as the value of a secret parameter that goes out
URL = "https://sms.example.org/context/receiveSMS/gw"


def post(body: bytes, content_type: str = "application/x-www-form-urlencoded", **more: object) -> HttpRequest:
    """A callback with a body; `headers`, `query` and `url` may be given."""
    return _callback("POST", body, content_type, more)


def get(query: bytes, **more: object) -> HttpRequest:
    """A callback by query."""
    return _callback("GET", b"", "", {"query": query, **more})


def _callback(method: str, body: bytes, content_type: str, more: Mapping[str, object]) -> HttpRequest:
    headers = {**({"content-type": content_type} if content_type else {}), **dict(more.get("headers", {}))}  # type: ignore[call-overload]
    query = more.get("query", b"")
    assert isinstance(query, bytes)
    url = str(more.get("url", URL)) + (f"?{query.decode()}" if query else "")
    path = str(more.get("path", "/receiveSMS/gw"))
    return HttpRequest(method, url, headers, body, path, query, "127.0.0.1")


@dataclass(frozen=True)
class Says:
    """A part and the request it leaves in. `query` and `form`: all the fields; `json`: the whole document."""

    part: Part
    method: str = "POST"
    url: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: object = None


@dataclass(frozen=True)
class Hears:
    """An answer and the end it leads to; `gateway_message_id` of an acceptance."""

    answer: HttpResponse
    end: type[Accepted | SendError]
    gateway_message_id: str | None = None


@dataclass(frozen=True)
class Gives:
    """A callback and what it is read as; of an expected event only the fields that are named here are compared."""

    callback: HttpRequest
    events: Sequence["Text | Report"]


@dataclass(frozen=True)
class Text:
    """An :class:`Inbound` as expected."""

    sender: str
    text: str
    receiver: str = ""
    gateway_message_id: str | None = None
    sent_at: datetime | None = None

    @classmethod
    def of(cls, event: Inbound) -> "Text":
        return cls(event.sender, event.text, event.receiver, event.gateway_message_id, event.sent_at)


@dataclass(frozen=True)
class Report:
    """A :class:`DeliveryReport` as expected."""

    status: DeliveryStatus
    word: str
    reference: str | None = None
    gateway_message_id: str | None = None

    @classmethod
    def of(cls, event: DeliveryReport) -> "Report":
        return cls(event.status, event.word, event.reference, event.gateway_message_id)


@dataclass(frozen=True)
class Refuses:
    """A callback that cannot be read, and the words that say why."""

    callback: HttpRequest
    words: str


@dataclass(frozen=True)
class Verified:
    """A request and whether its signature is good; `at`: seconds since 1970 when it comes, 0 for now."""

    callback: HttpRequest
    good: bool
    at: int = 0


@dataclass(frozen=True)
class Asks:
    """A request of a gateway that fetches its texts, and what it asks for; None where it brings something."""

    callback: HttpRequest
    asked: Asked | None


@dataclass(frozen=True)
class Hands:
    """Texts and the whole answer that hands them over to a gateway that fetches them."""

    parts: Sequence[Part]
    json: object


EMPTY = HttpResponse(200, {"Content-Type": "text/plain; charset=utf-8"}, b"")


@dataclass(frozen=True)
class Table:
    """`parameters`: inside the `<gateway>` element; `accepted`: an answer that takes a text; `acknowledged`: our yes."""

    dialect: str
    features: Features
    accepted: HttpResponse = HttpResponse()  # noqa: RUF009 - a frozen value
    parameters: str = f'<parameter name="password" value="{SECRET}"/>'
    attributes: str = ""
    says: Sequence[Says] = ()
    hears: Sequence[Hears] = ()
    gives: Sequence[Gives] = ()
    refuses: Sequence[Refuses] = ()
    verified: Sequence[Verified] = ()
    acknowledged: HttpResponse = EMPTY
    asks: Sequence[Asks] = ()
    hands: Sequence[Hands] = ()

    def open(self, place: str = 'hostname="127.0.0.1" port="9"', more: str = "") -> Gateway:
        """The gateway; `place`: its hostname, port and protocol."""
        return open_gateway(
            f'<gateway id="gw" dialect="{self.dialect}" {place} {self.attributes}>{self.parameters}{more}</gateway>'
        )


def fields(text: str) -> dict[str, str]:
    """A query or form as a mapping."""
    return dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True))


def address_of(request: HttpRequest) -> str:
    """A request's URL without its query."""
    return urlsplit(request.url)._replace(query="").geturl()
