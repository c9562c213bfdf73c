"""An empty database of each kind that the host runs on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from host.store.database import engine_options, prepare
from tests.databases import new_postgresql


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
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
