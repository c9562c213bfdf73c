"""How long a gateway asks to be left alone (RFC 9110, 10.2.3)."""

import pytest

from host.gateways.base import retry_after
from host.messages import HttpResponse

NOW = 1_795_176_000_000  # Fri, 20 Nov 2026 12:00:00 GMT


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "999999999999999999999"}, 86_400.0),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Friday, 20-Nov-26 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 13:00:30 +0100"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Fri, 20 Nov 2099 12:00:00 GMT"}, 86_400.0),
        ({"retry-after": "Fri, 20 Nov 2026 09:00:30 GMT", "date": "Fri, 20 Nov 2026 09:00:00 GMT"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT", "date": "yesterday"}, 30.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "3.5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "Fri, 99 Nov 2026 12:00:30 GMT"}, None),
    ],
)
def test_the_seconds_asked_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(HttpResponse(429, headers), NOW) == seconds
