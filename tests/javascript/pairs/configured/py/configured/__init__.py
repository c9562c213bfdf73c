"""What worklight.properties says decides what the adapter listens to and says."""

from host.wl import WL

CONFIGURATION = WL.Server.configuration


def join(event):
    device = WL.Server.subscribeSMS("configured.list", event["from"], CONFIGURATION["my.gateway"])
    WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification(WL.Server.configuration["my.words"]))


def read(key):
    return {"value": WL.Server.configuration.get(key), "known": key in WL.Server.configuration}


def count():
    return {"count": len([key for key in WL.Server.configuration if key.startswith("my.")])}


WL.Server.createEventSource({"name": "list"})
WL.Server.setEventHandlers(
    [WL.Server.createSMSEventHandler({"keyword": CONFIGURATION["my.word"]}, join, CONFIGURATION["my.gateway"])]
)
