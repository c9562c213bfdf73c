"""Texts from phones on their way to handlers: read, claimed, handled in slices, and stored many at a time."""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Row

from host import clock, quarantine
from host.engine.lanes import Item
from host.engine.pool import Slice
from host.engine.queue import Kind
from host.errors import StoreUnavailable
from host.handling import attempt, broken, given_up, unstorable
from host.runtime import HANDLING, Runtime, queues_of
from host.salvaging import salvage
from host.store import claims, inbox
from host.store.inbox import Handled
from host.store.states import InboxState
from host.store.subscriptions import Subscribers

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 32
_STORE_SECONDS = 0.005
_LOOK_SECONDS = 0.1  # between two looks for texts whose script was busy
_NOBODY = -1  # the number of a worker that lost its session: nothing is its own

#: What an attempt becomes when it cannot be stored.
Worse = Callable[[Runtime, Handled, Exception], Handled]
_Attempted = tuple[Item[Row[Any]], Handled]
_Done = deque[_Attempted]  # what a thread has finished and nobody stored yet
_WORSE: tuple[Worse, ...] = (unstorable, given_up)


def open_queue(runtime: Runtime) -> None:
    """Give texts from phones their queue in the engine."""
    desk = _Desk(runtime)
    runtime.engine.on_tick(desk.hand_in_what_waits)


class _Desk:
    """Where threads put down how they handled texts, to be stored many at a time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._claims = runtime.store.engine.dialect.name == "postgresql"
        self._queue = runtime.engine.add_queue(
            Kind(
                HANDLING,
                runtime.configuration.settings.handling_threads,
                [self._read],
                self._handle,
                most=lambda: _MOST_AT_ONCE,
                begin=partial(salvage, runtime),
                claim=self._claim if self._claims else None,
            )
        )
        self._done: dict[int, _Done] = {}
        self._looked = -math.inf  # when texts that were put back for a script were looked for
        self._is_missed = False  # whether there are such since then
        runtime.watch.held_up = self._queue.lend
        runtime.watch.goes_on = self._queue.take_back

    def hand_in_what_waits(self) -> None:
        """Store what lies finished beside a procedure that runs for long."""
        for done in list(self._done.values()):
            self._hand_in(done)

    def _read(self, after: int, most: int) -> list[Item[Row[Any]]]:
        with self._runtime.store.read() as connection:
            rows = inbox.due(connection, clock.steady(), after, most, worker=self._number())
        return [Item(row.id, row.sender, row, row.behind) for row in rows]

    def _claim(self, items: list[Item[Row[Any]]]) -> set[int]:
        ids, attempts = [item.id for item in items], [item.work.attempts for item in items]
        wanted = claims.Claim(self._number() or _NOBODY, ids, attempts, clock.steady())
        claimed = self._runtime.store.write(claims.claim, wanted)[0]
        quarantine.refresh(self._runtime)  # another process may have let go of these phones to wait for an adapter
        return claimed

    def _number(self) -> int | None:
        """What this process claims under; None where it is the only one."""
        return (self._runtime.engine.number or _NOBODY) if self._claims else None

    def _handle(self, slice_: Slice[Row[Any]]) -> None:
        """Handle the texts of a slice; what is done is stored after some milliseconds, or when all is."""
        done = self._done[threading.get_ident()] = _Done()
        number, end = self._number(), 0.0
        stored = Subscribers(self._runtime.store.read, [item.key for item in slice_.items])
        for item in slice_:
            try:
                handled = attempt(self._runtime, item.work, stored)
                if handled is None:
                    self._queue.release([(item, False)])
                    self._is_missed = True
                else:
                    done.append((item, replace(handled, claimed_by=number)))
                    self._look_again()
            except StoreUnavailable as error:
                log.error("in-%d could not be handled, it is taken up again: %s", item.id, error)
                self._queue.release([(item, False)])
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not go round for ever
                done.append((item, replace(broken(self._runtime, item.work, error), claimed_by=number)))
            end = end or time.monotonic() + _STORE_SECONDS
            if time.monotonic() >= end:
                self._hand_in(done)
                end = 0.0
        self._hand_in(done)

    def _look_again(self) -> None:
        """A text is done with its scripts: another one may have waited for them."""
        if self._is_missed and (now := time.monotonic()) >= self._looked + _LOOK_SECONDS:
            self._is_missed, self._looked = False, now
            self._queue.look()

    def _hand_in(self, done: _Done) -> None:
        batch: list[_Attempted] = []
        while done:
            with suppress(IndexError):  # two threads may hand in at the same time
                batch.append(done.popleft())
        if batch:
            self._store(batch)

    def _store(self, batch: list[_Attempted], worse: tuple[Worse, ...] = _WORSE) -> None:
        """Have the writer store attempts; where one cannot be stored, each by itself, and as something worse."""
        handled: Sequence[Handled] = [each for _, each in batch]
        effects = [run.effects for each in handled for run in each.runs]
        settle = partial(self._settle, batch, worse)
        try:
            self._runtime.store.submit(inbox.finish, handled, settle, wakes=queues_of(effects))
        except StoreUnavailable as error:
            self._put_back(batch, error)

    def _settle(
        self, batch: list[_Attempted], worse: tuple[Worse, ...], lost: Set[int] | None, error: Exception | None
    ) -> None:
        if error is None:
            quarantine.heard(self._runtime, [each for _, each in batch])
            for number in lost or ():
                log.warning("in-%d: another worker took it over, what was done here does not count", number)
            self._queue.release((item, each.state is not InboxState.RECEIVED) for item, each in batch)
        elif isinstance(error, StoreUnavailable) or (len(batch) == 1 and not worse):
            self._put_back(batch, error)
        elif len(batch) > 1:
            for attempted in batch:
                self._store([attempted])
        else:
            item, each = batch[0]
            self._store([(item, worse[0](self._runtime, each, error))], worse[1:])

    def _put_back(self, batch: list[_Attempted], error: Exception) -> None:
        log.error("in-%d and %d more: not stored, handled again: %s", batch[0][0].id, len(batch) - 1, error)
        self._queue.release([(item, False) for item, _ in batch])
