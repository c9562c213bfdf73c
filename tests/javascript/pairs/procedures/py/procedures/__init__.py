"""Procedures called by name: results, failures that leave nothing, calls within calls."""

from host.wl import WL

PLACE = "procedures.place"


def ask(procedure, parameters, adapter="helper"):
    return WL.Server.invokeProcedure({"adapter": adapter, "procedure": procedure, "parameters": parameters})


def nested(depth):
    if depth == 0:
        return {"depth": 0}
    return {"depth": depth, "inner": ask("callsBack", [depth - 1])}


def odd():
    return WL.Server.invokeProcedure({"procedure": "double"})


def both(event):
    device = WL.Server.subscribeSMS(PLACE, event["from"], "web")
    failed = ask("fails", ["+15557777"])
    text = failed["errors"][0] + " / " + str(ask("double", [4])["result"])
    WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification(text))


def uncaught(event):
    WL.Server.subscribeSMS(PLACE, event["from"], "web")
    ask("hidden", [])


WL.Server.createEventSource({"name": "place"})
WL.Server.setEventHandlers(
    [WL.Server.createSMSEventHandler({"keyword": each.__name__}, each) for each in (both, uncaught)]
)
