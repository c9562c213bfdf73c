"""WL.Server's methods that text phones."""

import logging

import pytest

from host.broadcasting import FIRST, advance
from tests.wl.speaking import NEWS, Said, Speak, Spoken

MORE = 'WL.Server.createEventSource({"name": "more"})'
SUBSCRIBE = 'WL.Server.subscribeSMS(y, x, "web").token'
THROUGH_OTHER = 'WL.Server.subscribeSMS(y, x, "other").token'
FIND = 'WL.Server.getSMSSubscription("a.news", x)'
USER = 'WL.Server.getUserNotificationSubscription("a.news", x)'
HELLO = 'WL.Server.createDefaultNotification("hello")'


def test_createDefaultNotification(speak: Speak) -> None:
    made = ['n = WL.Server.createDefaultNotification("hi", 3, {"a": 1})', 'n["MPNS"]["toast"] = {}', "n"]
    assert speak(make=made).call("make") == {
        "APNS": {"badge": 3, "alert": "hi", "payload": {"a": 1}, "sound": "", "actionKey": None},
        "GCM": {"alert": "hi", "payload": {"a": 1}},
        "SMS": {"text": "hi"},
        "MPNS": {"raw": {"payload": {"a": 1}}, "toast": {}, "tile": {"title": "hi", "count": 3}},
    }


@pytest.mark.parametrize(
    "notification",
    [HELLO, '{"SMS": {"text": "hello"}}', '{"alert": "hello", "badge": 1}', '{"MPNS": {}, "SMS": {"text": "hello"}}'],
)
def test_notifyDeviceSubscription(speak: Speak, notification: str) -> None:
    it = speak(NEWS, subscribe=SUBSCRIBE, notify=f"WL.Server.notifyDeviceSubscription({FIND}, {notification})")
    it.call("subscribe", "+15550001", "a.news")
    assert it.call("notify", "+15550001") == 0
    assert it.texts() == [("web", "+15550001", "hello")]


@pytest.mark.parametrize(
    "notification", ["WL.Server.createDefaultNotification(12345)", '{"SMS": {"text": 12345}}', '{"alert": 12345.0}']
)
def test_whole_numbers_are_texts_and_phone_numbers_too(speak: Speak, notification: str) -> None:
    phone, user = '"a.news", 15550001', 'WL.Server.getUserNotificationSubscription("a.news", 15550001)'
    it = speak(
        NEWS,
        subscribe=f'WL.Server.subscribeSMS({phone}, "web").token',
        notify=f"WL.Server.notifyDeviceSubscription(WL.Server.getSMSSubscription({phone}), {notification})",
        device=f"WL.Server.notifyDevice({user}, 15550001, {notification})",
        message='WL.Server.sendMessage("app", {"message": {"alert": 12345}, "target": {"deviceIds": [15550001]}})',
        unsubscribe=f"WL.Server.unsubscribeSMS({phone})",
    )
    for name in ("subscribe", "notify", "device", "message", "unsubscribe"):
        it.call(name)
    assert it.texts() == [("web", "15550001", "12345")] * 3


def test_notifyDeviceSubscription_of_a_stranger(speak: Speak) -> None:
    it = speak(NEWS, notify=f"WL.Server.notifyDeviceSubscription({FIND}, {HELLO})")
    with pytest.raises(Said, match="notifyDeviceSubscription needs a subscription, not None"):
        it.call("notify", "+15550009")


def test_submitNotification(speak: Speak) -> None:
    it = speak(NEWS, subscribe=SUBSCRIBE, notify=f"WL.Server.submitNotification({FIND}, {HELLO})")
    it.call("subscribe", "+15550001", "a.news")
    assert (it.call("notify", "+15550001"), it.texts()) == (0, [("web", "+15550001", "hello")])


def test_notifyAllDevices(speak: Speak) -> None:
    it = speak(NEWS, subscribe=SUBSCRIBE, notify=f"WL.Server.notifyAllDevices({USER}, {HELLO})")
    it.call("subscribe", "+15550001", "a.news")
    assert (it.call("notify", "+15550001"), it.texts()) == (0, [("web", "+15550001", "hello")])


@pytest.fixture
def two(speak: Speak) -> Spoken:
    """Phone 1 is subscribed to two sources, through two gateways; phone 2 to one."""
    it = speak(
        NEWS,
        MORE,
        subscribe=SUBSCRIBE,
        subscribe_other=THROUGH_OTHER,
        device=f"WL.Server.notifyDevice({USER}, y, {HELLO})",
        nothing=f"WL.Server.notifyDevice({USER}, y, {{}})",
        send='WL.Server.sendMessage("App", x)',
        unnamed="WL.Server.sendMessage(null, x)",
        announce=f"WL.Server.notifyEventSource(x, {HELLO}, y)",
    )
    it.call("subscribe", "+15550001", "a.news")
    it.call("subscribe_other", "+15550001", "a.more")
    it.call("subscribe", "+15550002", "a.more")
    return it


