"""WL.Server's methods of two-way SMS."""

import pytest

from tests.wl.speaking import NEWS, Said, Speak

SUBSCRIBE = 'WL.Server.subscribeSMS("a.news", x, "web")'
FOUND = {
    "eventSource": "a.news",
    "userId": "+15550001",
    "phoneNumber": "+15550001",
    "gatewayId": "web",
    "platform": "SMS",
    "applicationId": "",
}


def test_createSMSEventHandler(speak: Speak) -> None:
    handler = 'WL.Server.createSMSEventHandler({"keyword": "sub", "shortcode": "7"}, "hear", "web")'
    it = speak(f"WL.Server.setEventHandlers([{handler}])", hear='x["text"]')
    texts = ({"keyword": " SUB", "shortcode": "7"}, {"keyword": "sub"}, {"keyword": "sub", "shortcode": "8"})
    assert [len(it.runtime.adapters.handlers_for(each, "web")) for each in texts] == [1, 0, 0]
    assert it.runtime.adapters.handlers_for(texts[0], "other") == []
    (found,) = it.runtime.adapters.handlers_for(texts[0], "web")
    assert found.id == "a.hear"


def test_setEventHandlers_replaces_those_set_before(speak: Speak) -> None:
    of = 'WL.Server.createSMSEventHandler({"keyword": "%s"}, "hear", "web")'
    first, second = (f"WL.Server.setEventHandlers([{of % word}])" for word in ("one", "two"))
    it = speak(first, second, hear="null")
    assert [len(it.runtime.adapters.handlers_for({"keyword": word}, "web")) for word in ("one", "two")] == [0, 1]


def test_setEventHandlers_of_none_disables_all(speak: Speak) -> None:
    handler = 'WL.Server.createSMSEventHandler({"keyword": "one"}, "hear", "web")'
    it = speak(f"WL.Server.setEventHandlers([{handler}])", "WL.Server.setEventHandlers([])", hear="null")
    assert it.runtime.adapters.handlers_for({"keyword": "one"}, "web") == []


def test_subscribeSMS(speak: Speak) -> None:
    fields = "[s.eventSource, s.userId, s.phoneNumber, s.gatewayId, s.platform, s.applicationId, s.token]"
    it = speak(NEWS, subscribe=[f"s = {SUBSCRIBE}", fields])
    expected = [*FOUND.values(), "+15550001"]
    assert [it.call("subscribe", number) for number in ("+1 555-0001", "+15550001")] == [expected, expected]


@pytest.mark.parametrize(
    ("source", "number", "gateway", "error"),
    [
        ("a.none", "+15550001", "web", 'no event source "a.none" (there are: a.news)'),
        ("a.news", "hello", "web", "'hello' is no phone number"),
        ("a.news", "+15550001", "none", 'no gateway "none" in SMSConfig.xml (there are: web, other)'),
    ],
)
def test_subscribeSMS_names_what_is_wrong(speak: Speak, source: str, number: str, gateway: str, error: str) -> None:
    it = speak(NEWS, subscribe=f'WL.Server.subscribeSMS("{source}", "{number}", "{gateway}").token')
    with pytest.raises(Said, match=r".") as caught:
        it.call("subscribe")
    assert error in str(caught.value)


def test_getSMSSubscription(speak: Speak) -> None:
    it = speak(
        NEWS, subscribe=f"{SUBSCRIBE}.token", find='WL.Server.getSMSSubscription("a.news", x) == null',
        number='WL.Server.getSMSSubscription("a.news", x).phoneNumber',
    )  # fmt: skip
    assert it.call("find", "+15550001") is True
    it.call("subscribe", "+15550001")
    assert (it.call("find", "+15550001"), it.call("number", "+1 555 0001")) == (False, "+15550001")


def test_unsubscribeSMS(speak: Speak) -> None:
    it = speak(
        NEWS,
        subscribe=f"{SUBSCRIBE}.token",
        end='WL.Server.unsubscribeSMS("a.news", x)',
        gone='WL.Server.getSMSSubscription("a.news", x) == null',
    )
    it.call("subscribe", "+15550001")
    it.call("end", "+15550001")
    it.call("end", "+15550001")
    assert it.call("gone", "+15550001") is True
