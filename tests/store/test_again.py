"""Texts taken up again, on both databases, and whether a host is at work on one."""

from collections.abc import Iterator

import pytest
from host.store.again import Again, again
from sqlalchemy import Engine, insert, select

from host.standing import is_running
from host.store import Store, schema
from host.store.locks import locks_for
from host.store.tables import InboxState, OutboxState, metadata
from tests.programs import wait_for

INBOX, OUTBOX = metadata.tables["inbox"], metadata.tables["outbox"]


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    schema.upgrade(engine)
    store = Store(engine)
    both = {"gateway": "g", "text": "x", "attempts": 3, "due_at": 1}
    arrived = {**both, "sender": "+1", "receiver": "", "keyword": "", "parameters": "[]", "received_at": 1}
    queued = {**both, "receiver": "+1", "event_source": "", "created_at": 1, "error": "e"}
    with engine.begin() as connection:
        for table, row, states in ((INBOX, arrived, InboxState), (OUTBOX, queued, OutboxState)):
            connection.execute(insert(table), [{**row, "state": str(state), "finished_at": 2} for state in states])
    yield store
    store.stop()


def changed(store: Store) -> list[tuple[int, str, int]]:
    """The rows that are due now: id, state, attempts."""
    with store.read() as connection:
        return [
            (row.id, row.state, row.attempts)
            for table in (INBOX, OUTBOX)
            for row in connection.execute(select(table).where(table.c.due_at > 1).order_by(table.c.id))
            if row.finished_at is None
        ]


@pytest.mark.parametrize(
    ("asked", "counted", "due"),
    [
        (Again("FAILED"), (1, 1), [(4, "RECEIVED", 3), (7, "WAITING", 3)]),
        (Again("UNMATCHED"), (1, 0), [(3, "RECEIVED", 3)]),
        (Again("HELD"), (0, 1), [(8, "WAITING", 3)]),
        (Again("FAILED", "in", 4), (1, 0), [(4, "RECEIVED", 3)]),
        (Again("FAILED", "out", 7), (0, 1), [(7, "WAITING", 3)]),
        (Again("FAILED", "in", 3), (0, 0), []),
        (Again("SENT", "out", 4), (0, 0), []),
        (Again("HANDLED", "in", 2), (0, 0), []),
    ],
)
def test_what_ended_without_success_is_due_again(
    store: Store, asked: Again, counted: tuple[int, int], due: list[tuple[int, str, int]]
) -> None:
    assert store.write(again, asked) == [counted]
    assert changed(store) == due


def test_a_working_host_is_seen_by_its_lock(engine: Engine) -> None:
    schema.upgrade(engine)
    store = Store(engine)
    lock = locks_for(engine)
    with store.read() as connection:
        told = [is_running(store, connection)]
        assert lock.join()
        told.append(is_running(store, connection))
        lock.leave()
        wait_for(lambda: not is_running(store, connection), "the lock to be gone")
    assert told == [False, True]
