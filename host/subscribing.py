"""Subscriptions of phones to event sources, as adapters see and make them."""

import json
from dataclasses import dataclass
from typing import Any

from host import clock
from host.adapters import EventSource
from host.alphabet import clean
from host.errors import WLError
from host.phone import is_phone
from host.procedures import Call, current
from host.store.effects import Subscribed


@dataclass(frozen=True)
class DeviceSubscription:
    """An SMS subscription, "equivalent to a device subscription": what ``WL.Server.subscribeSMS`` gives.

    ``token`` is the phone number, as for a device it is the push token.
    """

    eventSource: str  # noqa: N815 - adapters see the published spelling
    userId: str  # noqa: N815
    phoneNumber: str  # noqa: N815
    gatewayId: str  # noqa: N815
    platform: str = "SMS"
    applicationId: str = ""  # noqa: N815

    @property
    def token(self) -> str:
        return self.phoneNumber


class UserSubscription:
    """A user's subscriptions to an event source, with the ``state`` that the adapter keeps of the user."""

    def __init__(self, eventSource: str, userId: str, state: dict[str, Any]) -> None:  # noqa: N803
        self.eventSource = eventSource
        self.userId = userId
        self.state = state

    def getDeviceSubscriptions(self) -> list[DeviceSubscription]:  # noqa: N802
        """The user's subscriptions, oldest first."""
        return [_device(each) for each in _of_user(current(), self.eventSource, self.userId)]

    def save(self) -> None:
        """Keep ``state`` together with what else the procedure does; raises :class:`WLError` where it is no JSON."""
        if not isinstance(self.state, dict):
            raise WLError(f"the state of {self.userId} is an object, not {self.state!r}")
        try:
            state = json.loads(json.dumps(self.state))
        except (TypeError, ValueError) as error:
            raise WLError(f"the state of {self.userId} is kept as JSON, and cannot be: {error}") from error
        current().effects.states[self.eventSource, self.userId] = state


def subscribe(call: Call, event_source: str, raw_number: str, gateway: str) -> DeviceSubscription:
    """Subscribe a phone; gives the existing subscription where there is one.

    Raises :class:`WLError` for an unknown event source, an unknown gateway or what is no phone number.
    """
    source = call.runtime.adapters.event_source(event_source)
    if gateway not in call.runtime.gateways:
        names = ", ".join(call.runtime.gateways) or "none"
        raise WLError(f'no gateway "{gateway}" in SMSConfig.xml (there are: {names})')
    phone = _phone(call, raw_number)
    existing = _find(call, event_source, phone)
    if existing is not None:
        return _device(existing)
    first = not _of_user(call, event_source, phone)
    new = Subscribed(event_source, phone, phone, gateway, clock.now())
    call.effects.subscribe(new)
    if source.callbacks:
        user = _user(call, event_source, phone)
        if first:
            _tell(call, source, "onUserSubscribe", user)
        _tell(call, source, "onDeviceSubscribe", user, _device(new))
    return _device(new)


def unsubscribe(call: Call, event_source: str, raw_number: str) -> None:
    """End a phone's subscription; of a stranger, do nothing. Raises :class:`WLError` for an unknown event source."""
    source = call.runtime.adapters.event_source(event_source)
    existing = _find(call, event_source, _number(call, raw_number))
    if existing is None:
        return
    user = _user(call, event_source, existing.user_id)
    call.effects.subscriptions[event_source, existing.phone] = None
    _tell(call, source, "onDeviceUnsubscribe", user, _device(existing))
    if not _of_user(call, event_source, existing.user_id):
        _tell(call, source, "onUserUnsubscribe", user)


def find(call: Call, event_source: str, raw_number: str) -> DeviceSubscription | None:
    """A phone's subscription, or None. Raises :class:`WLError` for an unknown event source."""
    call.runtime.adapters.event_source(event_source)
    found = _find(call, event_source, _number(call, raw_number))
    return None if found is None else _device(found)


def find_user(call: Call, event_source: str, raw_user_id: str) -> UserSubscription | None:
    """A user's subscriptions, or None; the user id of a texting phone is its number."""
    call.runtime.adapters.event_source(event_source)
    for user_id in dict.fromkeys((raw_user_id, _number(call, raw_user_id))):
        if _of_user(call, event_source, user_id):
            return _user(call, event_source, user_id)
    return None


def _phone(call: Call, raw_number: str) -> str:
    number = _number(call, raw_number)
    if not is_phone(number):
        raise WLError(f"{raw_number!r} is no phone number: write digits, with + and the country code where it is known")
    return number


def _number(call: Call, raw: object) -> str:
    if not isinstance(raw, str):
        raise WLError(f"a phone number or user id is a string, not {raw!r}")
    return call.runtime.number(clean(raw))


def _find(call: Call, event_source: str, phone: str) -> Subscribed | None:
    """The running procedure's own effects come before what is stored."""
    if (event_source, phone) in call.effects.subscriptions:
        return call.effects.subscriptions[event_source, phone]
    return call.subscribers.find(event_source, phone)


def _of_user(call: Call, event_source: str, user_id: str) -> list[Subscribed]:
    stored = {each.phone: each for each in call.subscribers.of_user(event_source, user_id)}
    for (source, phone), word in call.effects.subscriptions.items():
        if source == event_source:
            stored.pop(phone, None)
            if word is not None and word.user_id == user_id:
                stored[phone] = word
    return list(stored.values())


def _user(call: Call, event_source: str, user_id: str) -> UserSubscription:
    state = call.effects.states.get((event_source, user_id))
    if state is None:
        state = call.subscribers.state_of(event_source, user_id)
    return UserSubscription(event_source, user_id, state.copy() if isinstance(state, dict) else {})


def _device(subscribed: Subscribed) -> DeviceSubscription:
    return DeviceSubscription(subscribed.event_source, subscribed.user_id, subscribed.phone, subscribed.gateway)


def _tell(call: Call, source: EventSource, name: str, *arguments: object) -> None:
    """Call an event source's callback as its own adapter, within the same call and the same commit."""
    callback = source.callbacks.get(name)
    if callback is None:
        return
    caller, call.adapter = call.adapter, source.adapter
    try:
        callback(*arguments)
    finally:
        call.adapter = caller
