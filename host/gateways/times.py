"""When a gateway says a text was sent, in the forms that gateways write it; always UTC.

What cannot be read is None: a time is worth telling, and no reason to refuse a text.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def iso(text: str) -> datetime | None:
    """RFC 3339 and ISO 8601, also with an offset without colon (``+0000``); without any offset it is UTC."""
    try:
        return _utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        return None


def is_rfc3339(text: str) -> bool:
    """Whether a time is written strictly as in RFC 3339, 5.6, which is narrower than ISO 8601."""
    return _RFC3339.fullmatch(text) is not None


def epoch(text: str | float, per_second: int = 1) -> datetime | None:
    """Seconds since 1970, or milliseconds with ``per_second=1000``."""
    try:
        return datetime.fromtimestamp(float(text) / per_second, UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def written(text: str, form: str) -> datetime | None:
    """A time in UTC written in a form of :meth:`datetime.strptime`, as ``%Y%m%d%H%M%S``."""
    try:
        return _utc(datetime.strptime(text.strip(), form))  # noqa: DTZ007 - UTC where it says nothing else
    except (ValueError, OverflowError):
        return None


def read(text: str, form: str) -> datetime | None:
    """A time in a configured form: ``iso``, ``epoch``, ``epoch-ms``, or as :func:`written` takes it."""
    per_second = {"epoch": 1, "epoch-ms": 1000}.get(form)
    if per_second:
        return epoch(text, per_second)
    return iso(text) if form == "iso" else written(text, form)


def rfc2822(text: str) -> datetime | None:
    """As in mail headers: ``Fri, 02 Jan 2026 12:00:00 +0000``."""
    try:
        return _utc(parsedate_to_datetime(text.strip()))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _utc(when: datetime) -> datetime:
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
