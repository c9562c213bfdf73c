"""Group commit: everything that waits to be written goes into one transaction and one fsync.

Threads hand their item to the writer and wait; the writer drains what waits, runs one set-wise function per kind of
item, commits, and gives each its own result. Nothing is answered before the commit. Requests are not made to wait for
more of them: under load the batches form while the previous commit runs.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from host.errors import StoreUnavailable, Unstorable
from host.store.order import ORDERED, one_by_one

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Set-wise: what to do with many items of one kind in one transaction, giving one result for each.
Write = Callable[[Connection, list[Item]], Sequence[Result]]
#: Called in the writer's thread with the result, or with None and the error.
Then = Callable[[Result | None, Exception | None], None]

_MOST_IN_A_BATCH = 500
_WAIT_SECONDS = 8.0  # less than the silence after which PostgreSQL ends a worker's session
_DEADLOCK, _DEADLOCKS = "40P01", 3  # PostgreSQL's word for it, and how often the same batch is tried again
_TOO_LARGE = "54"  # PostgreSQL's class for a row beyond its limits, which psycopg counts as operational


class _Ticket(Generic[Item, Result]):
    __slots__ = ("dropped", "error", "item", "result", "then", "wakes", "write")

    def __init__(self, write: Write[Item, Result], item: Item, then: Then[Result], wakes: Iterable[str]) -> None:
        self.write = write
        self.item = item
        self.then = then
        self.wakes = wakes
        self.dropped = False  # nobody waits for it any more, and it is not to be written
        self.result: Result | None = None
        self.error: Exception | None = None


class _Wait:
    """Somebody who waits for the fates of several items; one bare lock, because requests wait here."""

    def __init__(self, count: int) -> None:
        self._gate = threading.Lock()
        self._gate.acquire()
        self._missing = count
        self._fates: list[tuple[Any, Exception | None]] = [(None, None)] * count

    def settle(self, position: int, result: Any, error: Exception | None) -> None:
        """Called by the writer's thread alone."""
        self._fates[position] = (result, error)
        self._missing -= 1
        if not self._missing:
            self._gate.release()

    def results(self, seconds: float) -> list[Any]:
        """Every result, once all are there; raises the error of the first that has one, or TimeoutError."""
        if self._fates and not self._gate.acquire(timeout=seconds):
            raise TimeoutError
        for _, error in self._fates:
            if error is not None:
                raise error
        return [result for result, _ in self._fates]


