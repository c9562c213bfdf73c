"""The only place that speaks HTTP to gateways: kept-alive sessions, time limits, a size cap, no redirects.

It drives a dialect's conversation and keeps what was said and heard, with secrets masked.
"""

import logging
import ssl
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NameResolutionError, NewConnectionError

from host.errors import GiveUp, OutcomeUnknown, SendError, TryLater
from host.gateways.base import Gateway
from host.gateways.template import mask
from host.messages import Accepted, HttpRequest, HttpResponse, Part

log = logging.getLogger(__name__)
logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings and below quote whole URLs, credentials included

_MOST_BYTES = 64 * 1024
_HANDSHAKE = ("WRONG_VERSION", "UNSUPPORTED", "HANDSHAKE", "NO_SHARED")  # OpenSSL's reasons before any data is sent
_SHOWN = 500
_LEAST_OF_A_SECRET = 4


@dataclass
class Exchange:
    """What was said to a gateway and heard from it, for the story; ``error`` is None where it took the part."""

    lines: list[str] = field(default_factory=list)
    accepted: Accepted | None = None
    error: SendError | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Transport:
    """HTTP for every sending thread; ``proxies`` as requests takes them, from ``push.sms.proxy.*``."""

    def __init__(self, proxies: Mapping[str, str] | None = None) -> None:
        self._proxies = dict(proxies or {})
        self._local = threading.local()

    def offer(self, gateway: Gateway, part: Part) -> Exchange:
        """Hold the dialect's conversation about one part; gives what it raised, a dialect's own mistakes too."""
        exchange = Exchange()
        try:
            exchange.accepted = self._converse(gateway, part, exchange)
        except SendError as error:
            exchange.error = _without_secrets(error, gateway)
        except Exception as error:  # noqa: BLE001 - whatever a dialect raises, the text must not stay SENDING
            log.error("%s: its dialect failed\n%s", gateway.id, _hide(traceback.format_exc(), gateway))
            what = OutcomeUnknown if exchange.lines else GiveUp
            exchange.error = what(f"the dialect failed, its traceback is in the log: {type(error).__name__}")
        return exchange

    def _converse(self, gateway: Gateway, part: Part, exchange: Exchange) -> Accepted:
        conversation = gateway.send(part)
        try:
            request = next(conversation)
            while True:
                exchange.lines.append(f"said {_shown_request(request, gateway)}")
                response = self._ask(request, gateway.config.timeout)
                exchange.lines.append(f"heard {response.status} {_hide(response.text, gateway)[:_SHOWN]}")
                request = conversation.send(response)
        except StopIteration as end:
            accepted: Accepted = end.value
            return accepted
        finally:
            conversation.close()

    def _ask(self, request: HttpRequest, timeout: float) -> HttpResponse:
        try:
            prepared = requests.Request(request.method, request.url, dict(request.headers), data=request.body).prepare()
            prepared.url = request.url  # requests respells what it takes for needlessly escaped
            with self._adapter().send(prepared, stream=True, timeout=timeout, proxies=self._proxies) as answer:
                body = _body(answer, time.monotonic() + timeout)
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return HttpResponse(answer.status_code, headers, body)
        except Exception as error:
            raise _translated(error, request) from error

    def _adapter(self) -> HTTPAdapter:
        """Requests' connections without its sessions: those keep cookies, and read a redirect's body without limit."""
        adapter: HTTPAdapter | None = getattr(self._local, "adapter", None)
        if adapter is None:
            adapter = self._local.adapter = HTTPAdapter()
        return adapter


def _body(answer: requests.Response, deadline: float) -> bytes:
    """The body up to the size cap; read to its end, so that the connection can be used again."""
    body = b""
    while len(body) < _MOST_BYTES and (piece := answer.raw.read1(8192, decode_content=True)):  # read() waits for all
        body += piece
        if time.monotonic() > deadline:
            raise requests.exceptions.ReadTimeout("the answer's body took too long")
    return body


def _without_secrets(error: SendError, gateway: Gateway) -> SendError:
    error.args = (_hide(str(error), gateway),)
    return error


def _translated(error: Exception, request: HttpRequest) -> SendError:
    """What a failed exchange means for the text: did it leave, or did it not?"""
    where = urlsplit(request.url).netloc
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return TryLater(f"{where} did not accept a connection in time")
    if isinstance(error, requests.exceptions.ProxyError) or _never_left(error):
        return TryLater(f"{where} could not be reached: {_reason(error)}")
    if isinstance(error, ValueError):  # requests' InvalidURL and its kin
        return GiveUp(f"the request to {where} cannot be made: {_reason(error)}")
    return OutcomeUnknown(f"{where} did not answer: {_reason(error)}")


def _never_left(error: BaseException) -> bool:
    """Whether there was no connection to leave by, or no agreement on how to encrypt it."""
    for each in _causes(error):
        if isinstance(each, NewConnectionError | NameResolutionError | ssl.SSLCertVerificationError):
            return True
        if isinstance(each, ssl.SSLError) and any(word in str(each.reason) for word in _HANDSHAKE):
            return True
    return False


def _reason(error: BaseException) -> str:
    """The innermost reason; the outer ones quote the whole URL, which carries the gateway's credentials."""
    *_, innermost = _causes(error)
    said = innermost.strerror if isinstance(innermost, OSError) else None
    return said or type(innermost).__name__


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it wraps, outermost first: requests wraps urllib3, which wraps the socket's error."""
    while isinstance(error, BaseException):
        yield error
        wrapped = getattr(error, "reason", None) or (error.args[0] if error.args else None)
        error = wrapped if isinstance(wrapped, BaseException) else error.__cause__ or error.__context__


def _shown_request(request: HttpRequest, gateway: Gateway) -> str:
    parts = urlsplit(request.url)
    url = urlunsplit(parts._replace(query=_masked(parts.query, gateway)))
    body = _masked(request.body.decode("utf-8", "replace"), gateway)
    return f"{request.method} {url}" + (f" {body[:_SHOWN]}" if body else "")


def _masked(pairs: str, gateway: Gateway) -> str:
    for secret in gateway.secrets():
        if "&" in secret:  # a value that goes out as it is can look like several pairs
            pairs = pairs.replace(secret, "***")
    return mask(pairs, gateway.masked_names())


def _hide(text: str, gateway: Gateway) -> str:
    """The text without the gateway's secrets, plain or percent-encoded, or cut short at its end."""
    for secret in gateway.secrets():
        for spelling in (secret, quote(secret, safe=""), quote_plus(secret)):
            text = text.replace(spelling, "***")
            cut = next(
                (n for n in range(len(spelling) - 1, _LEAST_OF_A_SECRET - 1, -1) if text.endswith(spelling[:n])), 0
            )
            text = f"{text[:-cut]}***" if cut else text
    return text
