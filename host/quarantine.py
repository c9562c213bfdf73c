"""Adapters in quarantine: their handlers are not run, their texts wait in order, everybody else goes on.

What is durable is the table ``adapter_health``. Each process keeps in memory what it last read of it, and reads it
again every second, after it claimed texts, and after a commit that said something of an adapter. Where that is too old:

- a text that is to wait for an adapter whose quarantine has ended is not parked (:func:`host.store.inbox.finish` asks);
- what waited for a quarantine that ended is made due in chunks (:func:`wake`), and a text that was in hand at its end,
  or comes later, may have such ones of its phone behind it. So for as long as those are not through, no text is handled
  before an earlier one of its phone (:func:`is_early`).
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from host.errors import gist
from host.runtime import HANDLING, Known, Runtime
from host.store import health, inbox, waking
from host.store.health import Verdict
from host.store.inbox import Handled, Run

log = logging.getLogger(__name__)

_CHUNK = 2_000


def look(runtime: Runtime) -> Known:
    """What is known of adapters, read again where this process has written something of them."""
    if runtime.ward.stale:
        refresh(runtime)
    return runtime.ward.known


def refresh(runtime: Runtime) -> None:
    """Read how adapters do, and log each that was put in quarantine. Raises :class:`StoreUnavailable`."""
    ward = runtime.ward
    with ward.reading:
        ward.stale = False
        try:
            with runtime.store.read() as connection:
                known = _read(connection, ward.known)
        except Exception:
            ward.stale = True
            raise
        before, ward.known = ward.known, known
    for adapter in sorted(known.shut.keys() - before.shut.keys()):
        log.error(
            "adapter %s is in QUARANTINE, its texts wait: %s. Mend it, then say: smshost resume %s",
            adapter,
            known.shut[adapter],
            adapter,
        )


def _read(connection: Connection, before: Known) -> Known:
    rows = health.read(connection)
    shut = {row.adapter: row.reason for row in rows if row.quarantined_at is not None}
    failing = frozenset(row.adapter for row in rows if row.failures and row.adapter not in shut)
    ended = {row.adapter: row.resumed_at for row in rows if row.resumed_at is not None}
    until = before.until
    going_on = waking.under_way(rows)
    if going_on or (before.ended is not None and ended != before.ended):
        until = inbox.newest(connection)
    elif until and not inbox.is_any_waiting(connection, until):
        until = 0
    return Known(shut, failing, ended, until, going_on)


def wake(runtime: Runtime) -> None:
    """Make due what waited for adapters that go on, a chunk at a time: others write in between.

    Raises :class:`StoreUnavailable`.
    """
    if not look(runtime).waking:
        return
    while not runtime.engine.stopping.is_set() and runtime.store.write(waking.wake, _CHUNK, wakes=(HANDLING,))[0]:
        pass
    refresh(runtime)


def is_early(runtime: Runtime, known: Known, row: Row[Any]) -> bool:
    """Whether an earlier text of this phone, which waited for an adapter in quarantine until now, is to go first.

    It may not be due yet (it is asked for first: it may become so meanwhile), or not be handled yet.
    """
    if not known.until:
        return False
    with runtime.store.read() as connection:
        if waking.has_earlier(connection, known.waking, row.sender, row.id):
            return True
        return inbox.has_earlier(connection, row.sender, row.id)


def shut_among(known: Known, handlers: Iterable[str]) -> set[str]:
    """The adapters in quarantine of these handlers, named by their ids."""
    return {adapter for each in handlers if (adapter := adapter_of(each)) in known.shut} if known.shut else set()


def verdicts(runtime: Runtime, known: Known, text: str, again: bool, runs: Sequence[Run]) -> tuple[Verdict, ...]:
    """What the runs of one attempt at a ``text`` say of adapters; nothing where all is as it was.

    ``again``: the host itself tries it once more; then it was counted the first time, so that one text that fails at
    every try puts nobody in quarantine. Where one handler of an adapter works, the adapter does.
    """
    if not known.failing and not any(run.error for run in runs):
        return ()
    most = runtime.configuration.settings.quarantine_texts
    works = {adapter_of(run.handler) for run in runs if not run.error}
    failed = {adapter_of(run.handler): run for run in runs if run.error}
    better = [Verdict(adapter, "", most) for adapter in sorted(works & known.failing)]
    if again:
        return tuple(better)
    worse = [(adapter, failed[adapter]) for adapter in sorted(failed.keys() - works)]
    reasons = [(adapter, f"{text} in {run.handler}: {gist(run.error)[:500]}") for adapter, run in worse]
    return (*better, *(Verdict(adapter, reason, most) for adapter, reason in reasons))


def heard(runtime: Runtime, committed: Sequence[Handled]) -> None:
    """Attempts are committed: what they say of adapters is read again before the next."""
    if any(each.verdicts for each in committed):
        runtime.ward.stale = True


def adapter_of(handler: str) -> str:
    """The adapter of a handler's id."""
    return handler.rpartition(".")[0]
