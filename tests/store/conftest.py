"""An empty database of each kind that the host runs on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from host.store.database import engine_options, prepare
from tests.services import require

SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432"


def _server() -> bool:
    try:
        with create_engine(f"{SERVER}/postgres", poolclass=NullPool).connect():
            return True
    except (ImportError, OperationalError):
        return False


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield from _prepared(f"sqlite:///{tmp_path}/host.db")
        return
    require("a PostgreSQL server on 127.0.0.1:5432", _server())
    admin = create_engine(f"{SERVER}/postgres", isolation_level="AUTOCOMMIT", poolclass=NullPool)
    name = f"smshost_{tmp_path.name}".replace("-", "_").lower()[:60]
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield from _prepared(f"{SERVER}/{name}")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}"'))


def _prepared(url: str) -> Iterator[Engine]:
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    yield engine
    engine.dispose()
