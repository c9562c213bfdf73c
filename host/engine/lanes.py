"""Lanes: items of one key strictly in order and one at a time, different keys in parallel."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

Work = TypeVar("Work")


@dataclass(frozen=True)
class Item(Generic[Work]):
    """A piece of work: the row's ``id``, and the ``key`` (a phone) whose order it keeps.

    ``behind``: an earlier row of the key waited too when this one was read, and did not come with it.
    """

    id: int
    key: str
    work: Work
    behind: bool = False


class Lanes(Generic[Work]):
    """Worker threads over lanes.

    ``run`` is called in a worker thread and leads to exactly one :meth:`release` of the item, from any thread; until
    then the item's lane waits. ``drained`` is called when there is room for more; ``short`` when a lane that could not
    take all its items has room again, with the id to look for more after. ``per_key``: how many items wait in one lane,
    so that one phone with many texts leaves room for the others.
    """

    def __init__(
        self, name: str, threads: int, room: int, run: Callable[[Item[Work]], None], per_key: int = 50
    ) -> None:
        self.name = name
        self.room = room
        self.per_key = per_key
        self.drained: Callable[[], None] = lambda: None
        self.short: Callable[[int], None] = lambda after: None
        self._threads = threads
        self._run = run
        self._lanes: dict[str, deque[Item[Work]]] = {}  # what waits behind the running item, by key
        self._ready: deque[Item[Work]] = deque()
        self._in_hand: set[int] = set()
        self._refused_ids: set[int] = set()
        self._refused_keys: set[str] = set()
        self._done_keys: set[str] = set()  # whose last item in hand was settled since the database was looked at
        self._left: dict[str, int] = {}  # the first item of a key that its lane had no room for
        self._running = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._started = False

    def begin_offering(self, after: int = 0) -> int:
        """Say that the database is about to be read after this id; gives how many more items there is room for.

        What is released from here on is refused when it is offered: what was read may be older than the release. An
        item that was left is the next of its key to be taken, so only a look that finds it again opens its lane.
        """
        with self._changed:
            self._left = {key: id_ for key, id_ in self._left.items() if id_ <= after}
            self._refused_ids.clear()
            self._refused_keys.clear()
            self._done_keys.clear()
            return 0 if self._stopping else self.room - len(self._in_hand)

    def offer(self, items: list[Item[Work]]) -> int:
        """Take the items that are not in hand already, in order; gives how many were taken."""
        with self._changed:
            self._start()
            taken = sum(self._take(item) for item in items if self._is_fresh(item))
            self._changed.notify(taken)
        return taken

    def release(self, item: Item[Work], go_on: bool = True) -> None:
        """The item is settled in the database. ``go_on=False``: it waits for another try, and its lane with it."""
        with self._changed:
            self._running -= 1
            lane = self._lanes[item.key]
            leaving = [item.id, *(() if go_on else (each.id for each in lane))]
            self._in_hand.difference_update(leaving)
            self._refused_ids.update(leaving)
            if go_on and lane:
                self._ready.append(lane.popleft())
            else:
                del self._lanes[item.key]
                (self._done_keys if go_on else self._refused_keys).add(item.key)
            self._changed.notify_all() if self._stopping else self._changed.notify()
            has_room = len(self._in_hand) <= self.room // 2
            left = self._left.get(item.key) if go_on and len(lane) <= self.per_key // 2 else None
        if left is not None:
            self.short(left - 1)
        if has_room:
            self.drained()

    def close(self) -> None:
        """Begin nothing more; what waits is left to the database."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def stop(self, seconds: float) -> bool:
        """Finish what runs, leave what waits to the database; gives whether all ended in time."""
        self.close()
        with self._changed:
            return self._changed.wait_for(lambda: self._running == 0, timeout=seconds)

    def _take(self, item: Item[Work]) -> bool:
        """Give the item its place; where its lane is full, it and all after it are left to a later look."""
        lane = self._lanes.get(item.key)
        if lane is not None and len(lane) >= self.per_key:
            self._left[item.key] = item.id
            return False
        self._in_hand.add(item.id)
        if lane is not None:
            lane.append(item)
        else:
            self._lanes[item.key] = deque()
            self._ready.append(item)
        return True

    def _is_fresh(self, item: Item[Work]) -> bool:
        known = item.id in self._in_hand or item.id in self._refused_ids
        closed = item.key in self._refused_keys or item.key in self._left
        return not known and not closed and not self._stopping and self._is_next(item)

    def _is_next(self, item: Item[Work]) -> bool:
        """Whether the key's earlier rows are in hand or done; where one went back, only a look from the start tells."""
        return not item.behind or item.key in self._lanes or item.key in self._done_keys

    def _start(self) -> None:
        if self._started:
            return
        self._started = True
        for number in range(self._threads):
            threading.Thread(target=self._work, name=f"smshost-{self.name}-{number}", daemon=True).start()

    def _work(self) -> None:
        while (item := self._next()) is not None:
            try:
                self._run(item)
            except BaseException:  # whatever it was, the lane must not wait for ever
                log.exception("%s: row %d could not be worked on; it will be taken up again", self.name, item.id)
                self.release(item, go_on=False)

    def _next(self) -> Item[Work] | None:
        with self._changed:
            while not self._ready and not self._stopping:
                self._changed.wait()
            if self._stopping:
                return None
            self._running += 1
            return self._ready.popleft()
