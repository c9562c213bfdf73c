"""Whose turn it is to write, among the processes on one SQLite database.

SQLite's own queue for its write lock is a sequence of sleeps, up to a tenth of a second each; the kernel's wakes the
next process at once.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from host.errors import StoreUnavailable


class Turn:
    """Called: a context in which no other process writes. It guards no data, which SQLite's own lock does."""

    def __init__(self, database: str) -> None:
        self._path = f"{database}.turn"
        self._file: int | None = None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Raises :class:`StoreUnavailable` where the file cannot be made."""
        file = self._opened()
        fcntl.flock(file, fcntl.LOCK_EX)
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
