"""What processes that ended had under way: noted on a slate meanwhile, and settled by the next process.

A handler may end its process (``os._exit``, a crash in C code, no memory left). Whose doing it was nobody can tell:
texts that were being handled beside it saw the same end. So all of them are tried again after a wait, and who saw two
such ends is handled alone from then on; so who only stood by gets through, and the other one is given up.
An offer that was begun and not made to its gateway is taken back.
"""

import logging
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from host import clock
from host.errors import StoreUnavailable
from host.quarantine import adapter_of
from host.runtime import Runtime
from host.store import recovery, slate
from host.store.health import Verdict
from host.store.inbox import Earlier, Run
from host.store.recovery import Cut, End

log = logging.getLogger(__name__)

HOST = "host"  # what ran when no handler did: a filter, say
_ALONE = 2  # after so many ends of its process a text is handled alone
_LEAST = _ALONE + 1  # ends before it is given up, one of them alone
_LONGEST = 150  # bytes of a handler's name that a slate has room for
_TEXT, _OFFER = "in/", "out/"
_CUT_OFF = "the process that ran it ended: the handler ended or crashed it, the system did, or a person"
_GIVEN_UP = "not run again: its process ended {} time(s) while it ran"


@contextmanager
def handled(runtime: Runtime, row: Row[Any], earlier: Earlier) -> Iterator[bool]:
    """Note that a text is being handled.

    False, and nothing is, where another one is being handled alone.
    """
    alone = runtime.configuration.settings.handling_limit if len(earlier.cut) >= _ALONE else 0.0
    if not runtime.alone.enter(alone):
        yield False
        return
    try:
        note(runtime, row, HOST)
        yield True
    finally:
        runtime.slate.strike(f"{_TEXT}{row.id}")
        runtime.alone.leave(alone)


def note(runtime: Runtime, row: Row[Any], handler: str) -> None:
    """Note which of a text's handlers runs now."""
    known = handler if len(handler.encode(errors="replace")) <= _LONGEST else HOST
    runtime.slate.note(f"{_TEXT}{row.id}", row.received_at, row.attempts, clock.now(), known)


def given_up(runtime: Runtime, row: Row[Any], earlier: Earlier) -> Set[str]:
    """The handlers of a text that are not to be run any more; a person may have it tried once more all the same."""
    if not earlier.cut or not row.due_at:
        return frozenset()
    limit = max(_LEAST, runtime.handling_policy.attempts)
    return {each for each in earlier.cut if earlier.cut.count(each) >= limit} - earlier.done


def last_run(handler: str, earlier: Earlier) -> Run:
    """What is written of a handler that is given up."""
    now = clock.now()
    return Run(handler, now, now, _GIVEN_UP.format(earlier.cut.count(handler)))


def begun(runtime: Runtime, references: Iterable[str]) -> None:
    """Note that offers are about to be begun, and are not made yet."""
    for each in references:
        runtime.slate.note(f"{_OFFER}{each}")


def made(runtime: Runtime, references: Iterable[str]) -> None:
    """From now on offers may reach their gateway; or it is written down that they never do."""
    for each in references:
        runtime.slate.strike(f"{_OFFER}{each}")


def salvage(runtime: Runtime) -> None:
    """Settle what processes that are no more had under way. Raises :class:`~host.errors.StoreUnavailable`."""
    for noted in slate.left_behind(runtime.slate.place):
        try:
            _settle(runtime, noted)
        except StoreUnavailable:
            raise
        except Exception:  # it must not keep this process from its work for ever
            log.exception("what a process had under way when it ended cannot be settled")


def _settle(runtime: Runtime, noted: Iterable[str]) -> None:
    offers = [each.removeprefix(_OFFER) for each in noted if each.startswith(_OFFER)]
    texts = [each.removeprefix(_TEXT) for each in noted if each.startswith(_TEXT)]
    if offers and (taken_back := runtime.store.write(recovery.take_back, offers)[0]):
        log.warning("%d text(s) had not been offered yet when their process ended: they are as before", taken_back)
    if texts:
        _cut_off(runtime, [_cut(runtime, each) for each in texts])


def _cut(runtime: Runtime, words: str) -> Cut:
    *numbers, handler = words.split(" ", 4)
    inbox_id, received_at, attempts, started_at = map(int, numbers)
    run = Run(handler, started_at, max(started_at, clock.now()), _CUT_OFF)
    policy = replace(runtime.handling_policy, attempts=attempts + 2)  # what ends it is how often its process ended
    wait = policy.next_attempt(attempts + 1) or 0.0
    return Cut(inbox_id, received_at, attempts, clock.steady() + int(wait * 1000), run)


def _cut_off(runtime: Runtime, cuts: list[Cut]) -> None:
    most = runtime.configuration.settings.quarantine_texts
    first = {adapter_of(each.run.handler): each for each in cuts if not each.attempts and each.run.handler != HOST}
    reasons = {name: f"in-{each.inbox_id} in {each.run.handler}: {_CUT_OFF}" for name, each in first.items()}
    verdicts = [Verdict(name, reason, most) for name, reason in sorted(reasons.items())]
    moved = runtime.store.write(recovery.cut_off, End(cuts, verdicts))[0]
    runtime.ward.stale = True
    for each in cuts:
        if each.inbox_id in moved:
            where = "before any handler" if each.run.handler == HOST else f"in {each.run.handler}"
            log.error("in-%d: its process ended in attempt %d, %s", each.inbox_id, each.attempts + 1, where)
