"""What the WL API does, asked by adapters of a host at rest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from host.broadcasting import FIRST, advance
from host.errors import StoreUnavailable
from host.runtime import Runtime
from host.sources import call_procedure
from host.store.tables import metadata
from tests.adapters.folders import host_at_rest, write_adapter

CODE = """
calls = []
def told(name): return lambda *them: calls.append((name, *(them[0].userId, len(them))))
ON = {name: told(name) for name in ("onUserSubscribe", "onUserUnsubscribe", "onDeviceSubscribe", "onDeviceUnsubscribe")}
WL.Server.createEventSource({"name": "news", **ON})

def subscribe(number, gateway="web"): return vars(WL.Server.subscribeSMS("a.news", number, gateway))
def unsubscribe(number): WL.Server.unsubscribeSMS("a.news", number)
def find(number):
    found = WL.Server.getSMSSubscription("a.news", number)
    return {"result": found and found.phoneNumber}
def notify(number, text):
    return WL.Server.notifyDeviceSubscription(WL.Server.getSMSSubscription("a.news", number),
                                              WL.Server.createDefaultNotification(text))
def notify_all(user, text):
    user = WL.Server.getUserNotificationSubscription("a.news", user)
    return {"result": WL.Server.notifyAllDevices(user, {"SMS": {"text": text}})}
def remember(user, word):
    user = WL.Server.getUserNotificationSubscription("a.news", user)
    before = user.state.get("word")
    user.state["word"] = word
    user.save()
    return {"before": before, "now": WL.Server.getUserNotificationSubscription("a.news", user.userId).state["word"]}
def both(number):
    WL.Server.subscribeSMS("a.news", number, "web")
    inside = [bool(WL.Server.getSMSSubscription("a.news", number))]
    WL.Server.unsubscribeSMS("a.news", number)
    return {"inside": inside + [bool(WL.Server.getSMSSubscription("a.news", number))]}
def announce(text, key=None):
    WL.Server.notifyEventSource("a.news", WL.Server.createDefaultNotification(text), key)
def move(number):
    WL.Server.unsubscribeSMS("a.news", number)
    WL.Server.subscribeSMS("a.news", number, "other")
def mixed(number):
    WL.Server.notifyEventSource("a.news", WL.Server.createDefaultNotification("first"))
    notify(number, "second")
    WL.Server.notifyEventSource("a.news", WL.Server.createDefaultNotification("third"))
def keep(user, state):
    user = WL.Server.getUserNotificationSubscription("a.news", user)
    user.state = state
    user.save()
def by_hand(number):
    from host.wl import DeviceSubscription
    return WL.Server.notifyDeviceSubscription(DeviceSubscription("a.news", number, number, "web"), {"SMS": {"text": "x"}})
def later():
    import contextvars, threading
    errors = []
    started = threading.Event()
    def work():
        started.wait(10)
        try:
            WL.Server.getSMSSubscription("a.news", "+1")
        except Exception as error:
            errors.append(str(error))
    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
    thread.start()
    return {"thread": thread, "started": started, "errors": errors}
def fail(number):
    WL.Server.subscribeSMS("a.news", number, "web")
    raise ValueError("no")
def outer(number):
    WL.Server.subscribeSMS("a.news", "+4", "web")
    return WL.Server.invokeProcedure({"adapter": "a", "procedure": "fail", "parameters": [number]})
def unknown(): return WL.Server.invokeProcedure({"adapter": "b", "procedure": "x"})
def words(): return {"word": WL.Server.configuration["some.word"], "missing": WL.Server.configuration.get("no.word")}
def shape():
    notification = WL.Server.createDefaultNotification("hi", 3, {"a": 1})
    notification.MPNS.toast = {}
    return notification
def none(): return None
def number(): return 5
def log():
    for write in (WL.Logger.debug, WL.Logger.info, WL.Logger.log, WL.Logger.warn, WL.Logger.error):
        write({"any": "object"})
def told_so_far():
    them = list(calls)
    calls.clear()
    return {"calls": them}
