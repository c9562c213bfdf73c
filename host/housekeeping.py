"""What the working host looks after from time to time, whatever comes in."""

import logging

from host import clock
from host.runtime import Runtime
from host.store import reports
from host.store.reports import NEWEST, Match, Place

log = logging.getLogger(__name__)

_SECONDS = 30.0
_PAGE = 2_000


def open_housekeeping(runtime: Runtime) -> None:
    """Give housekeeping its place among the engine's duties."""
    place: Place | None = None

    def look_again() -> None:
        nonlocal place
        place = match_reports(runtime, place)

    runtime.engine.add_duty("delivery reports", _SECONDS, look_again)


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
