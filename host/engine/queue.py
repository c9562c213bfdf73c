"""A queue: rows of one kind, how due ones are read, and the threads that work on them."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic

from host.engine.feeder import Claim, Feeder, Read
from host.engine.lanes import Item, Lanes, Work
from host.engine.pool import Pool, Slice, all_of, in_turn, never, one

_ROOM = 2000
_SWEEPS_WHEN_BUSY = 5
_ROOM_CLAIMED = 300  # what one process takes away from the others at a time


@dataclass(frozen=True)
class Kind(Generic[Work]):
    """What a queue is made of.

    ``reads``: how due rows are read, those that go first before the others. ``run``: what a thread does with a slice.
    ``most``: how many items a slice holds. ``allow``: how many of so many may be taken now, which then are; ``rest``:
    where none, the seconds until it is asked again, which :meth:`Queue.nudge` cuts short. ``choose``: which of all that
    is ready is taken where only one may be, None for the first. ``begin``: called when this process comes to work on
    the queue. ``claim``: how rows become this process's own, where several work on the queue at the same time.
    """

    name: str
    threads: int
    reads: Sequence[Read[Work]]
    run: Callable[[Slice[Work]], None]
    most: Callable[[], int] = one
    allow: Callable[[int], int] = all_of
    rest: Callable[[], float] = never
    choose: Callable[[Iterable[Item[Work]]], Item[Work] | None] = in_turn
    begin: Callable[[], None] = lambda: None
    claim: Claim[Work] | None = None


class Queue(Generic[Work]):
    """A queue of this process, at work between :meth:`begin` and :meth:`halt`."""

    def __init__(self, kind: Kind[Work]) -> None:
        self.name = kind.name
        self.working = False
        self._sweeps = 0
        self._begin = kind.begin
        self._pool = Pool(
            kind.name, kind.threads, kind.run, kind.most, allow=kind.allow, rest=kind.rest, choose=kind.choose
        )
        self._feeders = []
        for number, read in enumerate(kind.reads):
            room = _ROOM_CLAIMED if kind.claim else _ROOM
            lanes = Lanes[Work](self._pool.changed, room, threads_for=self._pool.threads_for)
            self._pool.lanes.append(lanes)
            name = kind.name if not number else f"{kind.name}-{number}"
            self._feeders.append(Feeder(name, lanes, read, kind.claim))
        self.release = self._pool.release
        self.nudge = self._pool.nudge
        self.lend = self._pool.lend
        self.take_back = self._pool.take_back

    def begin(self) -> None:
        """Come to work; raises what the queue's own beginning raises, and is then to be tried again."""
        self._begin()
        self.working = True
        self._pool.resume()
        for feeder in self._feeders:
            feeder.start()

    def halt(self) -> None:
        """Begin nothing more until :meth:`begin`; the rows may become another process's."""
        self.working = False
        self._pool.halt()

    def kept(self) -> bool:
        """Whether the rows in hand are still this process's."""
        return self.working

    def is_idle(self) -> bool:
        """Whether nothing runs any more after :meth:`halt`."""
        return self._pool.is_idle()

    def has_room(self) -> bool:
        """Whether it can take more rows in hand."""
        return all(lanes.has_room() for lanes in self._pool.lanes)

    def wake(self) -> None:
        """Rows were committed."""
        if self.working:
            for feeder in self._feeders:
                feeder.wake()

    def sweep(self) -> None:
        """Look at everything that is due; more rarely while much is in hand, because that is looked at as well."""
        self._sweeps += 1
        for feeder, lanes in zip(self._feeders, self._pool.lanes, strict=True):
            if not lanes.is_busy() or self._sweeps % _SWEEPS_WHEN_BUSY == 0:
                feeder.sweep()

    def look(self) -> None:
        """Look at everything that is due now: what was put back may have its turn."""
        if self.working:
            for feeder in self._feeders:
                feeder.sweep()

    def close(self) -> None:
        """Begin nothing more, for good."""
        self.halt()
        for feeder in self._feeders:
            feeder.close()

    def stop(self, end: float) -> bool:
        """Finish what runs, until ``end`` (monotonic seconds) at most; gives whether that was enough."""
        self.close()
        for feeder in self._feeders:
            feeder.stop(_until(end))
        return self._pool.stop(_until(end))


def _until(end: float) -> float:
    return min(max(0.0, end - time.monotonic()), threading.TIMEOUT_MAX)
