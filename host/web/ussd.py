"""``/ussd`` and everything below it: where gateways bring a phone's menu choices, and wait for what it shows next."""

import logging

from flask import Flask, Response, request

from host import ussd
from host.errors import BadCallback, StoreUnavailable
from host.messages import plain
from host.runtime import Runtime
from host.web.guard import admitted, answer, caller, unavailable, unreadable

log = logging.getLogger(__name__)

_METHODS = ["GET", "POST"]


def open_door(app: Flask, runtime: Runtime) -> None:
    """Add the two routes."""

    def menu(path: str = "") -> Response:
        if request.method not in _METHODS:  # Flask would answer HEAD as a GET
            return answer(plain(405, "Method Not Allowed", {"Allow": ", ".join(_METHODS)}))
        value, identity = admitted()
        try:
            return answer(ussd.answer(runtime, value, caller(identity)))
        except BadCallback as error:
            return unreadable(value, error)
        except StoreUnavailable as error:
            log.error("a USSD request is not answered: %s", error)
            return unavailable(plain, "the store is unavailable, send it again\n")

    root = runtime.configuration.settings.context_root
    for rule in (ussd.USSD, f"{ussd.USSD}/<path:path>"):
        app.add_url_rule(root + rule, "ussd", menu, methods=_METHODS, provide_automatic_options=False)
