"""``smshost worker``: a process that handles and sends, one of many on a PostgreSQL database, the one on SQLite."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from host.app import assemble, start, stop
from host.errors import HostError
from host.options import Options, are_workers_apart
from host.runtime import HANDLING, Runtime
from host.serving import end_with_parent

log = logging.getLogger(__name__)

_ROOM_SECONDS = 0.01
_LISTENER_SECONDS = 5.0


def work(options: Options) -> None:
    """Work until SIGTERM or SIGINT, then finish what is in hand. Raises :class:`HostError` where it cannot begin."""
    if not options.adapters.is_dir():
        raise HostError(f"--adapters {options.adapters}: there is no such folder")
    ended = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: ended.set())
    end_with_parent(os.environ)
    _, runtime = assemble(options, works=True)
    runtime.store.give_way()
    start(runtime)
    with _jobs(runtime) if are_workers_apart(options) else nullcontext():
        ended.wait()
        log.info("the worker ends: it finishes what it has in hand")
    stop(runtime)


@contextmanager
def _jobs(runtime: Runtime) -> Iterator[None]:
    """Jobs are heard of meanwhile: texts that processes on this or other machines have stored."""
    from host.store.jobs import Listener  # noqa: PLC0415 - it needs the extra that PostgreSQL needs

    listener = Listener(runtime.store.engine, HANDLING, lambda: _look(runtime))
    listener.start()
    try:
        yield
    finally:
        listener.stop(_LISTENER_SECONDS)


async def _look(runtime: Runtime) -> None:
    """What a job says: texts arrived. While there is no room for them here, the next job is another worker's."""
    while not runtime.engine.has_room(HANDLING) and not runtime.engine.stopping.is_set():
        await asyncio.sleep(_ROOM_SECONDS)
    runtime.engine.wake(HANDLING)
