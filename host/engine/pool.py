"""Threads over lanes: each takes a slice of what is ready, so that handing work over is paid for once for many.

A thread that has nothing to do takes over what another has not begun within some milliseconds, so that a slow piece of
work holds up nobody.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Generic

from host.engine.lanes import Item, Lanes, Work

log = logging.getLogger(__name__)

_PATIENCE_SECONDS = 0.005
_MOST_LENT = 10  # times the threads of the pool

Settled = Iterable[tuple[Item[Work], bool]]


def one() -> int:
    """One item to a slice."""
    return 1


def all_of(wanted: int) -> int:
    """Whatever is wanted may be taken."""
    return wanted


def in_turn(_: Iterable[Item[Work]]) -> Item[Work] | None:
    """What is ready is taken in its turn."""
    return None


def never() -> float:
    """The seconds until what is never refused is asked for again."""
    return threading.TIMEOUT_MAX


class Slice(Generic[Work]):
    """Items of different keys that one thread works on; what it has not begun may be taken over by another thread.

    ``items``: all it was cut with.
    """

    def __init__(self, items: Sequence[Item[Work]], is_halted: Callable[[], bool]) -> None:
        self.items = items
        self.began = time.monotonic()
        self._items = deque(items)
        self._is_halted = is_halted

    def __iter__(self) -> Iterator[Item[Work]]:
        while items := self.take(1):
            yield items[0]

    def take(self, most: int) -> list[Item[Work]]:
        """At most so many items, which are this thread's to release now; none once the pool halts."""
        taken: list[Item[Work]] = []
        while len(taken) < most and self._items and not self._is_halted():
            try:
                taken.append(self._items.popleft())
            except IndexError:  # another thread was faster
                break
        return taken

    def is_begun(self) -> bool:
        """Whether nothing of it is left to begin."""
        return not self._items

    def give_up(self) -> Item[Work] | None:
        """The last item, if it was not begun; called by another thread."""
        try:
            return self._items.pop()
        except IndexError:
            return None


