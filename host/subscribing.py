"""Subscriptions of phones to event sources, as adapters see and make them."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from host import clock
from host.adapters import EventSource
from host.alphabet import clean
from host.errors import WLError
from host.numerals import spelled
from host.phone import is_phone
from host.procedures import Call, current
from host.store.effects import Subscribed
from host.store.subscriptions import Subscribers


@dataclass(frozen=True)
class DeviceSubscription:
    """An SMS subscription, "equivalent to a device subscription": what ``WL.Server.subscribeSMS`` gives.

    ``token`` is the phone number, as for a device it is the push token. ``applicationId`` and ``alias`` are those that
    it was subscribed with over HTTP, else "".
    """

    eventSource: str  # noqa: N815 - adapters see the published spelling
    userId: str  # noqa: N815
    phoneNumber: str  # noqa: N815
    gatewayId: str  # noqa: N815
    platform: str = "SMS"
    applicationId: str = ""  # noqa: N815
    alias: str = ""
    token: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", self.phoneNumber)


class UserSubscription:
    """A user's subscriptions to an event source, with the ``state`` that the adapter keeps of the user."""

    def __init__(self, eventSource: str, userId: str, state: dict[str, Any]) -> None:  # noqa: N803
        self.eventSource = eventSource
        self.userId = userId
        self.state = state

    def __repr__(self) -> str:
        return f"UserSubscription({self.eventSource!r}, {self.userId!r}, {self.state!r})"

    def getDeviceSubscriptions(self) -> list[DeviceSubscription]:  # noqa: N802
        """The user's subscriptions, oldest first."""
        return [_device(each) for each in _of_user(current(), self.eventSource, self.userId)]

    def save(self) -> None:
        """Keep ``state`` together with what else the procedure does; raises :class:`WLError` where it is no JSON."""
        if not isinstance(self.state, dict):
            raise WLError(f"the state of {self.userId} is an object, not {self.state!r:.200}")
        try:
            state = json.loads(json.dumps(self.state))
        except (TypeError, ValueError) as error:
            raise WLError(f"the state of {self.userId} is kept as JSON, and cannot be: {error}") from error
        current().effects.states[self.eventSource, self.userId] = state


@dataclass(frozen=True)
class Subscriber:
    """For whom a phone is subscribed; ``user``: "" for the phone's own number."""

    user: str = ""
    alias: str = ""
    application: str = ""


NOBODY_ELSE = Subscriber()


def subscribe(
    call: Call, event_source: str, raw_number: str, gateway: str, subscriber: Subscriber = NOBODY_ELSE
) -> DeviceSubscription:
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
    user_id = subscriber.user or phone
    first = not _of_user(call, event_source, user_id)
    new = Subscribed(event_source, user_id, phone, gateway, clock.now(), subscriber.alias, subscriber.application)
    call.effects.subscribe(new)
    if source.callbacks:
        if first:
            _tell(call, source, "onUserSubscribe", _user(call, event_source, user_id))
        _tell(call, source, "onDeviceSubscribe", _user(call, event_source, user_id), _device(new))
    return _device(new)


def unsubscribe(call: Call, event_source: str, raw_number: str) -> None:
    """End a phone's subscription; of a stranger, do nothing. Raises :class:`WLError` for an unknown event source."""
    source = call.runtime.adapters.event_source(event_source)
    existing = _find(call, event_source, _number(call, raw_number))
    if existing is None:
        return
    call.effects.subscriptions[event_source, existing.phone] = None
    _tell(call, source, "onDeviceUnsubscribe", _user(call, event_source, existing.user_id), _device(existing))
    if not _of_user(call, event_source, existing.user_id):
        _tell(call, source, "onUserUnsubscribe", _user(call, event_source, existing.user_id))


def may_change_user(call: Call, event_source: str, options: Mapping[str, Any]) -> bool:
    """Whether a phone that is subscribed for one user may be subscribed for another.

    The event source's ``onUserChange`` decides, by an object whose ``isSuccessful`` is true; without it, it may.
    """
    source = call.runtime.adapters.event_source(event_source)
    if "onUserChange" not in source.callbacks:
        return True
    verdict = _tell(call, source, "onUserChange", options)
    return isinstance(verdict, Mapping) and verdict.get("isSuccessful") is True


def find(call: Call, event_source: str, raw_number: str) -> DeviceSubscription | None:
    """A phone's subscription, or None. Raises :class:`WLError` for an unknown event source."""
    call.runtime.adapters.event_source(event_source)
    found = _find(call, event_source, _number(call, raw_number))
    return None if found is None else _device(found)


def find_user(call: Call, event_source: str, raw_user_id: str) -> UserSubscription | None:
    """A user's subscriptions, or None; the user id of a texting phone is its number.

    An event source without a dot is one of the running adapter's own, as IBM's example has it. Raises :class:`WLError`
    for an unknown event source.
    """
    if isinstance(event_source, str) and "." not in event_source:
        event_source = f"{call.adapter}.{event_source}"
    call.runtime.adapters.event_source(event_source)
    for user_id in dict.fromkeys((str(spelled(raw_user_id)), _number(call, raw_user_id))):
        if _of_user(call, event_source, user_id):
            return _user(call, event_source, user_id)
    return None


def everywhere(call: Call, names: Collection[str], *, by_phone: bool) -> Iterator[tuple[str, list[DeviceSubscription]]]:
    """What each name is subscribed to, of all event sources that are loaded, oldest first.

    ``by_phone``: names are phone numbers, else user ids.
    """
    spelled = {name: tuple(dict.fromkeys((name, _number(call, name)))) for name in names}
    all_at_once = Subscribers(call.runtime.store.read, {each for many in spelled.values() for each in many})
    asking = replace(call, stored=all_at_once)
    for name, spellings in spelled.items():
        found = [
            each
            for source in call.runtime.adapters.event_sources
            for spelling in spellings
            for each in _named(asking, source, spelling, by_phone)
        ]
        yield name, [_device(each) for each in sorted(found, key=lambda each: each.created_at)]


def _named(call: Call, event_source: str, name: str, by_phone: bool) -> list[Subscribed]:
    if not by_phone:
        return _of_user(call, event_source, name)
    found = _find(call, event_source, name)
    return [found] if found else []


def _phone(call: Call, raw_number: str) -> str:
    number = _number(call, raw_number)
    if not is_phone(number):
        raise WLError(
            f"{raw_number!r:.200} is no phone number: write digits, with + and the country code where it is known"
        )
    return number


def _number(call: Call, given: object) -> str:
    raw = spelled(given)
    if not isinstance(raw, str):
        raise WLError(f"a phone number or user id is a string, not {raw!r:.200}")
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
    words = {"applicationId": subscribed.application, "alias": subscribed.alias}
    return DeviceSubscription(
        subscribed.event_source, subscribed.user_id, subscribed.phone, subscribed.gateway, **words
    )


def _tell(call: Call, source: EventSource, name: str, *arguments: object) -> Any:
    """Call an event source's callback as its own adapter, within the same call and the same commit."""
    callback = source.callbacks.get(name)
    if callback is None:
        return None
    caller, call.adapter = call.adapter, source.adapter
    try:
        return callback(*arguments)
    finally:
        call.adapter = caller
