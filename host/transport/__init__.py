"""The only place that speaks HTTP to gateways: kept-alive connections, time limits, a size cap, no redirects.

It drives a dialect's conversation and keeps what was said and heard, with secrets masked.
"""

import logging
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field

from host.errors import GiveUp, OutcomeUnknown, SendError
from host.gateways.base import Gateway
from host.messages import Accepted, HttpRequest, HttpResponse, Part
from host.transport.bare import BareConnection, is_plain
from host.transport.masking import Masking
from host.transport.meaning import translated
from host.transport.sessions import Sessions

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
    """HTTP for every sending thread; ``proxies`` as requests takes them, from ``push.sms.proxy.*``."""

    def __init__(self, proxies: Mapping[str, str] | None = None) -> None:
        self._proxies = dict(proxies or {})
        self._local = threading.local()
        self._maskings: dict[Gateway, Masking] = {}

    def offer(self, gateway: Gateway, part: Part) -> Exchange:
        """Hold the dialect's conversation about one part; gives what it raised, a dialect's own mistakes too."""
        exchange = Exchange()
        masking = self._masking(gateway)
        try:
            exchange.accepted = self._converse(gateway, part, exchange, masking)
        except SendError as error:
            error.args = (masking.hidden(str(error)),)
            exchange.error = error
        except Exception as error:  # noqa: BLE001 - whatever a dialect raises, the text must not stay SENDING
            log.error("%s: its dialect failed\n%s", gateway.id, masking.hidden(traceback.format_exc()))
            what = OutcomeUnknown if exchange.lines else GiveUp
            exchange.error = what(f"the dialect failed, its traceback is in the log: {type(error).__name__}")
        return exchange

    def _converse(self, gateway: Gateway, part: Part, exchange: Exchange, masking: Masking) -> Accepted:
        conversation = gateway.send(part)
        try:
            request = next(conversation)
            while True:
                exchange.lines.append(f"said {masking.request(request)}")
                response = self._ask(request, gateway.config.timeout)
                exchange.lines.append(f"heard {response.status} {masking.start(response.text)}")
                request = conversation.send(response)
        except StopIteration as end:
            accepted: Accepted = end.value
            return accepted
        finally:
            conversation.close()

    def _ask(self, request: HttpRequest, timeout: float) -> HttpResponse:
        try:
            if not self._proxies and is_plain(request.url):
                return self._bare().ask(request, timeout)
            return self._sessions().ask(request, timeout)
        except SendError:
            raise
        except Exception as error:
            raise translated(error, request) from error

    def _bare(self) -> BareConnection:
        connection: BareConnection | None = getattr(self._local, "bare", None)
        if connection is None:
            connection = self._local.bare = BareConnection()
        return connection

    def _sessions(self) -> Sessions:
        sessions: Sessions | None = getattr(self._local, "sessions", None)
        if sessions is None:
            sessions = self._local.sessions = Sessions(self._proxies)
        return sessions

    def _masking(self, gateway: Gateway) -> Masking:
        masking = self._maskings.get(gateway)
        if masking is None:
            masking = self._maskings[gateway] = Masking(gateway)
        return masking
