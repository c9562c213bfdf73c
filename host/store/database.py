"""How a database is opened: SQLite in WAL with full synchronisation, and write transactions that lock at once."""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url

#: Seconds a connection waits for another process's write lock before the store counts as unavailable.
BUSY_SECONDS = 5.0


def engine_options(url: str) -> dict[str, Any]:
    """Options for ``create_engine``: connections for every handler thread, checked before use on a server."""
    if make_url(url).get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS}, "pool_size": 20, "max_overflow": 20}
    return {"pool_size": 20, "max_overflow": 20, "pool_pre_ping": True}


def prepare(engine: Engine) -> None:
    """Settle how this engine's connections behave; called once, before the first connection."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)


def for_writing(engine: Engine) -> Engine:
    """The same engine, whose transactions take SQLite's write lock when they begin.

    A transaction that reads first and writes later would be refused, not queued, when another one wrote in between.
    """
    return engine.execution_options(smshost_writes=True)


def _on_connect(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event says BEGIN, not the sqlite3 module
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("smshost_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
