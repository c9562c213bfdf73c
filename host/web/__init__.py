"""The doors: Flask lives here and in :mod:`host.app`, and nowhere below."""

from flask import Flask

from host.runtime import Runtime
from host.web import guard, health, receive


def open_doors(app: Flask, runtime: Runtime) -> None:
    """Give the application its routes, with the guard before all of them."""
    app.url_map.merge_slashes = False  # a path is what it is: no redirect from //receiveSMS
    guard.post(app, runtime)
    health.open_door(app, runtime)
    receive.open_door(app, runtime)
