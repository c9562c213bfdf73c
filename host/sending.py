"""Texts to phones: queueing them."""

import logging

from host import clock
from host.alphabet import clean
from host.errors import WLError
from host.notifications import text_of
from host.offering import Sender
from host.phone import is_phone
from host.procedures import Call
from host.runtime import Runtime
from host.store import outbox
from host.store.broadcasts import Announced
from host.subscribing import DeviceSubscription, UserSubscription

log = logging.getLogger(__name__)

_LONGEST_KEY = 200


def notify(call: Call, subscription: object, notification: object) -> int:
    """Queue a notification to one subscription; gives 0, the milliseconds to wait before the next."""
    if not isinstance(subscription, DeviceSubscription):
        hint = "the phone is not subscribed" if subscription is None else "subscribeSMS and getSMSSubscription give one"
        raise WLError(f"notifyDeviceSubscription needs a subscription, not {subscription!r}: {hint}")
    if subscription.gatewayId not in call.runtime.gateways:
        raise WLError(
            f'{subscription.phoneNumber} is subscribed through "{subscription.gatewayId}", '
            "which SMSConfig.xml no longer has"
        )
    if not is_phone(subscription.phoneNumber):
        raise WLError(f"{subscription.phoneNumber!r} is no phone number")
    text = clean(text_of(notification))
    call.queue(subscription.gatewayId, subscription.phoneNumber, text, subscription.eventSource)
    return 0


def notify_all_devices(call: Call, user: object, notification: object) -> int:
    """Queue a notification to every subscription of a user; gives 0."""
    if not isinstance(user, UserSubscription):
        raise WLError(f"notifyAllDevices needs what getUserNotificationSubscription gives, not {user!r}")
    for subscription in user.getDeviceSubscriptions():
        notify(call, subscription, notification)
    return 0


def notify_event_source(call: Call, event_source: str, notification: object, key: str | None) -> int:
    """Announce a notification to every subscriber of an event source; with a ``key``, once to each, ever; gives 0."""
    call.runtime.adapters.event_source(event_source)
    if key is not None and (not isinstance(key, str) or clean(key) != key or len(key) > _LONGEST_KEY):
        raise WLError(f"an announcement's key is a string of at most {_LONGEST_KEY} characters, not {key!r:.200}")
    text = clean(text_of(notification))
    call.effects.texts.append(Announced(event_source, text, key, clock.now()))
    return 0


def open_queues(runtime: Runtime) -> None:
    """Give every gateway its queue in the engine, and say what waits for gateways that are gone."""
    for gateway in runtime.gateways.values():
        Sender(runtime, gateway)
    with runtime.store.read() as connection:
        strangers = outbox.gateways_waiting(connection) - set(runtime.gateways)
    for name in sorted(strangers):
        log.warning('texts wait for gateway "%s", which SMSConfig.xml no longer has', name)
