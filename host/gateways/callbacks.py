"""The addresses that gateways bring delivery reports to: our reference travels in their query."""

import re
from urllib.parse import quote, urlsplit

from host.messages import HttpRequest
from host.parameters import Parameters, from_urlencoded

_CREDENTIALS = re.compile(r"([A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*")  # RFC 3986, 3.2.1
_NOT_IN_A_URL = re.compile(r"[\s\x00-\x1f\x7f#]")
_NAME = "reference"
#: What to say of a ``callback-url`` that :func:`is_url` does not take.
NO_URL = (
    "is no address, or its secret has other than letters and digits: write https://HOST/context/receiveSMS/GATEWAY-ID"
)


def with_reference(url: str, reference: str) -> str:
    """A ``callback-url`` that hands the reference back."""
    return f"{url}{'&' if '?' in url else '?'}{_NAME}={quote(reference, safe='')}"


def filled(url: str, reference: str) -> str:
    """The same, where the address may say by ``{reference}`` where it goes."""
    place = "{reference}"
    return url.replace(place, quote(reference, safe="")) if place in url else with_reference(url, reference)


def reference_of(request: HttpRequest) -> str | None:
    """The reference in the address that a report came to, None where there is none."""
    return Parameters(from_urlencoded(request.query)).get(_NAME) or None


def is_url(text: str) -> bool:
    """Whether a gateway can be told this address, and would read its ``user:password@`` as it was meant."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return False
    credentials, _, _ = parts.netloc.rpartition("@")
    is_meant = _CREDENTIALS.fullmatch(credentials) is not None and not _NOT_IN_A_URL.search(text)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and is_meant
