"""Hosts are replaced one after the other under load, by the same version and by a newer one: nobody notices."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import new_postgresql
from tests.faults.conftest import Tell
from tests.faults.counting import settled
from tests.faults.observing import ADAPTERS, rows, web_gateway
from tests.faults.posting import posting
from tests.faults.sinks import MovableSink
from tests.faults.upgrade.first_revision import REVISION, tree
from tests.faults.world import KILLS, QUICK, START_SECONDS, World, running
from tests.hosts import Host
from tests.programs import Program

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "sqlite":
        with running(tmp_path) as world:
            yield world
        return
    with new_postgresql(f"rolling_{tmp_path.name}") as url, running(tmp_path, url) as world:
        yield world


def end(program: Program) -> None:
    """SIGTERM; it ends by itself, in good order."""
    process = program.running
    process.terminate()
    assert process.wait(START_SECONDS) == 0
    program.finish()


def test_rolling_restart(world: World, tell: Tell) -> None:
    fault = "rolling restart"
    with posting(world, world.chance(fault)) as load:
        for _ in range(5 if KILLS else 1):
            for program in [*(host.program for host in world.webs), *world.workers]:
                load.go_on()
                end(program)
                load.world.start_webs()
                world.start_workers()
        load.wait_for_more(50)
    assert load.refused == []
    tally = settled(world, load, fault)
    tell(tally)
    assert tally.held == 0


@pytest.mark.postgres
def test_the_first_revision_works_on_while_it_is_replaced(tmp_path: Path, tell: Tell) -> None:
    """It receives, handles and sends on the newer tables; the new processes take over when it ends."""
    code = tree(tmp_path)
    if code is None:
        pytest.skip(f"needs commit {REVISION}, which a shallow clone does not have")
    fault = "upgrade under load"
    with new_postgresql(f"replaced_{tmp_path.name}") as url, MovableSink() as sink:
        element = web_gateway(sink.port, timeout="2")
        given = {"gateways": element, "properties": QUICK, "adapters": ADAPTERS, "database": url, "workers": 0}
        old = Host(tmp_path / "old", environment={"PYTHONPATH": str(code)}, **given)  # type: ignore[arg-type]
        new = Host(tmp_path / "new", **given)  # type: ignore[arg-type]
        assert old.run("db", "upgrade").status == 0
        world = World(url, sink, [old])
        try:
            world.mend()
            with posting(world, world.chance(fault)) as load:
                load.go_on()
                assert revision(old) == "0001"
                upgraded = new.run("db", "upgrade")
                assert upgraded.status == 0, upgraded.output
                assert revision(old) == "0005"
                taken = len(sink.taken)
                load.wait_for_more(50)
                load.wait_for_more(50, sink.taken)  # type: ignore[arg-type]
                assert len(sink.taken) > taken
                world.webs.append(new)
                world.start_webs()
                world.webs.remove(old)  # it handles in order what comes by one way: it knows of no other process
                world.workers.append(new.worker("worker"))
                world.workers[0].__enter__()
                world.workers[0].wait_for(lambda: "waits until it has ended" in world.workers[0].log, "it to wait", 60)
                load.wait_for_more(50)
                end(old.program)
                world.workers[0].wait_for(lambda: "is at work" in world.workers[0].log, "it to work", 60)
                load.wait_for_more(50)
            assert load.refused == []
            tally = settled(world, load, fault)
            tell(tally)
            assert tally.held == 0
        finally:
            world.stop()
            old.stop()


def revision(host: Host) -> str:
    (found,) = rows(host, "SELECT version_num FROM alembic_version")
    return str(found)
