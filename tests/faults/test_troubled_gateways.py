"""Gateways in trouble, under load: what they refused is offered again in order, what they may have taken is HELD."""

import random
import threading
from collections.abc import Callable

import pytest

from tests.faults.conftest import Tell
from tests.faults.counting import settled
from tests.faults.posting import Load, posting
from tests.faults.world import KILLS, World
from tests.sink import HangUp

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

Answer = Callable[[dict[str, str]], int]
_CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\ntaken, but"
_OUTAGE_SECONDS = 20.0 if KILLS else 4.0


def hang() -> int:
    """Longer than the host waits, and then it is gone; the text was taken."""
    threading.Event().wait(3)
    raise HangUp(200)


def slow() -> int:
    threading.Event().wait(0.4)
    return 200


def deny() -> int:
    """Taken, and denied."""
    return 500


def cut() -> int:
    raise HangUp(200, _CUT)


TROUBLES: dict[str, tuple[Callable[[], int], float]] = {  # and how often
    "that hangs": (hang, 0.02),
    "that answers slowly": (slow, 0.1),
    "that answers 500 after having accepted": (deny, 0.1),
    "that closes mid-body": (cut, 0.1),
}


def sometimes(trouble: Callable[[], int], share: float, chance: random.Random) -> Answer:
    """A gateway that is in trouble with some of the texts."""
    return lambda parameters: trouble() if chance.random() < share else 200


@pytest.mark.parametrize("trouble", TROUBLES)
def test_gateway(world: World, trouble: str, tell: Tell) -> None:
    fault = f"gateway {trouble}"
    chance = world.chance(fault)
    world.sink.answer = sometimes(*TROUBLES[trouble], chance)
    with posting(world, chance) as load:
        load.wait_for_more(2000 if KILLS else 200)
    tally = settled(world, load, fault)
    denied = taken_with(world, load, 500)
    tell(tally, denied=denied)
    assert (tally.held > 0, denied > 0) == (TROUBLES[trouble][0] in (hang, cut), TROUBLES[trouble][0] is deny)


def test_gateway_that_refuses_now_and_then(world: World, tell: Tell) -> None:
    fault = "gateway that refuses"
    chance = world.chance(fault)
    with posting(world, chance) as load:
        for _ in range(20 if KILLS else 3):
            load.go_on()
            world.sink.go_away()
            threading.Event().wait(chance.random())
            world.sink.come_back()
    tell(settled(world, load, fault))


def test_gateway_that_is_down_under_load(world: World, tell: Tell) -> None:
    fault = f"gateway down for {_OUTAGE_SECONDS:g} s"
    with posting(world, world.chance(fault)) as load:
        load.go_on()
        world.sink.go_away()
        threading.Event().wait(_OUTAGE_SECONDS)
        assert load.refused == []
        world.sink.come_back()
        load.wait_for_more(50)
    tell(settled(world, load, fault))


def taken_with(world: World, load: Load, status: int) -> int:
    """How many of a load's texts the gateway answered so."""
    phones = set(load.phones)
    return sum(each.status == status and each.to in phones for each in world.sink.taken)
