"""What gateways sign their requests with; everything secret is compared in constant time."""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from host import clock

#: A signed request that is older, or from further in the future, is taken for a replay; seconds.
TOLERANCE = 300

_KEY_BYTES = 32


def hmac_hex(key: str, data: bytes, digest: str = "sha256") -> str:
    """An HMAC (RFC 2104) in lower-case hexadecimal; ``digest`` as :mod:`hashlib` names it."""
    return hmac.new(encoded(key), data, getattr(hashlib, digest)).hexdigest()


def same(given: str, expected: str) -> bool:
    """Whether two texts are equal, told in a time that says nothing of where they differ."""
    return hmac.compare_digest(encoded(given), encoded(expected))


def is_ed25519(public_key: str, signature: str, data: bytes) -> bool:
    """Whether this is the key's signature of the data; all in base64, and none where one of them is no such thing."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), data)
    except (ValueError, InvalidSignature):
        return False
    return True


def ed25519(private_key: str, data: bytes) -> str:
    """The signature of a private key; both in base64."""
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private_key, validate=True))
    return base64.b64encode(key.sign(data)).decode()


def is_ed25519_key(text: str) -> bool:
    """Whether this can be a key, private or public, in base64."""
    try:
        return len(base64.b64decode(text, validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def is_fresh(timestamp: str) -> bool:
    """Whether a signed time, in seconds since 1970, is within :data:`TOLERANCE` of now."""
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > len("9999999999"):
        return False
    return abs(clock.now() / 1000 - int(timestamp)) <= TOLERANCE


def now() -> str:
    """The time to sign, in whole seconds since 1970."""
    return str(clock.now() // 1000)


def encoded(text: str) -> bytes:
    """A secret as bytes; a .properties file can spell lone surrogates."""
    return text.encode("utf-8", "surrogatepass")
