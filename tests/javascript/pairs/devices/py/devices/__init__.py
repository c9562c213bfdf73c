"""A user's phones: all of them, one of them, and those that a message names."""

from host.wl import WL

LIST = "devices.list"


def sub(event):
    WL.Server.subscribeSMS(LIST, event["from"], "web")


def everyone(event):
    user = WL.Server.getUserNotificationSubscription(LIST, event["from"])
    if user is None:
        WL.Logger.warn("nobody")
        return
    WL.Logger.info([WL.Server.notifyAllDevices(user, text("to all")), user.getDeviceSubscriptions()])


def one(event):
    user = WL.Server.getUserNotificationSubscription(LIST, event["from"])
    token = user.getDeviceSubscriptions()[0].token
    WL.Logger.info([token, WL.Server.notifyDevice(user, token, text("to one"))])


def wrong(event):
    user = WL.Server.getUserNotificationSubscription(LIST, event["from"])
    WL.Logger.info(WL.Server.notifyDevice(user, "+15559999", text("to none")))


def message(event):
    sent = {"message": {"alert": "a message"}, "target": {"deviceIds": ["+15550001", "+15550002", "+15559999"]}}
    WL.Logger.info(WL.Server.sendMessage("app", sent))
    WL.Logger.info(
        WL.Server.sendMessage("app", {"message": {"alert": "for users"}, "target": {"userIds": [event["from"]]}})
    )


def odd(event):
    WL.Server.sendMessage("app", {"message": {"alert": "a message"}, "target": {"tagNames": ["x"]}})


def hand(event):
    device = WL.Server.getSMSSubscription(LIST, event["from"])
    WL.Server.submitNotification(device, {"SMS": {"text": "by hand"}})
    WL.Server.notifyDeviceSubscription(device, {"alert": "the old form"})
    notification = text("first words")
    notification["SMS"]["text"] = "other words " + "x" * 200
    notification["MPNS"]["toast"] = {}
    WL.Server.notifyDeviceSubscription(device, notification)


def text(words):
    return WL.Server.createDefaultNotification(words, 1, {"a": 1})


WL.Server.createEventSource({"name": "list"})
WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"keyword": keyword}, function, "web")
        for keyword, function in {
            "sub": sub,
            "all": everyone,
            "one": one,
            "wrong": wrong,
            "message": message,
            "odd": odd,
            "hand": hand,
        }.items()
    ]
)
