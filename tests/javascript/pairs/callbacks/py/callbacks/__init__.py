"""What an event source is told, and what its callbacks do in the same call."""

from host.wl import WL

CLUB = "callbacks.club"


class Error(Exception):
    pass


def sub(event):
    enrol(event["from"])


def unsub(event):
    WL.Server.unsubscribeSMS(CLUB, event["from"])


def move(event):
    WL.Server.unsubscribeSMS(CLUB, event["from"])
    WL.Server.subscribeSMS(CLUB, event["from"], "other")


def enrol(phone):
    WL.Server.subscribeSMS(CLUB, phone, "web")
    return {"phone": phone}


def leave(phone):
    WL.Server.unsubscribeSMS(CLUB, phone)


def came(user):
    WL.Logger.info(["came", user.userId, user.state])
    user.state["greeted"] = True
    user.save()
    if user.userId == "+15550666":
        raise Error("not this one")


def went(user):
    WL.Logger.info(["went", user.userId, user.state, len(user.getDeviceSubscriptions())])


def device(user, phone):
    WL.Logger.info(["device", user.userId, user.state, phone])
    WL.Server.notifyDeviceSubscription(phone, WL.Server.createDefaultNotification("hello " + phone.phoneNumber))


def left(user, phone):
    WL.Logger.info(["left", user.userId, phone.gatewayId, len(user.getDeviceSubscriptions())])


WL.Server.createEventSource(
    {
        "name": "club",
        "onUserSubscribe": "came",
        "onUserUnsubscribe": went,
        "onDeviceSubscribe": device,
        "onDeviceUnsubscribe": "left",
    }
)
WL.Server.setEventHandlers(
    [WL.Server.createSMSEventHandler({"keyword": each.__name__}, each, "web") for each in (sub, unsub, move)]
)
