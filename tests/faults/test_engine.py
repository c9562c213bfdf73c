"""The engine under random releases, retries, sweeps and wakes, in one process, over a table in memory.

No row is run twice at a time, each key's rows are done in order, and nothing is forgotten.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from host.app import open_store
from host.engine.feeder import Feeder
from host.engine.lanes import Item, Lanes
from host.engine.pool import Pool, Slice
from host.options import Options
from host.store import inbox, outbox, schema
from host.store.due import PER_PHONE
from host.store.tables import metadata
from tests.programs import wait_for

ROWS = 1500
KEYS = 40
PER_KEY, PER_READ = 4, 12  # what a lane takes, and what a look shows, of one key


@dataclass
class Line:
    """A row of the test's table. ``due``: the tick from which it may be run."""

    id: int
    key: str
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
            behind: set[str] = set()
            waiting: Counter[str] = Counter()
            found: list[Item[Line]] = []
            for line in self.lines:
                if line.done:
                    continue
                waiting[line.key] += 1
                ready = line.due <= self.tick and waiting[line.key] <= PER_READ
                if ready and line.id > after and line.key not in blocked and len(found) < most:
                    found.append(Item(line.id, line.key, line, line.key in behind))
                if not ready:
                    blocked.add(line.key)
                if line.id <= after:
                    behind.add(line.key)
            return found

    def is_done(self) -> bool:
        with self.lock:
            return len(self.lines) == ROWS and all(line.done for line in self.lines)


def pooled(
    run: Callable[[Slice[Any]], None], threads: int, room: int, per_key: int = 50
) -> tuple[Pool[Any], Lanes[Any]]:
    """A pool at work, over lanes."""
    pool: Pool[Any] = Pool("test", threads, run, lambda: 4)
    lanes: Lanes[Any] = Lanes(pool.changed, room, per_key)
    pool.lanes.append(lanes)
    pool.resume()
    return pool, lanes


def test_a_pool_that_has_lent_all_it_may_lends_none_away() -> None:
    """As many hang as threads may be lent; those that are left are held up together, and go on."""
    go_on, together = threading.Event(), threading.Barrier(2)
    done: list[int] = []

    def run(slice_: Slice[Any]) -> None:
        for item in slice_:
            pool.lend()
            if item.work == "hangs":
                go_on.wait(60)
            elif item.work == "waits":
                together.wait(60)
            pool.take_back()
            pool.release([(item, True)])
            done.append(item.id)

    pool: Pool[Any] = Pool("test", 2, run)
    lanes: Lanes[Any] = Lanes(pool.changed, 100)
    pool.lanes.append(lanes)
    pool.resume()
    works = [*["hangs"] * 20, *["waits"] * 2, "ends"]
    try:
        lanes.begin_offering()
        lanes.offer([Item(number, f"key {number}", work, False) for number, work in enumerate(works)])
        wait_for(lambda: len(done) == 3, "those that do not hang", 10)
    finally:
        go_on.set()
        assert pool.stop(10)


class Worker:
    """Runs rows and lets chance decide how they end: done, to be tried again, or not stored at all."""

    def __init__(self, table: Table, chance: random.Random) -> None:
        self.table = table
        self.chance = chance
        self.pool, self.lanes = pooled(self.run_all, 6, 50, PER_KEY)
        self.running: set[str] = set()
        self.finished: list[tuple[str, int]] = []
        self.wrong: list[str] = []

    def run_all(self, slice_: Slice[Line]) -> None:
        for item in slice_:
            try:
                self.run(item)
            except RuntimeError:
                self.pool.release([(item, False)])

    def run(self, item: Item[Line]) -> None:
        with self.table.lock:
            if item.key in self.running or item.work.done:
                self.wrong.append(f"{item.id} of {item.key} runs twice, or beside another of its key")
            self.running.add(item.key)
            ending = self.chance.choice([self.finish, self.finish, self.finish, self.wait, self.forget, self.fail])
            elsewhere = self.chance.random() < 0.5
        if elsewhere and ending != self.fail:  # as the store's writer does it
            threading.Thread(target=ending, args=(item,)).start()
        else:
            ending(item)

    def finish(self, item: Item[Line]) -> None:
        with self.table.lock:
            item.work.done = True
            self.finished.append((item.key, item.id))
            self.running.discard(item.key)
        self.pool.release([(item, True)])

    def wait(self, item: Item[Line]) -> None:
        with self.table.lock:
            item.work.due = self.table.tick + self.chance.randrange(1, 20)
            self.running.discard(item.key)
        self.pool.release([(item, False)])

    def forget(self, item: Item[Line]) -> None:
        """The database did not take how it ended."""
        with self.table.lock:
            self.running.discard(item.key)
        self.pool.release([(item, False)])

    def fail(self, item: Item[Line]) -> None:
        with self.table.lock:
            self.running.discard(item.key)
        raise RuntimeError("a worker's own mistake")


