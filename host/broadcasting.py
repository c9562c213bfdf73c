"""Broadcasts go forward: chunk after chunk, a transaction each, those of different event sources in turn."""

import logging
from collections.abc import Sequence

from host.engine.lanes import Item
from host.engine.pool import Slice
from host.engine.queue import Kind
from host.errors import StoreUnavailable, Unstorable
from host.runtime import BROADCASTS, Runtime, queue_of
from host.store import broadcasts
from host.store.broadcasts import Chunk

log = logging.getLogger(__name__)

#: How many subscriptions the first chunk has; the others as many as the database does in about ``_SECONDS``, because
#: whatever else is to be written waits for a chunk to end.
FIRST = 2_000
_FEWEST, _MOST = 500, 10_000
_SECONDS = 0.025


def open_queue(runtime: Runtime) -> None:
    """Give unfinished broadcasts their queue in the engine: one lane, where any of them drives all there are."""

    def read(after: int, most: int) -> list[Item[None]]:
        return [Item(number, BROADCASTS, None) for number in _running(runtime) if number > after][:most]

    def run(slice_: Slice[None]) -> None:
        for item in slice_:
            queue.release([(item, drive())])

    def drive() -> bool:
        most = FIRST
        try:
            while most and queue.kept():
                most = advance(runtime, most)
        except StoreUnavailable as error:
            log.error("a broadcast waits, the next sweep goes on with it: %s", error)
        return not most

    queue = runtime.engine.add_queue(Kind(BROADCASTS, 1, [read], run))


def advance(runtime: Runtime, most: int) -> int:
    """Queue the next chunk of every event source's oldest broadcast, of at most so many subscriptions each.

    Gives how many the next ones should have; 0 where there is nothing left to do. Raises :class:`StoreUnavailable`.
    """
    moved = False
    wakes = [queue_of(gateway) for gateway in runtime.gateways]
    for number in _running(runtime):
        if runtime.engine.stopping.is_set():
            return 0
        try:
            chunk = Chunk(number, most, tuple(runtime.gateways))
            (progress,) = runtime.store.write(broadcasts.advance, chunk, wakes=wakes)
        except Unstorable as error:
            log.error("broadcast %d does not go on, the others do: %s", number, error)
            continue
        moved = True
        most = most if progress.finished else _paced(most, progress.seconds)
    return most if moved else 0


def _running(runtime: Runtime) -> Sequence[int]:
    with runtime.store.read() as connection:
        return broadcasts.running(connection)


def _paced(most: int, seconds: float) -> int:
    if seconds > 2 * _SECONDS:
        return max(_FEWEST, most // 2)
    return min(_MOST, most * 2) if seconds < _SECONDS / 2 else most
