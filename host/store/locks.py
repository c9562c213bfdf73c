"""The locks that say which process works on what: a file beside SQLite's, advisory locks on PostgreSQL.

On SQLite one process works on a database, the one that holds its lock file. On PostgreSQL many do: each holds its own
number, so that the others see what was a dead one's, and of each other name one process holds the lock at a time.
"""

import logging
import os
import select
import socket
import stat
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout
from sqlalchemy import BigInteger, Engine, cast, column, func, table, text
from sqlalchemy import select as select_from
from sqlalchemy.engine import make_url

from host import clock

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

CHANNEL = "smshost"

_EVERYBODY = 0x736D73  # held alone by hosts up to revision 0001, which worked one at a time; shared by those of today
_WORKER, _NAME = 0x736D74, 0x736D75  # the classes of two-part keys: a worker's number, a name's hash
_COUNT = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
_SILENCE = "10s"  # after which PostgreSQL ends the session of a process that hangs, and with it its locks
_CONNECT_SECONDS = 5
_BACK_SECONDS = 3.0
_MOST_TOLD = 65_536

_KEY = ("locktype", "granted", "database", "classid", "objid", "objsubid")
_locks = table("pg_locks", *(column(name) for name in _KEY))
_databases = table("pg_database", column("oid"), column("datname"))

#: The numbers of the workers that live, as a query of PostgreSQL.
ALIVE = select_from(cast(_locks.c.objid, BigInteger).label("number")).where(
    _locks.c.locktype == text("'advisory'"),
    _locks.c.granted,
    _locks.c.classid == text(str(_WORKER)),
    _locks.c.objsubid == text("2"),
    _locks.c.database
    == select_from(_databases.c.oid).where(_databases.c.datname == func.current_database()).scalar_subquery(),
)


