"""The longest write transaction on a database, seen from outside without taking part.

A process of its own: ``python -m bench.locks DATABASE-URL``; prints milliseconds once its standard input is closed. For
SQLite it asks the kernel who holds the write lock, and reads the counter of commits from the index of the journal
(https://www.sqlite.org/walformat.html, section 2). For PostgreSQL it asks ``pg_stat_activity``.
"""

import fcntl
import mmap
import os
import select
import struct
import sys
from collections.abc import Callable
from time import monotonic

from sqlalchemy import create_engine, make_url, text

_EVERY_SECONDS = 0.001
_WRITE_LOCK = 120  # the byte of the -shm file that a writer locks
_COMMITS = 8  # where in it the counter of commits is
_FLOCK = struct.Struct("hhqqi4x")
_OLDEST = text("""
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
""")


def longest(url: str) -> float:
    """Watch until standard input is closed; the longest transaction in seconds."""
    if make_url(url).get_backend_name() == "postgresql":
        return _longest_on_postgresql(url)
    return _longest_on_sqlite(f"{make_url(url).database}-shm")


def _watch(look: Callable[[], float]) -> float:
    most = 0.0
    while not select.select([sys.stdin], [], [], _EVERY_SECONDS)[0]:
        most = max(most, look())
    return most


def _longest_on_postgresql(url: str) -> float:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        return _watch(lambda: float(connection.execute(_OLDEST).scalar_one()))


def _longest_on_sqlite(path: str) -> float:
    file = os.open(path, os.O_RDWR)
    with mmap.mmap(file, 32768, prot=mmap.PROT_READ) as shared:
        began = 0.0
        commits = -1

        def look() -> float:
            """How long the present transaction has lasted, or the last one did if it ended since the last look."""
            nonlocal began, commits
            now, before = monotonic(), commits
            (commits,) = struct.unpack_from("I", shared, _COMMITS)
            lasted = now - began if began else 0.0
            if not _is_locked(file):
                began = 0.0
            elif not began or commits != before:
                began = now
            return lasted

        return _watch(look)


def _is_locked(file: int) -> bool:
    asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, _WRITE_LOCK, 1, 0)
    kind, *_ = _FLOCK.unpack(fcntl.fcntl(file, fcntl.F_GETLK, asked))
    return bool(kind != fcntl.F_UNLCK)


if __name__ == "__main__":
    print(longest(sys.argv[1]) * 1000)
