"""``/subscribeSMS``: where web pages and back ends subscribe phones to event sources."""

import logging
from functools import partial

from flask import Flask, Response, request

from host.callers import client_request
from host.enrolling import SUBSCRIBE, enrol
from host.errors import BadCallback, Overdue, StoreUnavailable, told
from host.messages import plain
from host.runtime import Runtime
from host.web.guard import admitted, answer, caller, unavailable, unreadable

log = logging.getLogger(__name__)

_METHODS = ["GET", "POST"]


def open_door(app: Flask, runtime: Runtime) -> None:
    """Add the route."""

    def subscribe() -> Response:
        if request.method not in _METHODS:  # Flask would answer HEAD as a GET, and a HEAD must not subscribe anybody
            return answer(plain(405, "Method Not Allowed", {"Allow": ", ".join(_METHODS)}))
        value, identity = admitted()
        try:
            enrol(runtime, value.parameters, identity=caller(identity), request=partial(client_request, value))
        except BadCallback as error:
            return unreadable(value, error)
        except StoreUnavailable as error:
            log.error("a phone is not subscribed: %s", error)
            return unavailable(plain, "the store is unavailable, send it again\n")
        except Overdue:
            log.error("a phone is not subscribed: adapters take too long")
            return unavailable(plain, "the adapter does not answer, send it again\n")
        except (Exception, SystemExit) as error:  # noqa: BLE001 - an adapter's mistakes, or the store's refusal
            log.error("a phone is not subscribed: the adapter failed\n%s", told(error))
            return answer(plain(500, "the adapter failed\n"))
        return answer(plain())

    path = runtime.configuration.settings.context_root + SUBSCRIBE
    app.add_url_rule(path, "subscribe", subscribe, methods=_METHODS, provide_automatic_options=False)
