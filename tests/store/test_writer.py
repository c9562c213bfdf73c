"""Group commit: one transaction for all that waits, each with its own fate."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, event, insert, select

from host.errors import StoreUnavailable, Unstorable
from host.store import Store

numbers = Table("numbers", MetaData(), Column("n", Integer, primary_key=True))


def add(connection: Connection, items: list[int]) -> Sequence[int]:
    connection.execute(insert(numbers), [{"n": item} for item in items])
    return [-item for item in items]


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    numbers.metadata.create_all(engine)
    store = Store(engine)
    yield store
    store.stop()


def stored(store: Store) -> list[int]:
    with store.read() as connection:
        return sorted(connection.execute(select(numbers.c.n)).scalars())


def test_each_item_gets_its_own_result(store: Store) -> None:
    assert (store.write(add, 1, 2, 3), stored(store)) == ([-1, -2, -3], [1, 2, 3])


def test_what_waits_shares_a_commit(store: Store) -> None:
    """Sixty-four threads at once need far fewer commits than sixty-four."""
    commits: list[int] = []
    event.listen(store.engine, "commit", lambda connection: commits.append(1))
    barrier = threading.Barrier(64)

    def write(number: int) -> list[int]:
        barrier.wait()
        return store.write(add, number)

    with ThreadPoolExecutor(64) as pool:
        results = list(pool.map(write, range(64)))
    assert (results, stored(store)) == ([[-number] for number in range(64)], list(range(64)))
    assert len(commits) < 32


def test_a_bad_item_does_not_fail_its_neighbours(store: Store) -> None:
    store.write(add, 5)
    fates: dict[int, str] = {}
    hold, done = threading.Event(), threading.Semaphore(0)

    def slow(connection: Connection, items: list[int]) -> Sequence[None]:
        hold.wait(10)
        return [None] * len(items)

    def then(number: int):  # type: ignore[no-untyped-def]
        def settle(result: int | None, error: Exception | None) -> None:
            fates[number] = type(error).__name__ if error else str(result)
            done.release()

        return settle

    store.submit(slow, 0, lambda result, error: None)
    for number in (4, 5, 6):  # these wait together while the slow one runs
        store.submit(add, number, then(number))
    hold.set()
    for _ in range(3):
        assert done.acquire(timeout=10)
    assert (fates, stored(store)) == ({4: "-4", 5: "Unstorable", 6: "-6"}, [4, 5, 6])


def test_an_item_that_nobody_can_write_gives_its_own_error(store: Store) -> None:
    def broken(connection: Connection, items: list[int]) -> Sequence[int]:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        store.write(broken, 1)
    assert store.write(add, 1) == [-1]


def test_what_is_said_of_an_item_that_the_database_refuses_is_without_its_statement(store: Store) -> None:
    """It is part of the answer to a gateway, which may text it to a phone."""
    store.write(add, 5)
    with pytest.raises(Unstorable) as refused:
        store.write(add, 5)
    said = str(refused.value)
    assert ("UNIQUE" in said.upper(), "INSERT" in said, "\n" in said) == (True, False, False)


def test_a_stopped_store_refuses(store: Store) -> None:
    store.write(add, 1)
    store.stop()
    with pytest.raises(StoreUnavailable):
        store.write(add, 2)
    assert stored(store) == [1]
