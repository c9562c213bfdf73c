"""Phones subscribed over HTTP: what is asked for, who is told, and what is stored."""

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from host.enrolling import enrol
from host.errors import BadCallback, Declined, Overdue
from host.runtime import Runtime
from host.sources import call_procedure
from host.store.tables import metadata
from tests.adapters.folders import host_at_rest, write_adapter
from tests.programs import wait_for

CODE = """
import threading
END = threading.Event()
told = []
def tell(name): return lambda *them: told.append((name, them[0].userId, *(each.phoneNumber for each in them[1:])))
ON = {name: tell(name) for name in ("onUserSubscribe", "onUserUnsubscribe", "onDeviceSubscribe", "onDeviceUnsubscribe")}
def change(options):
    told.append(("onUserChange", dict(options)))
    return {"yes": {"isSuccessful": True}, "no": {"isSuccessful": False}, "odd": {"isSuccessful": "true"}}.get(options.alias)
def hang(user): END.wait(20)
def fail(user, device):
    WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification("x"))
    raise ValueError("no")
def welcome(user, device):
    WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification("welcome " + device.alias))
WL.Server.createEventSource({"name": "news", **ON})
WL.Server.createEventSource({"name": "firm", "onUserChange": "change"})
WL.Server.createEventSource({"name": "hanging", "onUserSubscribe": hang})
WL.Server.createEventSource({"name": "failing", "onDeviceSubscribe": fail})
WL.Server.createEventSource({"name": "polite", "onDeviceSubscribe": welcome})

def devices(user):
    found = WL.Server.getUserNotificationSubscription("a.news", user)
    return {"all": [[each.phoneNumber, each.applicationId, each.alias] for each in found.getDeviceSubscriptions()]}
def text(user):
    found = WL.Server.getUserNotificationSubscription("a.news", user)
    WL.Server.notifyAllDevices(found, WL.Server.createDefaultNotification("all of you"))
def by_adapter(number): WL.Server.subscribeSMS("a.news", number, "other")
"""
ONE, TWO = "+15550001", "+15550002"
APP = "Shop-android-1.0"
Enrol = Callable[..., None]


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    write_adapter(tmp_path / "adapters", "a", CODE, "devices", "text", "by_adapter")
    with host_at_rest(tmp_path, "smshost.subscribe.gateway=web\nsmshost.ussd.limitSeconds=2\n") as runtime:
        assert runtime.adapters.broken == ()
        yield runtime
        adapter().END.set()


@pytest.fixture
def ask(runtime: Runtime) -> Enrol:
    def ask(number: str = ONE, **given: str) -> None:
        enrol(runtime, {"eventSource": "a.news", "phoneNumber": number, "appId": APP, **given})

    return ask


def adapter() -> Any:
    return sys.modules["smshost_adapters.a"]


def told() -> list[tuple[Any, ...]]:
    them = list(adapter().told)
    adapter().told.clear()
    return them


def stored(runtime: Runtime, *names: str) -> list[tuple[Any, ...]]:
    table = metadata.tables["subscription"]
    with runtime.store.read() as connection:
        query = select(*(table.c[name] for name in names)).order_by(table.c.id)
        return [tuple(row) for row in connection.execute(query)]


def test_a_phone_is_subscribed_for_itself_and_told_of(runtime: Runtime, ask: Enrol) -> None:
    ask("+1 555-0001", alias="mine")
    row = ("a.news", ONE, ONE, "web", "mine", APP)
    assert stored(runtime, "event_source", "user_id", "phone", "gateway", "alias", "application") == [row]
    assert told() == [("onUserSubscribe", ONE), ("onDeviceSubscribe", ONE, ONE)]


@pytest.mark.parametrize(
    ("raw", "phone"),
    [("+15550001", ONE), (" 15550001", ONE), ("+1 555 0001", ONE), ("15550001", "15550001"), ("26161", "26161")],
)
def test_a_number_is_read_as_everywhere(runtime: Runtime, ask: Enrol, raw: str, phone: str) -> None:
    ask(raw)
    assert stored(runtime, "phone", "user_id") == [(phone, phone)]


def test_twice_is_once(runtime: Runtime, ask: Enrol) -> None:
    for _ in range(2):
        ask(option="subscribe")
        ask(userName=ONE, alias="later")
        ask(userName=" 15550001")
    assert (stored(runtime, "phone", "alias"), len(told())) == ([(ONE, "")], 2)


