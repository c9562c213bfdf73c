"""Handling a text: each matching handler runs by itself, and what it did is committed together with "handled"."""

import json
import logging
import traceback
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Row

from host import clock, quarantine, salvaging
from host.adapters import Handler
from host.alphabet import clean
from host.callers import ClientRequest
from host.errors import StoreUnavailable, told
from host.filters import passes
from host.messages import Pairs
from host.overruns import watched
from host.procedures import Call, Waiting, run
from host.runtime import Known, Runtime
from host.store import inbox
from host.store.effects import Effects
from host.store.inbox import Earlier, Handled, Run
from host.store.states import InboxState
from host.store.subscriptions import Subscribers

log = logging.getLogger(__name__)

_MOST_TRACEBACK = 20_000
_ENDS = (InboxState.HANDLED, InboxState.UNMATCHED, InboxState.FAILED)
_SLACK = 500  # milliseconds until what a gateway's request did not take along is sent


class SMSEvent(Mapping[str, str]):
    """What a handler is given: every parameter the gateway sent, under the gateway's own names.

    ``from``, ``to``, ``text``, ``keyword`` and ``gateway`` are always there, whatever the gateway calls them; ``from``
    and ``to`` in this host's spelling of numbers. Also as attributes (``event.text``), except ``from``, a word of
    Python.
    """

    def __init__(self, always: Mapping[str, str], pairs: Pairs) -> None:
        self._pairs = pairs
        self._values = {**dict(reversed(pairs)), **always}

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> str:
        if name.startswith("_") or name not in self._values:
            raise AttributeError(f"the gateway sent no parameter {name!r:.200}")
        return self._values[name]

    def __repr__(self) -> str:
        return f"SMSEvent({self._values!r})"

    @property
    def pairs(self) -> Pairs:
        """Everything the gateway sent, in order."""
        return self._pairs

    def all(self, name: str) -> list[str]:
        """Every value the gateway sent under a name, as it came, in order."""
        return [value for key, value in self._pairs if key == name]


def attempt(runtime: Runtime, row: Row[Any], stored: Subscribers | None = None) -> Handled | None:
    """Run the handlers of one text that have not succeeded with it yet; nothing is stored here.

    Gives None, and has run none, where an adapter's script is busy with another call for longer than others can wait,
    or where another text is being handled alone.

    Those of an adapter in quarantine are not run: once the others are done with it, the text waits for that adapter.
    ``stored``: what is known of the subscriptions of this and other texts' senders.
    """
    known = quarantine.look(runtime)
    if quarantine.is_early(runtime, known, row):
        return Handled(row.id, InboxState.RECEIVED, row.attempts, row.due_at, ())
    earlier = _earlier(runtime, row)
    with salvaging.handled(runtime, row, earlier) as may:
        return _attempt(runtime, row, stored, known, earlier) if may else None


def _attempt(
    runtime: Runtime, row: Row[Any], stored: Subscribers | None, known: Known, earlier: Earlier
) -> Handled | None:
    event = event_of(row)
    given_up = salvaging.given_up(runtime, row, earlier)
    if salvaging.HOST in given_up:
        run = salvaging.last_run(salvaging.HOST, earlier)
        return Handled(row.id, InboxState.FAILED, row.attempts + 1, row.due_at, (run,))
    done = earlier.done | given_up
    handlers = {each.id: each for each in runtime.adapters.handlers_for(event, row.gateway) if each.id not in done}
    gone = sorted(earlier.raised - done - handlers.keys())
    shut = quarantine.shut_among(known, (*handlers, *gone))
    asked = partial(_request, event)
    waiting = _waiting(row)
    wanted = [each for each in handlers.values() if each.adapter not in shut]
    with runtime.adapters.reserved({each.adapter for each in wanted}) as reserved:
        if reserved is None:
            return None
        runs: tuple[Run, ...] = ()
        for each in wanted:
            reserved.reach(each.adapter)
            salvaging.note(runtime, row, each.id)
            cause = f"in-{row.id}/{each.id}"
            call = Call(runtime, each.adapter, row.id, cause, stored=stored, request=asked, waiting=waiting)
            runs += (_run(call, event, each),)
    runs += tuple(_gone(each) for each in gone if quarantine.adapter_of(each) not in shut)
    again = row.attempts > 0 and row.due_at > 0
    verdicts = quarantine.verdicts(runtime, known, f"in-{row.id}", again, runs)
    handled = _outcome(runtime, row, runs, shut, replace(earlier, done=done))
    if given_up and handled.state in _ENDS:
        runs += tuple(salvaging.last_run(each, earlier) for each in sorted(given_up))
        handled = replace(handled, state=InboxState.FAILED, runs=runs)
    return replace(handled, verdicts=verdicts) if verdicts else handled