@pytest.mark.parametrize(("seed", "keys"), [(1, KEYS), (2, KEYS), (3, KEYS), (4, 3)])
def test_rows_run_one_at_a_time_in_order_and_none_is_forgotten(seed: int, keys: int) -> None:
    chance = random.Random(seed)
    table = Table()
    worker = Worker(table, random.Random(seed + 100))
    feeder = Feeder("stress", worker.lanes, table.due)
    feeder.start()

    def arrive_and_sweep() -> bool:
        for _ in range(chance.randrange(8)):
            if len(table.lines) < ROWS:
                table.add(f"key {min(chance.randrange(keys), chance.randrange(keys))}")
        chance.choice([feeder.wake, feeder.wake, feeder.sweep])()
        return bool(worker.wrong) or table.is_done()

    end, pause = time.monotonic() + 60, threading.Event()
    while not arrive_and_sweep():
        assert time.monotonic() < end, "not every row is done"
        pause.wait(0.002)
    feeder.stop()
    assert worker.pool.stop(5)
    assert worker.wrong == []
    by_key = [[id_ for key, id_ in worker.finished if key == f"key {number}"] for number in range(KEYS)]
    assert by_key == [sorted(set(ids)) for ids in by_key]
    assert len(worker.finished) == ROWS


def test_a_row_behind_one_that_went_back_waits_for_a_look_from_the_start() -> None:
    started: list[int] = []
    pool, lanes = pooled(lambda slice_: started.extend(item.id for item in slice_), 1, 10)
    first, second = Item(1, "key", None), Item(2, "key", None)
    lanes.begin_offering()
    lanes.offer([first])
    wait_for(lambda: started == [1], "the first row to run")
    pool.release([(first, False)])
    lanes.begin_offering()
    assert lanes.offer([Item(2, "key", None, behind=True)]) == 0
    lanes.begin_offering()
    assert lanes.offer([first, second]) == 2
    pool.stop(0)


def test_a_row_behind_one_in_hand_joins_its_lane_and_behind_one_just_done_follows_it() -> None:
    started: list[int] = []
    pool, lanes = pooled(lambda slice_: started.extend(item.id for item in slice_), 1, 10)
    first, second, third = Item(1, "key", None), Item(2, "key", None, behind=True), Item(3, "key", None, behind=True)
    lanes.begin_offering()
    lanes.offer([first])
    wait_for(lambda: started == [1], "the first row to run")
    assert lanes.offer([second]) == 1
    lanes.begin_offering()
    pool.release([(first, True)])
    wait_for(lambda: started == [1, 2], "the second row to run")
    pool.release([(second, True)])
    assert lanes.offer([third]) == 1
    pool.stop(0)


def test_a_full_lane_leaves_its_keys_later_rows_until_a_look_finds_the_first_again() -> None:
    hold = threading.Event()
    short: list[int] = []

    def run(slice_: Slice[None]) -> None:
        for item in slice_:
            assert hold.wait(10)
            pool.release([(item, True)])

    pool, lanes = pooled(run, 1, 10, 2)
    lanes.short = short.append
    lanes.begin_offering()
    rows = [Item(number, "key", None) for number in range(1, 6)]
    lanes.offer(rows[:1])
    wait_for(lambda: not pool.is_idle(), "the first row to run")
    lanes.begin_offering()
    assert lanes.offer(rows[1:]) == 2
    lanes.begin_offering(5)
    assert lanes.offer([Item(6, "key", None, behind=True), Item(7, "other", None)]) == 1
    hold.set()
    wait_for(lambda: short, "more to be asked for")
    assert short[0] == 3
    wait_for(pool.is_idle, "the lanes to be empty")
    lanes.begin_offering(5)
    assert lanes.offer([Item(8, "key", None, behind=True)]) == 0
    lanes.begin_offering(3)
    assert lanes.offer([Item(4, "key", None), Item(5, "key", None), Item(6, "key", None)]) == 3
    pool.stop(1)


