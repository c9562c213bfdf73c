"""Twilio's signature: HMAC over the public URL and a form's fields.

https://www.twilio.com/docs/usage/webhooks/webhooks-security; the one with a shared key and SHA-256 was read in Twilio's
Python SDK 9.13.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field

from host.gateways.signatures import encoded, same
from host.messages import HttpRequest
from host.parameters import FORM, Parameters, from_urlencoded, kind_of

SIGNATURE, SETTINGS = "x-twilio-signature", "x-twilio-webhooks-signature-settings"

_SHA256 = "HMAC_SHA256"
_PORT = re.compile(r":\d*$")


@dataclass(frozen=True)
class Keys:
    """The auth token, which signs by HMAC-SHA1, and the shared key, which signs by HMAC-SHA256; "" for none."""

    token: str = field(repr=False)
    shared: str = field(repr=False)
    shared_id: str

    def of(self, settings: str) -> tuple[str, str]:
        """The secret and its digest: never another digest for a secret, whatever a header asks for."""
        if not settings:
            return self.token, "sha1"
        named = dict(each.strip().partition("=")[::2] for each in settings.split(","))
        right = named.get("key") == self.shared_id and named.get("algorithm", "").upper() == _SHA256
        return self.shared if right else "", "sha256"


def sign(request: HttpRequest, keys: Keys) -> dict[str, str]:
    """The headers of a request whose URL is spelt as Twilio was told it; by the token where there is one."""
    settings = {} if keys.token else {SETTINGS: f"key={keys.shared_id},algorithm={_SHA256}"}
    secret, digest = keys.of(settings.get(SETTINGS, ""))
    return {**settings, SIGNATURE: _sign(secret, digest, request.url, _fields(request) or b"")}


def good(request: HttpRequest, keys: Keys) -> bool:
    """Whether the header has the signature by the key that the request names, or by the token where it names none."""
    secret, digest = keys.of(request.headers.get(SETTINGS, ""))
    fields, given = _fields(request), request.headers.get(SIGNATURE, "")
    if not secret or fields is None:
        return False
    return any(same(given, _sign(secret, digest, url, fields)) for url in _spellings(request.url))


def _fields(request: HttpRequest) -> bytes | None:
    """What of the body is signed behind the URL: a form's fields; of other bodies the URL has the hash, else None."""
    if not request.body or kind_of(request.headers.get("content-type", ""))[0] == FORM:
        return b"".join(name + value for name, value in sorted(set(from_urlencoded(request.body))))
    claimed = Parameters(from_urlencoded(request.query)).get("bodySHA256", "")
    return b"" if same(claimed, hashlib.sha256(request.body).hexdigest()) else None


def _sign(secret: str, digest: str, url: str, fields: bytes) -> str:
    return base64.b64encode(hmac.new(encoded(secret), url.encode() + fields, digest).digest()).decode()


def _spellings(url: str) -> list[str]:
    """The URL with and without its port: Twilio signs the one or the other."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    bare = _PORT.sub("", host)
    port = host[len(bare) + 1 :] or {"http": "80", "https": "443"}.get(scheme, "")
    return [f"{scheme}://{spelt}{slash}{path}" for spelt in (bare, f"{bare}:{port}")]
