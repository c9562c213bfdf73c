"""Texts back whatever it is texted, and writes down what it saw in the file `echo.seen`: a JSON line for each text."""

import json
from pathlib import Path

from host.wl import WL, SMSEvent

SEEN = Path(WL.Server.configuration["echo.seen"])
PHONES = "echo.phones"


def echo(event: SMSEvent) -> None:
    """Answer the phone with its own text."""
    with SEEN.open("a", encoding="utf-8") as seen:
        seen.write(json.dumps([event["from"], event.text]) + "\n")
    subscription = WL.Server.subscribeSMS(PHONES, event["from"], event["gateway"])
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(event.text))


WL.Server.createEventSource({"name": "phones"})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({}, echo)])
