"""The guard before every route: below the context root nobody passes without being admitted, whatever the method."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, Request, Response, g, request
from werkzeug.exceptions import HTTPException

from host import access
from host.errors import BadCallback, Busy, Refused
from host.messages import HttpRequest, HttpResponse, Identity, plain
from host.runtime import Runtime
from host.web.requests import has_body, head_of, with_body

log = logging.getLogger(__name__)

_UNAVAILABLE = 503
_RETRY_SECONDS = "5"
_KNOWN, _STRANGERS = 40, 12  # of the 64 threads of `smshost serve`
_PATIENCE_SECONDS = 1.0


def post(app: Flask, runtime: Runtime) -> None:
    """Post the guard: it runs before routing can answer anything, OPTIONS and unknown methods included."""
    settings = runtime.configuration.settings
    rooms = _Rooms()
    root = f"{settings.context_root}/"

    @app.before_request
    def admit() -> Response | None:
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # a proxy looks it up at every use
        if not asked.path.startswith(root):
            return None
        value = head_of(asked, settings)
        try:
            known = access.knock(runtime.rules, value)
            trouble = None
            if has_body(asked):
                with rooms.place(known is not None):
                    value, trouble = with_body(value, asked, settings)
            identity = known or access.admit(runtime.rules, value)
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


class _Rooms:
    """How many threads may wait for bodies: servers set no limit to how slowly a body comes.

    Callers who are known have a room of their own, and neither room takes every thread.
    """

    def __init__(self) -> None:
        self._known = threading.Semaphore(_KNOWN)
        self._strangers = threading.Semaphore(_STRANGERS)

    @contextmanager
    def place(self, known: bool) -> Iterator[None]:
        """A place in the room; raises :class:`Busy` where none comes free."""
        room = self._known if known else self._strangers
        if not room.acquire(timeout=_PATIENCE_SECONDS):
            raise Busy
        try:
            yield
        finally:
            room.release()


def _challenge(refusal: Refused) -> dict[str, str]:
    return {"WWW-Authenticate": refusal.challenge} if refusal.challenge else {}
