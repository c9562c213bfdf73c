"""A bookstore whose readers subscribe by text and hear of discount offers.

Text ``sub`` to subscribe and ``unsub`` to end it (the words are in ``worklight.properties``). Every ten seconds the
catalogue is looked at, and each reader is told once of each offer in it.
"""

from host.wl import WL, SMSEvent

from .catalogue import offers

SUBSCRIBE = WL.Server.configuration.get("sms.keyword.subscribe", "sub")
UNSUBSCRIBE = WL.Server.configuration.get("sms.keyword.unsubscribe", "unsub")
GATEWAY = WL.Server.configuration.get("sms.gateway.id", "*")
CATALOGUE = WL.Server.configuration.get("bookstore.catalogue", "")
READERS = "bookstore.offers"


def subscribe(event: SMSEvent) -> None:
    """Subscribe the phone that sent the text, through the gateway it came from."""
    reader = event["from"]
    if WL.Server.getSMSSubscription(READERS, reader) is not None:
        sendSMS(reader, "You are subscribed to our offers already.")
        return
    WL.Server.subscribeSMS(READERS, reader, event["gateway"])
    sendSMS(reader, f"Welcome to the bookstore! You will hear of our offers. Text {UNSUBSCRIBE} to stop.")


def unsubscribe(event: SMSEvent) -> None:
    """End the subscription of the phone that sent the text, with a last word."""
    sendSMS(event["from"], "You will hear no more of our offers. Goodbye!")
    WL.Server.unsubscribeSMS(READERS, event["from"])


def sendSMS(phoneNumber: str, text: str) -> dict[str, str]:
    """Text a reader; callable from outside, and harmless for phones that are not subscribed."""
    subscription = WL.Server.getSMSSubscription(READERS, phoneNumber)
    if subscription is None:
        return {"result": f"No subscription for {phoneNumber}"}
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(text))
    return {"result": f"Notification queued for {phoneNumber}"}


def announce() -> None:
    """Tell every reader of every offer in the catalogue; the offer's name sees to it that each hears of it once."""
    for offer in offers(CATALOGUE):
        WL.Server.notifyEventSource(READERS, WL.Server.createDefaultNotification(offer.text), key=offer.name)


WL.Server.createEventSource({"name": "offers", "poll": {"interval": 10, "onPoll": announce}})

WL.Server.setEventHandlers(
    [
        WL.Server.createSMSEventHandler({"keyword": SUBSCRIBE}, subscribe, GATEWAY),
        WL.Server.createSMSEventHandler({"keyword": UNSUBSCRIBE}, unsubscribe, GATEWAY),
    ]
)
