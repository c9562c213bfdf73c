"""Subscribes whoever texts, and sends one reply that contains the text; ``slow`` takes ``faults.slowSeconds`` to it."""

import threading

from host.wl import WL, SMSEvent

PHONES = "echo.phones"
SLOW_SECONDS = float(WL.Server.configuration.get("faults.slowSeconds", "0"))


def reply(event: SMSEvent) -> None:
    subscription = WL.Server.subscribeSMS(PHONES, event["from"], event["gateway"])
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(f"re {event['text']}"))


def reply_slowly(event: SMSEvent) -> None:
    threading.Event().wait(SLOW_SECONDS)
    reply(event)


WL.Server.createEventSource({"name": "phones"})
WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"keyword": "echo"}, reply),
        WL.Server.createSMSEventHandler({"keyword": "slow"}, reply_slowly),
    ]
)
