"""Whose turn it is to write, among the processes on one SQLite database.

SQLite's own queue for its write lock is a sequence of sleeps, up to a tenth of a second each; here they are a fraction
of a millisecond, as short as the transactions of the others.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from host.errors import StoreUnavailable
from host.store.database import BUSY_SECONDS

_WAIT_SECONDS = 0.0003


class Turn:
    """Called: a context in which no other process writes. It guards no data, which SQLite's own lock does."""

    def __init__(self, database: str) -> None:
        self._path = f"{database}.turn"
        self._file: int | None = None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Raises :class:`StoreUnavailable` where the file cannot be made, or another process writes for too long."""
        file = self._opened()
        end = time.monotonic() + BUSY_SECONDS
        while not _is_taken(file):
            if time.monotonic() > end:
                raise StoreUnavailable(f"another process has written to the database for {BUSY_SECONDS:.0f} s")
            time.sleep(_WAIT_SECONDS)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _opened(self) -> int:
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise StoreUnavailable(f"{self._path}: {error.strerror}") from error
        return self._file


def _is_taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
