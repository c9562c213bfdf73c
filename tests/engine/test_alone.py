"""The door through which many go, or one alone."""

import threading

from host.engine.alone import Alone
from tests.programs import wait_for

LONG, SHORT = 60.0, 0.01


def test_many_go_in_at_the_same_time() -> None:
    door = Alone()
    assert [door.enter() for _ in range(3)] == [True, True, True]


def test_nobody_comes_while_one_is_alone() -> None:
    door = Alone()
    assert door.enter(LONG)
    assert (door.enter(), door.enter(LONG)) == (False, False)
    door.leave(LONG)
    assert (door.enter(), door.enter()) == (True, True)


def test_who_wants_to_be_alone_waits_for_those_inside_and_lets_nobody_in() -> None:
    door, inside = Alone(), threading.Event()
    assert door.enter()
    assert door.enter()
    waits = threading.Thread(target=lambda: door.enter(LONG) and inside.set())
    waits.start()
    wait_for(lambda: not door.enter() or door.leave(), "the door to be closed")  # type: ignore[func-returns-value]
    door.leave()
    assert not inside.is_set()
    door.leave()
    assert inside.wait(10)
    waits.join()


def test_who_does_not_leave_is_waited_for_no_longer_than_that() -> None:
    door = Alone()
    assert door.enter()
    assert door.enter(SHORT)
    wait_for(door.enter, "the door to open")
