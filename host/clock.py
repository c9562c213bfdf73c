"""The time: whole milliseconds since 1970, UTC, everywhere in the house; an administrator's zone only for display."""

import time
from datetime import UTC, datetime, tzinfo

_STARTED = time.time_ns() - time.monotonic_ns()


def now() -> int:
    """Milliseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1_000_000


def steady() -> int:
    """Milliseconds like :func:`now` when this process started, that never go back; for waits, not to be shown."""
    return (_STARTED + time.monotonic_ns()) // 1_000_000


def from_datetime(moment: datetime | None) -> int | None:
    """An aware datetime as milliseconds."""
    return None if moment is None else int(moment.timestamp() * 1000)


def show(moment: int | None, zone: tzinfo = UTC) -> str:
    """Milliseconds for people: ``2026-01-31 12:00:00.123``, or ``-`` for never."""
    if moment is None:
        return "-"
    return datetime.fromtimestamp(moment / 1000, zone).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
