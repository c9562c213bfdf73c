"""Quarantine, overruns and waits as rows, on both databases."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import Engine, insert, select

from host.store import Store, health, inbox, interventions, waits, waking
from host.store.health import Overran, Verdict
from host.store.inbox import Earlier, Handled, Run
from host.store.states import InboxState
from host.store.tables import metadata
from tests.programs import wait_for

INBOX, OUTBOX, HEALTH = (metadata.tables[name] for name in ("inbox", "outbox", "adapter_health"))
ARRIVED = {"gateway": "g", "text": "x", "attempts": 0, "due_at": 0, "sender": "+1", "receiver": "", "keyword": "",
           "parameters": "[]", "received_at": 1, "state": "RECEIVED"}  # fmt: skip
QUEUED = {"gateway": "g", "text": "x", "attempts": 1, "receiver": "+1", "event_source": "", "created_at": 1,
          "error": "", "state": "WAITING"}  # fmt: skip


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    store = Store(engine)
    yield store
    store.stop()


def judge(store: Store, verdicts: Sequence[Verdict]) -> None:
    with store.engine.begin() as connection:
        health.judge(connection, verdicts)


def verdict(word: str, most: int = 3) -> Verdict:
    """ "a+" says that adapter a works again, "a-" that it failed."""
    return Verdict(word[0], "" if word[1] == "+" else "in-1 in a.ill: oh", most)


@pytest.mark.parametrize(
    ("words", "failures", "shut"),
    [
        ("a-", 1, False),
        ("a- a-", 2, False),
        ("a- a- a-", 3, True),
        ("a- a- b- a-", 3, True),
        ("a- a- a+ a-", 1, False),
        ("a- a- a+", 0, False),
        ("a- a- a- a+", 3, True),  # only a person ends it
        ("a- a- a- a-", 3, True),
        ("b- b- b-", None, False),
        ("", None, False),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_so_many_failures_in_a_row_are_a_quarantine(
    store: Store, words: str, failures: int | None, shut: bool, together: bool
) -> None:
    verdicts = [verdict(word) for word in words.split()]
    for some in [verdicts] if together else [[each] for each in verdicts]:
        judge(store, some)
    with store.read() as connection:
        found = {row.adapter: (row.failures, row.quarantined_at is not None) for row in health.read(connection)}
        assert found.get("a", (None, False)) == (failures, shut)
        assert health.shut_among(connection, ["a"]) == ({"a"} if shut else set())


def test_without_a_number_nobody_is_put_in_quarantine(store: Store) -> None:
    judge(store, [verdict("a-", most=0)] * 100)
    with store.read() as connection:
        (row,) = health.read(connection)
    assert (row.failures, row.quarantined_at) == (100, None)
    assert row.reason == "100 text(s) in a row failed, the last of them in-1 in a.ill: oh"


def test_overruns_are_counted_and_the_last_is_kept(store: Store) -> None:
    store.write(health.count_overruns, Overran("a", 5), Overran("b", 6), Overran("a", 7))
    with store.read() as connection:
        found = [(row.adapter, row.overruns, row.last_overrun_at) for row in health.read(connection)]
    assert found == [("a", 2, 7), ("b", 1, 6)]


def arrive(store: Store, number: int = 1) -> None:
    with store.engine.begin() as connection:
        connection.execute(insert(INBOX), [ARRIVED] * number)


def parked(number: int, adapter: str = "a") -> Sequence[Handled]:
    return [Handled(number, InboxState.WAITING, 0, 0, (Run("b.fine", 1, 2),), waits_for=adapter)]


def wake(store: Store) -> None:
    while store.write(waking.wake, 7)[0]:
        pass


def states(store: Store) -> list[tuple[str, str, int]]:
    with store.read() as connection:
        found = connection.execute(select(INBOX).order_by(INBOX.c.id))
        return [(row.state, row.waits_for, row.due_at) for row in found]


def test_a_text_waits_for_an_adapter_only_while_that_is_in_quarantine(store: Store) -> None:
    arrive(store, 3)
    judge(store, [verdict("a-", most=1)])
    store.write(inbox.finish, parked(1))
    store.write(interventions.resume, "a")
    store.write(inbox.finish, parked(2), parked(3, "c"))
    wake(store)
    assert states(store) == [("RECEIVED", "a", 0), ("RECEIVED", "a", 0), ("RECEIVED", "c", 0)]
    with store.read() as connection:
        assert inbox.handlers_so_far(connection, 2) == Earlier(done=frozenset({"b.fine"}))


def test_no_text_is_left_behind_by_a_quarantine_that_ends_while_it_is_parked(store: Store, engine: Engine) -> None:
    """Either the one who resumes finds it parked, or the one who parks finds the quarantine ended."""
    other = Store(engine)
    arrive(store, 40)
    for number in range(1, 41):
        judge(store, [verdict("a-", most=1)])
        resuming = threading.Thread(target=other.write, args=(interventions.resume, "a"))
        resuming.start()
        store.write(inbox.finish, parked(number))
        resuming.join(10)
    wake(store)
    assert set(states(store)) == {("RECEIVED", "a", 0)}
    other.stop()


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_quarantine_does_not_end_while_a_text_is_being_parked(store: Store, engine: Engine) -> None:
    arrive(store)
    judge(store, [verdict("a-", most=1)])
    ended = threading.Event()
    with engine.begin() as connection:
        inbox.finish(connection, [parked(1)])
        resuming = threading.Thread(target=lambda: (store.write(interventions.resume, "a"), ended.set()))
        resuming.start()
        waits_for_lock = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:  # a transaction sees one moment
            query = f"{waits_for_lock} current_database()"
            wait_for(lambda: other.exec_driver_sql(query).scalar() or ended.is_set(), "it to wait")
        assert not ended.is_set()
    resuming.join(10)
    wake(store)
    assert states(store) == [("RECEIVED", "a", 0)]


@pytest.mark.parametrize(
    ("inbox_due", "outbox_due", "cut", "left"),
    [
        (0, 0, 0, (0, 0)),
        (1_100, 1_500, 0, (1_100, 1_500)),
        (1_101, 1_501, 2, (0, 0)),
        (900, 1_501, 1, (900, 0)),
    ],
)
def test_a_wait_that_nobody_can_have_meant_is_over(
    store: Store, inbox_due: int, outbox_due: int, cut: int, left: tuple[int, int]
) -> None:
    rows = ((INBOX, {**ARRIVED, "due_at": inbox_due}), (OUTBOX, {**QUEUED, "due_at": outbox_due}))
    with store.engine.begin() as connection:
        for table, row in rows:
            done = {**row, "state": "FAILED", "due_at": 10**15}
            connection.execute(insert(table), [row, done])
    assert store.write(waits.due_again, waits.Longest(1_000, 100, 500)) == [cut]
    with store.read() as connection:
        found = [connection.execute(select(table.c.due_at).order_by(table.c.id)).scalars().all() for table, _ in rows]
    assert found == [[left[0], 10**15], [left[1], 10**15]]
