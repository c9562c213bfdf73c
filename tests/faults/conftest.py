"""Worlds for the tests of faults, one of each database for a module, and the lines that they print."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.databases import new_postgresql
from tests.faults.counting import Tally
from tests.faults.world import World, running

Tell = Callable[..., None]


@pytest.fixture(scope="package", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def shared_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that tests use one after the other."""
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        with running(directory) as world:
            yield world
    else:
        with new_postgresql(f"faults_{directory.name}") as url, running(directory, url) as world:
            yield world


@pytest.fixture
def world(shared_world: World) -> World:
    """That world, with everything running."""
    return shared_world.mend()


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Prints a fault's line, and holds it to nothing lost, doubled or out of order."""

    def tell(tally: Tally, *, failed: int = 0, **notes: int) -> None:
        with capsys.disabled():
            print(f"\n{replace(tally, notes={**tally.notes, **notes})}", flush=True)  # noqa: T201
        assert tally.is_clean
        assert tally.failed == failed

    return tell
