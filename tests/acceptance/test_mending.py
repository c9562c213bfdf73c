"""What went wrong, and what a person does about it, with a real host that runs meanwhile."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.adapters.folders import write_adapter
from tests.faults.oddgateway import OddGateway, saying
from tests.hosts import Finished, Host, gateway
from tests.programs import wait_for
from tests.sink import Sink

PHONE = "+15550001"
CODE = """
from pathlib import Path
MENDED = Path({mended!r})
def say(event, text):
    subscription = WL.Server.subscribeSMS("{name}.news", event["from"], event["gateway"])
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(text))
def handle(event):
    if not MENDED.exists():
        raise LookupError("no shelf for " + event["text"])
    say(event, "{name}: " + event["text"])
WL.Server.createEventSource({{"name": "news"}})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({{"keyword": "{name}"}}, handle, "*")])
"""


def adapters(directory: Path, *names: str) -> Path:
    """Adapters that fail until a file is there."""
    for name in names:
        write_adapter(directory / "adapters", name, CODE.format(name=name, mended=str(directory / f"{name}-mended")))
    return directory / "adapters"


def plain(finished: Finished) -> str:
    """What a command printed, without the times."""
    assert finished.status == 0, finished.output
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", "TIME", finished.output)


def states(host: Host, table: str) -> list[str]:
    with closing(sqlite3.connect(f"file:{host.directory / 'smshost.db'}?mode=ro", uri=True, timeout=10)) as connection:
        return [state for (state,) in connection.execute(f"SELECT state FROM {table} ORDER BY id")]


def test_what_failed_is_listed_and_redriven(tmp_path: Path) -> None:
    said = {"status": 400}
    once = "smshost.handling.attempts=1"
    with (
        Sink() as sink,
        Host(
            tmp_path, gateway("web", sink.port), properties=once, adapters=adapters(tmp_path, "shop", "news", "open")
        ) as host,
    ):
        sink.answer = lambda _: said["status"]
        (tmp_path / "open-mended").touch()
        for text in ("shop 1", "news 2", "shop 3", "open 4", "what?"):
            host.post(**{"from": PHONE, "text": text})
        wait_for(lambda: states(host, "outbox") == ["FAILED"], "all to be handled, and one to be refused")
        assert plain(host.run("failed")) == (
            f"TIME  in-1      FAILED      {PHONE} > 'shop 1' (web)  shop.handle: LookupError: no shelf for shop 1\n"
            f"TIME  in-2      FAILED      {PHONE} > 'news 2' (web)  news.handle: LookupError: no shelf for news 2\n"
            f"TIME  in-3      FAILED      {PHONE} > 'shop 3' (web)  shop.handle: LookupError: no shelf for shop 3\n"
            f"TIME  out-1     FAILED      {PHONE} < 'open: open 4' (web)  the gateway answered 400: \n".replace(
                ": \n", ":\n"
            )
        )
        assert [line.split()[2] for line in host.run("failed", "--limit", "2").output.splitlines()] == ["in-3", "out-1"]
        said["status"] = 200
        for name in ("shop", "news"):
            (tmp_path / f"{name}-mended").touch()
        assert plain(host.run("redrive", "--adapter", "shop")) == "2 text(s) from phones: handled again\n"
        assert plain(host.run("redrive", "in-2", "out-1", "in-5")) == (
            "2 text(s) from phones: handled again\n1 text(s) to phones: offered again\n"
        )
        sink.wait_for(5)
        wait_for(lambda: "UNMATCHED" in states(host, "inbox"), "the last to be handled")
        assert plain(host.run("failed")) == ""
        story = plain(host.run("story", "in-1"))
    assert set(sink.accepted(PHONE)) == {"shop: shop 1", "shop: shop 3", "news: news 2", "open: open 4"}
    parts = ("accepted from", "attempt 1", "no shelf", "in-1: handled again (smshost redrive)", "attempt 2", "out-")
    places = [story.index(part) for part in parts]
    assert places == sorted(places)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, dict[str, OddGateway]]]:
    """A host whose two gateways take texts and say nothing; two texts to each of them are held."""
    directory = tmp_path_factory.mktemp("held")
    (directory / "shop-mended").touch()
    with OddGateway(saying()) as one, OddGateway(saying()) as two:
        gateways = gateway("one", one.port) + gateway("two", two.port)
        with Host(directory, gateways, adapters=adapters(directory, "shop")) as host:
            for number in range(4):
                path = "/one" if number < 2 else "/two"
                host.post(path, **{"from": f"+1555000{number}", "text": f"shop {number}"})
                wait_for(lambda done=number: states(host, "outbox") == ["HELD"] * (done + 1), "it to be held")
            yield host, {"one": one, "two": two}


def test_what_is_held_is_listed_released_and_discarded(held: tuple[Host, dict[str, OddGateway]]) -> None:
    host, gateways = held
    lines = plain(host.run("held")).splitlines()
    assert [line.split()[1:4] for line in lines] == [
        [f"out-{number + 1}", "HELD", f"+1555000{number}"] for number in range(4)
    ]
    assert "< 'shop: shop 0' (one)  127.0.0.1:" in lines[0]
    assert "did not answer" in lines[0]
    assert [line.split()[1] for line in plain(host.run("held", "--gateway", "two")).splitlines()] == ["out-3", "out-4"]
    taken = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    gateways["one"].answer = saying(taken)
    assert plain(host.run("release", "out-1")) == "1 text(s) to phones: offered again, and may arrive twice\n"
    wait_for(lambda: states(host, "outbox")[0] == "SENT", "it to be sent")
    assert len(gateways["one"].heads) == 3
    assert plain(host.run("discard", "out-3")) == "1 text(s) to phones: given up\n"
    assert plain(host.run("discard", "--all", "--gateway", "two")) == "1 text(s) to phones: given up\n"
    assert plain(host.run("release", "--all", "--gateway", "two")) == (
        "0 text(s) to phones: offered again, and may arrive twice\n"
    )
    assert plain(host.run("release", "--all")) == "1 text(s) to phones: offered again, and may arrive twice\n"
    wait_for(lambda: states(host, "outbox") == ["SENT", "SENT", "DISCARDED", "DISCARDED"], "the other to be sent")
    told = plain(host.run("story", "out-1")).splitlines()
    assert [line.removeprefix("TIME    ") for line in told if line.startswith("TIME    out-1: o")] == [
        "out-1: offered again, and may arrive twice (smshost release)"
    ]
    assert "TIME    out-3: given up (smshost discard)" in plain(host.run("story", "out-3"))


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("redrive", 2, "write IDs, as in in-12 or out-7, or --adapter"),
        ("redrive in-1 --adapter shop", 2, "write IDs, as in in-12 or out-7, or --adapter"),
        ("release", 2, "write IDs, or --all"),
        ("discard out-1 --all", 2, "write IDs, or --all"),
        ("release out-1 --gateway one", 2, "--gateway belongs to --all"),
        ("redrive in-1", 1, "in-1 is HANDLED: smshost redrive is for FAILED and UNMATCHED texts from phones"),
        ("discard in-1", 1, "in-1 is HANDLED: smshost discard is for HELD texts to phones"),
        ("release in-1 out-1", 1, "in-1 is HANDLED: smshost release is for REPEAT texts from phones"),
        ("redrive out-99", 1, "there is no text out-99"),
        ("redrive seven", 1, "'seven' names no text: write in-12, or out-7, as `smshost messages` shows them"),
        ("resume shop", 1, "adapter shop is not in quarantine (in quarantine: none)"),
    ],
)
def test_what_makes_no_sense_is_refused(
    held: tuple[Host, dict[str, OddGateway]], words: str, status: int, said: str
) -> None:
    finished = held[0].run(*words.split())
    assert (finished.status, said in finished.output) == (status, True), finished.output


def test_a_remedy_for_another_state_is_named(tmp_path: Path) -> None:
    host = Host(tmp_path)
    host.run("db", "upgrade")
    row = {"event_source": "", "gateway": "web", "receiver": PHONE, "text": "x", "attempts": 1, "created_at": 0}
    with closing(sqlite3.connect(tmp_path / "smshost.db")) as database:
        for state in ("HELD", "FAILED", "SENT"):
            given = {**row, "due_at": 0, "error": "", "state": state}
            database.execute(
                f"INSERT INTO outbox ({', '.join(given)}) VALUES ({', '.join('?' * len(given))})", (*given.values(),)
            )
        database.commit()
    assert [host.run(*words.split()).output for words in ("redrive out-2 out-1", "release out-2", "discard out-3")] == [
        "Error: out-1 is HELD: smshost redrive is for FAILED texts to phones; "
        "for this one there is smshost release or discard\n",
        "Error: out-2 is FAILED: smshost release is for HELD texts to phones; for this one there is smshost redrive\n",
        "Error: out-3 is SENT: smshost discard is for HELD texts to phones\n",
    ]
    assert states(host, "outbox") == ["HELD", "FAILED", "SENT"]


def test_a_repeat_by_content_is_told_from_both_sides_and_undone(tmp_path: Path) -> None:
    (tmp_path / "shop-mended").touch()
    with (
        Sink() as sink,
        Host(tmp_path, gateway("web", sink.port, repeatWindow="60"), adapters=adapters(tmp_path, "shop")) as host,
    ):
        answers = [host.post(**{"from": PHONE, "to": "26161", "text": "shop 1"}) for _ in range(2)]
        assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"")] * 2
        host.post(**{"from": PHONE, "to": "26161", "text": "shop 2"})
        sink.wait_for(2)
        assert states(host, "inbox") == ["HANDLED", "REPEAT", "HANDLED"]
        same = r"\(same sender, receiver and text, \d+\.\d s apart\)"
        undo = ", answered as if new, not handled; undo: smshost release in-2"
        assert re.search(rf"  came again as in-2 {same}{undo}\n", host.run("story", "in-1").output)
        repeat = host.run("story", "in-2").output
        assert re.search(rf"  repeats in-1 {same}{undo}\n", repeat)
        assert repeat.endswith("\nin-2 is REPEAT; smshost release in-2 has it handled after all\n")
        assert plain(host.run("release", "in-2")) == "1 text(s) from phones: handled after all\n"
        sink.wait_for(3)
        wait_for(lambda: states(host, "inbox") == ["HANDLED"] * 3, "it to be handled")
        released = host.run("story", "in-2").output
        assert re.search(rf"  repeats in-1 {same}, and was released\n", released)
        assert "  in-2: handled after all (smshost release)\n" in released
        assert re.search(rf"  came again as in-2 {same}, and was released\n", host.run("story", "in-1").output)
    assert sink.accepted(PHONE) == ["shop: shop 1", "shop: shop 2", "shop: shop 1"]
