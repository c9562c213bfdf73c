"""``/receiveSMS`` and ``/receiveSMS/<gateway id>``: where gateways bring texts and delivery reports."""

import logging

from flask import Flask, Response, request

from host.errors import BadCallback, StoreUnavailable
from host.gateways.base import Gateway
from host.messages import HttpRequest, plain
from host.receiving import RECEIVE, accept, gateway_for
from host.runtime import Runtime
from host.web.guard import admitted, answer, unavailable, unreadable

log = logging.getLogger(__name__)

_METHODS = ["GET", "POST"]


def open_door(app: Flask, runtime: Runtime) -> None:
    """Add the two routes."""

    def receive(gateway_id: str | None = None) -> Response:
        if request.method not in _METHODS:  # Flask would answer HEAD as a GET, and a HEAD must not text anybody
            return answer(plain(405, "Method Not Allowed", {"Allow": ", ".join(_METHODS)}))
        value, _ = admitted()
        try:
            gateway = gateway_for(runtime, value, gateway_id)
        except BadCallback as error:
            return unreadable(value, error)
        return _receive(runtime, gateway, value)

    root = runtime.configuration.settings.context_root
    for path in (RECEIVE, f"{RECEIVE}/<gateway_id>"):
        app.add_url_rule(root + path, "receive", receive, methods=_METHODS, provide_automatic_options=False)


def _receive(runtime: Runtime, gateway: Gateway, value: HttpRequest) -> Response:
    try:
        events = gateway.read(value)
        accept(runtime, gateway, events)
    except BadCallback as error:
        return unreadable(value, error, gateway.refuse)
    except StoreUnavailable as error:
        log.error("not stored, the gateway keeps it: %s", error)
        return unavailable(gateway.refuse, "the store is unavailable, send it again\n")
    return answer(gateway.acknowledge(events))