"""
PROCEDURES = [
    line[4:].partition("(")[0] for line in CODE.splitlines() if line.startswith("def ") and "told(" not in line
]
Call = Callable[..., dict[str, Any]]


@pytest.fixture
def runtime(tmp_path: Path):  # type: ignore[no-untyped-def]
    write_adapter(tmp_path / "adapters", "a", CODE, *PROCEDURES)
    with host_at_rest(tmp_path, "some.word=sub\n") as runtime:
        assert runtime.adapters.broken == ()
        yield runtime


@pytest.fixture
def call(runtime: Runtime) -> Call:
    return lambda name, *arguments: call_procedure(runtime, "a", name, arguments)


def texts(runtime: Runtime) -> list[tuple[str, str, str]]:
    """What is in the outbox once every announcement is queued."""
    most = FIRST
    while most:
        most = advance(runtime, most)
    outbox = metadata.tables["outbox"]
    with runtime.store.read() as connection:
        query = select(outbox.c.gateway, outbox.c.receiver, outbox.c.text).order_by(outbox.c.id)
        return [tuple(row) for row in connection.execute(query)]  # type: ignore[misc]


def error_of(result: dict[str, Any]) -> str:
    assert result["isSuccessful"] is False
    (error,) = result["errors"]
    return str(error)


def test_subscribing_twice_gives_the_existing_subscription(call: Call) -> None:
    first = call("subscribe", "+1 555-0001")
    again = call("subscribe", "+15550001", "other")
    assert first == again
    assert (first["phoneNumber"], first["userId"], first["gatewayId"], first["eventSource"], first["platform"]) == (
        "+15550001",
        "+15550001",
        "web",
        "a.news",
        "SMS",
    )


def test_the_callbacks_are_told_once_each(call: Call) -> None:
    call("subscribe", "+15550001")
    call("subscribe", "+15550001")
    call("unsubscribe", "+15550001")
    call("unsubscribe", "+15550001")
    assert call("told_so_far")["calls"] == [
        ("onUserSubscribe", "+15550001", 1),
        ("onDeviceSubscribe", "+15550001", 2),
        ("onDeviceUnsubscribe", "+15550001", 2),
        ("onUserUnsubscribe", "+15550001", 1),
    ]


def test_a_stranger_is_not_found_and_leaves_without_harm(call: Call) -> None:
    assert [call("find", "+15550009"), call("unsubscribe", "+15550009")] == [
        {"isSuccessful": True, "result": None},
        {"isSuccessful": True},
    ]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ("hello",),
            "WLError: 'hello' is no phone number: write digits, with + and the country code where it is known",
        ),
        ((None,), "WLError: a phone number or user id is a string, not None"),
        (("+1", "nowhere"), 'WLError: no gateway "nowhere" in SMSConfig.xml (there are: web, other)'),
    ],
)
def test_a_wrong_subscription_is_refused_by_name(call: Call, arguments: tuple[Any, ...], error: str) -> None:
    assert error_of(call("subscribe", *arguments)) == error


def test_a_procedure_sees_its_own_effects_and_the_last_word_counts(call: Call) -> None:
    assert call("both", "+15550001")["inside"] == [True, False]
    assert call("find", "+15550001")["result"] is None


def test_a_notification_goes_through_the_gateway_of_the_subscription(call: Call, runtime: Runtime) -> None:
    call("subscribe", "+15550001", "other")
    assert call("notify", "+15550001", "Hello\0\ud800")["result"] == 0
    assert call("notify_all", "+15550001", "all")["result"] == 0
    assert texts(runtime) == [("other", "+15550001", "Hello\ufffd\ufffd"), ("other", "+15550001", "all")]


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("notify", ("+15550009", "Hello"),
         "WLError: notifyDeviceSubscription needs a subscription, not None: the phone is not subscribed"),
        ("notify_all", ("+15550009", "Hello"),
         "WLError: notifyAllDevices needs what getUserNotificationSubscription gives, not None"),
        ("unknown", (), 'WLError: no adapter "b" (there are: a; smshost check tells why one did not load)'),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(call: Call, name: str, arguments: tuple[Any, ...], error: str) -> None:
    assert error_of(call(name, *arguments)) == error


def test_an_empty_text_is_refused(call: Call) -> None:
    call("subscribe", "+15550001")
    assert error_of(call("notify", "+15550001", "")) == (
        "WLError: createDefaultNotification: the text is a string that is not empty, not ''"
    )


def test_an_end_and_a_new_beginning_in_one_procedure_change_the_gateway(call: Call, runtime: Runtime) -> None:
    call("subscribe", "+15550001")
    call("move", "+15550001")
    call("notify", "+15550001", "hello")
    assert texts(runtime) == [("other", "+15550001", "hello")]


def test_announcements_keep_their_order_behind_texts_to_one_phone(call: Call, runtime: Runtime) -> None:
    call("subscribe", "+15550001")
    call("mixed", "+15550001")
    assert [text for _, _, text in texts(runtime)] == ["second", "first", "third"]
    outbox = metadata.tables["outbox"]
    with runtime.store.read() as connection:
        rows = connection.execute(select(outbox.c.priority, outbox.c.broadcast_id).order_by(outbox.c.id))
        assert [tuple(row) for row in rows] == [(0, None), (1, 1), (1, 2)]


def test_an_announcement_through_a_gateway_that_is_gone_says_so(call: Call, runtime: Runtime) -> None:
    call("subscribe", "+15550001", "other")
    runtime.gateways = {"web": runtime.gateways["web"]}
    call("announce", "offer")
    assert texts(runtime) == [("other", "+15550001", "offer")]
    outbox = metadata.tables["outbox"]
    with runtime.store.read() as connection:
        rows = [tuple(row) for row in connection.execute(select(outbox.c.state, outbox.c.error))]
    assert rows == [("FAILED", "SMSConfig.xml has no gateway of this id")]


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("word", "WLError: the state of +15550001 is an object, not 'word'"),
        ({"a": {1}}, "WLError: the state of +15550001 is kept as JSON, and cannot be: "
                     "Object of type set is not JSON serializable"),
    ],
)  # fmt: skip
def test_a_state_that_is_no_object_is_refused(call: Call, state: object, error: str) -> None:
    call("subscribe", "+15550001")
    assert error_of(call("keep", "+15550001", state)) == error
    assert call("unsubscribe", "+15550001") == {"isSuccessful": True}


@pytest.mark.parametrize("number", ["\udc80", "a\0b", ""])
def test_a_number_made_up_by_hand_is_refused(call: Call, number: str) -> None:
    assert error_of(call("by_hand", number)) == f"WLError: {number!r} is no phone number"


@pytest.mark.parametrize("key", ["a\0b", "\ud800", "k" * 201, 5])
def test_a_key_that_no_database_carries_is_refused(call: Call, key: object) -> None:
    assert error_of(call("announce", "offer", key)).startswith(
        "WLError: an announcement's key is a string of at most 200 characters, not "
    )


def test_what_comes_after_the_return_is_told_that_it_has_no_effect(call: Call) -> None:
    result = call("later")
    result["started"].set()
    result["thread"].join(10)
    assert result["errors"] == [
        "the function that the host called has returned: what comes later has no effect any more"
    ]


def test_a_store_that_is_away_is_no_fault_of_the_invoked_procedure(call: Call, runtime: Runtime) -> None:
    def away() -> None:
        raise StoreUnavailable("locked")

    found = runtime.adapters.by_name["a"].procedures["none"]
    runtime.adapters.by_name["a"].procedures["none"] = (found[0], away)  # type: ignore[index]
    with pytest.raises(StoreUnavailable):
        call("none")


def test_state_is_kept_once_it_is_saved(call: Call) -> None:
    call("subscribe", "+15550001")
    assert [call("remember", "+15550001", word) for word in ("one", "two")] == [
        {"isSuccessful": True, "before": None, "now": "one"},
        {"isSuccessful": True, "before": "one", "now": "two"},
    ]


def test_an_announcement_reaches_every_subscriber_and_a_keyed_one_only_once(call: Call, runtime: Runtime) -> None:
    call("subscribe", "+1")
    call("subscribe", "+2", "other")
    call("announce", "offer", "o-1")
    call("announce", "offer", "o-1")
    call("announce", "now")
    both = [("web", "+1", "offer"), ("other", "+2", "offer"), ("web", "+1", "now"), ("other", "+2", "now")]
    assert texts(runtime) == both
    call("unsubscribe", "+1")
    call("subscribe", "+3")
    call("announce", "offer", "o-1")
    assert texts(runtime) == [*both, ("web", "+3", "offer")]


def test_a_failed_procedure_leaves_no_effect_of_its_own(call: Call) -> None:
    assert error_of(call("fail", "+15550001")) == "ValueError: no"
    assert error_of(call("outer", "+15550001")) == "ValueError: no"
    assert [call("find", number)["result"] for number in ("+15550001", "+4")] == [None, "+4"]


def test_results_are_objects_that_say_isSuccessful(call: Call) -> None:
    assert [call("none"), call("number"), call("words")] == [
        {"isSuccessful": True},
        {"isSuccessful": True, "result": 5},
        {"isSuccessful": True, "word": "sub", "missing": None},
    ]


def test_the_default_notification_has_every_branch(call: Call) -> None:
    assert call("shape") == {
        "isSuccessful": True,
        "APNS": {"badge": 3, "alert": "hi", "payload": {"a": 1}, "sound": "", "actionKey": None},
        "GCM": {"alert": "hi", "payload": {"a": 1}},
        "SMS": {"text": "hi"},
        "MPNS": {"raw": {"payload": {"a": 1}}, "toast": {}, "tile": {"title": "hi", "count": 3}},
    }


def test_the_logger_writes_under_the_adapters_name(call: Call, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="adapter.a")
    call("log")
    written = [(record.name, record.levelname, record.getMessage()) for record in caplog.records]
    assert written == [
        ("adapter.a", level, '{"any": "object"}') for level in ("DEBUG", "INFO", "INFO", "WARNING", "ERROR")
    ]
