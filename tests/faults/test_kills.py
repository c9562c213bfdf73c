"""kill -9 at random moments while texts arrive: every text handled, every effect inside the host exactly once.

``SMSHOST_TEST_KILLS`` kills on each database make a longer run, ``SMSHOST_TEST_SEED`` another one.
"""

import random
from collections.abc import Callable

import pytest

from tests.faults.conftest import Tell
from tests.faults.counting import settled
from tests.faults.posting import posting
from tests.faults.world import KILLS, World, kill, web_of, worker_of
from tests.programs import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]


def web(world: World, chance: random.Random) -> None:
    """A process that receives; its host ends by that, for its supervisor to see."""
    host = chance.choice(world.webs)
    kill(web_of(host))
    wait_for(lambda: not host.program.alive, "the host to end", 60)
    world.start_webs()


def worker(world: World, chance: random.Random) -> None:
    """A worker; where there are others, they go on."""
    if world.workers:
        kill(chance.choice(world.workers).running.pid)
        world.start_workers()
    else:
        kill(worker_of(world.host))
        worker_of(world.host)


def workers(world: World, _: random.Random) -> None:
    """Every worker at once."""
    for each in world.workers:
        each.running.kill()
    for each in world.workers:
        each.finish()
    world.start_workers()


def everything(world: World, _: random.Random) -> None:
    """Every process at once."""
    for each in world.workers:
        each.running.kill()
    for host in world.webs:
        host.kill()
    for each in world.workers:
        each.finish()
    world.start_webs()
    world.start_workers()


KILLED: dict[str, Callable[[World, random.Random], None]] = {
    "a process that receives": web,
    "a worker": worker,
    "every worker": workers,
    "everything": everything,
}


@pytest.mark.parametrize("killed", KILLED)
def test_kill_9(world: World, killed: str, tell: Tell) -> None:
    if killed == "every worker" and not world.workers:
        pytest.skip("on SQLite there is one worker")
    fault = f"kill -9 of {killed}"
    chance = world.chance(fault)
    kills = -(-KILLS // (4 if world.workers else 3)) or 1
    with posting(world, chance) as load:
        for _ in range(kills):
            load.go_on()
            KILLED[killed](world, chance)
        load.wait_for_more(50)
    tell(settled(world, load, fault), kills=kills)