def test_a_user_has_several_phones(runtime: Runtime, ask: Enrol) -> None:
    ask(ONE, userName="alice", alias="one")
    ask(TWO, username="alice", alias="two", appId="Other-iphone-2.0")
    assert told() == [
        ("onUserSubscribe", "alice"),
        ("onDeviceSubscribe", "alice", ONE),
        ("onDeviceSubscribe", "alice", TWO),
    ]
    both = [[ONE, APP, "one"], [TWO, "Other-iphone-2.0", "two"]]
    assert call_procedure(runtime, "a", "devices", ["alice"])["all"] == both
    assert call_procedure(runtime, "a", "text", ["alice"])["isSuccessful"]
    outbox = metadata.tables["outbox"]
    with runtime.store.read() as connection:
        texts = connection.execute(select(outbox.c.receiver, outbox.c.text).order_by(outbox.c.id)).all()
    assert [tuple(row) for row in texts] == [(ONE, "all of you"), (TWO, "all of you")]


@pytest.mark.parametrize("option", ["unsubscribe", "Subscribe", "x"])
def test_any_other_option_ends_it(runtime: Runtime, ask: Enrol, option: str) -> None:
    ask()
    told()
    for _ in range(2):
        ask(option=option, appId="")
    assert (stored(runtime, "phone"), told()) == ([], [("onDeviceUnsubscribe", ONE, ONE), ("onUserUnsubscribe", ONE)])


def test_ending_it_for_one_user_leaves_the_others(runtime: Runtime, ask: Enrol) -> None:
    ask(ONE, userName="alice")
    ask(TWO)
    ask(ONE, option="unsubscribe")
    ask(ONE, option="unsubscribe", userName="bob")
    ask(TWO, option="unsubscribe", userName="alice")
    assert stored(runtime, "phone", "user_id") == [(ONE, "alice"), (TWO, TWO)]
    ask(ONE, option="unsubscribe", userName="alice")
    ask(TWO, option="unsubscribe", userName=TWO)
    assert stored(runtime, "phone", "user_id") == []


def test_a_phone_moves_to_another_user_where_nobody_minds(runtime: Runtime, ask: Enrol) -> None:
    ask(userName="alice", alias="a")
    told()
    ask(userName="bob", alias="b")
    assert stored(runtime, "phone", "user_id", "alias") == [(ONE, "bob", "b")]
    assert told() == [
        ("onDeviceUnsubscribe", "alice", ONE),
        ("onUserUnsubscribe", "alice"),
        ("onUserSubscribe", "bob"),
        ("onDeviceSubscribe", "bob", ONE),
    ]


def test_a_phone_that_its_adapter_subscribed_is_its_own_user(runtime: Runtime, ask: Enrol) -> None:
    call_procedure(runtime, "a", "by_adapter", [ONE])
    ask()
    assert stored(runtime, "user_id", "gateway") == [(ONE, "other")]


@pytest.mark.parametrize(("alias", "moves"), [("yes", True), ("no", False), ("odd", False), ("", False)])
def test_on_user_change_decides(runtime: Runtime, ask: Enrol, alias: str, moves: bool) -> None:
    ask(eventSource="a.firm", userName="alice")
    assert told() == []
    if moves:
        ask(eventSource="a.firm", userName="bob", alias=alias)
    else:
        with pytest.raises(Declined) as declined:
            ask(eventSource="a.firm", userName="bob", alias=alias)
        assert declined.value.status == 409
    options = {"eventSource": "a.firm", "alias": alias, "phoneNumber": ONE, "userName": "bob", "appId": APP}
    assert (stored(runtime, "user_id"), told()) == ([("bob" if moves else "alice",)], [("onUserChange", options)])


def test_what_callbacks_do_is_committed_with_it(runtime: Runtime, ask: Enrol) -> None:
    ask(eventSource="a.polite", alias="dear")
    outbox = metadata.tables["outbox"]
    with runtime.store.read() as connection:
        assert connection.execute(select(outbox.c.text)).scalars().all() == ["welcome dear"]


