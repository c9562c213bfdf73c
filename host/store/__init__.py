"""The memory of the house: tables, one writer, and the statements over them."""

from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from host.store.database import for_writing
from host.store.turn import Turn
from host.store.writer import Item, Result, Then, Write, Writer, translated

_LINGER_SECONDS = 0.002


class Store:
    """An open database: many readers, one writer."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = Writer(for_writing(engine))
        if engine.dialect.name == "sqlite":
            self._writer.alone = Turn(str(engine.url.database))
        self.write = self._writer.write
        self.submit = self._writer.submit
        self.stop = self._writer.stop

    def on_wakes(self, announce: Callable[[Connection, Set[str]], None], committed: Callable[[str], None]) -> None:
        """How queues with new rows are told of: others within the transaction, this process after the commit."""
        self._writer.announce, self._writer.committed = announce, committed

    def give_way(self) -> None:
        """On SQLite, write some milliseconds later and more at a time, because requests wait in another process."""
        if self.engine.dialect.name == "sqlite":
            self._writer.linger = _LINGER_SECONDS

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent snapshot to read from; raises :class:`~host.errors.StoreUnavailable` or ``Unstorable``."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise translated(error) from error


__all__ = ["Item", "Result", "Store", "Then", "Write"]
