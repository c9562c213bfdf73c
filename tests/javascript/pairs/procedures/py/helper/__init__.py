"""Procedures that another adapter calls."""

from host.wl import WL


class Error(Exception):
    pass


def double(number):
    return number * 2


def fails(phone):
    WL.Server.subscribeSMS("procedures.place", phone, "web")
    WL.Logger.warn("about to fail")
    raise Error("failed for " + phone)


def callsBack(depth):
    if depth == 0:
        return {"depth": 0}
    options = {"adapter": "procedures", "procedure": "nested", "parameters": [depth - 1]}
    return {"depth": depth, "inner": WL.Server.invokeProcedure(options)}


def nothing():
    pass


def some():
    return [1, "two", None]


def refuses():
    return {"isSuccessful": False, "errors": ["its own word"], "more": 1}


def hidden():
    return {"hidden": True}
