"""The guard before every route: below the context root nobody passes without being admitted, whatever the method."""

import logging
from collections.abc import Callable
from typing import cast

from flask import Flask, Request, Response, g, request
from werkzeug.exceptions import HTTPException

from host import access
from host.access.calls import is_call
from host.access.peer import neighbourhood
from host.config.authconfig import UNPROTECTED
from host.errors import BadCallback, Refused
from host.messages import HttpRequest, HttpResponse, Identity, plain
from host.runtime import Runtime
from host.web.requests import has_body, head_of, with_body
from host.web.rooms import Rooms

log = logging.getLogger(__name__)

_NOT_FOUND = 404
_UNAVAILABLE = 503
_RETRY_SECONDS = "5"


def post(app: Flask, runtime: Runtime, rooms: Rooms) -> None:
    """Post the guard: it runs before routing can answer anything, OPTIONS and unknown methods included."""
    settings = runtime.configuration.settings
    root = f"{settings.context_root}/"

    @app.before_request
    def admit() -> Response | None:
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # a proxy looks it up at every use
        if not asked.path.startswith(root):
            return None
        value = head_of(asked, settings)
        try:
            _refuse_other_sites(value)
            known = access.knock(runtime.rules, value)
            trouble = None
            if has_body(asked):
                with rooms.known.place() if known else rooms.strangers.place(guest=neighbourhood(value.peer)):
                    value, trouble = with_body(value, asked, settings)
            identity = known or access.admit(runtime.rules, value)
            if trouble is not None:
                return unreadable(value, trouble)
            g.smshost = (access.without_credentials(runtime.rules, value), identity)
        except Refused as refusal:
            return refused(value, refusal)
        except BadCallback as error:
            return unreadable(value, error)
        return None

    @app.errorhandler(HTTPException)
    def in_plain_text(error: HTTPException) -> Response:
        if error.code == _NOT_FOUND and "smshost" in g:
            value, _ = admitted()
            nothing_at(value)
        headers = {name: text for name, text in error.get_headers() if name in {"Allow", "Location"}}
        return answer(plain(error.code or 500, error.name, headers))


def _refuse_other_sites(value: HttpRequest) -> None:
    """A browser says so of what another site's page makes it send; gateways and back ends say nothing.

    Raises :class:`Refused`.
    """
    site = value.headers.get("sec-fetch-site", "").strip().lower()
    if site == "cross-site" and (is_call(value.path) or value.path == access.LOGIN):
        raise Refused("a page of another site makes this request (Sec-Fetch-Site: cross-site)")


def refused(value: HttpRequest, refusal: Refused) -> Response:
    """Say why in the log, and to the caller only how to do better."""
    log.warning("refused %.20s %.200a from %s: %s", value.method, value.path, value.peer, refusal)
    return answer(HttpResponse(refusal.status, _challenge(refusal)))


def nothing_at(value: HttpRequest) -> None:
    """Tell the log of a request, admitted, for what there is not: a gateway's address may have a slash too many."""
    log.warning("nothing is at %.200a: 404 to %.20s from %s", value.path, value.method, value.peer)


def admitted() -> tuple[HttpRequest, Identity]:
    """The request that the guard let through, without its credentials, and whose it is."""
    return cast(tuple[HttpRequest, Identity], g.smshost)


def caller(identity: Identity) -> Identity | None:
    """Whose call it is, as adapters see it: None where nobody was asked who he is."""
    return None if identity.realm == UNPROTECTED else identity


def answer(response: HttpResponse) -> Response:
    """The host's answer as Flask's."""
    headers = {"Content-Type": "text/plain; charset=utf-8", **response.headers}
    return Response(response.body, response.status, headers)


def unreadable(value: HttpRequest, error: BadCallback, refuse: Callable[[int, str], HttpResponse] = plain) -> Response:
    """Say, to the caller and in the log, why a request could not be read; ``refuse`` words it for a gateway."""
    log.warning("unreadable %.20s %.200a from %s: %s", value.method, value.path, value.peer, error)
    return (
        unavailable(refuse, f"{error}\n")
        if error.status == _UNAVAILABLE
        else answer(refuse(error.status, f"{error}\n"))
    )


def unavailable(refuse: Callable[[int, str], HttpResponse], reason: str) -> Response:
    """503, with the time after which to send it again."""
    response = answer(refuse(_UNAVAILABLE, reason))
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _challenge(refusal: Refused) -> dict[str, str]:
    return {"WWW-Authenticate": refusal.challenge} if refusal.challenge else {}
