"""What every dialect's table and the contract suite share: gateways from real files, conversations held by hand."""

from dataclasses import dataclass

from host.config.smsconfig import read_smsconfig
from host.errors import SendError
from host.gateways import open_gateways
from host.gateways.base import Gateway
from host.messages import Accepted, HttpRequest, HttpResponse, Part


def open_gateway(element: str) -> Gateway:
    """A gateway from its `<gateway>` element, by the real readers."""
    configs, problems = read_smsconfig(f"<config>{element}</config>".encode(), "SMSConfig.xml", {})
    gateways, more = open_gateways(configs)
    assert [*problems, *more] == []
    (gateway,) = gateways.values()
    return gateway


def part(text: str = "Hello", receiver: str = "+15550001", number: int = 1, of: int = 1) -> Part:
    return Part(receiver, text, "ref-1", number, of, "key-1")


@dataclass(frozen=True)
class Held:
    """A conversation that was held: what was said, and how it ended."""

    said: list[HttpRequest]
    end: Accepted | SendError


def converse(gateway: Gateway, offered: Part, *heard: HttpResponse) -> Held:
    """Hold the dialect's conversation, answering its requests one after the other."""
    conversation = gateway.send(offered)
    answers = iter(heard)
    said: list[HttpRequest] = []
    try:
        said.append(next(conversation))
        while True:
            said.append(conversation.send(next(answers)))
    except StopIteration as end:
        return Held(said, end.value)
    except SendError as error:
        return Held(said, error)


def callback(
    query: bytes = b"", body: bytes = b"", content_type: str = "", headers: dict[str, str] | None = None
) -> HttpRequest:
    """A request as it comes in from a gateway."""
    given = {**({"content-type": content_type} if content_type else {}), **(headers or {})}
    method = "POST" if body else "GET"
    return HttpRequest(method, "http://host.example/context/receiveSMS", given, body, "/receiveSMS", query, "127.0.0.1")
