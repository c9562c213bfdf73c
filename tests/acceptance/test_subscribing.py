"""Phones subscribed and unsubscribed over HTTP, by a real host that texts them."""

from pathlib import Path

import requests

from tests.adapters.folders import write_adapter
from tests.hosts import CREDENTIAL, OPEN, Host, gateway
from tests.programs import wait_for
from tests.sink import Sink

CODE = """
def welcome(user, device): text(device, f"welcome {user.userId}")
def text(device, words): WL.Server.notifyDeviceSubscription(device, WL.Server.createDefaultNotification(words))
def fail(user): raise ValueError("no")
def tell(user, words):
    WL.Server.notifyAllDevices(WL.Server.getUserNotificationSubscription("shop.offers", user),
                               WL.Server.createDefaultNotification(words))
WL.Server.createEventSource({"name": "offers", "onDeviceSubscribe": "welcome"})
WL.Server.createEventSource({"name": "failing", "onUserSubscribe": fail, "onUserChange": lambda options: None})
"""
ACCESS = OPEN.replace("/receiveSMS*", "/subscribeSMS*")
PLAIN = "text/plain; charset=utf-8"
ONE, TWO = "+15550001", "+15550002"
OFFERS = {"eventSource": "shop.offers", "appId": "Shop-android-1.0"}


def test_a_user_with_two_phones(tmp_path: Path) -> None:
    write_adapter(tmp_path / "adapters", "shop", CODE, "tell")
    with (
        Sink() as sink,
        Host(tmp_path, gateway("web", sink.port), ACCESS, adapters=tmp_path / "adapters") as host,
    ):
        url = f"{host.url}/context/subscribeSMS"

        def ask(method: str = "GET", **given: str) -> requests.Response:
            carried = {"params": given} if method != "POST" else {"data": given}
            return requests.request(method, url, auth=CREDENTIAL, timeout=30, **carried)  # type: ignore[arg-type]

        answers = [
            ask(**OFFERS, phoneNumber=ONE, userName="alice"),
            ask("POST", **OFFERS, phoneNumber="+1 555-0002", userName="alice"),
            requests.get(
                f"{url}?phoneNumber=+15550003&eventSource=shop.offers&appId=A-b-1", auth=CREDENTIAL, timeout=30
            ),
        ]
        assert [(each.status_code, each.text, each.headers["Content-Type"]) for each in answers] == [
            (200, "", PLAIN)
        ] * 3
        sink.wait_for(3)
        assert host.run("call", "shop.tell", '["alice", "sale"]').status == 0
        sink.wait_for(5)
        assert ask(option="unsubscribe", **OFFERS, phoneNumber=ONE, userName="alice").status_code == 200
        assert host.run("call", "shop.tell", '["alice", "last"]').status == 0
        sink.wait_for(6)
        refused = [
            ask(**OFFERS, phoneNumber="abc"),
            ask(eventSource="shop.none", phoneNumber=ONE, appId="A-b-1"),
            ask("HEAD", **OFFERS, phoneNumber=ONE),
            ask("PUT", **OFFERS, phoneNumber=ONE),
            ask(eventSource="shop.failing", phoneNumber=ONE, appId="A-b-1"),
            requests.get(url, OFFERS, timeout=30),
        ]
        wait_for(lambda: "ValueError: no" in host.program.log, "the log to say why")
    assert [(each.status_code, each.text) for each in refused] == [
        (400, 'parameter "phoneNumber" is no phone number: write digits, "+", "-" and spaces\n'),
        (400, 'parameter "eventSource": no adapter has this event source\n'),
        (405, ""),
        (405, "Method Not Allowed"),
        (500, "the adapter failed\n"),
        (401, ""),
    ]
    taken = [(each.to, each.text) for each in sink.taken]
    assert sorted(taken[:3]) == [(ONE, "welcome alice"), (TWO, "welcome alice"), ("+15550003", "welcome +15550003")]
    assert (sorted(taken[3:5]), taken[5:]) == ([(ONE, "sale"), (TWO, "sale")], [(TWO, "last")])
