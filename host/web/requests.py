"""Flask's request as the host's own value, with the body read within bounds and known to be whole."""

import os
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Request

from host.access.peer import client_address
from host.config.settings import Settings
from host.errors import BadCallback, LengthRequired, TooLarge
from host.messages import HttpRequest
from host.parameters import delimits_itself

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_APART = (("content-type", "CONTENT_TYPE"), ("content-length", "CONTENT_LENGTH"))
_SURROUNDINGS = {name: value for name, value in os.environ.items() if name[:5] == "HTTP_"}  # HTTP_PROXY with a password
_PATH = "/!$&'()*+,;=:@"  # what a path may hold as it is, RFC 3986


def head_of(request: Request, settings: Settings) -> HttpRequest:
    """The request without its body, which may still be on its way."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    peer = client_address(request.remote_addr or "", forwarded, settings.trusted_proxies)
    return HttpRequest(
        method=request.method,
        url=_public_url(request, settings),
        headers=_headers(request.environ),
        path=request.path.removeprefix(settings.context_root),
        query=request.query_string,
        peer=peer,
    )


def has_body(request: Request) -> bool:
    """Whether the request announces a body."""
    return request.environ.get("CONTENT_LENGTH", "0") not in {"", "0"} or "HTTP_TRANSFER_ENCODING" in request.environ


def _headers(environ: "WSGIEnvironment") -> dict[str, str]:
    """The headers under lower-case names; a server may mix the process's own variables in, which are none of them."""
    found = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name[:5] == "HTTP_" and _SURROUNDINGS.get(name) != value
    }
    for name, key in _APART:
        found.pop(name, None)
        if environ.get(key):
            found[name] = environ[key]
    return found


def with_body(head: HttpRequest, request: Request, settings: Settings) -> tuple[HttpRequest, BadCallback | None]:
    """The whole request, and what is wrong with its body (then given without one), to be said to who is admitted."""
    try:
        return replace(head, body=_body(request, settings.max_body_bytes)), None
    except BadCallback as trouble:
        return head, trouble


def _body(request: Request, most: int) -> bytes:
    """The body; a torn one must not be taken for a whole text.

    Servers end a chunked body silently where the connection breaks, so only bodies that delimit themselves may be
    chunked.
    """
    length = request.content_length
    if length is None:
        if "Transfer-Encoding" not in request.headers:
            return b""
        if not delimits_itself(request.content_type or ""):
            raise LengthRequired
    elif length > most:
        raise TooLarge(f"the body has {length} bytes: at most {most} are accepted")
    body = request.stream.read(most + 1)
    if len(body) > most:
        raise TooLarge(f"the body has more than {most} bytes")
    if length is None and not body:
        raise BadCallback("the chunked body is empty, or its chunks are broken")  # the server does not tell which
    if length is not None and len(body) != length:
        raise BadCallback(f"the body ends after {len(body)} of {length} bytes")
    return body


def _public_url(request: Request, settings: Settings) -> str:
    """The URL as the public sees it: from the configuration where it says so, because headers can be forged."""
    query = request.query_string.decode("latin-1")
    path = _quoted(f"{request.root_path.rstrip('/')}{request.path}") + (f"?{query}" if query else "")
    base = settings.public_base or f"{request.scheme}://{request.headers.get('Host', '')}"
    return f"{base}{path}"


@lru_cache(1024)
def _quoted(path: str) -> str:
    return quote(path, safe=_PATH)
