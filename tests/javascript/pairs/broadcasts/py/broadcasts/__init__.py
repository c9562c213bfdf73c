"""Announcements to all, each once where it has a key."""

from host.wl import WL

OFFERS = "broadcasts.offers"


def sub(event):
    WL.Server.subscribeSMS(OFFERS, event["from"], event["gateway"])


def daily():
    WL.Server.notifyEventSource(OFFERS, WL.Server.createDefaultNotification("the daily offer"), "daily")


def shout(event):
    WL.Logger.info(WL.Server.notifyEventSource(OFFERS, WL.Server.createDefaultNotification("to all"), None))


def mixed(event):
    device = WL.Server.getSMSSubscription(OFFERS, event["from"])
    announce("first")
    WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification("second"))
    announce("third", "key")
    announce("third again", "key")


def announce(text, key=None, source=OFFERS):
    return {"wait": WL.Server.notifyEventSource(source, {"SMS": {"text": text}}, key)}


WL.Server.createEventSource({"name": "offers", "poll": {"interval": 3600, "onPoll": daily}})
WL.Server.setEventHandlers(
    [WL.Server.createSMSEventHandler({"keyword": each.__name__}, each) for each in (sub, shout, mixed)]
)
