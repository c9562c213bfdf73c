"""How a database is opened: SQLite in WAL with full synchronisation, and write transactions that lock at once."""

import os
import sqlite3
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import ConnectionPoolEntry

from host.errors import StoreUnavailable

_FILE = "smshost_file"  # where a connection keeps the path and the identity of its file

#: Seconds a connection waits for another process's write lock before the store counts as unavailable.
BUSY_SECONDS = 5.0

#: A process that hangs in a transaction must not hold up the others for longer than it takes to notice that it hangs.
_PATIENCE = "-c idle_in_transaction_session_timeout=5s"

_POOL: dict[str, Any] = {
    "pool_size": 20,
    "max_overflow": 20,
    "hide_parameters": True,
}  # errors are logged; parameters are texts


def engine_options(url: str) -> dict[str, Any]:
    """Options for ``create_engine``: connections for every handler thread, checked before use on a server."""
    if make_url(url).get_backend_name() == "sqlite":
        return {**_POOL, "connect_args": {"timeout": BUSY_SECONDS}}
    return {**_POOL, "pool_pre_ping": True, "connect_args": {"options": _PATIENCE}}


def prepare(engine: Engine) -> None:
    """Settle how this engine's connections behave; called once, before the first connection."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _before_connect)
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def for_writing(engine: Engine) -> Engine:
    """The same engine, whose transactions take SQLite's write lock when they begin.

    A transaction that reads first and writes later would be refused, not queued, when another one wrote in between.
    """
    return engine.execution_options(smshost_writes=True)


def _before_connect(_: Dialect, __: ConnectionPoolEntry, arguments: list[Any], ___: dict[str, Any]) -> None:
    """Texts and phone numbers are nobody else's to read; the files of the journal take after the database's."""
    with suppress(OSError):  # SQLite says better what is wrong
        os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _on_connect(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event says BEGIN, not the sqlite3 module
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    entry.info[_FILE] = (path, _identity(path))


def _on_begin(connection: Connection) -> None:
    _check_file(connection)
    writes = connection.get_execution_options().get("smshost_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_file(connection: Connection) -> None:
    """Raise :class:`StoreUnavailable` where the file is not the one that was opened.

    SQLite goes on with a file that was deleted or replaced, and what it writes there is lost.
    """
    path, opened = connection.info[_FILE]
    found = _identity(path)
    if found == opened:
        return
    if found:  # another file: the next connection opens that one
        connection.invalidate()
    raise StoreUnavailable(f"{path} was {'replaced' if found else 'removed'} while this host ran")


def _identity(path: str) -> tuple[int, int] | None:
    """What tells a file from its successor under the same name; None for none, such as a database in memory."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
