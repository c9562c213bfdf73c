"""Several hosts on one PostgreSQL database: one works, the others receive; nothing is doubled when that changes."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, insert, text

from host.store import schema
from host.store.claims import Claim, claim
from host.store.database import engine_options
from host.store.locks import SessionLocks
from host.store.tables import metadata
from tests.databases import new_postgresql
from tests.faults.observing import ADAPTERS, web_gateway
from tests.hosts import Host
from tests.programs import wait_for
from tests.sink import Sink

pytestmark = pytest.mark.postgres


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Engine]:
    """A PostgreSQL database at this version's revision."""
    with new_postgresql(f"faults_{tmp_path.name}") as url:
        engine = create_engine(url, **engine_options(url))
        schema.upgrade(engine)
        yield engine
        engine.dispose()


def hosts(directory: Path, server: Engine, port: int, count: int) -> list[Host]:
    """Hosts on one database, whose `slow` texts take a tenth of a second."""
    url = server.url.render_as_string(hide_password=False)
    folders = [directory / f"host{number}" for number in range(count)]
    return [
        Host(each, web_gateway(port), properties="faults.slowSeconds=0.1", adapters=ADAPTERS, database=url)
        for each in folders
    ]


def post(host: Host, number: int) -> None:
    assert host.post(**{"from": "+15550001", "text": f"slow {number}", "id": str(number)}).status_code == 200


def ask(server: Engine, query: str) -> Any:
    """The one value a query gives."""
    with server.connect() as connection:
        return connection.execute(text(query)).scalar()


def wait_until_settled(server: Engine) -> None:
    waiting = """SELECT (SELECT count(*) FROM inbox WHERE state = 'RECEIVED')
        + (SELECT count(*) FROM outbox WHERE state IN ('QUEUED', 'WAITING', 'SENDING'))"""
    wait_for(lambda: ask(server, waiting) == 0, "nothing to wait")


def cut(server: Engine) -> None:
    """End the sessions that hold workers' locks, as an administrator would, once there are some."""
    ended = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE application_name = 'smshost worker' AND datname = current_database()"""
    wait_for(lambda: ask(server, ended), "a session with locks")


def test_texts_that_a_killed_worker_had_in_hand_are_another_ones(tmp_path: Path, server: Engine) -> None:
    with Sink() as sink:
        first, second = hosts(tmp_path, server, sink.port, 2)
        first.start()
        with second:
            for number in range(1, 21):
                post((first, second)[number % 2], number)
            wait_for(lambda: ask(server, "SELECT count(*) FROM handling") >= 5, "some texts to be handled")
            first.kill()
            for number in range(21, 31):
                post(second, number)
            wait_until_settled(server)
        held = ask(server, "SELECT count(*) FROM outbox WHERE state = 'HELD'")
        said = [int(each.split()[-1]) for each in sink.accepted()]
        assert said == sorted(set(said))
        assert 30 - held <= len(said) <= 30
        assert ask(server, "SELECT count(*) FROM handling WHERE outcome = 'HANDLED'") == 30


def test_a_worker_that_lost_its_session_begins_a_new_one(tmp_path: Path, server: Engine) -> None:
    with Sink() as sink, hosts(tmp_path, server, sink.port, 1)[0] as host:
        for number in range(1, 11):
            post(host, number)
        wait_for(lambda: "is at work on the database" in host.program.log, "the worker to work", 20)
        cut(server)
        for number in range(11, 21):
            post(host, number)
        wait_until_settled(server)
        assert sink.accepted() == [f"re slow {number}" for number in range(1, 21)]
        assert host.program.log.count("is at work on the database") == 2


def test_nothing_is_doubled_where_two_workers_lose_their_sessions_again_and_again(
    tmp_path: Path, server: Engine
) -> None:
    with Sink() as sink:
        first, second = hosts(tmp_path, server, sink.port, 2)
        with first, second:
            for number in range(1, 21):
                post((first, second)[number % 2], number)
                if number % 7 == 0:
                    cut(server)
            wait_until_settled(server)
        assert sink.accepted() == [f"re slow {number}" for number in range(1, 21)]
        assert ask(server, "SELECT count(*) FROM handling WHERE outcome = 'HANDLED'") == 20


def test_a_session_that_breaks_while_it_waits_is_noticed(server: Engine) -> None:
    worker = SessionLocks(server)
    assert (worker.join(), worker.hold("a")) == (True, True)
    number = worker.number
    waiting = threading.Thread(target=worker.wait, args=(20.0, lambda queue: None))
    waiting.start()
    cut(server)
    waiting.join(10)
    assert not waiting.is_alive()
    assert (worker.join(), worker.join(), worker.number == number) == (False, True, False)
    worker.leave()


def test_a_text_that_others_tried_meanwhile_is_not_claimed(server: Engine) -> None:
    row = {"gateway": "g", "sender": "+1", "receiver": "", "text": "", "keyword": "", "parameters": "[]"}
    with server.begin() as connection:
        later = {**row, "received_at": 0, "state": "RECEIVED", "attempts": 1, "due_at": 100}
        connection.execute(insert(metadata.tables["inbox"]).values(**later))
        wanted = [Claim(7, [1], [0], 200), Claim(7, [1], [1], 50), Claim(7, [1], [1], 100)]
        assert claim(connection, wanted) == [set(), set(), {1}]


def test_a_name_is_one_sessions_and_goes_with_it(server: Engine) -> None:
    mine, others = SessionLocks(server), SessionLocks(server)
    assert (mine.join(), others.join(), mine.hold("a"), mine.hold("a"), others.hold("a")) == (True,) * 4 + (False,)
    mine.leave()
    assert (others.join(), others.hold("a"), mine.join(), mine.hold("a")) == (True, True, True, False)
    mine.leave()
    others.leave()


def test_names_go_back_to_the_sessions_that_held_them_when_all_broke(server: Engine) -> None:
    mine, others = SessionLocks(server), SessionLocks(server)
    assert (mine.join(), others.join(), mine.hold("a")) == (True, True, True)
    cut(server)
    assert (others.join(), mine.join(), others.join()) == (False, False, True)
    assert (others.hold("a"), others.hold("b")) == (False, False)
    assert (mine.join(), mine.hold("a")) == (True, True)
    wait_for(lambda: others.join() and others.hold("b"), "what nobody held to be anybody's")
    mine.leave()
    wait_for(lambda: others.join() and others.hold("a"), "what was let go of to be anybody's")
    others.leave()


def test_workers_wait_while_a_host_of_the_first_revision_works(server: Engine) -> None:
    worker = SessionLocks(server)
    with server.connect() as old:
        old.execute(text("SELECT pg_advisory_lock(7564659)"))
        assert not worker.join()
        old.invalidate()
    wait_for(worker.join, "the worker to join")
    with server.connect() as old:
        assert old.execute(text("SELECT pg_try_advisory_lock(7564659)")).scalar() is False
    worker.leave()