class FileLocks:
    """One lock file for everything; it goes with the process that holds it.

    Beside it lies a named pipe by which processes that receive tell the one that works of new rows.
    """

    number: int | None = None

    def __init__(self, database: str) -> None:
        self._lock = FileLock(f"{database}.lock", timeout=0, thread_local=False, mode=0o600)
        self._pipe = f"{database}.wake"
        self._reading: int | None = None
        self._deaf = False

    def join(self) -> bool:
        """Whether this process is the one that works on the database."""
        try:
            self._lock.acquire()
        except Timeout:
            return False
        if self._reading is None and not self._deaf:
            self._listen()
        return True

    def hold(self, name: str) -> bool:
        """Whether what this name stands for is this process's."""
        return True

    def wait(self, seconds: float, wake: Callable[[str], None]) -> None:
        """Wait, at most so many seconds, and pass on what other processes tell of: the names of queues."""
        if self._reading is None:
            threading.Event().wait(seconds)
            return
        ready, _, _ = select.select([self._reading], [], [], seconds)
        if ready:
            for name in set(os.read(self._reading, _MOST_TOLD).decode().split("\n")) - {""}:
                wake(name)

    def _listen(self) -> None:
        try:
            if os.path.exists(self._pipe) and not stat.S_ISFIFO(os.stat(self._pipe).st_mode):
                os.unlink(self._pipe)  # a copy of the folder made a file of it
            with suppress(FileExistsError):
                os.mkfifo(self._pipe, 0o600)
            self._reading = os.open(self._pipe, os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            self._deaf = True
            log.warning("%s: no pipe can be made (%s): new texts wait for the next sweep", self._pipe, error.strerror)

    def leave(self) -> None:
        """Let go of everything."""
        reading, self._reading = self._reading, None
        if reading is not None:
            os.close(reading)
        self._lock.release(force=True)


class SessionLocks:
    """Advisory locks of one session; they go with it, so a lost session is a lost lock.

    The process has a new ``number`` in each session: rows that it claimed in an earlier one are not its own any more.
    Where sessions broke, as all do when PostgreSQL is started again, names go back to those that held them, who know
    what was under way; the others leave them a few seconds for that.
    """

    def __init__(self, engine: Engine) -> None:
        self._url = make_url(engine.url)
        self._connect_args = engine.dialect.create_connect_args(self._url)[1]
        self._connection: psycopg.Connection[Any] | None = None
        self._held: set[str] = set()
        self._alone = True
        self._took = False
        self._broke = False
        self._before: set[str] = set()  # what it held in the session that broke
        self._back_until = 0.0  # until when names go back, in monotonic seconds
        self.number: int | None = None

    def join(self) -> bool:
        """Whether this process is among those that work on the database, with the locks it held before.

        A session that broke gives False once, and raises what psycopg raises while there is no new one.
        """
        import psycopg  # noqa: PLC0415 - an extra

        was_open = self._connection is not None
        try:
            if not was_open and not self._open(psycopg):
                return False
            self._alone, self._took = self._first(_COUNT, _WORKER) == 1, False
        except psycopg.Error as error:
            if was_open:
                log.warning("the session with PostgreSQL broke, and the locks went with it: %s", error)
                self._broke, self._before = True, self._held
            self._end()
            if not was_open:
                raise
            return False
        return True

    def hold(self, name: str) -> bool:
        """Whether what this name stands for is this process's, now or already.

        Where there are others, it takes one name between two calls of :meth:`join`, so that they have their share.
        """
        if name in self._held:
            return True
        going_back = time.monotonic() < self._back_until
        again = going_back and name in self._before
        if self._connection is None or (not again and (going_back or (self._took and not self._alone))):
            return False
        taken = bool(self._first("SELECT pg_try_advisory_lock(%s, hashtext(%s))", _NAME, name))
        if taken:
            self._held.add(name)
        self._took = self._took or (taken and not again)
        return taken

    def wait(self, seconds: float, wake: Callable[[str], None]) -> None:
        """Wait, at most so many seconds, and pass on what other processes notify of: the names of queues."""
        if self._connection is None:
            threading.Event().wait(seconds)
            return
        import psycopg  # noqa: PLC0415 - an extra

        try:
            for notice in self._connection.notifies(timeout=seconds):
                wake(notice.payload)
        except psycopg.Error as error:  # the next join finds it broken
            log.warning("the session with PostgreSQL is interrupted: %s", error)

    def leave(self) -> None:
        """Let go of everything, by ending the session."""
        if self._connection is not None:
            try:
                self._connection.execute("UPDATE worker SET ended_at = %s WHERE id = %s", (clock.now(), self.number))
            except Exception as error:  # noqa: BLE001 - psycopg's; the session's end alone says it too
                log.warning("worker %s ends without a word to PostgreSQL: %s", self.number, error)
        self._end()

    def _end(self) -> None:
        connection, self._connection, self._held, self.number = self._connection, None, set(), None
        if connection is not None:
            connection.close()

    def _open(self, psycopg: Any) -> bool:
        given = {"connect_timeout": _CONNECT_SECONDS, "application_name": "smshost worker", **self._connect_args}
        connection: psycopg.Connection[Any] = psycopg.connect(**given, autocommit=True)
        self._connection = connection
        try:
            connection.execute(f"SET idle_session_timeout = '{_SILENCE}'")
        except psycopg.errors.UndefinedObject:
            log.warning("PostgreSQL before 14 does not end the session of a worker that hangs: its work waits for it")
        if not self._first("SELECT pg_try_advisory_lock_shared(%s)", _EVERYBODY):
            log.warning("a host of an earlier version works on this database: this worker waits until it has ended")
            self._end()
            return False
        name = f"{socket.gethostname()}:{os.getpid()}"
        query = "INSERT INTO worker (name, started_at) VALUES (%s, %s) RETURNING id"
        self.number = int(self._first(query, name, clock.now()))
        self._first("SELECT pg_advisory_lock(%s, %s)", _WORKER, self.number)
        connection.execute(f"LISTEN {CHANNEL}")
        self._back_until, self._broke = time.monotonic() + _BACK_SECONDS if self._broke else 0.0, False
        log.info("worker %d (%s) is at work on the database", self.number, name)
        return True

    def _first(self, query: str, *values: object) -> Any:
        assert self._connection is not None
        row = self._connection.execute(query.encode(), values).fetchone()
        return None if row is None else row[0]


Locks = FileLocks | SessionLocks


def locks_for(engine: Engine) -> Locks:
    """The locks of an engine's database."""
    if engine.dialect.name == "sqlite":
        return FileLocks(str(engine.url.database))
    return SessionLocks(engine)