def _waiting(row: Row[Any]) -> Waiting | None:
    """The gateway's request that waits for what answers this text; what it does not take is sent after that."""
    if row.answer_by is None or row.answer_by <= clock.steady():
        return None
    return Waiting(row.gateway, row.sender, row.answer_by + _SLACK)


def _outcome(runtime: Runtime, row: Row[Any], runs: tuple[Run, ...], shut: Set[str], earlier: Earlier) -> Handled:
    number = row.attempts + 1
    failed = _failed(runtime, row.id, number, runs, len(earlier.cut)) if any(run.error for run in runs) else None
    if shut and (failed is None or failed.state is InboxState.FAILED):
        counted = number if runs else row.attempts  # to wait is no attempt
        return Handled(row.id, InboxState.WAITING, counted, 0, runs, waits_for=min(shut))
    if failed is not None:
        return failed
    if runs or earlier.done:
        return Handled(row.id, InboxState.HANDLED, number, row.due_at, runs)
    if unloaded := runtime.adapters.unloaded():
        log.warning("in-%d: no handler is for it, while adapters are not loaded: %.500s", row.id, unloaded)
    return Handled(row.id, InboxState.UNMATCHED, number, row.due_at, ())


def _earlier(runtime: Runtime, row: Row[Any]) -> Earlier:
    if not row.attempts:
        return Earlier()
    with runtime.store.read() as connection:
        return inbox.handlers_so_far(connection, row.id)


def _gone(handler: str) -> Run:
    now = clock.now()
    return Run(handler, now, now, "this handler raised before, and is no longer there: did its adapter not load?")


def _failed(runtime: Runtime, inbox_id: int, number: int, runs: tuple[Run, ...], excused: int = 0) -> Handled:
    """``excused``: how many attempts do not count, because they ended with their process."""
    wait = runtime.handling_policy.next_attempt(number - excused)
    state = InboxState.FAILED if wait is None else InboxState.RECEIVED
    return Handled(inbox_id, state, number, clock.steady() + int((wait or 0) * 1000), runs)


def unstorable(runtime: Runtime, handled: Handled, error: Exception) -> Handled:
    """The attempt as a failed one: the database is well, and what the handlers did cannot be stored in it."""
    log.error("in-%d: what its handlers did cannot be stored: %s", handled.inbox_id, error)
    said = clean("".join(traceback.format_exception(error))[-_MOST_TRACEBACK:])
    runs = tuple(replace(run, error=run.error or said, effects=Effects()) for run in handled.runs)
    failed = _failed(runtime, handled.inbox_id, handled.attempt, runs)
    return replace(handled, state=failed.state, due_at=failed.due_at, runs=runs, waits_for="")


def given_up(_: Runtime, handled: Handled, error: Exception) -> Handled:
    """The attempt as the last: not even its failure can be stored in full."""
    log.error("in-%d: FAILED, and why cannot be stored: %s", handled.inbox_id, error)
    return replace(handled, state=InboxState.FAILED, due_at=0, runs=(), waits_for="", verdicts=())


def broken(runtime: Runtime, row: Row[Any], error: Exception) -> Handled:
    """An attempt that this host itself could not make, as a failed one."""
    now = clock.now()
    said = clean("".join(traceback.format_exception(error))[-_MOST_TRACEBACK:])
    log.error("in-%d: this host failed with it\n%s", row.id, said)
    return _failed(runtime, row.id, row.attempts + 1, (Run("host", now, now, said),))


def event_of(row: Row[Any]) -> SMSEvent:
    """The event a stored text is handed to handlers as."""
    always = {
        "from": row.sender,
        "to": row.receiver,
        "text": row.text,
        "keyword": row.keyword,
        "gateway": row.gateway,
    }
    return SMSEvent(always, tuple((name, value) for name, value in json.loads(row.parameters)))


def _request(event: SMSEvent) -> ClientRequest:
    """What ``WL.Server.getClientRequest`` gives: every parameter the gateway sent, and those that are always there."""
    sent = event.pairs
    always = tuple((name, event[name]) for name in event if not event.all(name))
    return ClientRequest((*sent, *always))


def _run(call: Call, event: SMSEvent, handler: Handler) -> Run:
    """Run one handler; raises :class:`StoreUnavailable` where the database failed it, which is no fault of its own."""
    started = clock.now()
    try:
        with watched(call.runtime, call.inbox_id or 0, handler.id):
            if passes(handler.filter, event):  # asked again: one that raises counted as passed
                run(call, handler.function, event)
    except StoreUnavailable:
        raise
    except BaseException as raised:  # noqa: BLE001 - an adapter's mistakes, sys.exit() too, must not end a worker
        error = clean(told(raised)[-_MOST_TRACEBACK:])
        log.error("in-%d: %s failed\n%s", call.inbox_id, handler.id, error)
        return Run(handler.id, started, clock.now(), error)
    return Run(handler.id, started, clock.now(), effects=call.effects)
