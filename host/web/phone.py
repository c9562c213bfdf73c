"""The loopback phone of development mode: prints the texts that a phone would receive."""

import hmac
from collections.abc import Callable

import click
from flask import Flask, Response, request

from host.messages import plain
from host.showing import shown
from host.web.guard import answer

PATH = "dev/phone"


Show = Callable[[str, str], None]


def echo(number: str, text: str) -> None:
    """Print what a phone received."""
    click.echo(f"{shown(number)} < {shown(text)}")


def open_door(app: Flask, credential: str, show: Show) -> None:
    """Add the route that development mode's gateways send to; it knows its own host by the credential."""

    @app.post(f"/{PATH}")
    def phone() -> Response:
        given = request.form.get("credential", "")
        if not hmac.compare_digest(given.encode(), credential.encode()):
            return answer(plain(403))
        show(request.form.get("to", ""), request.form.get("text", ""))
        return answer(plain(200))
