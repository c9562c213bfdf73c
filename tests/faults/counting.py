"""What a fault did to texts: counted at the handler and at the gateway, told in one line."""

import re
from collections import Counter
from dataclasses import astuple, dataclass, field
from typing import Any

from tests.faults.observing import out_of_order, rows
from tests.faults.posting import Load, Text
from tests.faults.world import SEED, World
from tests.programs import wait_for

SETTLING_SECONDS = 180.0
_OF_THESE = "{column} BETWEEN :first AND :last"
_WAITING = f"""SELECT (SELECT count(*) FROM inbox WHERE state = 'RECEIVED' AND {_OF_THESE.format(column="sender")})
    + (SELECT count(*) FROM outbox WHERE state IN ('QUEUED', 'WAITING', 'SENDING')
       AND {_OF_THESE.format(column="receiver")})"""
_INBOX = f"SELECT id, gateway_message_id, state FROM inbox WHERE {_OF_THESE.format(column='sender')}"
_RUNS = f"""SELECT inbox_id, sender, text, handler, outcome, started_at, ended_at FROM handling JOIN inbox ON inbox.id = inbox_id
    WHERE {_OF_THESE.format(column="sender")} ORDER BY handling.id"""
_OUTBOX = f"SELECT inbox_id, receiver, text, state FROM outbox WHERE {_OF_THESE.format(column='receiver')}"


@dataclass(frozen=True)
class Wrong:
    """How many texts were lost or doubled, and how often a phone's came out of order."""

    lost: int
    doubled: int
    out_of_order: int

    def __str__(self) -> str:
        return f"lost {self.lost}, doubled {self.doubled}, out of order {self.out_of_order}"


@dataclass(frozen=True)
class Tally:
    """The counts of one fault. `held`: texts to phones of which nobody knows whether the gateway took them."""

    fault: str
    database: str
    posted: int
    repeats: int
    handled: Wrong
    sent: Wrong
    failed: int
    held: int
    notes: dict[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        return not any((*astuple(self.handled), *astuple(self.sent)))

    def __str__(self) -> str:
        counts = [f"posted {self.posted}", f"repeats {self.repeats}"]
        counts += [f"{name} {number}" for name, number in self.notes.items()]
        ends = f"handled: {self.handled}; sent: {self.sent}; failed {self.failed}, held {self.held}"
        return f"{self.fault}; {self.database}, seed {SEED}: {', '.join(counts)}; {ends}"


def settled(world: World, load: Load, fault: str, *, clocks: bool = True) -> Tally:
    """The counts, once nothing of the load's phones waits any more; ``clocks``: whether those can be believed."""
    place = {"first": load.phones[0], "last": load.phones[-1]}
    waiting = 0

    def nothing_waits() -> bool:
        nonlocal waiting
        (waiting,) = rows(world.host, _WAITING, **place)
        return waiting == 0

    wait_for(nothing_waits, f"nothing to wait after {fault}", SETTLING_SECONDS)
    inbox = rows(world.host, _INBOX, **place)
    outbox = rows(world.host, _OUTBOX, **place)
    runs = rows(world.host, _RUNS, **place)
    states = Counter(state for *_, state in outbox)
    return Tally(
        fault,
        world.name,
        len(load.answered),
        len(load.repeats),
        _handled(load.answered, inbox, runs, outbox, clocks),
        _sent(world, outbox),
        sum(state == "FAILED" for *_, state in inbox) + states["FAILED"],
        states["HELD"],
    )


def _handled(answered: list[Text], inbox: list[Any], runs: list[Any], outbox: list[Any], clocks: bool) -> Wrong:
    """A text that was answered 200 has one row, each handler succeeded with it once, and it has one reply."""
    stored = Counter(id_ for _, id_, _ in inbox if id_ is not None)
    successes = Counter((run.inbox_id, run.handler) for run in runs if run.outcome == "HANDLED")
    replies = Counter(number for number, *_ in outbox)
    handled = {number for number, _ in successes}
    missing = sum(state == "HANDLED" and (id_ not in handled or id_ not in replies) for id_, _, state in inbox)
    twice = {number for number, times in replies.items() if times > 1}
    twice |= {number for (number, _), times in successes.items() if times > 1}
    return Wrong(
        lost=sum(text.id not in stored for text in answered if text.id) + missing,
        doubled=len(twice) + sum(times > 1 for times in stored.values()),
        out_of_order=out_of_order((run.sender, numbered(run.text)) for run in runs)
        + (_beside_each_other(runs) if clocks else 0),
    )


def _sent(world: World, outbox: list[Any]) -> Wrong:
    """A reply that is SENT was taken once by the gateway, in its phone's order; of one that is HELD nobody knows."""
    phones = {receiver for _, receiver, *_ in outbox}
    taken = [(each.to, each.text) for each in world.sink.taken if each.status == 200 and each.to in phones]
    times = Counter(taken)
    queued = Counter((receiver, text) for _, receiver, text, *_ in outbox)
    sent = Counter((receiver, text) for _, receiver, text, state in outbox if state == "SENT")
    held = {(receiver, text) for _, receiver, text, state in outbox if state == "HELD"}
    return Wrong(
        lost=sum((sent - times).values()),
        doubled=sum((times - queued).values()),
        out_of_order=out_of_order((to, numbered(text)) for to, text in taken if (to, text) not in held),
    )


def _beside_each_other(runs: list[Any]) -> int:
    """How often a phone's text was handled before the handling of its last one had ended."""
    ends: dict[str, tuple[int, int]] = {}
    wrong = 0
    for run in runs:
        before, ended = ends.get(run.sender, (run.inbox_id, 0))
        wrong += before != run.inbox_id and run.started_at < ended
        ends[run.sender] = run.inbox_id, run.ended_at
    return wrong


def numbered(text: str) -> int:
    """The number in a text."""
    found = re.search(r"\d+", text)
    assert found is not None
    return int(found.group())
