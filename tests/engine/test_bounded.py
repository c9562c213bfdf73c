"""Functions in a bounded number of threads: callers wait for so long, and hear at once where waiting is hopeless."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import pytest

from host.engine.bounded import Bounded, Shares
from host.errors import Busy, Overdue
from tests.programs import wait_for

LONG, SHORT = 10.0, 0.05


def nothing() -> None:
    pass


class Crowd:
    """Callers, each in a thread of its own; `fates`: what each got."""

    def __init__(self, bounded: Bounded) -> None:
        self.bounded = bounded
        self.fates: list[str] = []
        self.threads: list[threading.Thread] = []

    def call(self, function: Callable[[], str], seconds: float, number: int = 1) -> None:
        for _ in range(number):
            self.threads.append(threading.Thread(target=self._call, args=(function, seconds)))
            self.threads[-1].start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join(LONG)

    def _call(self, function: Callable[[], str], seconds: float) -> None:
        try:
            fate = self.bounded.run(function, seconds, nothing)
        except Overdue as overdue:
            fate = "began" if overdue.began else "waited"
        self.fates.append(fate)


def raising(error: type[BaseException]) -> None:
    raise error


def test_gives_what_the_function_gives_or_raises() -> None:
    bounded = Bounded(1)
    assert bounded.run(lambda: 5, LONG, nothing) == 5
    for error in (ValueError, SystemExit):
        with pytest.raises(error):
            bounded.run(partial(raising, error), LONG, nothing)
    assert bounded.run(lambda: 6, LONG, nothing) == 6


def test_what_comes_late_is_told_and_its_thread_is_free_again() -> None:
    bounded, end, told = Bounded(1), threading.Event(), threading.Event()
    with pytest.raises(Overdue) as late:
        bounded.run(lambda: end.wait(LONG), SHORT, told.set)
    assert (late.value.began, told.is_set()) == (True, False)
    end.set()
    assert told.wait(LONG)
    assert bounded.run(lambda: 5, LONG, nothing) == 5


def test_what_cannot_be_told_late_is_logged_and_costs_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    bounded, end, told = Bounded(1), threading.Event(), threading.Event()

    def late() -> None:
        told.set()
        raise OSError("no room")

    with pytest.raises(Overdue):
        bounded.run(lambda: end.wait(LONG), SHORT, late)
    end.set()
    assert told.wait(LONG)
    assert bounded.run(lambda: 5, LONG, nothing) == 5
    assert "OSError: no room" in caplog.text


def test_where_all_threads_hang_nobody_waits() -> None:
    bounded, end = Bounded(2), threading.Event()
    crowd = Crowd(bounded)
    crowd.call(lambda: str(end.wait(LONG)), SHORT, 2)
    crowd.join()
    assert crowd.fates == ["began", "began"]
    with pytest.raises(Overdue) as refused:
        bounded.run(lambda: 5, LONG, nothing)
    assert refused.value.began is False
    end.set()
    wait_for(lambda: gives(bounded), "a thread to be free")


def gives(bounded: Bounded) -> bool:
    try:
        return bounded.run(lambda: True, LONG, nothing)
    except Overdue:
        return False


def test_as_many_wait_as_there_are_threads_and_get_their_turn() -> None:
    bounded, end = Bounded(2), threading.Event()
    crowd = Crowd(bounded)
    crowd.call(lambda: str(end.wait(LONG)), LONG, 4)
    wait_for(lambda: bounded._callers == 4, "all to call")
    with pytest.raises(Overdue):
        bounded.run(lambda: 5, LONG, nothing)
    end.set()
    crowd.join()
    assert crowd.fates == ["True"] * 4


def test_who_waited_in_vain_leaves_no_trace() -> None:
    bounded, end = Bounded(1), threading.Event()
    crowd, ran = Crowd(bounded), []
    crowd.call(lambda: str(end.wait(LONG)), LONG)
    wait_for(lambda: bounded._callers == 1 and not bounded._waiting, "the first to begin")
    with pytest.raises(Overdue) as waited:
        bounded.run(lambda: ran.append(1), SHORT, nothing)
    end.set()
    crowd.join()
    assert (waited.value.began, bounded.run(lambda: len(ran), LONG, nothing), crowd.fates) == (False, 0, ["True"])


def test_a_crowd_beyond_the_threads_is_served() -> None:
    bounded = Bounded(8)
    crowd = Crowd(bounded)
    crowd.call(lambda: "ok", LONG, 16)
    crowd.join()
    assert (crowd.fates, bounded._threads <= 8) == (["ok"] * 16, True)


def test_who_hangs_gets_no_more_and_others_do() -> None:
    shares, past, future = Shares(2), time.monotonic() - 1, time.monotonic() + LONG
    with ExitStack() as stack:
        for name, end in [("quick", future)] * 5 + [("slow", past)] * 2:
            stack.enter_context(shares.share(name, end))
        with pytest.raises(Busy, match="2 calls of adapter slow hang"), shares.share("slow", future):
            pass
        with shares.share("quick", future), shares.share("other", future):
            pass
    with shares.share("slow", future):
        pass
