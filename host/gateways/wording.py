"""What dialects write: forms, JSON, credentials, and numbers in the spelling that gateways have."""

import base64
import json
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from host.messages import HttpRequest

FORM = "application/x-www-form-urlencoded; charset=utf-8"
_SHORT_CODE = 6  # digits at most


def form_request(url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> HttpRequest:
    """A POST of a form in UTF-8."""
    body = urlencode(list(fields.items()), quote_via=quote).encode()
    return HttpRequest("POST", url, {"content-type": FORM, **(headers or {})}, body)


def json_request(url: str, document: object, headers: Mapping[str, str] | None = None) -> HttpRequest:
    """A POST of JSON in UTF-8."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return HttpRequest("POST", url, {"content-type": "application/json", **(headers or {})}, body)


def basic(user: str, password: str) -> str:
    """An ``Authorization`` value (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def bearer(token: str) -> str:
    """An ``Authorization`` value (RFC 6750)."""
    return f"Bearer {token}"


def digits(number: str) -> str:
    """A number in E.164 without its plus, as many gateways spell it; short codes and names stay."""
    return number.removeprefix("+")


def international(number: str) -> str:
    """A number of a gateway that writes E.164 without its plus, as everybody else does.

    Short codes and names stay, and what begins with 0, which no country code does.
    """
    bare = number.strip()
    is_e164 = len(bare) > _SHORT_CODE and bare.isascii() and bare.isdecimal() and bare[0] != "0"
    return f"+{bare}" if is_e164 else number
