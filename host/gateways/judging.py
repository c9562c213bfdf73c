"""What an answer's HTTP status means for a text, and what a request must have."""

from datetime import UTC
from email.utils import parsedate_to_datetime

from host import clock
from host.errors import BadCallback, GiveUp, TryLater
from host.messages import HttpResponse

_MENDABLE = frozenset({*range(300, 400), 401, 402, 403, 404, 405, 407, 408, 425, 429})
_TOO_MANY = 429
_SERVER_ERROR = 500
_DAY = 86_400
_DIGITS = 9


def judge(response: HttpResponse) -> None:
    """Raise what an HTTP status means for a text: 2xx passes; what time or an administrator can mend is tried again.

    Wrong credentials, no credit, a wrong path or a redirect are the administrator's to mend; other 4xx are about the
    text.
    """
    status = response.status
    if 200 <= status < 300:  # noqa: PLR2004 - the 2xx range
        return
    answer = f"the gateway answered {status}: {response.start}"
    if status in _MENDABLE or status >= _SERVER_ERROR:
        about_gateway = status == _TOO_MANY or status >= _SERVER_ERROR
        raise TryLater(answer, retry_after(response, clock.now()), about_gateway)
    raise GiveUp(answer)


def required(value: str, name: str) -> str:
    """The value, or a :class:`BadCallback` that names the parameter it should have come in."""
    if not value:
        raise BadCallback(f'parameter "{name}" is missing')
    return value


def retry_after(response: HttpResponse, now: int) -> float | None:
    """Seconds to wait as the answer asks for (RFC 9110, 10.2.3: seconds, or a date), a day at most; else None.

    ``now``: milliseconds since 1970. The gateway's own ``Date`` is what its date is reckoned from, where it gives one.
    """
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal() and value.isascii():
        return float(min(int(value[:_DIGITS]), _DAY))
    then = _date(value)
    if then is None:
        return None
    since = _date(response.headers.get("date", "")) or now / 1000
    return min(max(0.0, then - since), _DAY)


def _date(value: str) -> float | None:
    """Seconds since 1970."""
    try:
        when = parsedate_to_datetime(value)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
