"""Tells everybody who is subscribed, whenever somebody texts ``announce``."""

from host.wl import WL, SMSEvent

PHONES = "crowd.phones"


def announce(event: SMSEvent) -> None:
    WL.Server.notifyEventSource(PHONES, WL.Server.createDefaultNotification(event["text"]))


WL.Server.createEventSource({"name": "phones"})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": "announce"}, announce)])
