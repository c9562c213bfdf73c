"""A database of each kind that the host runs on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url

from host.store.database import engine_options, prepare
from tests.databases import new_postgresql, sqlite_with_tables, upgrade

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def postgresql_with_tables() -> Iterator[str]:
    """The name of a PostgreSQL database with this version's tables."""
    with new_postgresql("tables") as url:
        upgrade(url)
        yield str(make_url(url).database)


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of each kind with this version's tables."""
    if request.param == "sqlite":
        path = tmp_path / "host.db"
        path.write_bytes(sqlite_with_tables())
        yield from _prepared(f"sqlite:///{path}")
        return
    with new_postgresql(tmp_path.name, request.getfixturevalue("postgresql_with_tables")) as url:
        yield from _prepared(url)


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield from _prepared(f"sqlite:///{tmp_path}/host.db")
        return
    with new_postgresql(tmp_path.name) as url:
        yield from _prepared(url)


def _prepared(url: str) -> Iterator[Engine]:
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    yield engine
    engine.dispose()
