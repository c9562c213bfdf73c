"""Phones come, are found, and go."""

from host.wl import WL, SMSEvent

NEWS = "subscriptions.news"


def sub(event: SMSEvent) -> None:
    found = WL.Server.getSMSSubscription(NEWS, event["from"])
    made = WL.Server.subscribeSMS(NEWS, event["from"], "web")
    WL.Logger.info([found is None, made])
    say(made, "welcome" if found is None else "welcome back")


def unsub(event: SMSEvent) -> None:
    found = WL.Server.getSMSSubscription(NEWS, event["from"])
    if found is not None:
        say(found, "goodbye")
    WL.Server.unsubscribeSMS(NEWS, event["from"])
    WL.Logger.info(WL.Server.getSMSSubscription(NEWS, event["from"]))


def find(event: SMSEvent) -> None:
    found = WL.Server.getSMSSubscription(NEWS, event["from"])
    if found is None:
        WL.Logger.warn("a stranger: " + event["from"])
    else:
        say(
            found,
            f"{found.eventSource} {found.userId} {found.phoneNumber} {found.gatewayId} {found.token} {found.platform}",
        )


def say(device, text):
    WL.Logger.debug(WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification(text)))


def look(phone):
    found = WL.Server.getSMSSubscription(NEWS, phone)
    return {"found": found and found.phoneNumber}


WL.Server.createEventSource({"name": "news"})
WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"keyword": "sub"}, sub, "web"),
        WL.Server.createSMSEventHandler({"keyword": "unsub"}, unsub, "web"),
        WL.Server.createSMSEventHandler({"keyword": "find"}, find, "web"),
    ]
)
