"""Subscribes whoever texts, and sends one reply that contains the text.

``slow`` takes ``faults.slowSeconds`` over it; loading the adapter takes ``faults.loadSeconds``.
"""

import threading

from host.wl import WL, SMSEvent

PHONES = "echo.phones"
SLOW_SECONDS = float(WL.Server.configuration.get("faults.slowSeconds", "0"))
LOAD_SECONDS = float(WL.Server.configuration.get("faults.loadSeconds", "0"))


def reply(event: SMSEvent) -> None:
    subscription = WL.Server.subscribeSMS(PHONES, event["from"], event["gateway"])
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(f"re {event['text']}"))


def reply_slowly(event: SMSEvent) -> None:
    WL.Logger.info(f"slowly {event['text']}")
    threading.Event().wait(SLOW_SECONDS)
    reply(event)


if LOAD_SECONDS:
    WL.Logger.info("loading")
    threading.Event().wait(LOAD_SECONDS)
WL.Server.createEventSource({"name": "phones"})
WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"keyword": "echo"}, reply),
        WL.Server.createSMSEventHandler({"keyword": "slow"}, reply_slowly),
    ]
)
