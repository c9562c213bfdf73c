"""The lock that lets one process work on a database: a file beside SQLite's, an advisory lock on PostgreSQL."""

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

_KEY = 0x736D73  # "sms"; advisory locks are numbers, and belong to one database


class FileHeld:
    """A lock file; it goes with the process that holds it."""

    def __init__(self, path: str) -> None:
        self._lock = FileLock(path, timeout=0, thread_local=False, mode=0o600)

    def take(self) -> bool:
        """Whether the lock is ours, now or already."""
        try:
            self._lock.acquire()
        except Timeout:
            return False
        return True

    def kept(self) -> bool:
        """Whether it is still ours: a file's lock is."""
        return True

    def release(self) -> None:
        self._lock.release(force=True)


class AdvisoryHeld:
    """A session's advisory lock; it goes with its connection, so a lost connection is a lost lock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Whether the lock is ours, now or already; raises what the database raises."""
        if self.kept():
            return True
        self.release()
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}).scalar():
                self._connection = connection
        finally:
            if self._connection is None:
                connection.close()
        return self._connection is not None

    def kept(self) -> bool:
        """Whether the connection that holds it still lives."""
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def release(self) -> None:
        """Let go of it, by ending the connection: in the pool it would go on holding the lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


Lock = FileHeld | AdvisoryHeld


def lock_for(engine: Engine) -> Lock:
    """The lock of an engine's database."""
    if engine.dialect.name == "sqlite":
        return FileHeld(f"{engine.url.database}.lock")
    return AdvisoryHeld(engine)
