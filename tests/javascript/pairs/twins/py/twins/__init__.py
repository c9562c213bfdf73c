"""Several handlers of one text, of which some raise: the others count, and are not repeated."""

from host.wl import WL

PLACE = "twins.place"
seen = {}


class Error(Exception):
    pass


def good(event):
    say(event, "good")


def bad(event):
    say(event, "never said")
    raise Error("no " + event["text"])


def twin(event):
    say(event, "twin")


def once(event):
    say(event, "once")
    seen[event["from"]] = seen.get(event["from"], 0) + 1
    if seen[event["from"]] == 1:
        raise Error("the first time")


def say(event, text):
    device = WL.Server.subscribeSMS(PLACE, event["from"], "web")
    WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification(text))


WL.Server.createEventSource({"name": "place"})
WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"keyword": "hello"}, bad),
        WL.Server.createSMSEventHandler({"keyword": "hello"}, good),
        WL.Server.createSMSEventHandler({"keyword": "hello"}, twin),
        WL.Server.createSMSEventHandler({"keyword": "hello"}, twin),
        WL.Server.createSMSEventHandler({"keyword": "once"}, once),
        WL.Server.createSMSEventHandler({"keyword": "once"}, good),
    ]
)
