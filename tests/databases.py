"""Databases for tests: with this version's tables, which every process of tests makes once and copies, or empty.

PostgreSQL's are dropped afterwards. The server is the one of ``SMSHOST_TEST_POSTGRES`` (as `tests/store/install` prints it), else the one on 127.0.0.1:5432.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from host.store import schema
from host.store.database import engine_options, prepare
from tests.services import require

_GIVEN = os.environ.get("SMSHOST_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
SERVER = _GIVEN.replace("postgresql://", "postgresql+psycopg://", 1)


def _answers() -> bool:
    try:
        with create_engine(f"{SERVER}/postgres", poolclass=NullPool).connect():
            return True
    except (ImportError, OperationalError):
        return False


def upgrade(url: str) -> None:
    """Give a database this version's tables."""
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    schema.upgrade(engine)
    engine.dispose()


@cache
def sqlite_with_tables() -> bytes:
    """The file of an SQLite database with this version's tables."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "host.db"
        upgrade(f"sqlite:///{path}")
        return path.read_bytes()


@contextmanager
def new_postgresql(name: str, template: str = "template1") -> Iterator[str]:
    """The URL of an empty database, or of a copy of another one; skips, or fails, where there is no server."""
    require("a PostgreSQL server on 127.0.0.1:5432, or SMSHOST_TEST_POSTGRES", _answers())
    admin = create_engine(f"{SERVER}/postgres", isolation_level="AUTOCOMMIT", poolclass=NullPool)
    database = f"smshost_{os.getpid()}_{name}".replace("-", "_").lower()[:60]
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'))
    try:
        yield f"{SERVER}/{database}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{database}" WITH (FORCE)'))
