"""The engine under random releases, retries, sweeps and wakes, in one process, over a table in memory.

No row is run twice at a time, each key's rows are done in order, and nothing is forgotten.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from host.app import Options, open_store
from host.engine.feeder import Feeder
from host.engine.lanes import Item, Lanes
from host.store import inbox, outbox, schema
from host.store.tables import metadata
from tests.programs import wait_for

ROWS = 3000
KEYS = 40


@dataclass
class Line:
    """A row of the test's table. ``due``: the tick from which it may be run."""

    id: int
    key: str
    attempts: int = 0
    due: int = 0
    done: bool = False


class Table:
    """What the tests' feeders read, by the rules of `inbox.due`; a tick passes with every look at it."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.tick = 0
        self.lock = threading.Lock()

    def add(self, key: str) -> None:
        with self.lock:
            self.lines.append(Line(len(self.lines) + 1, key))

    def due(self, after: int, most: int) -> list[Item[Line]]:
        with self.lock:
            self.tick += 1
            blocked: set[str] = set()
            found: list[Item[Line]] = []
            for line in self.lines:
                if line.done:
                    continue
                ready = line.due <= self.tick
                if ready and line.id > after and line.key not in blocked and len(found) < most:
                    found.append(Item(line.id, line.key, line))
                if not ready or (line.id <= after and line.attempts):
                    blocked.add(line.key)
            return found

    def is_done(self) -> bool:
        with self.lock:
            return len(self.lines) == ROWS and all(line.done for line in self.lines)


class Worker:
    """Runs rows and lets chance decide how they end: done, to be tried again, or not stored at all."""

    def __init__(self, table: Table, chance: random.Random) -> None:
        self.table = table
        self.chance = chance
        self.lanes: Lanes[Line] = Lanes("stress", 6, 50, self.run)
        self.running: set[str] = set()
        self.finished: list[tuple[str, int]] = []
        self.wrong: list[str] = []

    def run(self, item: Item[Line]) -> None:
        with self.table.lock:
            if item.key in self.running or item.work.done:
                self.wrong.append(f"{item.id} of {item.key} runs twice, or beside another of its key")
            self.running.add(item.key)
            ending = self.chance.choice([self.finish, self.finish, self.finish, self.wait, self.forget, self.fail])
            elsewhere = self.chance.random() < 0.5
        if ending == self.fail:
            self.fail(item)
        if elsewhere:  # as the store's writer does it
            threading.Thread(target=ending, args=(item,)).start()
        else:
            ending(item)

    def finish(self, item: Item[Line]) -> None:
        with self.table.lock:
            item.work.done = True
            self.finished.append((item.key, item.id))
            self.running.discard(item.key)
        self.lanes.release(item)

    def wait(self, item: Item[Line]) -> None:
        with self.table.lock:
            item.work.attempts += 1
            item.work.due = self.table.tick + self.chance.randrange(1, 20)
            self.running.discard(item.key)
        self.lanes.release(item, go_on=False)

    def forget(self, item: Item[Line]) -> None:
        """The database did not take how it ended."""
        with self.table.lock:
            self.running.discard(item.key)
        self.lanes.release(item, go_on=False)

    def fail(self, item: Item[Line]) -> None:
        with self.table.lock:
            self.running.discard(item.key)
        raise RuntimeError("a worker's own mistake")


@pytest.mark.parametrize("seed", range(4))
def test_rows_run_one_at_a_time_in_order_and_none_is_forgotten(seed: int) -> None:
    chance = random.Random(seed)
    table = Table()
    worker = Worker(table, random.Random(seed + 100))
    feeder = Feeder(worker.lanes, table.due)
    feeder.start()

    def arrive_and_sweep() -> bool:
        for _ in range(chance.randrange(8)):
            if len(table.lines) < ROWS:
                table.add(f"key {chance.randrange(KEYS)}")
        chance.choice([feeder.wake, feeder.wake, feeder.sweep])()
        return bool(worker.wrong) or table.is_done()

    wait_for(arrive_and_sweep, "every row to be done", deadline=30)
    feeder.stop()
    assert worker.lanes.stop(5)
    assert worker.wrong == []
    by_key = [[id_ for key, id_ in worker.finished if key == f"key {number}"] for number in range(KEYS)]
    assert by_key == [sorted(set(ids)) for ids in by_key]
    assert len(worker.finished) == ROWS


def test_a_key_whose_row_went_back_is_refused_until_the_next_look_from_the_start() -> None:
    started: list[int] = []
    lanes: Lanes[None] = Lanes("refusing", 1, 10, lambda item: started.append(item.id))
    first, second = Item(1, "key", None), Item(2, "key", None)
    lanes.begin_offering(0)
    lanes.offer([first])
    wait_for(lambda: started == [1], "the first row to run")
    lanes.release(first, go_on=False)
    lanes.begin_offering(1)
    assert lanes.offer([second]) == 0
    lanes.begin_offering(0)
    assert lanes.offer([first, second]) == 2
    lanes.stop(0)


Due = Callable[[Connection, int], list[int]]


def inbox_due(connection: Connection, after: int) -> list[int]:
    return [row.id for row in inbox.due(connection, 100, after, 10)]


def outbox_due(connection: Connection, after: int) -> list[int]:
    return [row.id for row in outbox.due(connection, "web", 100, after, 10)]


@pytest.mark.parametrize(
    ("table", "first", "after", "found"),
    [
        ("inbox", {"state": "RECEIVED", "attempts": 0, "due_at": 0}, 0, [1, 2, 3]),
        ("inbox", {"state": "RECEIVED", "attempts": 0, "due_at": 0}, 1, [2, 3]),  # in hand: its lane is kept
        ("inbox", {"state": "RECEIVED", "attempts": 1, "due_at": 101}, 0, [3]),
        ("inbox", {"state": "RECEIVED", "attempts": 1, "due_at": 99}, 0, [1, 2, 3]),
        ("inbox", {"state": "RECEIVED", "attempts": 1, "due_at": 99}, 1, [3]),  # due again, and not in this look
        ("inbox", {"state": "FAILED", "attempts": 1, "due_at": 99}, 1, [2, 3]),
        ("outbox", {"state": "QUEUED", "attempts": 0, "due_at": 0}, 0, [1, 2, 3]),
        ("outbox", {"state": "QUEUED", "attempts": 0, "due_at": 0}, 1, [2, 3]),
        ("outbox", {"state": "SENDING", "attempts": 1, "due_at": 0}, 1, [2, 3]),
        ("outbox", {"state": "WAITING", "attempts": 1, "due_at": 101}, 0, [3]),
        ("outbox", {"state": "WAITING", "attempts": 1, "due_at": 99}, 0, [1, 2, 3]),
        ("outbox", {"state": "WAITING", "attempts": 1, "due_at": 99}, 1, [3]),
        ("outbox", {"state": "HELD", "attempts": 1, "due_at": 99}, 1, [2, 3]),
    ],
)
def test_a_phones_later_text_is_not_due_before_its_earlier_one(
    tmp_path: Path, table: str, first: dict[str, object], after: int, found: list[int]
) -> None:
    _, store = open_store(Options(database=f"sqlite:///{tmp_path / 'due.db'}"))
    schema.upgrade(store.engine)
    phones = ["+1", "+1", "+2"]
    fresh = {"state": "RECEIVED" if table == "inbox" else "QUEUED", "attempts": 0, "due_at": 0}
    with store.engine.begin() as connection:
        rows = [{**ROW[table](phone), **(fresh if number else first)} for number, phone in enumerate(phones)]
        connection.execute(insert(metadata.tables[table]), rows)
    with store.read() as connection:
        assert {"inbox": inbox_due, "outbox": outbox_due}[table](connection, after) == found
    store.stop()
    store.engine.dispose()


ROW: dict[str, Callable[[str], dict[str, object]]] = {
    "inbox": lambda phone: {
        "gateway": "web",
        "sender": phone,
        "receiver": "",
        "text": "",
        "keyword": "",
        "parameters": "[]",
        "received_at": 0,
    },
    "outbox": lambda phone: {
        "gateway": "web",
        "receiver": phone,
        "event_source": "",
        "text": "",
        "created_at": 0,
        "error": "",
    },
}
