"""The guard before every route: below the context root nobody passes without being admitted, whatever the method."""

import logging
from typing import cast

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from host import access
from host.errors import BadCallback, Refused
from host.messages import HttpRequest, HttpResponse, Identity, plain
from host.runtime import Runtime
from host.web.requests import value_of

log = logging.getLogger(__name__)


def post(app: Flask, runtime: Runtime) -> None:
    """Post the guard: it runs before routing can answer anything, OPTIONS and unknown methods included."""
    settings = runtime.configuration.settings

    @app.before_request
    def admit() -> Response | None:
        if not request.path.startswith(f"{settings.context_root}/"):
            return None
        value, error = value_of(request, settings)
        try:
            identity = access.admit(runtime.rules, value)
        except Refused as refusal:
            log.warning("refused %s %s from %s: %s", value.method, value.path, value.peer, refusal)
            return answer(HttpResponse(refusal.status, _challenge(refusal)))
        if error is not None:
            return unreadable(value, error)
        g.smshost = (value, identity)
        return None

    @app.errorhandler(HTTPException)
    def in_plain_text(error: HTTPException) -> Response:
        headers = {name: text for name, text in error.get_headers() if name in {"Allow", "Location"}}
        return answer(plain(error.code or 500, error.name, headers))


def admitted() -> tuple[HttpRequest, Identity]:
    """The request that the guard let through, and whose it is."""
    return cast(tuple[HttpRequest, Identity], g.smshost)


def answer(response: HttpResponse) -> Response:
    """The host's answer as Flask's."""
    headers = {"Content-Type": "text/plain; charset=utf-8", **response.headers}
    return Response(response.body, response.status, headers)


def unreadable(value: HttpRequest, error: BadCallback) -> Response:
    """Say, to the caller and in the log, why a request could not be read."""
    log.warning("unreadable %s %s from %s: %s", value.method, value.path, value.peer, error)
    return answer(plain(error.status, f"{error}\n"))


def _challenge(refusal: Refused) -> dict[str, str]:
    return {"WWW-Authenticate": refusal.challenge} if refusal.challenge else {}
