"""The circuit breaker as a table of what happens to it, by a clock that is set by hand."""

import pytest

from host.engine.circuit import Circuit, Permit

#: What happens, and what the circuit says to it. ``take N``: how many may be taken; ``ok``, ``fail``: how an offer of the
#: last permit ended; ``old fail``: of the first; ``wait S``: seconds pass.
STORIES = {
    "closed": ("take 5 -> 5", "enter -> yes", "ok -> False", "fail -> False", "take 5 -> 5"),
    "a success in between": (*["enter -> yes", "fail -> False", "fail -> False", "ok -> False"] * 3, "take 5 -> 5"),
    "opens": ("enter -> yes", "fail -> False", "fail -> False", "fail -> True", "take 5 -> 0", "rest -> 1.0"),
    "stragglers": (
        *("enter -> yes", "fail -> False", "fail -> False", "fail -> True"),
        *("old fail -> False", "old fail -> False", "rest -> 1.0"),
    ),
    "probes": (
        *("enter -> yes", "fail -> False", "fail -> False", "fail -> True", "enter -> no"),
        *("wait 1", "take 5 -> 1", "take 5 -> 0", "enter -> yes", "enter -> no", "fail -> False", "rest -> 2.0"),
        *("wait 2", "take 5 -> 1", "enter -> yes", "fail -> False", "rest -> 4.0"),
        *("wait 4", "take 5 -> 1", "enter -> yes", "fail -> False", "rest -> 5.0"),  # the longest
        *("wait 5", "take 5 -> 1", "enter -> yes", "ok -> True", "take 5 -> 5"),
        *("enter -> yes", "fail -> False", "fail -> False", "fail -> True", "rest -> 1.0"),
    ),
    "a straggler succeeds": ("enter -> yes", *["fail -> False"] * 2, "fail -> True", "ok -> True", "take 5 -> 5"),
    "a probe that was not made": (
        *("enter -> yes", "fail -> False", "fail -> False", "fail -> True", "wait 1", "take 5 -> 1", "enter -> yes"),
        *("leave", "rest -> 0.0", "take 5 -> 1", "enter -> yes", "fail -> False", "leave", "rest -> 2.0"),
    ),
    "a probe that was not made for a pause": (
        *(
            "enter -> yes",
            "fail -> False",
            "fail -> False",
            "fail -> True",
            "wait 1",
            "take 5 -> 1",
            "pause 7 -> False",
        ),
        *("enter -> no", "rest -> 7.0", "wait 7", "take 5 -> 1", "enter -> yes"),
    ),
    "a probe nobody heard of": (
        *("enter -> yes", "fail -> False", "fail -> False", "fail -> True", "wait 1", "take 5 -> 1"),
        *("rest -> 60.0", "wait 60", "take 5 -> 1"),
    ),
    "asks for a pause": (
        *("enter -> yes", "allows -> True", "pause 7 -> False", "allows -> False", "take 5 -> 0", "enter -> no"),
        *("rest -> 7.0", "wait 7", "take 5 -> 5", "enter -> yes", "allows -> True", "ok -> False"),
    ),
    "asks for a long pause while it is open": (
        *("enter -> yes", "pause 9 -> False", "pause 9 -> False", "pause 9 -> True", "rest -> 9.0"),
        *("wait 9", "take 5 -> 1"),
    ),
    "an old permit": (
        *("enter -> yes", "fail -> False", "fail -> False", "fail -> True", "allows -> False", "ok -> True"),
        *("allows -> False", "enter -> yes", "allows -> True"),
    ),
}


class World:
    """A circuit, its clock, and the permits it gave."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.circuit = Circuit(3, 5.0, lambda: self.now)
        self.permits: list[Permit] = []

    def happens(self, what: str) -> str:
        """The step with the circuit's answer."""
        word, _, number = what.partition(" ")
        answer = getattr(self, f"_{word}")(number)
        return what if answer is None else f"{what} -> {answer}"

    def _wait(self, seconds: str) -> None:
        self.now += float(seconds)

    def _take(self, wanted: str) -> int:
        return self.circuit.take(int(wanted))

    def _enter(self, _: str) -> str:
        permit = self.circuit.enter()
        self.permits += [permit] if permit else []
        return "yes" if permit else "no"

    def _ok(self, _: str) -> bool:
        return self.circuit.succeeded()

    def _fail(self, _: str) -> bool:
        return self.circuit.failed(self.permits[-1])

    def _old(self, _: str) -> bool:
        return self.circuit.failed(self.permits[0])

    def _pause(self, seconds: str) -> bool:
        return self.circuit.failed(self.permits[-1], float(seconds))

    def _allows(self, _: str) -> bool:
        return self.circuit.allows(self.permits[-1])

    def _leave(self, _: str) -> None:
        self.circuit.leave(self.permits[-1])

    def _rest(self, _: str) -> float:
        return self.circuit.rest()


@pytest.mark.parametrize("story", STORIES)
def test_what_happens_to_a_circuit(story: str) -> None:
    world = World()
    told = STORIES[story]
    assert [world.happens(step.partition(" -> ")[0]) for step in told] == list(told)
