"""Handlers that fail in the ways that handlers fail, one keyword each; ``witness`` sees all of those texts and works."""

import asyncio
import sys
from datetime import UTC, datetime

from host.wl import WL, SMSEvent

PHONES = "trouble.phones"
KEYWORDS = ("raise", "exit", "cancel", "once", "unstorable", "surrogate", "prompt")

_seen: set[str] = set()


def answer(event: SMSEvent, text: str) -> None:
    subscription = WL.Server.subscribeSMS(PHONES, event["from"], event["gateway"])
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(text))


def raising(event: SMSEvent) -> None:
    answer(event, "never said")
    raise LookupError(f"no shelf for {event['text']}")


def exiting(event: SMSEvent) -> None:
    sys.exit(3)


def cancelled(event: SMSEvent) -> None:
    raise asyncio.CancelledError("an adapter's own event loop")


def failing_once(event: SMSEvent) -> None:
    if event["text"] not in _seen:
        _seen.add(event["text"])
        raise OSError("the catalogue is away")
    answer(event, f"re {event['text']}")


def unstorable(event: SMSEvent) -> None:
    answer(event, "never said")
    user = WL.Server.getUserNotificationSubscription(PHONES, event["from"])
    user.state["since"] = datetime(2026, 1, 31, tzinfo=UTC)
    user.save()


def surrogate(event: SMSEvent) -> None:
    """A key that no database can encode: found out only when what the handler did is stored."""
    WL.Server.notifyEventSource(PHONES, WL.Server.createDefaultNotification("never said"), key="\ud800")


def prompt(event: SMSEvent) -> None:
    answer(event, f"re {event['text']}")


def witness(event: SMSEvent) -> None:
    answer(event, f"saw {event['text']}")


def picky(text: str) -> bool:
    if text.startswith("picky"):
        raise ValueError("a filter that fails")
    return False


WL.Server.createEventSource({"name": "phones"})
WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"keyword": "raise"}, raising),
        WL.Server.createSMSEventHandler({"keyword": "exit"}, exiting),
        WL.Server.createSMSEventHandler({"keyword": "cancel"}, cancelled),
        WL.Server.createSMSEventHandler({"keyword": "once"}, failing_once),
        WL.Server.createSMSEventHandler({"keyword": "unstorable"}, unstorable),
        WL.Server.createSMSEventHandler({"keyword": "surrogate"}, surrogate),
        WL.Server.createSMSEventHandler({"keyword": "prompt"}, prompt),
        WL.Server.createSMSEventHandler({"text": picky}, prompt),
        WL.Server.createSMSEventHandler({"keyword": list(KEYWORDS)}, witness),
    ]
)
