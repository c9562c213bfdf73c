"""Procedure calls: ``/adapters/<adapter>/<procedure>``, and the classic ``/invoke`` whose answer IBM wrapped.

The guard has judged the call by the procedure's own security test, or by the resource that governs its path.
"""

import json
import logging
import time
from functools import partial
from typing import Any

from flask import Flask, Response, request

from host import overruns
from host.access import judged_path, procedure_path
from host.access.calls import INVOKE
from host.callers import client_request
from host.config.authconfig import UNPROTECTED
from host.config.manifest import Procedure
from host.errors import BadCallback, Busy, Refused, StoreUnavailable, Unstorable
from host.messages import HttpRequest, HttpResponse, Identity, plain
from host.procedures import failed
from host.runtime import Runtime
from host.sources import call_procedure
from host.web.arguments import arguments_of
from host.web.guard import admitted, answer, unavailable, unreadable
from host.web.rooms import Room

log = logging.getLogger(__name__)
audit = logging.getLogger("smshost.audit")

_SLASH = r"\/"
_METHODS = ["GET", "POST"]
_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def open_door(app: Flask, runtime: Runtime, room: Room) -> None:
    """Add the two routes; ``room`` holds as many calls as may be under way at the same time."""

    def invoke(adapter: str = "", procedure: str = "") -> Response:
        if request.method not in _METHODS:  # Flask would answer HEAD as a GET, and a HEAD must not call anything
            return answer(plain(405, "Method Not Allowed", {"Allow": ", ".join(_METHODS)}))
        value, identity = admitted()
        try:
            return answer(_call(runtime, room, value, identity))
        except Refused as refusal:
            log.warning("refused %.20s %.200a from %s: %s", value.method, value.path, value.peer, refusal)
            return answer(HttpResponse(refusal.status))
        except BadCallback as error:
            if isinstance(error, Busy):
                log.error("no room for %a; under way: %s", judged_path(value), ", ".join(room.inside()))
            return unreadable(value, error)
        except StoreUnavailable as error:
            log.error("what %s did is not stored: %s", judged_path(value), error)
            return unavailable(plain, "the store is unavailable, send it again\n")

    root = runtime.configuration.settings.context_root
    for path in ("/adapters/<adapter>/<procedure>", INVOKE):
        app.add_url_rule(root + path, "invoke", invoke, methods=_METHODS, provide_automatic_options=False)


def _call(runtime: Runtime, room: Room, value: HttpRequest, identity: Identity) -> HttpResponse:
    arguments = arguments_of(value)
    path = judged_path(value)
    _, _, adapter, name = path.split("/")
    with room.place(path, adapter):
        if adapter not in runtime.loaded().by_name:
            return plain(503, "the adapter is not loaded: the host's log says why\n")
        declared = _declared(runtime, adapter, name)
        began = time.monotonic()
        result = _run(runtime, (adapter, name), arguments, value, identity)
        text, succeeded = _as_json(path, result)
    seconds = time.monotonic() - began
    if seconds > runtime.configuration.settings.handling_limit:
        log.error("%s.%s ran for %.1f s, longer than smshost.handling.limitSeconds", adapter, name, seconds)
        overruns.count(runtime, f"{adapter}.{name}")
    if declared.audit:
        _write_down(f"{adapter}.{name}", identity, value.peer, succeeded, seconds)
    return _answer(text, wrapped=value.path == INVOKE)


def _declared(runtime: Runtime, adapter: str, name: str) -> Procedure:
    """The procedure; raises :class:`Refused` where it is not the one that the guard judged.

    Of two folders whose manifests have one name, the first is read and the one that works is loaded.
    """
    path = procedure_path(adapter, name)
    found = runtime.adapters.by_name[adapter].procedures.get(name)
    if found is None or found[0].security_test != runtime.rules.procedures.get(path):
        raise Refused(f"path {path}: the adapter that loaded is not the one whose manifest was read first")
    return found[0]


def _run(
    runtime: Runtime, procedure: tuple[str, str], arguments: list[Any], value: HttpRequest, identity: Identity
) -> dict[str, Any]:
    who = None if identity.realm == UNPROTECTED else identity
    asked = partial(client_request, value)
    try:
        return call_procedure(runtime, *procedure, arguments, identity=who, request=asked)
    except Unstorable as error:
        log.error("what %s.%s did cannot be stored: %s", *procedure, error)
        return failed("what the procedure did cannot be stored, and does not count: the host's log says why")


def _as_json(path: str, result: dict[str, Any]) -> tuple[str, bool]:
    """The result, and whether it says that the procedure succeeded."""
    try:
        return json.dumps(result, allow_nan=False), bool(result.get("isSuccessful"))
    except (TypeError, ValueError, RecursionError) as error:
        log.error("%s ran, and what it did counts; its result is no JSON: %s", path, error)
        why = f"the procedure ran, and what it did counts; its result is no JSON: {error}"
        return json.dumps(failed(why)), False


def _answer(text: str, wrapped: bool) -> HttpResponse:
    if wrapped:  # no string in it may end the comment
        text = f"/*-secure-\n{text.replace('/', _SLASH)}*/"
    return HttpResponse(200, _HEADERS, text.encode())


def _write_down(procedure: str, identity: Identity, peer: str, succeeded: bool, seconds: float) -> None:
    said = f"{procedure} user={identity.user!a} realm={identity.realm!a} peer={peer}"
    audit.info("%s isSuccessful=%s milliseconds=%.0f", said, str(succeeded).lower(), seconds * 1000)
