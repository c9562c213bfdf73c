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
    assert (door.enter(), door.enter(LONG), door.is_shut()) == (False, False, True)
    door.leave()
    assert not door.is_shut()
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


class Guest:
    """A thread that wants to be alone, and leaves when it is told to."""

    def __init__(self, door: Alone, seconds: float) -> None:
        self.inside, self.goes = threading.Event(), threading.Event()
        self._door = door
        self._seconds = seconds
        self._thread = threading.Thread(target=self._visit)
        self._thread.start()

    def _visit(self) -> None:
        wait_for(lambda: self._door.enter(self._seconds), "the door to open")
        self.inside.set()
        self.goes.wait(LONG)
        self._door.leave()

    def leave(self) -> None:
        self.goes.set()
        self._thread.join()


def test_who_left_late_is_waited_for_no_longer() -> None:
    door = Alone()
    late = Guest(door, SHORT)
    assert late.inside.wait(10)
    wait_for(lambda: door.enter() and not door.leave(), "the door to open")  # type: ignore[func-returns-value]
    next_one = Guest(door, LONG)
    wait_for(lambda: not door.enter() or door.leave(), "the door to be closed")  # type: ignore[func-returns-value]
    late.leave()
    assert next_one.inside.wait(10)
    next_one.leave()


def test_who_leaves_late_lets_nobody_in_to_the_next_one() -> None:
    door = Alone()
    late = Guest(door, SHORT)
    assert late.inside.wait(10)
    wait_for(lambda: door.enter() and not door.leave(), "the door to open")  # type: ignore[func-returns-value]
    waits = threading.Thread(target=lambda: door.enter(LONG))
    waits.start()
    wait_for(lambda: not door.enter() or door.leave(), "the door to be closed")  # type: ignore[func-returns-value]
    late.leave()
    assert not door.enter()
    waits.join()