def test_a_callback_that_fails_or_hangs_leaves_nothing(
    runtime: Runtime, ask: Enrol, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ValueError, match="no"):
        ask(eventSource="a.failing")
    with pytest.raises(Overdue):
        ask(eventSource="a.hanging")
    assert "subscribeSMS: callbacks of a run for longer than smshost.ussd.limitSeconds" in caplog.text
    adapter().END.set()
    wait_for(lambda: "has ended, and does not count" in caplog.text, "the late callback to end")
    ask()
    assert stored(runtime, "event_source") == [("a.news",)]


BAD = [
    ({"eventSource": ""}, 'parameter "eventSource" is missing'),
    ({"eventSource": " "}, 'parameter "eventSource" is missing'),
    ({"eventSource": "a.none"}, 'parameter "eventSource": no adapter has this event source'),
    ({"eventSource": "news"}, 'parameter "eventSource": no adapter has this event source'),
    ({"phoneNumber": ""}, 'parameter "phoneNumber" is missing'),
    *[({"phoneNumber": number}, 'parameter "phoneNumber" is no phone number: write digits, "+", "-" and spaces')
      for number in ("abc", " ", "+", "1;2", "1\n", "(555) 0001", "1" * 50, "١٢٣٤٥٦٧", "+1\0", "1/2")],
    ({"appId": ""}, 'parameter "appId" is missing'),
    ({"appId": "Shop"}, 'parameter "appId" is <application>-<environment>-<version>, as in Shop-android-1.0'),
    ({"appId": "--"}, 'parameter "appId" is <application>-<environment>-<version>, as in Shop-android-1.0'),
    ({"userName": "u" * 201}, 'parameter "userName" has 201 characters: at most 200 are accepted'),
    ({"username": "u" * 201}, 'parameter "username" has 201 characters: at most 200 are accepted'),
    *[({name: "a\0b\r\nc"}, f'parameter "{name}" holds a control character')
      for name in ("userName", "username", "alias", "appId", "eventSource", "option")],
    ({"alias": "u" * 201}, 'parameter "alias" has 201 characters: at most 200 are accepted'),
    ({"appId": "u" * 201}, 'parameter "appId" has 201 characters: at most 200 are accepted'),
]  # fmt: skip


@pytest.mark.parametrize(("given", "error"), BAD)
def test_what_is_wrong_is_named(runtime: Runtime, ask: Enrol, given: dict[str, str], error: str) -> None:
    with pytest.raises(BadCallback) as bad:
        ask(**{"number": given.get("phoneNumber", ONE), **given})
    assert (str(bad.value), bad.value.status, stored(runtime, "phone")) == (error, 400, [])


CONFIGURE = (
    'parameter "appId": nobody says which gateway it is for: set smshost.subscribe.gateway in worklight.properties, or '
    "<smsGateway> in the application's descriptor"
)


@pytest.mark.parametrize(
    ("applications", "setting", "gateways", "expected"),
    [
        ({"Shop": "other"}, "web", ("web", "other"), "other"),
        ({"Other": "other"}, "web", ("web", "other"), "web"),
        ({}, "other", ("web", "other"), "other"),
        ({}, "", ("other",), "other"),
        ({}, "", ("web", "other"), CONFIGURE),
        ({}, "", (), CONFIGURE),
        (
            {"Shop": "gone"},
            "web",
            ("web",),
            'parameter "appId": its gateway is "gone", which SMSConfig.xml does not have',
        ),
    ],
)
def test_the_gateway_is_the_applications_or_the_configured_or_the_only_one(
    runtime: Runtime, applications: dict[str, str], setting: str, gateways: tuple[str, ...], expected: str
) -> None:
    settings = replace(runtime.configuration.settings, subscribe_gateway=setting)
    runtime.configuration = replace(runtime.configuration, settings=settings, applications=applications)
    runtime.gateways = {name: runtime.gateways[name] for name in gateways}
    given = {"eventSource": "a.news", "phoneNumber": ONE, "appId": APP}
    if expected in gateways:
        enrol(runtime, given)
        assert stored(runtime, "gateway") == [(expected,)]
    else:
        with pytest.raises(BadCallback) as bad:
            enrol(runtime, given)
        assert str(bad.value) == expected


def test_many_at_once_are_one(runtime: Runtime, ask: Enrol) -> None:
    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert stored(runtime, "phone") == [(ONE,)]
