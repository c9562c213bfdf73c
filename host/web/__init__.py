"""The doors: Flask lives here and in :mod:`host.app`, and nowhere below."""

from flask import Flask

from host.runtime import Runtime
from host.web import guard, health, invoke, login, receive, subscribe, ussd
from host.web.rooms import Rooms


def open_doors(app: Flask, runtime: Runtime) -> None:
    """Give the application its routes, with the guard before all of them."""
    app.url_map.merge_slashes = False  # a path is what it is: no redirect from //receiveSMS
    rooms = Rooms()
    guard.post(app, runtime, rooms)
    health.open_door(app, runtime)
    login.open_door(app, runtime)
    receive.open_door(app, runtime)
    ussd.open_door(app, runtime)
    subscribe.open_door(app, runtime)
    invoke.open_door(app, runtime, rooms.calls)
