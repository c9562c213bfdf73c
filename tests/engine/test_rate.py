"""Turns are evenly spaced, and nothing is taken long before its turn."""

from host.engine.pace import Pace
from host.engine.rate import Rate


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def test_without_a_limit_everything_may_be_taken_at_once() -> None:
    rate = Rate(None)
    assert (rate.take(100), rate.rest(), rate.turn()) == (100, 0.0, 0.0)


def test_one_text_a_second_is_taken_one_at_a_time() -> None:
    clock = Clock()
    rate = Rate(1.0, clock)
    assert ([rate.take(16) for _ in range(4)], round(rate.rest(), 3)) == ([1, 0, 0, 0], 0.99)
    clock.now += 1
    assert [rate.take(16), rate.take(16)] == [1, 0]


def test_a_turn_that_is_given_back_is_there_for_the_next() -> None:
    clock = Clock()
    rate = Rate(1.0, clock)
    assert rate.take(16) == 1
    rate.give_back(1)
    assert (rate.rest(), rate.take(16), rate.take(16)) == (0.0, 1, 0)


def test_some_milliseconds_worth_are_taken_at_once() -> None:
    clock = Clock()
    rate = Rate(450.0, clock)
    assert [rate.take(16), rate.take(16)] == [5, 0]
    clock.now += 1
    assert [rate.take(3), rate.take(16), rate.take(16)] == [3, 2, 0]


def test_turns_are_evenly_spaced_however_late_they_are_asked_for() -> None:
    clock = Clock()
    rate = Rate(10.0, clock)
    assert [round(rate.turn(), 3) for _ in range(3)] == [0.0, 0.1, 0.2]
    clock.now += 0.25
    assert [round(rate.turn(), 3), round(rate.turn(), 3)] == [0.05, 0.15]
    clock.now += 10
    assert [round(rate.turn(), 3), round(rate.turn(), 3)] == [0.0, 0.1]


def test_further_parts_take_the_place_of_texts() -> None:
    clock = Clock()
    rate = Rate(1.0, clock)
    assert rate.take(1) == 1
    assert [rate.turn(), rate.turn(more=True), rate.turn(more=True)] == [0.0, 1.0, 2.0]
    assert round(rate.rest(), 3) == 2.99


def test_a_pace_follows_what_texts_took_lately() -> None:
    pace = Pace(0.010, 16)
    assert pace.pieces == 1
    for seconds, pieces in ((0.001, 9), (0.0001, 16), (0.05, 1), (0.0, 16)):
        for _ in range(100):
            pace.took(seconds)
        assert pace.pieces == pieces
