"""The loopback phone of development mode: prints the texts that a phone would receive."""

import hmac

import click
from flask import Flask, Response, request

from host.messages import plain
from host.web.guard import answer

PATH = "dev/phone"


def open_door(app: Flask, credential: str) -> None:
    """Add the route that development mode's gateways send to; it knows its own host by the credential."""

    @app.post(f"/{PATH}")
    def phone() -> Response:
        given = request.form.get("credential", "")
        if not hmac.compare_digest(given.encode(), credential.encode()):
            return answer(plain(403))
        click.echo(f"{request.form.get('to', '')} < {request.form.get('text', '')}")
        return answer(plain(200))
