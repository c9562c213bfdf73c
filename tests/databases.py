"""PostgreSQL databases for tests, each made new and dropped afterwards.

The server is the one of ``SMSHOST_TEST_POSTGRES`` (as `tests/store/install` prints it), else the one on 127.0.0.1:5432.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from tests.services import require

_GIVEN = os.environ.get("SMSHOST_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
SERVER = _GIVEN.replace("postgresql://", "postgresql+psycopg://", 1)


def _answers() -> bool:
    try:
        with create_engine(f"{SERVER}/postgres", poolclass=NullPool).connect():
            return True
    except (ImportError, OperationalError):
        return False


@contextmanager
def new_postgresql(name: str) -> Iterator[str]:
    """The URL of an empty database; skips, or fails, where there is no server."""
    require("a PostgreSQL server on 127.0.0.1:5432, or SMSHOST_TEST_POSTGRES", _answers())
    admin = create_engine(f"{SERVER}/postgres", isolation_level="AUTOCOMMIT", poolclass=NullPool)
    database = f"smshost_{os.getpid()}_{name}".replace("-", "_").lower()[:60]
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{database}"'))
    try:
        yield f"{SERVER}/{database}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{database}" WITH (FORCE)'))
