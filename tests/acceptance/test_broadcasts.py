"""Broadcasts of a real host: everybody is told once, promptly, and whatever happens to the process meanwhile."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text

from host.store.database import prepare
from tests.adapters.folders import write_adapter
from tests.databases import new_postgresql
from tests.faults.observing import rows
from tests.hosts import Host, gateway
from tests.programs import wait_for
from tests.sink import Sink

NEWS = """
def subscribe(event):
    WL.Server.subscribeSMS("news.all", event["from"], event["gateway"])
def tell(event):
    WL.Server.notifyEventSource("news.all", WL.Server.createDefaultNotification(event["text"][5:]))
def announce(text, key=None):
    WL.Server.notifyEventSource("news.all", WL.Server.createDefaultNotification(text), key)
def poll():
    announce("polled", "once")
WL.Server.createEventSource({"name": "all", "poll": {"interval": 1, "onPoll": poll}})
WL.Server.setEventHandlers([WL.Server.createSMSEventHandler({"keyword": "sub"}, subscribe),
                            WL.Server.createSMSEventHandler({"keyword": "tell"}, tell)])
"""
QUIET = "smshost.polls.enabled=false"
SUBSCRIBERS = 100_000
# In one statement: a server may still commit what a client that was killed had asked for.
BOTH = "SELECT (SELECT sum(queued) FROM broadcast), (SELECT count(*) FROM outbox WHERE broadcast_id IS NOT NULL)"
PHONES = ("+15550001", "+15550002", "+15550003")


@pytest.fixture
def adapters(tmp_path: Path) -> Path:
    write_adapter(tmp_path / "adapters", "news", NEWS, "announce")
    return tmp_path / "adapters"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/smshost.db"
        return
    with new_postgresql(tmp_path.name) as url:
        yield url


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """The host's database, looked at from outside."""
    engine = create_engine(database, poolclass=NullPool)
    prepare(engine)
    yield engine
    engine.dispose()


def ask(engine: Engine, query: str) -> list[Any]:
    """What a query gives; single columns as plain values."""
    with engine.connect() as connection:
        return [row[0] if len(row) == 1 else tuple(row) for row in connection.execute(text(query))]


def test_everybody_is_told_by_handlers_polls_and_calls(tmp_path: Path, adapters: Path) -> None:
    with Sink() as sink, Host(tmp_path, gateway("web", sink.port), adapters=adapters) as host:
        for phone in PHONES:
            host.post(**{"from": phone, "text": "sub"})
        wait_for(lambda: len(sink.accepted()) == 3, "the poll to tell everybody", 20)
        host.post(**{"from": PHONES[0], "text": "tell handled"})
        wait_for(lambda: len(sink.accepted()) == 6, "the handler to tell everybody")
        host.run("call", "news.announce", '["called"]')
        wait_for(lambda: len(sink.accepted()) == 9, "the call to tell everybody")
        wait_for(lambda: rows(host, "SELECT DISTINCT state FROM outbox") == ["SENT"], "all to be sent")
        listed = host.run("broadcasts").output.splitlines()
        told = host.run("story", "out-9").output
    for phone in PHONES:
        assert sink.accepted(phone) == ["polled", "handled", "called"]
    assert listed[-1] == "      finished, 3 queued: 3 sent, 0 FAILED, 0 HELD, 0 waiting"
    number = re.search(r"broadcast (\d+) to news.all: 'called'$", listed[-2])
    assert number is not None
    assert f"queued for gateway web, of broadcast {number[1]}, because of broadcast-{number[1]}/3" in told


def test_a_broadcast_starts_at_once(tmp_path: Path, adapters: Path) -> None:
    """Not with a sweep, which comes once a second: most of many in a row would have waited for one."""
    with Sink() as sink, Host(tmp_path, gateway("web", sink.port), properties=QUIET, adapters=adapters) as host:
        host.post(**{"from": PHONES[0], "text": "sub"})
        for number in range(10):
            host.post(**{"from": PHONES[0], "text": f"tell {number}"})
            sink.wait_for(number + 1)
    waits = "SELECT broadcast.finished_at - ended_at FROM broadcast JOIN handling ON handling.id = broadcast.id + 1"
    times = sorted(rows(host, waits))
    assert (len(times), times[5] < 500) == (10, True), times


@pytest.mark.timeout(400)
def test_each_of_many_is_told_once_however_often_the_host_is_killed(
    tmp_path: Path, adapters: Path, database: str, engine: Engine
) -> None:
    with Sink() as sink:
        element = gateway("web", sink.port, rate="1", concurrency="1")
        host = Host(tmp_path, element, properties=QUIET, adapters=adapters, database=database)
        host.run("db", "upgrade")
        fill(engine, SUBSCRIBERS)
        with host:
            host.post(**{"from": PHONES[0], "text": "tell all of them"})
            wait_for(lambda: ask(engine, "SELECT id FROM broadcast"), "the handler to run")
            assert host.run("call", "news.announce", '["with a key", "k"]').status == 0
            for part in (0.1, 0.4, 1.2, 1.7):
                wait_for(lambda: queued(engine) >= part * SUBSCRIBERS, f"{part} of the texts", 120)  # noqa: B023
                host.kill()
                ((noted, found),) = ask(engine, BOTH)
                assert noted == found
                host.start()
            wait_for(lambda: not ask(engine, "SELECT id FROM broadcast WHERE finished_at IS NULL"), "the end", 120)
            told = host.run("broadcasts").output.splitlines()
    assert [line.partition(":")[0] for line in told[1::2]] == [f"      finished, {SUBSCRIBERS} queued"] * 2
    for number, prefix in ((1, "broadcast-1/"), (2, "news.all/k/")):
        texts = f"SELECT receiver, cause FROM outbox WHERE broadcast_id = {number} AND priority = 1 ORDER BY id"
        assert ask(engine, texts) == [
            (phone, f"{prefix}{id_}") for id_, phone in ask(engine, "SELECT id, phone FROM subscription ORDER BY id")
        ]
    assert ask(engine, "SELECT count(*) FROM outbox") == [2 * SUBSCRIBERS]


def queued(engine: Engine) -> int:
    return int(ask(engine, "SELECT COALESCE(sum(queued), 0) FROM broadcast")[0])


def fill(engine: Engine, phones: int) -> None:
    """So many subscriptions, as the adapter would have made them."""
    row = "INSERT INTO subscription (event_source, user_id, phone, gateway, created_at) VALUES ('news.all', :n, :n, 'web', 1)"
    with engine.begin() as connection:
        connection.execute(text(row), [{"n": f"+1{number + 2_000_000_000}"} for number in range(phones)])


def test_a_broadcast_of_an_event_source_that_is_gone_still_ends(tmp_path: Path, adapters: Path) -> None:
    with Sink() as sink:
        host = Host(tmp_path, gateway("web", sink.port), properties=QUIET, adapters=adapters)
        with host:
            host.post(**{"from": PHONES[0], "text": "sub"})
            wait_for(lambda: rows(host, "SELECT state FROM inbox") == ["HANDLED"], "the subscription")
        host.run("call", "news.announce", '["a last word"]')
        assert host.run("broadcasts").output.splitlines()[1:] == [
            "      running, 0 queued so far: 0 sent, 0 FAILED, 0 HELD, 0 waiting"
        ]
        assert "broadcast 1 to news.all: running, 0 queued so far" in host.run("status").output.splitlines()
        (adapters / "news" / "__init__.py").write_text("")
        (adapters / "news" / "news.xml").unlink()
        with host:
            sink.wait_for(1)
    assert sink.accepted() == ["a last word"]