@pytest.mark.parametrize("device", ["+15550001", "+1 555-0001"])
def test_notifyDevice(two: Spoken, device: str) -> None:
    assert (two.call("device", "+15550001", device), two.texts()) == (0, [("web", "+15550001", "hello")])


@pytest.mark.parametrize("device", ["+15550002", "an-ios-token", "", None, 5])
def test_notifyDevice_of_a_phone_that_is_not_the_users_is_told_to_the_log(
    two: Spoken, device: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert (two.call("device", "+15550001", device), two.texts()) == (0, [])
    (record,) = [each for each in caplog.records if each.name == "adapter.a"]
    assert record.levelno == logging.ERROR
    assert record.getMessage() == f"notifyDevice: +15550001 has no phone {device!r} among those of a.news"


def test_notifyDevice_names_what_is_wrong(two: Spoken) -> None:
    with pytest.raises(Said, match="notifyDevice needs what getUserNotificationSubscription gives, not None"):
        two.call("device", "+15550009", "+15550009")
    with pytest.raises(Said, match=r"the notification has no SMS\.text"):
        two.call("nothing", "+15550001", "+15550001")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"userIds": ["+15550001"]}, [("web", "+15550001", "hello")]),
        ({"deviceIds": ["+1 555 0001", "+15550002", "+15550001"]},
         [("web", "+15550001", "hello"), ("web", "+15550002", "hello")]),
        ({"deviceIds": ["+15550002"], "userIds": None}, [("web", "+15550002", "hello")]),
        ({"userIds": []}, []),
    ],
)  # fmt: skip
def test_sendMessage(two: Spoken, target: dict[str, list[str]], expected: list[tuple[str, str, str]]) -> None:
    options = {"message": {"alert": "hello"}, "target": target, "settings": {"apns": {"badge": 1}}}
    assert (two.call("send", options), two.texts()) == (0, expected)


def test_sendMessage_goes_through_a_gateway_that_is_there(two: Spoken, caplog: pytest.LogCaptureFixture) -> None:
    two.runtime.gateways = {"other": two.runtime.gateways["other"]}
    options = {"message": {"alert": "hello"}, "target": {"userIds": ["+15550001", "+15550002", "nobody"]}}
    assert (two.call("send", options), two.texts()) == (0, [("other", "+15550001", "hello")])
    assert [each.getMessage() for each in caplog.records if each.name == "adapter.a"] == [
        "sendMessage: the gateway of +15550002 is no longer in SMSConfig.xml",
        "sendMessage: nobody is subscribed as 'nobody'",
    ]


NOT_SMS = "sendMessage means SMS where its target has either userIds or deviceIds (phone numbers)"
FORM = 'sendMessage takes {"message": {"alert": "..."}, "target": {"userIds": [...]}}, not '
MESSAGE = {"message": {"alert": "hello"}}


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (MESSAGE, NOT_SMS),
        ({**MESSAGE, "target": {}}, NOT_SMS),
        ({**MESSAGE, "target": {"tagNames": ["gold"]}}, NOT_SMS),
        ({**MESSAGE, "target": {"platforms": ["A"]}}, NOT_SMS),
        ({**MESSAGE, "target": {"userIds": ["+1"], "deviceIds": ["+1"]}}, NOT_SMS),
        ({**MESSAGE, "target": {"userIds": "+15550001"}}, "sendMessage: target.userIds is a list of strings, not "),
        ({**MESSAGE, "target": {"deviceIds": [True]}}, "sendMessage: target.deviceIds is a list of strings, not "),
        ({**MESSAGE, "target": "all"}, FORM),
        ({"message": {"alert": ""}, "target": {"userIds": ["+1"]}}, FORM),
        ({"message": "hello"}, FORM),
        ("hello", FORM),
        (None, FORM),
    ],
)
def test_sendMessage_that_cannot_mean_SMS(two: Spoken, options: object, error: str) -> None:
    with pytest.raises(Said, match=r".") as caught:
        two.call("send", options)
    assert error in str(caught.value)


def test_sendMessage_of_no_application(two: Spoken) -> None:
    with pytest.raises(Said, match="sendMessage needs the name of an application, not None"):
        two.call("unnamed", MESSAGE)


def test_notifyEventSource(two: Spoken) -> None:
    assert [two.call("announce", "a.more", "key"), two.call("announce", "a.more", "key")] == [0, 0]
    most = FIRST
    while most:
        most = advance(two.runtime, most)
    assert two.texts() == [("other", "+15550001", "hello"), ("web", "+15550002", "hello")]
