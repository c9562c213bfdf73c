"""Texts to phones: queueing them."""

import logging
from collections.abc import Mapping

from host import clock
from host.alphabet import clean
from host.errors import WLError
from host.gateways.pull import PullGateway
from host.notifications import text_of
from host.numerals import spelled
from host.offering import Sender
from host.phone import is_phone
from host.procedures import Call
from host.runtime import Runtime
from host.store import outbox
from host.store.broadcasts import Announced
from host.subscribing import DeviceSubscription, UserSubscription, everywhere

log = logging.getLogger(__name__)

_LONGEST_KEY = 200
_USERS, _DEVICES = _TARGETS = ("userIds", "deviceIds")


def notify(call: Call, subscription: object, notification: object) -> int:
    """Queue a notification to one subscription; gives 0, the milliseconds to wait before the next."""
    if not isinstance(subscription, DeviceSubscription):
        hint = "the phone is not subscribed" if subscription is None else "subscribeSMS and getSMSSubscription give one"
        raise WLError(f"notifyDeviceSubscription needs a subscription, not {subscription!r:.200}: {hint}")
    if subscription.gatewayId not in call.runtime.gateways:
        raise WLError(
            f'{subscription.phoneNumber} is subscribed through "{subscription.gatewayId}", '
            "which SMSConfig.xml no longer has"
        )
    if not is_phone(subscription.phoneNumber):
        raise WLError(f"{subscription.phoneNumber!r:.200} is no phone number")
    text = clean(text_of(notification))
    call.queue(subscription.gatewayId, subscription.phoneNumber, text, subscription.eventSource)
    return 0


def notify_all_devices(call: Call, user: object, notification: object) -> int:
    """Queue a notification to every subscription of a user; gives 0."""
    if not isinstance(user, UserSubscription):
        raise WLError(f"notifyAllDevices needs what getUserNotificationSubscription gives, not {user!r:.200}")
    for subscription in user.getDeviceSubscriptions():
        notify(call, subscription, notification)
    return 0


def notify_device(call: Call, user: object, device: object, notification: object) -> int:
    """Queue a notification to one of a user's phones; of one that is not among them the log is told. Gives 0."""
    if not isinstance(user, UserSubscription):
        raise WLError(f"notifyDevice needs what getUserNotificationSubscription gives, not {user!r:.200}")
    text_of(notification)
    named = spelled(device)
    number = call.runtime.number(clean(named)) if isinstance(named, str) else None
    found = [each for each in user.getDeviceSubscriptions() if number is not None and each.token in {named, number}]
    for subscription in found:
        notify(call, subscription, notification)
    if not found:
        _log_of(call).error(
            "notifyDevice: %s has no phone %.100r among those of %s", user.userId, device, user.eventSource
        )
    return 0


def send_message(call: Call, application: object, options: object) -> int:
    """Queue a text to each phone that a message's target names, once, by whatever it is subscribed to; gives 0."""
    if not isinstance(application, str) or not application:
        raise WLError(f"sendMessage needs the name of an application, not {application!r:.200}")
    text, kind, names = _message(options)
    reached: set[str] = set()
    for name, subscriptions in everywhere(call, names, by_phone=kind == _DEVICES):
        phones = {each.phoneNumber for each in subscriptions}
        usable = {each.phoneNumber: each for each in reversed(subscriptions) if each.gatewayId in call.runtime.gateways}
        for phone in sorted(phones - usable.keys()):
            _log_of(call).error("sendMessage: the gateway of %s is no longer in SMSConfig.xml", phone)
        if not phones:
            _log_of(call).error("sendMessage: nobody is subscribed as %.100r", name)
        for phone, subscription in sorted(usable.items()):
            if phone not in reached:
                notify(call, subscription, {"SMS": {"text": text}})
        reached |= phones
    return 0


def _message(options: object) -> tuple[str, str, list[str]]:
    """The text, the kind of target and the names in it; raises :class:`WLError` where they do not mean SMS."""
    given = options if isinstance(options, Mapping) else {}
    message, target = given.get("message"), given.get("target") or {}
    text = spelled(message.get("alert")) if isinstance(message, Mapping) else None
    if not isinstance(text, str) or not text or not isinstance(target, Mapping):
        form = '{"message": {"alert": "..."}, "target": {"userIds": [...]}}'
        raise WLError(f"sendMessage takes {form}, not {options!r:.200}")
    kinds = [name for name, value in target.items() if value is not None]
    if len(kinds) != 1 or kinds[0] not in _TARGETS:
        raise WLError(
            "sendMessage means SMS where its target has either userIds or deviceIds (phone numbers); to text every "
            "subscriber of an event source, use WL.Server.notifyEventSource"
        )
    names = target[kinds[0]]
    if not isinstance(names, list | tuple) or not all(isinstance(spelled(each), str) for each in names):
        raise WLError(f"sendMessage: target.{kinds[0]} is a list of strings, not {names!r:.200}")
    return text, kinds[0], [str(spelled(each)) for each in names]


def _log_of(call: Call) -> logging.Logger:
    return logging.getLogger(f"adapter.{call.adapter}")


def notify_event_source(call: Call, event_source: str, notification: object, key: str | None) -> int:
    """Announce a notification to every subscriber of an event source; with a ``key``, once to each, ever; gives 0."""
    call.runtime.adapters.event_source(event_source)
    if key is not None and (not isinstance(key, str) or clean(key) != key or len(key) > _LONGEST_KEY):
        raise WLError(f"an announcement's key is a string of at most {_LONGEST_KEY} characters, not {key!r:.200}")
    text = clean(text_of(notification))
    call.effects.texts.append(Announced(event_source, text, key, clock.now()))
    return 0


def open_queues(runtime: Runtime) -> None:
    """Give every gateway that is called its queue in the engine, and say what waits for gateways that are gone."""
    for gateway in runtime.gateways.values():
        if not isinstance(gateway, PullGateway):
            Sender(runtime, gateway)
    with runtime.store.read() as connection:
        strangers = outbox.gateways_waiting(connection) - set(runtime.gateways)
    for name in sorted(strangers):
        log.warning('texts wait for gateway "%s", which SMSConfig.xml no longer has', name)
