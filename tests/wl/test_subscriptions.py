"""WL.Server's event sources, and the users who subscribe to them."""

import pytest

from host import sources
from tests.wl.speaking import NEWS, Said, Speak

SUBSCRIBE = 'WL.Server.subscribeSMS("a.news", x, "web").token'
USER = 'user = WL.Server.getUserNotificationSubscription("a.news", x)'


def test_createEventSource(speak: Speak) -> None:
    text = 'WL.Server.createDefaultNotification("polled")'
    it = speak(
        'WL.Server.createEventSource({"name": "news", "poll": {"interval": 60, "onPoll": "tick"}, '
        '"onUserSubscribe": "greet", "securityTest": "any", "onUserChange": "greet"})',
        subscribe=SUBSCRIBE,
        greet=["device = x.getDeviceSubscriptions()[0]",
               'WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification("hello " + x.userId))'],
        tick=f'WL.Server.notifyDeviceSubscription(WL.Server.getSMSSubscription("a.news", "+15550001"), {text})',
    )  # fmt: skip
    it.call("subscribe", "+15550001")
    source = it.runtime.adapters.event_source("a.news")
    assert source.poll is not None
    assert source.poll.interval == 60
    sources.poll(it.runtime, source)
    assert [text for _, _, text in it.texts()] == ["hello +15550001", "polled"]


def test_getUserNotificationSubscription(speak: Speak) -> None:
    it = speak(
        NEWS, subscribe=SUBSCRIBE, user=[USER, '[user.userId, user.state]'],
        none='WL.Server.getUserNotificationSubscription("a.news", x) == null',
        own='WL.Server.getUserNotificationSubscription("news", x).eventSource',
    )  # fmt: skip
    assert it.call("none", "+15550001") is True
    it.call("subscribe", "+15550001")
    assert it.call("none", "+15550001") is False
    assert it.call("user", "+1 555 0001") == ["+15550001", {}]
    assert it.call("own", "+15550001") == "a.news"


@pytest.mark.parametrize("source", ["none", "a.none", "b.news", None, 5])
def test_getUserNotificationSubscription_of_no_event_source(speak: Speak, source: object) -> None:
    it = speak(NEWS, user="WL.Server.getUserNotificationSubscription(y, x)")
    with pytest.raises(Said, match="no event source "):
        it.call("user", "+15550001", source)


def test_getDeviceSubscriptions(speak: Speak) -> None:
    it = speak(
        NEWS,
        subscribe=SUBSCRIBE,
        devices=[USER, "d = user.getDeviceSubscriptions()[0]", "[d.token, d.platform, d.gatewayId]"],
    )
    it.call("subscribe", "+15550001")
    assert it.call("devices", "+15550001") == ["+15550001", "SMS", "web"]


def test_save(speak: Speak) -> None:
    it = speak(
        NEWS,
        subscribe=SUBSCRIBE,
        keep=[USER, 'user.state["word"] = y', "user.save()", "user.userId"],
        word=[USER, 'user.state["word"]'],
    )
    it.call("subscribe", "+15550001")
    assert it.call("keep", "+15550001", {"list": [1, "two"]}) == "+15550001"
    assert it.call("word", "+15550001") == {"list": [1, "two"]}
