"""MessageBird's signature: a JSON Web Token over the public URL, the body and a span of time.

https://developers.messagebird.com/api/#verifying-http-requests
"""

import hashlib
import uuid

import jwt

from host import clock
from host.gateways.signatures import encoded, same
from host.messages import HttpRequest

HEADER = "messagebird-signature-jwt"

_ALGORITHMS = ("HS256", "HS384", "HS512")  # all HMAC, so that the token's choice among them gains nobody anything
_ISSUER = "MessageBird"
_LEEWAY, _LIFETIME = 1, 60  # seconds
_NEEDED = ["iss", "nbf", "exp", "url_hash"]


def sign(request: HttpRequest, key: str) -> str:
    """The token of a request, good for a minute."""
    now = clock.now() // 1000
    claims = {
        "iss": _ISSUER,
        "nbf": now,
        "exp": now + _LIFETIME,
        "jti": str(uuid.uuid4()),
        "url_hash": _hash(request.url.encode()),
    }
    if request.body:
        claims["payload_hash"] = _hash(request.body)
    return jwt.encode(claims, encoded(key), _ALGORITHMS[0])


def good(request: HttpRequest, key: str) -> bool:
    """Whether the token is MessageBird's, for this very request, and for now."""
    if not key:
        return False
    options: jwt.types.Options = {"require": _NEEDED, "verify_iat": False}
    try:
        token = request.headers.get(HEADER, "")
        claims = jwt.decode(token, encoded(key), list(_ALGORITHMS), options, issuer=_ISSUER, leeway=_LEEWAY)
    except (jwt.PyJWTError, RecursionError):  # the token's head is read before its signature
        return False
    payload = claims.get("payload_hash", "")
    right = _hash(request.body) if request.body else ""
    return same(str(claims["url_hash"]), _hash(request.url.encode())) and same(str(payload), right)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
