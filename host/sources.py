"""Event sources' polls, and procedures called from outside: what they do is committed when they return."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from host import clock
from host.adapters import EventSource
from host.alphabet import clean
from host.callers import ClientRequest
from host.errors import told
from host.messages import Identity
from host.procedures import Call, invoke, run
from host.runtime import Runtime, commit, queues_of
from host.store import polls
from host.store.effects import Effects

log = logging.getLogger(__name__)


def open_polls(runtime: Runtime) -> None:
    """Give every event source's poll its place in the engine's clock."""
    for source in runtime.adapters.event_sources.values():
        if source.poll is not None:
            runtime.engine.add_duty(f"poll {source.id}", source.poll.interval, partial(poll, runtime, source))


def poll(runtime: Runtime, source: EventSource) -> None:
    """Run an event source's poll once; an exception is logged and shown, and the next run happens."""
    if source.poll is None:
        return
    call = Call(runtime, source.adapter)
    started, worker = clock.now(), runtime.engine.number
    error = ""
    try:
        run(call, source.poll.run)
    except (Exception, SystemExit) as raised:  # noqa: BLE001 - an adapter's mistakes, sys.exit() too, must not end the clock
        error = clean(told(raised))
        call.effects = Effects()
        log.error("the poll of %s failed\n%s", source.id, error)
    polled = polls.Polled(source.id, started, clock.now(), error, call.effects, worker)
    (counts,) = runtime.store.write(polls.finish, polled, wakes=queues_of([call.effects]))
    if not counts:
        log.warning("the poll of %s does not count: this worker lost its session while it ran", source.id)


def call_procedure(
    runtime: Runtime,
    adapter: str,
    name: str,
    arguments: Sequence[Any],
    *,
    identity: Identity | None = None,
    request: Callable[[], ClientRequest] | None = None,
) -> dict[str, Any]:
    """Invoke a declared procedure and commit what it did; gives its result with ``isSuccessful``.

    ``identity``: who calls, where that was asked; ``request`` makes what the call came by. Raises :class:`WLError` for
    a procedure nobody declared, :class:`StoreUnavailable` where it cannot be committed, :class:`Unstorable` where the
    database refuses it.
    """
    call = Call(runtime, adapter, identity=identity, request=request)
    result = invoke(call, adapter, name, arguments)
    commit(runtime, call.effects)
    return result
