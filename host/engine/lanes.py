"""Lanes: items of one key strictly in order and one at a time, different keys in parallel."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Work = TypeVar("Work")


@dataclass(frozen=True, slots=True)
class Item(Generic[Work]):
    """A piece of work: the row's ``id``, and the ``key`` (a phone) whose order it keeps.

    ``behind``: an earlier row of the key waited too when this one was read, and did not come with it.
    """

    id: int
    key: str
    work: Work
    behind: bool = False


class Lanes(Generic[Work]):
    """What waits to be worked on in this process, a lane for each key.

    ``changed`` is the lock of the pool whose threads work on them; methods that say so are called with it held.
    ``drained`` is called when there is room again after there was none; ``short`` when a lane that could not take all
    its items has room again, with the id to look for more after. ``per_key``: how many items wait in one lane, so that
    one phone with many texts leaves room for the others. ``threads_for``: how many threads so many new items are for.
    """

    def __init__(
        self,
        changed: threading.Condition,
        room: int,
        per_key: int = 50,
        threads_for: Callable[[int], int] = lambda items: items,
    ) -> None:
        self.room = room
        self.per_key = per_key
        self._threads_for = threads_for
        self.ready: deque[Item[Work]] = deque()
        self.closed = False
        self.drained: Callable[[], None] = lambda: None
        self.short: Callable[[int], None] = lambda after: None
        self._changed = changed
        self._lanes: dict[str, deque[Item[Work]]] = {}  # what waits behind the item that is ready or running, by key
        self._in_hand: set[int] = set()
        self._refused_ids: set[int] = set()
        self._refused_keys: set[str] = set()
        self._done_keys: set[str] = set()  # whose last item in hand was settled since the database was looked at
        self._left: dict[str, int] = {}  # the first item of a key that its lane had no room for
        self._full = False  # a look at the database ended for want of room

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
            self._full = len(self._in_hand) >= self.room
            return 0 if self.closed else self.room - len(self._in_hand)

    def has_room(self) -> bool:
        """Whether more than half of the room is free."""
        return len(self._in_hand) <= self.room // 2

    def is_busy(self) -> bool:
        """Whether more than a tenth of the room is taken."""
        return len(self._in_hand) > self.room // 10

    def fresh(self, items: Iterable[Item[Work]]) -> list[Item[Work]]:
        """Those that :meth:`offer` would look at; a lane may still be too full for some."""
        with self._changed:
            return [item for item in items if self._is_new(item)]

    def offer(self, items: Iterable[Item[Work]]) -> int:
        """Take the items that are not in hand already, in order; gives how many were taken."""
        with self._changed:
            taken = sum(self._take(item) for item in items if self._is_new(item) and self._is_next(item))
            self._changed.notify(self._threads_for(taken))
        return taken

    def has(self, item: Item[Work]) -> bool:
        """Whether the item is in hand here; called with the lock."""
        return item.id in self._in_hand

    def settle(self, item: Item[Work], go_on: bool) -> list[Callable[[], None]]:
        """The item is done with; gives what to call once the lock is let go of. Called with the lock.

        ``go_on=False``: it waits for another try, and its lane with it.
        """
        lane = self._lanes[item.key]
        leaving = [item.id, *(() if go_on else (each.id for each in lane))]
        self._in_hand.difference_update(leaving)
        self._refused_ids.update(leaving)
        if go_on and lane:
            self.ready.append(lane.popleft())
        else:
            del self._lanes[item.key]
            (self._done_keys if go_on else self._refused_keys).add(item.key)
        calls = []
        if self._full and self.has_room():
            self._full = False
            calls.append(self.drained)
        left = self._left.get(item.key) if go_on and len(lane) <= self.per_key // 2 else None
        return calls if left is None else [*calls, lambda: self.short(left - 1)]

    def forget(self) -> None:
        """Leave to the database what no thread works on yet; called with the lock."""
        waiting = [*self.ready, *(item for lane in self._lanes.values() for item in lane)]
        self._in_hand.difference_update(item.id for item in waiting)
        for item in self.ready:
            del self._lanes[item.key]
        for lane in self._lanes.values():
            lane.clear()
        self.ready.clear()

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
            self.ready.append(item)
        return True

    def _is_new(self, item: Item[Work]) -> bool:
        known = item.id in self._in_hand or item.id in self._refused_ids
        refused = item.key in self._refused_keys or item.key in self._left
        return not known and not refused and not self.closed

    def _is_next(self, item: Item[Work]) -> bool:
        """Whether the key's earlier rows are in hand or done; where one went back, only a look from the start tells."""
        return not item.behind or item.key in self._lanes or item.key in self._done_keys
