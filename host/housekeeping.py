"""What working processes look after beside texts.

Adapters in quarantine, handlers that run long, waits too long, delivery reports that came too early, texts that were
fetched and not confirmed, and what processes that are no more had in hand.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from host import answering, clock, handing, overruns, quarantine, telling
from host.gateways.pull import PullGateway
from host.retry import LONGEST_ASKED
from host.runtime import HANDLING, Runtime
from host.salvaging import salvage
from host.store import claims, parts, reports, waits
from host.store.reports import NEWEST, Match, Place

log = logging.getLogger(__name__)

P = TypeVar("P")

_REPORTS_SECONDS = 30.0
_WAITS_SECONDS = 60.0
_TELLING_SECONDS = 1.0
_CLAIMS_SECONDS = 1.0
_WAKING_SECONDS = 1.0
_PARTS_SECONDS = 5.0
_ANSWERS_SECONDS = 30.0
_FETCHED_SECONDS = 2.0
_SLACK_SECONDS = 60.0  # by which the clocks of two processes may differ
_PAGE = 2_000


def open_housekeeping(runtime: Runtime) -> None:
    """Look once, before the first text is handled, and give the engine's clock the rest."""
    quarantine.refresh(runtime)
    bound_waits(runtime)
    runtime.engine.on_tick(lambda: look_after(runtime))
    runtime.engine.add_duty("waits", _WAITS_SECONDS, lambda: bound_waits(runtime))
    runtime.engine.add_duty("quarantine", _WAKING_SECONDS, lambda: quarantine.wake(runtime))
    runtime.engine.add_duty("delivery reports", _REPORTS_SECONDS, _in_pages(runtime, match_reports))
    if telling.are_wanted(runtime):
        runtime.engine.add_duty("tellings", _TELLING_SECONDS, _in_pages(runtime, telling.tell))
    runtime.engine.add_duty("parts", _PARTS_SECONDS, lambda: hand_on_parts(runtime))
    if any(gateway.features.answer for gateway in runtime.gateways.values()):
        runtime.engine.add_duty("answers", _ANSWERS_SECONDS, lambda: answering.settle_cut(runtime))
    if any(isinstance(gateway, PullGateway) for gateway in runtime.gateways.values()):
        runtime.engine.add_duty("fetched texts", _FETCHED_SECONDS, lambda: handing.look_after(runtime))
    if runtime.store.engine.dialect.name == "postgresql":
        runtime.engine.add_duty("claims", _CLAIMS_SECONDS, lambda: free_claims(runtime))


def _in_pages(runtime: Runtime, look: Callable[[Runtime, P | None], P | None]) -> Callable[[], None]:
    """A duty that goes on each time where it left off."""
    place: P | None = None

    def look_on() -> None:
        nonlocal place
        place = look(runtime, place)

    return look_on


def look_after(runtime: Runtime) -> None:
    """What every working process does about once a second."""
    overruns.watch(runtime)
    quarantine.refresh(runtime)


def free_claims(runtime: Runtime) -> None:
    """Let others have what a worker had in hand that is no more."""
    with runtime.store.read() as connection:
        are_any = claims.are_any_dead(connection)
    if are_any:
        salvage(runtime)
        freed = runtime.store.write(claims.free, None, wakes=(HANDLING,))[0]
        log.warning("%d text(s) were in the hands of a worker that is no more: others handle them", freed)


def hand_on_parts(runtime: Runtime) -> None:
    """Hand on the long texts of which parts have not come in time, as they are. Raises :class:`StoreUnavailable`."""
    now = clock.now()
    with runtime.store.read() as connection:
        are_any = parts.are_any_overdue(connection, now)
    if are_any:
        number = runtime.store.write(parts.hand_on, now, wakes=(HANDLING,))[0]
        log.warning("%d text(s) lack parts that have not come in time: they are handled as they are", number)


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
