"""What people do with texts, on both databases, and whether a host is at work on one."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert, select

from host.standing import is_running
from host.store import Store, health, waking
from host.store.health import Verdict
from host.store.interventions import AGAIN, DISCARD, REDRIVE, RELEASE, Asked, intervene, resume
from host.store.locks import locks_for
from host.store.states import InboxState, OutboxState
from host.store.tables import metadata
from tests.programs import wait_for

INBOX, OUTBOX, NOTES = (metadata.tables[name] for name in ("inbox", "outbox", "intervention"))
TIMES = {"started_at": 1, "ended_at": 1, "error": ""}
BOTH = {"gateway": "g", "text": "x", "attempts": 3, "due_at": 1}
ARRIVED = {**BOTH, "sender": "+1", "receiver": "", "keyword": "", "parameters": "[]", "received_at": 1}
QUEUED = {**BOTH, "receiver": "+1", "event_source": "", "created_at": 1, "error": "e"}


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    store = Store(engine)
    with engine.begin() as connection:
        for table, row, states in ((INBOX, ARRIVED, InboxState), (OUTBOX, QUEUED, OutboxState)):
            connection.execute(insert(table), [{**row, "state": str(state), "finished_at": 2} for state in states])
    yield store
    store.stop()


def moved(store: Store) -> list[tuple[str, int, str, int]]:
    """The texts that are another way than they were: direction, id, state, attempts."""
    with store.read() as connection:
        return [
            (way, row.id, row.state, row.attempts)
            for way, table in (("in", INBOX), ("out", OUTBOX))
            for row in connection.execute(select(table).where(table.c.due_at == 0).order_by(table.c.id))
        ]


def told(store: Store) -> list[tuple[str, int, str]]:
    """What is written down of what people did."""
    with store.read() as connection:
        rows = connection.execute(select(NOTES).order_by(NOTES.c.id))
        return [(row.direction, row.message_id, row.what) for row in rows]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(AGAIN, "in", state="FAILED"), [(4, "RECEIVED")]),
        (Asked(AGAIN, "in", state="UNMATCHED"), [(3, "RECEIVED")]),
        (Asked(AGAIN, "out", state="HELD"), [(8, "WAITING")]),
        (Asked(AGAIN, "in", (4,)), [(4, "RECEIVED")]),
        (Asked(AGAIN, "out", (7,)), [(7, "WAITING")]),
        (Asked(AGAIN, "in", (3, 4, 2, 99)), [(3, "RECEIVED"), (4, "RECEIVED")]),
        (Asked(AGAIN, "out", (4,)), []),
        (Asked(REDRIVE, "in", (4,)), [(4, "RECEIVED")]),
        (Asked(REDRIVE, "out", (7, 8)), [(7, "WAITING")]),
        (Asked(REDRIVE, "in", state="FAILED", adapter="a"), [(4, "RECEIVED")]),
        (Asked(REDRIVE, "in", state="FAILED", adapter="b"), []),
        (Asked(REDRIVE, "in", state="FAILED", adapter="A"), []),
        (Asked(REDRIVE, "in", state="FAILED", adapter="a.b"), []),
        (Asked(REDRIVE, "in", state="FAILED", adapter="a%"), []),
        (Asked(REDRIVE, "in", state="FAILED", adapter="well"), []),
        (Asked(RELEASE, "in", (5, 6)), [(5, "RECEIVED")]),
        (Asked(RELEASE, "out"), [(8, "WAITING")]),
        (Asked(RELEASE, "out", gateway="g"), [(8, "WAITING")]),
        (Asked(RELEASE, "out", gateway="h"), []),
        (Asked(DISCARD, "out", (7, 8)), [(8, "DISCARDED")]),
    ],
)
def test_a_remedy_moves_the_texts_it_is_for_and_writes_it_down(
    store: Store, asked: Asked, expected: list[tuple[int, str]]
) -> None:
    """Text 4 failed in handlers of the adapters "a" and "well", of which the latter succeeded with it since."""
    outcomes = [("a.ill", 1, "RAISED"), ("well.one", 1, "RAISED"), ("well.one", 2, "HANDLED"), ("b.fine", 1, "HANDLED")]
    rows = [{"inbox_id": 4, "handler": each[0], "attempt": each[1], "outcome": each[2], **TIMES} for each in outcomes]
    with store.engine.begin() as connection:
        connection.execute(insert(metadata.tables["handling"]), rows)
    assert store.write(intervene, asked) == [[number for number, _ in expected]]
    assert moved(store) == [(asked.direction, number, state, 3) for number, state in expected]
    what = f"{asked.remedy.ways[asked.direction].means} (smshost {asked.remedy.name})"
    assert told(store) == [(asked.direction, number, what) for number, _ in expected]


def test_what_was_done_with_a_text_is_over_only_where_it_was_discarded(store: Store) -> None:
    store.write(intervene, Asked(DISCARD, "out", (8,)), Asked(REDRIVE, "out", (7,)))
    with store.read() as connection:
        ended = connection.execute(select(OUTBOX.c.finished_at).where(OUTBOX.c.due_at == 0).order_by(OUTBOX.c.id))
        assert [moment is not None for moment in ended.scalars()] == [False, True]


def test_what_waits_for_an_adapter_goes_on_when_it_resumes(store: Store) -> None:
    """So does what waits for one with an earlier name: it may be for both, and a later text of its phone for one alone."""
    with store.engine.begin() as connection:
        health.judge(connection, [Verdict("a", "in-1 in a.ill: oh", 1), Verdict("b", "in-1 in b.ill: oh", 1)])
        waiting = {**ARRIVED, "state": "WAITING", "finished_at": 7}
        connection.execute(insert(INBOX), [{**waiting, "waits_for": "a"}, {**waiting, "waits_for": "b"}])
        connection.execute(INBOX.update().where(INBOX.c.id == 6).values(waits_for="a"))
        connection.execute(INBOX.update().where(INBOX.c.id == 8).values(waits_for="Z"))  # it comes before "a"
        health.judge(connection, [Verdict("Z", "in-1 in Z.ill: oh", 1)])
        connection.execute(insert(INBOX), [{**waiting, "waits_for": "b"}])
    assert store.write(resume, "a", "c") == [2, None]
    assert moved(store) == []
    assert [store.write(waking.wake, 2)[0] for _ in range(3)] == [True, True, False]
    assert moved(store) == [("in", number, "RECEIVED", 3) for number in (6, 7, 8)]
    assert sorted(told(store)) == sorted(
        ("in", number, what)
        for number in (6, 7)
        for what in ("waits for adapter a, which is in quarantine", "adapter a goes on (smshost resume a)")
    )
    with store.read() as connection:
        found = {row.adapter: (row.failures, row.quarantined_at is None) for row in health.read(connection)}
    assert found == {"Z": (1, False), "a": (0, True), "b": (1, False)}
    assert store.write(resume, "a") == [None]


def test_a_working_host_is_seen_by_its_lock(engine: Engine) -> None:
    store = Store(engine)
    lock = locks_for(engine)
    with store.read() as connection:
        told = [is_running(store, connection)]
        assert lock.join()
        told.append(is_running(store, connection))
        lock.leave()
        wait_for(lambda: not is_running(store, connection), "the lock to be gone")
    assert told == [False, True]
