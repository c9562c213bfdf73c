"""Hears nothing: texts come, and no handler is for them."""

from host.wl import WL

WL.Server.setEventHandlers([])
