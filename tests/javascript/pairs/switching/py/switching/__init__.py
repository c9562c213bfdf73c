"""Ending and beginning within one call: what it reads is what it did."""

from host.wl import WL

A, B = "switching.a", "switching.b"


def sub(event):
    WL.Server.subscribeSMS(A, event["from"], "web")
    WL.Server.subscribeSMS(B, event["from"], "other")


def switch(event):
    WL.Server.unsubscribeSMS(A, event["from"])
    WL.Logger.info(WL.Server.getSMSSubscription(A, event["from"]))
    made = WL.Server.subscribeSMS(A, event["from"], "other")
    WL.Logger.info([made, WL.Server.getSMSSubscription(A, event["from"])])
    WL.Server.notifyDeviceSubscription(made, WL.Server.createDefaultNotification("moved"))


def inside(event):
    for _ in range(3):
        WL.Server.unsubscribeSMS(B, event["from"])
        WL.Server.subscribeSMS(B, event["from"], "web")


def twice(event):
    first = WL.Server.subscribeSMS(A, event["from"], "web")
    second = WL.Server.subscribeSMS(A, event["from"], "other")
    WL.Logger.info(first.gatewayId == second.gatewayId)


def leave(event):
    device = WL.Server.getSMSSubscription(A, event["from"])
    WL.Server.unsubscribeSMS(A, event["from"])
    WL.Server.unsubscribeSMS(A, event["from"])
    WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification("a last word"))


def everything(event):
    sub(event)
    user = WL.Server.getUserNotificationSubscription(A, event["from"])
    user.state["x"] = 1
    user.save()
    WL.Server.unsubscribeSMS(A, event["from"])
    WL.Logger.info([WL.Server.getUserNotificationSubscription(A, event["from"]), user.getDeviceSubscriptions()])
    WL.Server.subscribeSMS(A, event["from"], "web")
    WL.Logger.info(WL.Server.getUserNotificationSubscription(A, event["from"]).state)


for name in ("a", "b"):
    WL.Server.createEventSource({"name": name})
WL.Server.setEventHandlers([])
WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"keyword": each.__name__}, each, "web")
        for each in (sub, switch, inside, twice, leave, everything)
    ]
)
