"""Several hosts on one PostgreSQL database: one works, the others receive; nothing is doubled when that changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from host.engine.lock import AdvisoryHeld
from host.store import schema
from host.store.database import engine_options
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
    wait_for(lambda: ask(server, waiting) == 0, "nothing to wait", 20)


def cut(server: Engine) -> None:
    """End the connection that holds the lock, as an administrator would, once there is one."""
    holder = "(SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = "
    holder += "(SELECT oid FROM pg_database WHERE datname = current_database()))"
    wait_for(lambda: ask(server, f"SELECT pg_terminate_backend({holder})"), "a connection with the lock", 5)


def test_the_second_host_only_receives_and_takes_over_from_one_that_was_killed(tmp_path: Path, server: Engine) -> None:
    with Sink() as sink:
        first, second = hosts(tmp_path, server, sink.port, 2)
        first.start()
        with second:
            for number in range(1, 21):
                post((first, second)[number % 2], number)
            wait_for(lambda: ask(server, "SELECT count(*) FROM handling") >= 5, "some texts to be handled")
            assert (first.program.log.count("slowly") >= 5, second.program.log.count("slowly")) == (True, 0)
            first.kill()
            for number in range(21, 31):
                post(second, number)
            wait_until_settled(server)
        held = ask(server, "SELECT count(*) FROM outbox WHERE state = 'HELD'")
        assert held <= 1  # the text that the killed host was speaking to the gateway about
        said = [int(each.split()[-1]) for each in sink.accepted()]
        assert said == sorted(set(said))
        assert 30 - held <= len(said) <= 30
        assert ask(server, "SELECT count(*) FROM handling WHERE outcome = 'HANDLED'") == 30


def test_a_host_that_lost_its_lock_takes_it_again(tmp_path: Path, server: Engine) -> None:
    with Sink() as sink, hosts(tmp_path, server, sink.port, 1)[0] as host:
        for number in range(1, 11):
            post(host, number)
        cut(server)
        for number in range(11, 21):
            post(host, number)
        wait_until_settled(server)
        wait_for(lambda: ask(server, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), "the lock", 5)
        assert sink.accepted() == [f"re slow {number}" for number in range(1, 21)]


def test_of_two_hosts_that_both_lost_the_lock_one_works_and_nothing_is_doubled(tmp_path: Path, server: Engine) -> None:
    with Sink() as sink:
        first, second = hosts(tmp_path, server, sink.port, 2)
        with first, second:
            for number in range(1, 21):
                post(second if second.program.alive else first, number)
                if number % 7 == 0:
                    cut(server)
            wait_until_settled(server)
            alive = [host for host in (first, second) if host.program.alive]
        assert alive
        assert sorted(sink.accepted()) == sorted(f"re slow {number}" for number in range(1, 21))
        assert ask(server, "SELECT count(*) FROM handling WHERE outcome = 'HANDLED'") == 20


def test_the_lock_is_one_sessions_and_taken_again_only_once_free(server: Engine) -> None:
    mine, others = AdvisoryHeld(server), AdvisoryHeld(server)
    assert (mine.take(), mine.take(), others.take(), others.kept()) == (True, True, False, False)
    mine.release()
    assert (others.take(), mine.take(), mine.kept()) == (True, False, False)
    cut(server)
    assert (others.kept(), mine.take(), others.take()) == (False, True, False)
    mine.release()
    assert server.pool.checkedout() == 0  # type: ignore[attr-defined]
