"""The only place that speaks HTTP to gateways: kept-alive connections, time limits, a size cap, no redirects.

It drives a dialect's conversation and keeps what was said and heard, with secrets masked.
"""

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from host.errors import GiveUp, OutcomeUnknown, SendError
from host.gateways.base import Gateway
from host.messages import Accepted, HttpRequest, HttpResponse, Part
from host.transport.bare import BareConnection, is_plain
from host.transport.masking import Masking
from host.transport.meaning import translated
from host.transport.sessions import Sessions

_LONGEST = 1000  # characters of an error

log = logging.getLogger(__name__)
logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings and below quote whole URLs, credentials included


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
    """HTTP to gateways; ``proxies`` as requests takes them, from ``push.sms.proxy.*``."""

    def __init__(self, proxies: Mapping[str, str] | None = None) -> None:
        self._proxies = dict(proxies or {})

    def open_line(self, gateway: Gateway) -> "Line":
        """A line to a gateway."""
        return Line(gateway, Masking(gateway), self._proxies)


class Line:
    """What one text at a time goes over to a gateway: a connection, opened when it is needed and kept for the next."""

    def __init__(self, gateway: Gateway, masking: Masking, proxies: Mapping[str, str]) -> None:
        self._gateway = gateway
        self._masking = masking
        self._plain = not proxies and not gateway.secrets()
        self._bare = BareConnection()
        self._sessions = Sessions(proxies)

    def offer(self, part: Part) -> Exchange:
        """Hold the dialect's conversation about one part; gives what it raised, a dialect's own mistakes too."""
        exchange = Exchange()
        try:
            exchange.accepted = accepted = self._converse(part, exchange)
            exchange.lines += [accepted.note] if accepted.note else []
        except SendError as error:
            error.args = (self._masking.hidden(str(error))[:_LONGEST],)
            exchange.error = error
        except Exception as error:  # noqa: BLE001 - whatever a dialect raises, the text must not stay SENDING
            log.error("%s: its dialect failed\n%s", self._gateway.id, self._masking.hidden(traceback.format_exc()))
            what = OutcomeUnknown if exchange.lines else GiveUp
            exchange.error = what(f"the dialect failed, its traceback is in the log: {type(error).__name__}")
        return exchange

    def _converse(self, part: Part, exchange: Exchange) -> Accepted:
        conversation = self._gateway.send(part)
        try:
            request = next(conversation)
            while True:
                exchange.lines.append(f"said {self._masking.request(request)}")
                response = self._ask(request, self._gateway.config.timeout)
                masked = self._masking.start(response.text)
                exchange.lines.append(f"heard {response.status} {masked}")
                request = conversation.send(replace(response, masked=masked))
        except StopIteration as end:
            return _accepted(end.value)
        finally:
            conversation.close()

    def _ask(self, request: HttpRequest, timeout: float) -> HttpResponse:
        try:
            if self._plain and is_plain(request):
                return self._bare.ask(request, timeout)
            return self._sessions.ask(request, timeout)
        except Exception as error:
            raise translated(error, request) from error


def _accepted(value: object) -> Accepted:
    """What a conversation returned; raises TypeError for what no dialect may return, whose outcome is then unknown."""
    if isinstance(value, Accepted) and isinstance(value.gateway_message_id, str | None):
        return value
    raise TypeError("a dialect's conversation returns an Accepted, whose id is a text or None")