class Pool(Generic[Work]):
    """Worker threads over lanes, those of the first lanes before those of the next.

    ``run`` is called in a worker thread and leads to exactly one :meth:`release` of each item it takes from its slice,
    from any thread; until then the item's lane waits. ``most``: how many items a slice holds. ``allow``: how many of
    so many may be taken now, which then are; where none, it is asked again after as many seconds as ``rest`` says, or
    at :meth:`nudge`. ``choose``: which of all that is ready is taken where only one may be, None for the first.
    """

    def __init__(
        self,
        name: str,
        threads: int,
        run: Callable[[Slice[Work]], None],
        most: Callable[[], int] = one,
        *,
        allow: Callable[[int], int] = all_of,
        rest: Callable[[], float] = never,
        choose: Callable[[Iterable[Item[Work]]], Item[Work] | None] = in_turn,
    ) -> None:
        self.name = name
        self.changed = threading.Condition()
        self.lanes: list[Lanes[Work]] = []
        self._threads = threads
        self._run = run
        self._most = most
        self._allow = allow
        self._rest = rest
        self._choose = choose
        self._refused = False
        self._running: dict[int, Item[Work]] = {}
        self._slices: dict[int, Slice[Work]] = {}
        self._halted = True
        self._stopping = False
        self._alive = 0
        self._lent = self._surplus = 0

    def resume(self) -> None:
        """Work on what is offered from now on."""
        with self.changed:
            self._halted = self._stopping
            for lanes in self.lanes:
                lanes.closed = self._halted
            while self._alive < self._threads and not self._stopping:
                self._start()

    def halt(self) -> None:
        """Begin nothing more; what waits is left to the database, what runs goes on to its end."""
        with self.changed:
            self._halted = True
            for lanes in self.lanes:
                lanes.closed = True
                lanes.forget()

    def is_idle(self) -> bool:
        """Whether nothing runs."""
        return not self._running

    def release(self, settled: Settled[Work]) -> None:
        """Items are settled in the database. False beside one: it waits for another try, and its lane with it."""
        calls: list[Callable[[], None]] = []
        with self.changed:
            for item, go_on in settled:
                del self._running[item.id]
                lanes = next(lanes for lanes in self.lanes if lanes.has(item))
                calls += lanes.settle(item, go_on)
            ready = sum(len(lanes.ready) for lanes in self.lanes)
            if self._halted and not self._running:
                self.changed.notify_all()
            elif ready:
                self.changed.notify(self.threads_for(ready))
        for call in dict.fromkeys(calls):
            call()

    def threads_for(self, items: int) -> int:
        """How many threads so many items are for."""
        return -(-items // self._most())

    def nudge(self) -> None:
        """Ask again how many items a slice may hold."""
        with self.changed:
            self.changed.notify_all()

    def lend(self) -> None:
        """A thread of the pool is held up: let another one work in its place, within reason."""
        with self.changed:
            self._lent += 1
            if not self._stopping and self._lent <= _MOST_LENT * self._threads:
                self._start()

    def take_back(self) -> None:
        """The thread that was held up works again: one of them ends."""
        with self.changed:
            self._lent -= 1
            if self._lent < _MOST_LENT * self._threads:  # else none was lent for this one
                self._surplus += 1
                self.changed.notify()

    def stop(self, seconds: float) -> bool:
        """Finish what runs, leave what waits to the database; gives whether all ended in time."""
        self.halt()
        with self.changed:
            self._stopping = True
            self.changed.notify_all()
            return self.changed.wait_for(self.is_idle, timeout=seconds)

    def _start(self) -> None:
        self._alive += 1
        name = f"smshost-{self.name}-{self._alive}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while (slice_ := self._next()) is not None:
            try:
                self._run(slice_)
            except BaseException:  # whatever it was, the thread goes on
                log.exception("%s: work could not be done; it will be taken up again", self.name)
                time.sleep(0.1)
            self._put_back(slice_)

    def _next(self) -> Slice[Work] | None:
        me = threading.get_ident()
        with self.changed:
            self._slices.pop(me, None)
            while not self._stopping and not self._surplus:
                items = [] if self._halted else self._cut() or self._taken_over()
                if items:
                    slice_ = self._slices[me] = Slice(items, lambda: self._halted)
                    if self._patience() is not None:
                        self.changed.notify()  # somebody looks whether it gets on
                    return slice_
                self.changed.wait(self._patience())
            self._surplus -= bool(self._surplus)
            self._alive -= 1
            return None

    def _patience(self) -> float | None:
        """Seconds until there may be something to do that nobody tells of."""
        if self._refused:
            return self._rest()
        left = not all(slice_.is_begun() for slice_ in self._slices.values())
        return _PATIENCE_SECONDS if left else None

    def _cut(self) -> list[Item[Work]]:
        """A slice of what is ready in the first lanes that have anything."""
        self._refused = False
        for lanes in self.lanes:
            if ready := lanes.ready:
                share = self._allow(min(len(ready), self._most()))
                self._refused = not share
                chosen = self._chosen() if share == 1 else None
                items = [ready.popleft() for _ in range(share)] if chosen is None else [chosen]
                self._running.update((item.id, item) for item in items)
                return items
        return []

    def _chosen(self) -> Item[Work] | None:
        item = self._choose(chain.from_iterable(lanes.ready for lanes in self.lanes))
        if item is not None:
            next(lanes for lanes in self.lanes if lanes.has(item)).ready.remove(item)
        return item

    def _taken_over(self) -> list[Item[Work]]:
        """What a thread that is held up has not begun."""
        before = time.monotonic() - _PATIENCE_SECONDS
        for slice_ in self._slices.values():
            if slice_.began < before and (item := slice_.give_up()) is not None:
                return [item]
        return []

    def _put_back(self, slice_: Slice[Work]) -> None:
        """What was not begun, because the pool halts or its work failed."""
        if left := list(iter(slice_.give_up, None)):
            self.release([(item, False) for item in left])
