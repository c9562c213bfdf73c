"""Texts that ended without success are taken up again, by a real host that runs meanwhile."""

import json
from pathlib import Path

from tests.adapters.folders import write_adapter
from tests.faults.observing import rows
from tests.hosts import Host, gateway
from tests.programs import wait_for
from tests.sink import Sink

PHONE = "+15550001"
CODE = """
from pathlib import Path
def well(event):
    subscription = WL.Server.subscribeSMS("a.news", event["from"], "web")
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification("well"))
def ill(event):
    if not Path("mended").exists():
        raise ValueError("not mended")
    subscription = WL.Server.subscribeSMS("a.news", event["from"], "web")
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification("mended"))
WL.Server.createEventSource({"name": "news"})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": "go"}, well),
                            WL.Server.createSMSEventHandler({"keyword": "go"}, ill)])
"""


def states(host: Host, table: str) -> list[str]:
    return rows(host, f"SELECT state FROM {table} ORDER BY id")


def test_a_failed_text_is_given_to_the_handler_that_failed_and_to_no_other(tmp_path: Path) -> None:
    write_adapter(tmp_path / "adapters", "a", CODE)
    with (
        Sink() as sink,
        Host(
            tmp_path,
            gateway("web", sink.port),
            properties="smshost.handling.attempts=1",
            adapters=tmp_path / "adapters",
        ) as host,
    ):
        host.post(**{"from": PHONE, "text": "go"})
        host.post(**{"from": PHONE, "text": f"unknown {'x' * 93}"})
        wait_for(
            lambda: (states(host, "inbox"), states(host, "outbox")) == (["FAILED", "UNMATCHED"], ["SENT"]),
            "both to end",
        )
        assert f" > 'unknown {'x' * 92}'... (web)" in host.run("messages").output
        assert host.run("again", "in-1").output == "1 text(s) from phones: handled again\n"
        wait_for(lambda: rows(host, "SELECT max(attempt) FROM handling") == [2], "the second attempt")
        wait_for(lambda: states(host, "inbox")[0] == "FAILED", "it to fail again")
        (tmp_path / "mended").touch()
        assert host.run("again", "IN-1").output == "1 text(s) from phones: handled again\n"
        wait_for(lambda: states(host, "inbox")[0] == "HANDLED", "it to be handled")
        assert host.run("again", "--state", "unmatched").output == (
            "1 text(s) from phones: handled again\n0 text(s) to phones: offered again\n"
        )
        sink.wait_for(2)
        told = host.run("story", "in-1").output
    assert sink.accepted(PHONE) == ["well", "mended"]
    assert ("adapters/a/__init__.py" in told, "host/handling.py" in told) == (True, False)
    assert [told.count(each) for each in ("a.well ran", "a.ill ran", "not mended", "the same again")] == [1, 3, 2, 1]


def test_a_failed_and_a_held_text_are_offered_again(tmp_path: Path) -> None:
    said = {"status": 400}
    with Sink() as sink, Host(tmp_path, gateway("web", sink.port)) as host:
        sink.answer = lambda _: said["status"]
        host.post(**{"from": PHONE, "text": "sub"})
        wait_for(lambda: states(host, "outbox") == ["FAILED"], "it to fail")
        assert json.loads(host.run("call", "bookstore.sendSMS", json.dumps([PHONE, "x"])).output)["isSuccessful"]
        wait_for(lambda: states(host, "outbox") == ["FAILED"] * 2, "the other to fail")
        said["status"] = 200
        assert host.run("again", "out-1").output == "1 text(s) to phones: offered again\n"
        wait_for(lambda: states(host, "outbox")[0] == "SENT", "it to be sent")
        (finished, refused) = (host.run("again", "--state", "FAILED"), host.run("again", "out-1"))
        assert finished.output.splitlines()[0] == "0 text(s) from phones: handled again"
        assert (refused.status, refused.output) == (
            1,
            "Error: out-1 is SENT: smshost again is for FAILED and HELD texts to phones\n",
        )
        wait_for(lambda: states(host, "outbox") == ["SENT"] * 2, "all to be sent")


def test_again_needs_one_text_or_one_state(tmp_path: Path) -> None:
    host = Host(tmp_path)
    for words in ((), ("in-1", "--state", "FAILED")):
        finished = host.run("again", *words)
        assert (finished.status, "write one ID, as in in-12 or out-7, or --state" in finished.output) == (2, True)
    host.run("db", "upgrade")
    assert host.run("again", "in-1").output == "Error: there is no text in-1\n"
    assert host.run("again", "--state", "SENT").status == 2
