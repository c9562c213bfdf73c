"""The guard before every route: below the context root nobody passes without being admitted, whatever the method."""

import logging
from collections.abc import Callable
from typing import cast

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from host import access
from host.errors import BadCallback, Refused
from host.messages import HttpRequest, HttpResponse, Identity, plain
from host.runtime import Runtime
from host.web.requests import head_of, with_body

log = logging.getLogger(__name__)


def post(app: Flask, runtime: Runtime) -> None:
    """Post the guard: it runs before routing can answer anything, OPTIONS and unknown methods included."""
    settings = runtime.configuration.settings

    @app.before_request
    def admit() -> Response | None:
        if not request.path.startswith(f"{settings.context_root}/"):
            return None
        value = head_of(request, settings)
        try:
            access.knock(runtime.rules, value)
            value, trouble = with_body(value, request, settings)
            identity = access.admit(runtime.rules, value)
            if trouble is not None:
                return unreadable(value, trouble)
            g.smshost = (access.without_credentials(runtime.rules, value), identity)
        except Refused as refusal:
            log.warning("refused %.20s %.200a from %s: %s", value.method, value.path, value.peer, refusal)
            return answer(HttpResponse(refusal.status, _challenge(refusal)))
        except BadCallback as error:
            return unreadable(value, error)
        return None

    @app.errorhandler(HTTPException)
    def in_plain_text(error: HTTPException) -> Response:
        headers = {name: text for name, text in error.get_headers() if name in {"Allow", "Location"}}
        return answer(plain(error.code or 500, error.name, headers))


def admitted() -> tuple[HttpRequest, Identity]:
    """The request that the guard let through, without its credentials, and whose it is."""
    return cast(tuple[HttpRequest, Identity], g.smshost)


def answer(response: HttpResponse) -> Response:
    """The host's answer as Flask's."""
    headers = {"Content-Type": "text/plain; charset=utf-8", **response.headers}
    return Response(response.body, response.status, headers)


def unreadable(value: HttpRequest, error: BadCallback, refuse: Callable[[int, str], HttpResponse] = plain) -> Response:
    """Say, to the caller and in the log, why a request could not be read; ``refuse`` words it for a gateway."""
    log.warning("unreadable %.20s %.200a from %s: %s", value.method, value.path, value.peer, error)
    return answer(refuse(error.status, f"{error}\n"))


def _challenge(refusal: Refused) -> dict[str, str]:
    return {"WWW-Authenticate": refusal.challenge} if refusal.challenge else {}
