"""Subscribes whoever texts ``echo`` where it is not subscribed yet, and sends one reply that contains the text."""

from host.wl import WL, SMSEvent

PHONES = "echo.phones"


def reply(event: SMSEvent) -> None:
    subscription = WL.Server.subscribeSMS(PHONES, event["from"], event["gateway"])
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(f"re {event['text']}"))


WL.Server.createEventSource({"name": "phones"})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": "echo"}, reply)])
