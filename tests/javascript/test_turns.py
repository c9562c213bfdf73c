"""Whose turn it is with a script: what is waited for it is part of a call's time."""

import threading
import time

import pytest

from host.errors import ScriptError
from host.javascript.turns import Turn

SECONDS = 4.0


def held_elsewhere(turn: Turn, seconds: float) -> threading.Thread:
    """Another thread that has the script, for so long; it has it already."""
    begun = threading.Event()

    def hold() -> None:
        with turn.held("another call"):
            begun.set()
            threading.Event().wait(seconds)

    thread = threading.Thread(target=hold)
    thread.start()
    assert begun.wait(10)
    return thread


def test_the_wait_counts() -> None:
    turn = Turn("a-impl.js", SECONDS)
    other = held_elsewhere(turn, 0.8)
    asked = time.monotonic()
    with turn.held("this call"):
        assert turn.deadline - asked == pytest.approx(SECONDS, abs=0.5)
        assert turn.deadline - time.monotonic() < SECONDS - 0.7
    other.join()


def test_who_waits_for_too_long_is_told_while_there_is_time() -> None:
    turn = Turn("a-impl.js", SECONDS)
    other = held_elsewhere(turn, SECONDS)
    asked = time.monotonic()
    told = r"Busy: a-impl\.js is busy with another call: it was waited for 2\.0 s"
    with pytest.raises(ScriptError, match=told), turn.held("this call"):
        pass
    assert time.monotonic() - asked < SECONDS
    other.join()


def test_a_call_in_its_turn_has_all_the_time() -> None:
    turn = Turn("a-impl.js", SECONDS)
    with turn.held("this call"):
        assert turn.deadline - time.monotonic() == pytest.approx(SECONDS, abs=0.5)
