"""`reply="answer"`: what adapters text back goes out in the HTTP answer, once, whoever is slow, repeats or is killed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.adapters.folders import write_adapter
from tests.databases import new_postgresql
from tests.faults.observing import rows, states
from tests.hosts import CREDENTIAL, Host, gateway
from tests.programs import wait_for
from tests.sink import Sink, as_kannel

PHONE, OTHER = "+15550100", "+15550199"
ADAPTER = f"""
import time
from pathlib import Path

def said(event):
    "text|word|word: each word is texted back; gate|FILE|word: once the file is there; both|word: to another phone, too"
    keyword, *words = event.text.split("|")
    if keyword == "gate":
        gate = Path(words.pop(0))
        while not gate.exists():
            time.sleep(0.01)
    for phone in [event["from"], *(["{OTHER}"] if keyword == "both" else [])]:
        subscription = WL.Server.subscribeSMS("shop.phones", phone, event.gateway)
        for word in words:
            WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(word))

WL.Server.createEventSource({{"name": "phones"}})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({{}}, said, "*")])
"""


@contextmanager
def shop(directory: Path, database: str = "", wait: float = 50) -> Iterator[tuple[Host, Sink]]:
    """A host whose Kannel wants replies in the answer, and the Kannel that other texts go to."""
    write_adapter(directory / "adapters", "shop", ADAPTER)
    with Sink() as sink:
        sink.answer = as_kannel
        kannel = gateway("kannel", sink.port, dialect="kannel", reply="answer")
        settings = f"smshost.reply.waitSeconds={wait}\n"
        host = Host(directory, kannel, properties=settings, adapters=directory / "adapters", database=database)
        if database:
            assert host.run("db", "upgrade").status == 0
        with host:
            yield host, sink


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
        return
    with new_postgresql(tmp_path.name) as url:
        yield url


def bring(host: Host, text: str, number: str) -> requests.Response:
    return host.post("/kannel", **{"from": PHONE, "to": "26161", "text": text, "id": number})


def test_what_answers_a_text_is_in_the_answer_and_nowhere_else(tmp_path: Path, database: str) -> None:
    with shop(tmp_path, database) as (host, sink):
        answer = bring(host, "both|Grüße|und mehr", "1")
        assert (answer.status_code, answer.text) == (200, "Grüße\nund mehr")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert [(each.to, each.text) for each in sink.wait_for(2)] == [(OTHER, "Grüße"), (OTHER, "und mehr")]
        wait_for(lambda: states(host, "outbox") == {"SENT": 4}, "the answer to be given")
        story = host.run("story", "in-1").output
        assert "out-2 is SENT" in story
        assert story.count("\n      in the answer to in-1\n") == 2
        assert bring(host, "both|Grüße|und mehr", "1").text == "Grüße\nund mehr"  # a repeat hears the same
        assert bring(host, "text", "2").text == ""
        assert bring(host, "text|again", "3").text == "again"
        assert sink.accepted() == ["Grüße", "und mehr"]


def test_what_takes_too_long_is_sent(tmp_path: Path, database: str) -> None:
    gate = tmp_path / "gate"
    with shop(tmp_path, database, wait=0.3) as (host, sink):
        assert bring(host, f"gate|{gate}|late", "1").text == ""
        gate.touch()
        assert [each.text for each in sink.wait_for(1)] == ["late"]
        assert bring(host, f"gate|{gate}|late", "1").text == ""
        assert bring(host, f"gate|{gate}|in time", "2").text in {"in time", ""}
        wait_for(lambda: states(host, "outbox") == {"SENT": 2}, "the second to be sent, one way or the other")
        assert sink.accepted().count("late") == 1


def test_killed_while_it_waits(tmp_path: Path, database: str) -> None:
    gate = tmp_path / "gate"
    with shop(tmp_path, database) as (host, sink):
        caller = threading.Thread(target=unanswered, args=(host, f"gate|{gate}|once"))
        caller.start()
        wait_for(lambda: rows(host, "SELECT id FROM inbox"), "the text to be stored")
        host.kill()
        caller.join()
        gate.touch()
        host.start()
        answer = bring(host, f"gate|{gate}|once", "1").text  # the gateway heard nothing, and asks again
        wait_for(lambda: states(host, "outbox") == {"SENT": 1}, "it to be sent, one way or the other")
        assert [answer, *sink.accepted()].count("once") == 1


def unanswered(host: Host, text: str) -> None:
    with pytest.raises(requests.RequestException):
        requests.post(
            f"{host.receive_url}/kannel", data={"from": PHONE, "to": "1", "text": text, "id": "1"}, auth=CREDENTIAL
        )
