"""``/receiveSMS`` and ``/receiveSMS/<gateway id>``: where gateways bring texts and delivery reports, and fetch texts.

What follows the gateway id in the path is the dialect's to read.
"""

import logging
from collections.abc import Iterator

from flask import Flask, Response, request

from host import answering
from host.errors import BadCallback, NotFound, StoreUnavailable
from host.gateways.base import Gateway
from host.gateways.pull import PullGateway
from host.handing import Answer, heed
from host.handing import answer as answer_asked
from host.messages import HttpRequest, plain
from host.receiving import RECEIVE, accept, gateway_for
from host.runtime import Runtime
from host.web.guard import admitted, answer, nothing_at, unavailable, unreadable

log = logging.getLogger(__name__)

_METHODS = ["GET", "POST"]


def open_door(app: Flask, runtime: Runtime) -> None:
    """Add the routes."""

    def receive(gateway_id: str | None = None, rest: str = "") -> Response:
        own = runtime.gateways.get(gateway_id or "")
        methods = [*_METHODS, "PUT"] if own and own.puts else _METHODS
        if request.method not in methods:  # Flask would answer HEAD as a GET, and a HEAD must not text anybody
            return answer(plain(405, "Method Not Allowed", {"Allow": ", ".join(methods)}))
        value, _ = admitted()
        try:
            gateway = gateway_for(runtime, value, gateway_id, rest)
        except NotFound:
            nothing_at(value)
            return answer(plain(404, "Not Found"))
        except BadCallback as error:
            return unreadable(value, error)
        return _receive(runtime, gateway, value)

    root = runtime.configuration.settings.context_root
    puts = any(gateway.puts for gateway in runtime.gateways.values())
    for path in (RECEIVE, f"{RECEIVE}/<gateway_id>", f"{RECEIVE}/<gateway_id>/<path:rest>"):
        methods = [*_METHODS, "PUT"] if puts else _METHODS
        app.add_url_rule(root + path, "receive", receive, methods=methods, provide_automatic_options=False)


def _receive(runtime: Runtime, gateway: Gateway, value: HttpRequest) -> Response:
    try:
        if isinstance(gateway, PullGateway):
            if (asked := gateway.asked(value)) is not None:
                return _handed(answer_asked(runtime, gateway, asked, value))
            events = gateway.read(value)
            heed(runtime, gateway, events)
        else:
            events = gateway.read(value)
        if gateway.config.reply == "answer":
            return _handed(answering.answer(runtime, gateway, events))
        accept(runtime, gateway, events)
    except BadCallback as error:
        return unreadable(value, error, gateway.refuse)
    except StoreUnavailable as error:
        log.error("not stored, the gateway keeps it: %s", error)
        return unavailable(gateway.refuse, "the store is unavailable, send it again\n")
    return answer(gateway.acknowledge(events))


def _handed(given: Answer) -> Response:
    """The answer, followed by what is to be done once the server has taken all of it: not where it was cut off."""

    def body() -> Iterator[bytes]:
        yield given.response.body
        given.after()

    response = answer(given.response)
    response.headers["Content-Length"] = str(len(given.response.body))
    response.response = body()
    return response