class Writer:
    """The one writing thread of a process; it starts with its first item.

    Items name the queues that have new rows by them. ``announce`` tells other processes of those in the transaction
    that commits the rows, ``committed`` tells this one afterwards. ``alone`` is entered around each transaction.
    ``linger``: seconds to wait for more once there is something to write.
    """

    def __init__(self, engine: Engine, most_waiting: int = 20_000) -> None:
        self.announce: Callable[[Connection, Set[str]], None] = lambda connection, queues: None
        self.committed: Callable[[str], None] = lambda queue: None
        self.alone: Callable[[], AbstractContextManager[object]] = nullcontext
        self.linger = 0.0
        self._engine = engine
        self._most_waiting = most_waiting
        self._waiting: deque[_Ticket[Any, Any]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def submit(self, write: Write[Item, Result], item: Item, then: Then[Result], wakes: Iterable[str] = ()) -> None:
        """Queue an item; ``then`` hears of its fate after the commit. Raises :class:`StoreUnavailable` when full.

        ``wakes``: the queues that have new rows once it is committed.
        """
        self._queue(_Ticket(write, item, then, wakes))

    def write(self, write: Write[Item, Result], *items: Item, wakes: Iterable[str] = ()) -> list[Result]:
        """Write items and wait until all are durable; raises the error of one that is not.

        What is not begun within some seconds, because the database or another process hangs, is not written at all.
        """
        wait = _Wait(len(items))
        tickets = [_Ticket(write, item, partial(wait.settle, number), wakes) for number, item in enumerate(items)]
        for ticket in tickets:
            self._queue(ticket)
        try:
            return wait.results(_WAIT_SECONDS)
        except TimeoutError:
            for ticket in tickets:
                ticket.dropped = True
            raise StoreUnavailable(f"the database has not answered for {_WAIT_SECONDS:.0f} s") from None

    def _queue(self, ticket: _Ticket[Any, Any]) -> None:
        with self._changed:
            if self._stopping or len(self._waiting) >= self._most_waiting:
                raise StoreUnavailable("the host is stopping" if self._stopping else "too many writes are waiting")
            self._waiting.append(ticket)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="smshost-writer", daemon=True)
                self._thread.start()
            self._changed.notify()

    def stop(self) -> None:
        """Write what waits, then end; later items are refused."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while batch := self._next_batch():
            self._settle(batch)
            for ticket in batch:
                try:
                    ticket.then(ticket.result, ticket.error)
                except Exception:
                    log.exception("a follow-up of a stored item failed")

    def _next_batch(self) -> list[_Ticket[Any, Any]]:
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
        if self.linger and not self._stopping:
            time.sleep(self.linger)
        with self._changed:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_IN_A_BATCH))]

    def _settle(self, batch: list[_Ticket[Any, Any]], again: bool = True) -> None:
        """``again``: a row that is there already may be another process's, of this moment: the next try sees it."""
        try:
            self._commit_again(batch)
        except Exception as error:  # noqa: BLE001 - whatever it was, every waiter must hear of it
            if is_unavailable(error) or (len(batch) == 1 and not (again and isinstance(error, IntegrityError))):
                _fail(batch, error)
            elif len(batch) == 1:
                self._settle(batch, again=False)
            else:  # one bad item must not fail its neighbours
                middle = len(batch) // 2
                self._settle(batch[:middle])
                self._settle(batch[middle:])

    def _commit_again(self, batch: list[_Ticket[Any, Any]]) -> None:
        """Commit; where PostgreSQL chose this transaction to end a deadlock with another process's, once more."""
        for left in range(_DEADLOCKS, -1, -1):
            try:
                return self._commit(batch)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != _DEADLOCK or not left:
                    raise
                log.warning("a deadlock with another process: %d item(s) are written once more", len(batch))
        return None

    def _commit(self, batch: list[_Ticket[Any, Any]]) -> None:
        queues: set[str] = set()
        with self.alone():
            kinds: dict[Write[Any, Any], list[_Ticket[Any, Any]]] = {}
            for ticket in batch:
                if not ticket.dropped:
                    kinds.setdefault(ticket.write, []).append(ticket)
                    queues.update(ticket.wakes)
            with self._engine.begin() as connection:
                if not ORDERED.isdisjoint(kinds):
                    one_by_one(connection)
                for write, tickets in kinds.items():
                    results = write(connection, [ticket.item for ticket in tickets])
                    for ticket, result in zip(tickets, results, strict=True):
                        ticket.result = result
                if queues:
                    self.announce(connection, queues)
        for queue in queues:
            self.committed(queue)


def translated(error: Exception) -> Exception:
    """A database's error in the host's words: away, or unwilling; other errors as they are."""
    if not isinstance(error, SQLAlchemyError):
        return error
    said = str(error).partition("\n")[0]  # then come statements, which are for the log alone
    return StoreUnavailable(said) if is_unavailable(error) else Unstorable(said)


def is_unavailable(error: Exception) -> bool:
    """Whether the database itself is the trouble (locked, full, gone), not the item."""
    if str(getattr(getattr(error, "orig", None), "sqlstate", "")).startswith(_TOO_LARGE):
        return False
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | StoreUnavailable):
        return True
    if type(error) is DatabaseError:  # no kind of it: SQLite's word for a file that is malformed, or no database
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _fail(batch: list[_Ticket[Any, Any]], error: Exception) -> None:
    log.error("the database did not take %d item(s): %s", len(batch), error)
    for ticket in batch:
        ticket.result = None
        ticket.error = translated(error)
