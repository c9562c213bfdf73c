"""kill -9 while a slow gateway takes texts: of those alone that it was being offered nobody knows what became."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, insert

from host.store.tables import metadata
from tests.databases import new_postgresql
from tests.faults.observing import ADAPTERS, count, rows, states, wait_until_sent, web_gateway
from tests.faults.sinks import MovableSink
from tests.faults.world import kill, worker_of
from tests.hosts import Host
from tests.programs import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

CONCURRENCY = 3
PATIENCE = 60.0
OUTBOX = metadata.tables["outbox"]


class SlowSink(MovableSink):
    """Takes texts at once; told to be slow, it keeps its answers to itself until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way = 0
        self.goes_on = threading.Event()

    def be_slow(self) -> None:
        self.answer = self._wait

    def go_on(self) -> None:
        self.answer = lambda parameters: 200
        self.goes_on.set()

    def _wait(self, _: dict[str, str]) -> int:
        self.under_way += 1
        self.goes_on.wait(PATIENCE)
        return 200


@pytest.fixture
def sink() -> Iterator[SlowSink]:
    with SlowSink() as sink:
        yield sink


def host_for(directory: Path, sink: SlowSink, database: str = "") -> Host:
    gateway = web_gateway(sink.port, concurrency=str(CONCURRENCY), timeout=f"{PATIENCE:.0f}")
    host = Host(directory, gateway, adapters=ADAPTERS, database=database, workers=2)
    assert host.run("db", "upgrade").status == 0
    return host


def queue(host: Host, name: str, number: int) -> None:
    """So many texts in the outbox, for the host to find."""
    row = {"event_source": "a.b", "gateway": "web", "state": "QUEUED", "created_at": 1, "due_at": 1, "error": ""}
    texts = [{**row, "receiver": f"+1555{each:04}", "text": f"{name} {each}"} for each in range(number)]
    engine = create_engine(host.database, poolclass=NullPool, connect_args={})
    with engine.begin() as connection:
        connection.execute(insert(OUTBOX), texts)


def be_killed_amidst(host: Host, sink: SlowSink, kill_it: Callable[[], None]) -> None:
    """Kill what sends when all its requests are under way and it has begun more texts than those."""
    queue(host, "quick", 300)
    wait_until_sent(host, PATIENCE)  # it has learned that it may begin many at a time
    sink.be_slow()
    queue(host, "slow", 100)
    begun = "state = 'SENDING'"
    wait_for(lambda: sink.under_way == CONCURRENCY and count(host, "outbox", begun) > CONCURRENCY, "offers", PATIENCE)
    kill_it()


def kill_sender(host: Host) -> None:
    """On PostgreSQL the one of the workers whose gateway it is."""
    if host.database.startswith("sqlite"):
        kill(worker_of(host))
        return
    query = "SELECT name FROM worker JOIN gateway_health ON owner = worker.id WHERE gateway = 'web'"
    (name,) = rows(host, query)
    kill(int(name.partition(":")[2]))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def host(request: pytest.FixtureRequest, tmp_path: Path, sink: SlowSink) -> Iterator[Host]:
    if request.param == "sqlite":
        with host_for(tmp_path, sink) as host:
            yield host
        return
    with new_postgresql(tmp_path.name) as url, host_for(tmp_path, sink, url) as host:
        yield host


def test_no_more_is_held_than_was_being_offered(host: Host, sink: SlowSink) -> None:
    be_killed_amidst(host, sink, lambda: kill_sender(host))
    sink.go_on()
    wait_until_sent(host, PATIENCE)
    assert states(host, "outbox") == {"SENT": 400 - CONCURRENCY, "HELD": CONCURRENCY}
    assert Counter(each.text for each in sink.taken) == Counter(rows(host, "SELECT text FROM outbox"))
    assert "had not been offered yet when their process ended" in host.program.log


def of_another_boot(path: Path) -> None:
    word, boot, rest = path.read_bytes().split(b" ", 2)
    path.write_bytes(b" ".join((word, boot[::-1], rest)))


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


@pytest.mark.parametrize("spoil", [of_another_boot, cut_short])
def test_where_the_slate_is_not_to_be_believed_all_that_was_begun_is_held(
    tmp_path: Path, sink: SlowSink, spoil: Callable[[Path], None]
) -> None:
    host = host_for(tmp_path, sink)
    host.start()
    be_killed_amidst(host, sink, host.kill)
    begun = count(host, "outbox", "state = 'SENDING'")
    (slate,) = tmp_path.glob("smshost.db.slate.*")
    spoil(slate)
    sink.go_on()
    with host:
        wait_until_sent(host, PATIENCE)
        assert states(host, "outbox") == {"SENT": 400 - begun, "HELD": begun}
        assert f"{slate} is not believed" in host.program.log
    assert begun > CONCURRENCY
    assert max(Counter(each.text for each in sink.taken).values()) == 1
