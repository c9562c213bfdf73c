"""Handlers, and a filter, that end the process they run in, one keyword each; ``witness`` sees those texts and works."""

import ctypes
import os
import signal

from host.wl import WL, SMSEvent

PHONES = "deadly.phones"


def leave(event: SMSEvent) -> None:
    os._exit(3)


def kill(event: SMSEvent) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash(event: SMSEvent) -> None:
    ctypes.string_at(0)


def choose(text: str) -> bool:
    if text.startswith("choose"):
        os._exit(4)
    return False


def witness(event: SMSEvent) -> None:
    subscription = WL.Server.subscribeSMS(PHONES, event["from"], event["gateway"])
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(f"saw {event['text']}"))


WL.Server.createEventSource({"name": "phones"})
WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"keyword": "leave"}, leave),
        WL.Server.createSMSEventHandler({"keyword": "kill"}, kill),
        WL.Server.createSMSEventHandler({"keyword": "crash"}, crash),
        WL.Server.createSMSEventHandler({"keyword": ["leave", "kill", "crash"]}, witness),
        WL.Server.createSMSEventHandler({"text": choose}, witness),
    ]
)