def test_what_a_lane_has_no_room_for_is_among_what_a_look_shows() -> None:
    lanes: Lanes[None] = Lanes(threading.Condition(), 10)
    assert 2 * (lanes.per_key + 1) < PER_PHONE


@pytest.mark.parametrize("work", [0.0, 0.002])
def test_a_phone_with_many_texts_holds_up_no_other_and_goes_on_at_once(work: float) -> None:
    table = Table()
    for _ in range(1000):
        table.add("many")
    table.add("one")
    finished: list[str] = []

    def run(slice_: Slice[Line]) -> None:
        for item in slice_:
            threading.Event().wait(work)
            item.work.done = True
            finished.append(item.key)
            pool.release([(item, True)])

    pool, lanes = pooled(run, 2, 40, PER_KEY)
    feeder = Feeder("fair", lanes, table.due)
    feeder.start()
    wait_for(lambda: len(finished) == 1001, "every row to be done, without a sweep", 20)
    assert finished.index("one") < 500
    feeder.stop()
    assert pool.stop(1)


def test_new_rows_that_never_end_keep_no_old_one_from_its_turn_nor_do_sweeps_the_new_ones() -> None:
    looks: list[int] = []

    def read(after: int, most: int) -> list[Item[None]]:
        looks.append(after)
        feeder.sweep()
        return [Item(after + 1, f"key {after + 1}", None)]

    pool, lanes = pooled(lambda slice_: pool.release([(item, True) for item in slice_]), 2, 10**9)
    feeder = Feeder("endless", lanes, read)
    feeder.start()
    try:
        wait_for(lambda: looks.count(0) > 5 and max(looks) > 5, "both the oldest row and new ones to be looked at")
    finally:
        feeder.stop()
        assert pool.stop(5)


Due = list[tuple[int, bool]]


@pytest.mark.parametrize(
    ("first", "after", "found"),
    [
        ({"state": "RECEIVED"}, 0, [(1, False), (2, False), (3, False)]),
        ({"state": "RECEIVED"}, 1, [(2, True), (3, False)]),
        ({"state": "RECEIVED", "due_at": 101}, 0, [(3, False)]),
        ({"state": "FAILED", "due_at": 101}, 1, [(2, False), (3, False)]),
    ],
)
def test_what_is_due_to_be_handled(tmp_path: Path, first: dict[str, object], after: int, found: Due) -> None:
    row: dict[str, object] = {
        "gateway": "web", "receiver": "", "text": "", "keyword": "", "parameters": "[]", "received_at": 0,
        "state": "RECEIVED", "attempts": 0, "due_at": 0,
    }  # fmt: skip
    stored = [{**row, "sender": "+1", **first}, {**row, "sender": "+1"}, {**row, "sender": "+2"}]
    with stored_rows(tmp_path, "inbox", stored) as connection:
        assert [(each.id, bool(each.behind)) for each in inbox.due(connection, 100, after, 10)] == found


@pytest.mark.parametrize(
    ("first", "after", "found"),
    [
        ({"state": "QUEUED"}, 0, [(1, False), (2, False), (3, False)]),
        ({"state": "SENDING"}, 1, [(2, True), (3, False)]),
        ({"state": "WAITING"}, 1, [(2, True), (3, False)]),
        ({"state": "WAITING", "due_at": 101}, 0, [(3, False)]),
        ({"state": "HELD", "due_at": 101}, 1, [(2, False), (3, False)]),
    ],
)
def test_what_is_due_to_be_sent(tmp_path: Path, first: dict[str, object], after: int, found: Due) -> None:
    row: dict[str, object] = {
        "gateway": "web", "event_source": "", "text": "", "created_at": 0, "error": "",
        "state": "QUEUED", "attempts": 0, "due_at": 0,
    }  # fmt: skip
    stored = [{**row, "receiver": "+1", **first}, {**row, "receiver": "+1"}, {**row, "receiver": "+2"}]
    with stored_rows(tmp_path, "outbox", stored) as connection:
        assert [(each.id, bool(each.behind)) for each in outbox.due(connection, "web", 100, after, 10)] == found


@contextmanager
def stored_rows(directory: Path, table: str, stored: list[dict[str, object]]) -> Iterator[Connection]:
    """A database with these rows in one table."""
    _, store = open_store(Options(database=f"sqlite:///{directory / 'due.db'}"))
    schema.upgrade(store.engine)
    with store.engine.begin() as connection:
        connection.execute(insert(metadata.tables[table]), stored)
    with store.read() as connection:
        yield connection
    store.stop()
    store.engine.dispose()
