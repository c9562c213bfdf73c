"""What working processes look after beside texts.

Adapters in quarantine, handlers that run long, waits too long, delivery reports that came too early, and what processes
that are no more had in hand.
"""

import logging

from host import clock, overruns, quarantine
from host.retry import LONGEST_ASKED
from host.runtime import HANDLING, Runtime
from host.store import claims, reports, waits
from host.store.reports import NEWEST, Match, Place

log = logging.getLogger(__name__)

_REPORTS_SECONDS = 30.0
_WAITS_SECONDS = 60.0
_CLAIMS_SECONDS = 1.0
_WAKING_SECONDS = 1.0
_SLACK_SECONDS = 60.0  # by which the clocks of two processes may differ
_PAGE = 2_000


def open_housekeeping(runtime: Runtime) -> None:
    """Look once, before the first text is handled, and give the engine's clock the rest."""
    place: Place | None = None

    def look_again() -> None:
        nonlocal place
        place = match_reports(runtime, place)

    quarantine.refresh(runtime)
    bound_waits(runtime)
    runtime.engine.on_tick(lambda: look_after(runtime))
    runtime.engine.add_duty("waits", _WAITS_SECONDS, lambda: bound_waits(runtime))
    runtime.engine.add_duty("quarantine", _WAKING_SECONDS, lambda: quarantine.wake(runtime))
    runtime.engine.add_duty("delivery reports", _REPORTS_SECONDS, look_again)
    if runtime.store.engine.dialect.name == "postgresql":
        runtime.engine.add_duty("claims", _CLAIMS_SECONDS, lambda: free_claims(runtime))


def look_after(runtime: Runtime) -> None:
    """What every working process does about once a second."""
    overruns.watch(runtime)
    quarantine.refresh(runtime)


def free_claims(runtime: Runtime) -> None:
    """Let others have what a worker had in hand that is no more."""
    with runtime.store.read() as connection:
        are_any = claims.are_any_dead(connection)
    if are_any:
        freed = runtime.store.write(claims.free, None, wakes=(HANDLING,))[0]
        log.warning("%d text(s) were in the hands of a worker that is no more: others handle them", freed)


def bound_waits(runtime: Runtime) -> None:
    """Make due what waits longer than anybody meant: the clock was set back since that was reckoned."""
    settings = runtime.configuration.settings
    longest = (settings.handling_longest_wait, max(settings.sending_longest_wait, LONGEST_ASKED))
    inbox, outbox = (int((seconds + _SLACK_SECONDS) * 1000) for seconds in longest)
    cut = runtime.store.write(waits.due_again, waits.Longest(clock.steady(), inbox, outbox))[0]
    if cut:
        log.warning("%d text(s) waited for a time far away: the clock was set back; they are due now", cut)


def match_reports(runtime: Runtime, place: Place | None) -> Place | None:
    """Match delivery reports that came before what they are on was to be seen.

    Looks at the newest of them and at as many of those before ``place``, however many there are; gives the place for
    the next time. Raises :class:`StoreUnavailable`.
    """
    since = clock.now() - int(runtime.configuration.settings.reports_retry * 1000)
    matches, end = _look(runtime, since, NEWEST)
    if end is not None:
        older, end = _look(runtime, since, place or end)
        matches += older
    if matches:
        runtime.store.write(reports.rematch, *matches)
        log.info("%d delivery report(s) matched late", len(matches))
    return end


def _look(runtime: Runtime, since: int, place: Place) -> tuple[list[Match], Place | None]:
    with runtime.store.read() as connection:
        return reports.look(connection, since, place, _PAGE)
