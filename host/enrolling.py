"""Phones subscribed over HTTP, without an app on them and without a text from them: IBM's ``subscribeSMS`` servlet."""

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from host import overruns
from host.callers import ClientRequest
from host.errors import BadCallback, Declined, Overdue
from host.gateways.base import required
from host.messages import Identity
from host.notifications import Branch
from host.phone import is_phone
from host.procedures import Call, run
from host.runtime import Runtime, commit
from host.subscribing import Subscriber, find, may_change_user, subscribe, unsubscribe

log = logging.getLogger(__name__)

SUBSCRIBE = "/subscribeSMS"
_LONGEST = 200  # characters of a user's name, an alias or an application; PostgreSQL indexes 2704 bytes at most
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_NUMBER = re.compile(r"[0-9+ -]+")
_APPLICATION = re.compile(r"(?P<name>.+)-[^-]+-[^-]+")
_CONFIGURE = (
    "nobody says which gateway it is for: set smshost.subscribe.gateway in worklight.properties, or <smsGateway> in "
    "the application's descriptor"
)


@dataclass(frozen=True)
class _Wish:
    """What a request asks for. ``gateway``: "" to unsubscribe."""

    event_source: str
    phone: str
    subscriber: Subscriber
    gateway: str

    @property
    def user(self) -> str:
        return self.subscriber.user or self.phone


def enrol(
    runtime: Runtime,
    given: Mapping[str, str],
    *,
    identity: Identity | None = None,
    request: Callable[[], ClientRequest] | None = None,
) -> None:
    """Subscribe or unsubscribe a phone as these parameters ask; when this returns it is durable.

    ``identity``: who asks, where that was asked; ``request`` makes what it came by. The event source's callbacks have
    as long as a USSD handler. Raises :class:`BadCallback` naming the parameter, :class:`Overdue` or what a callback
    raised, and then nothing was done; :class:`StoreUnavailable`.
    """
    limit = runtime.configuration.settings.ussd_limit
    until = time.monotonic() + limit
    call = Call(runtime, "", identity=identity, request=request, deadline=until)
    fulfil = partial(_fulfil, call, given, until)
    late = partial(log.warning, "subscribeSMS: what took too long has ended, and does not count")
    try:
        runtime.dialogues.run(partial(run, call, fulfil), limit, late)
    except Overdue:
        if call.adapter:
            log.error("subscribeSMS: callbacks of %s run for longer than smshost.ussd.limitSeconds", call.adapter)
            overruns.count(runtime, call.adapter)
        raise
    commit(runtime, call.effects)


def _fulfil(call: Call, given: Mapping[str, str], until: float) -> None:
    """Do what is asked for; in a thread that adapters may keep for ever, by loading or in a callback."""
    call.runtime.loaded()
    wish = _wish(call.runtime, given)
    call.adapter = wish.event_source.partition(".")[0]
    with call.runtime.shares.share(call.adapter, until):
        _change(call, wish)


def _change(call: Call, wish: _Wish) -> None:
    existing = find(call, wish.event_source, wish.phone)
    same_user = existing is not None and existing.userId == wish.user
    if not wish.gateway:
        if same_user:
            unsubscribe(call, wish.event_source, wish.phone)
        return
    if same_user:
        return
    if existing is not None:
        if not may_change_user(call, wish.event_source, _options(wish)):
            raise Declined("the phone is subscribed for another user, and onUserChange does not let it change")
        unsubscribe(call, wish.event_source, wish.phone)
    subscribe(call, wish.event_source, wish.phone, wish.gateway, wish.subscriber)


def _options(wish: _Wish) -> Branch:
    """What ``onUserChange`` is given, under the names of the request."""
    return Branch(
        eventSource=wish.event_source,
        alias=wish.subscriber.alias,
        phoneNumber=wish.phone,
        userName=wish.user,
        appId=wish.subscriber.application,
    )


def _wish(runtime: Runtime, given: Mapping[str, str]) -> _Wish:
    event_source = required(_word(given, "eventSource"), "eventSource")
    if event_source not in runtime.adapters.event_sources:
        raise BadCallback('parameter "eventSource": no adapter has this event source')
    phone = _phone(runtime, required(given.get("phoneNumber", ""), "phoneNumber"))
    name = "userName" if given.get("userName", "").strip() else "username"  # the tutorials have both spellings
    user = _word(given, name)
    if runtime.number(given.get(name, "")) == phone:
        user = ""
    subscriber = Subscriber(user, _word(given, "alias"), _word(given, "appId"))
    subscribes = (_word(given, "option") or "subscribe") == "subscribe"
    return _Wish(event_source, phone, subscriber, _gateway(runtime, subscriber.application) if subscribes else "")


def _word(given: Mapping[str, str], name: str) -> str:
    word = given.get(name, "").strip()
    if len(word) > _LONGEST:
        raise BadCallback(f'parameter "{name}" has {len(word)} characters: at most {_LONGEST} are accepted')
    if _CONTROL.search(word):
        raise BadCallback(f'parameter "{name}" holds a control character')
    return word


def _phone(runtime: Runtime, raw: str) -> str:
    number = runtime.number(raw) if _NUMBER.fullmatch(raw) else ""
    if not is_phone(number):
        raise BadCallback('parameter "phoneNumber" is no phone number: write digits, "+", "-" and spaces')
    return number


def _gateway(runtime: Runtime, application: str) -> str:
    """The gateway that the phone's texts are to go through; raises :class:`BadCallback` saying what to configure."""
    parts = _APPLICATION.fullmatch(required(application, "appId"))
    if parts is None:
        raise BadCallback('parameter "appId" is <application>-<environment>-<version>, as in Shop-android-1.0')
    configuration = runtime.configuration
    gateway = configuration.applications.get(parts["name"]) or configuration.settings.subscribe_gateway
    if not gateway and len(runtime.gateways) == 1:
        (gateway,) = runtime.gateways
    if not gateway:
        raise BadCallback(f'parameter "appId": {_CONFIGURE}')
    if gateway not in runtime.gateways:
        raise BadCallback(f'parameter "appId": its gateway is "{gateway}", which SMSConfig.xml does not have')
    return gateway
