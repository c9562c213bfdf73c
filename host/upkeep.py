"""What a working process looks after beside texts: adapters in quarantine, handlers that run long, waits too long."""

import logging

from host import clock, overruns, quarantine
from host.retry import LONGEST_ASKED
from host.runtime import Runtime
from host.store import waits

log = logging.getLogger(__name__)

_WAITS_SECONDS = 60.0
_SLACK_SECONDS = 60.0  # by which the clocks of two processes may differ


def open_upkeep(runtime: Runtime) -> None:
    """Look once, before the first text is handled, and give the engine's clock the rest."""
    quarantine.refresh(runtime)
    bound_waits(runtime)
    runtime.engine.on_tick(lambda: look_after(runtime))
    runtime.engine.add_duty("waits", _WAITS_SECONDS, lambda: bound_waits(runtime))


def look_after(runtime: Runtime) -> None:
    """What every working process does about once a second."""
    overruns.watch(runtime)
    quarantine.refresh(runtime)


def bound_waits(runtime: Runtime) -> None:
    """Make due what waits longer than anybody meant: the clock was set back since that was reckoned."""
    settings = runtime.configuration.settings
    longest = (settings.handling_longest_wait, max(settings.sending_longest_wait, LONGEST_ASKED))
    inbox, outbox = (int((seconds + _SLACK_SECONDS) * 1000) for seconds in longest)
    cut = runtime.store.write(waits.due_again, waits.Longest(clock.steady(), inbox, outbox))[0]
    if cut:
        log.warning("%d text(s) waited for a time far away: the clock was set back; they are due now", cut)
