"""``/j_security_check``: logging in by a form; there is a realm to log in to where the guard lets anybody come here."""

import logging

from flask import Flask, Response, request

from host import access
from host.errors import BadCallback, Refused
from host.messages import plain
from host.runtime import Runtime
from host.web.guard import admitted, answer, refused, unreadable

log = logging.getLogger(__name__)


def open_door(app: Flask, runtime: Runtime) -> None:
    """Add the route; it never redirects."""

    def log_in() -> Response:
        if request.method != "POST":
            return answer(plain(405, "Method Not Allowed", {"Allow": "POST"}))
        value, _ = admitted()
        try:
            logged_in = access.log_in(runtime.rules, value)
        except BadCallback as error:
            return unreadable(value, error)
        except Refused as refusal:
            return refused(value, refusal)
        headers = {"Set-Cookie": logged_in.cookie, "Cache-Control": "no-store"}
        return answer(plain(200, "logged in\n", headers))

    path = runtime.configuration.settings.context_root + access.LOGIN
    app.add_url_rule(path, "login", log_in, methods=["POST"], provide_automatic_options=False)
