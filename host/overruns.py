"""Handlers that run beyond their time limit: told while they run, and counted. Nothing stops them: Python cannot."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from host import clock
from host.errors import StoreUnavailable
from host.quarantine import adapter_of
from host.runtime import Running, Runtime
from host.store import health
from host.store.health import Overran

log = logging.getLogger(__name__)


@contextmanager
def watched(runtime: Runtime, inbox_id: int, handler: str) -> Iterator[None]:
    """Let the watch see a handler for as long as it runs."""
    me = threading.get_ident()
    running = runtime.watch.running[me] = Running(inbox_id, handler, time.monotonic())
    try:
        yield
    finally:
        del runtime.watch.running[me]
        running.ended = True
        if running.overran or _seconds(running) > _limit(runtime):
            _end(runtime, running)


def watch(runtime: Runtime) -> None:
    """Tell of each handler that runs beyond its limit; to be called about once a second."""
    limit = _limit(runtime)
    for running in list(runtime.watch.running.values()):
        if not running.overran and _seconds(running) > limit:
            with runtime.watch.telling:
                if not running.ended:
                    _tell(runtime, running, "has been running")
                    runtime.watch.held_up()


def _end(runtime: Runtime, running: Running) -> None:
    with runtime.watch.telling:  # the watch may be about to tell of it
        if not running.overran:
            _tell(runtime, running, "ran")
            return
        log.warning("in-%d: %s has ended after %.1f s", running.inbox_id, running.handler, _seconds(running))
        runtime.watch.goes_on()


def _tell(runtime: Runtime, running: Running, verb: str) -> None:
    running.overran = True
    said = f"in-{running.inbox_id}: {running.handler} {verb} for {_seconds(running):.1f} s"
    log.error("%s, longer than smshost.handling.limitSeconds (%g)", said, _limit(runtime))
    count(runtime, running.handler)


def count(runtime: Runtime, handler: str) -> None:
    """Count a run that took too long; ``smshost status`` shows how many there were."""
    try:
        overran = Overran(adapter_of(handler), clock.now())
        runtime.store.submit(health.count_overruns, overran, partial(_counted, handler))
    except StoreUnavailable as error:
        _counted(handler, None, error)


def _counted(handler: str, _: None, error: Exception | None) -> None:
    if error is not None:
        log.error("that %s ran for too long is not counted: %s", handler, error)


def _seconds(running: Running) -> float:
    return time.monotonic() - running.began


def _limit(runtime: Runtime) -> float:
    return runtime.configuration.settings.handling_limit
