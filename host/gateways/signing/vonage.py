"""Vonage's ``sig``: a hash or an HMAC over all parameters but itself, sorted by name.

https://developer.vonage.com/en/getting-started/concepts/signing-messages
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from host import clock
from host.gateways import times
from host.gateways.signatures import TOLERANCE, encoded, same
from host.parameters import Pair, Parameters

#: The names of Vonage's dashboard, to what :mod:`hashlib` calls them.
HMACS = {"md5-hmac": "md5", "sha1-hmac": "sha1", "sha256-hmac": "sha256", "sha512-hmac": "sha512"}
MD5_HASH = "md5-hash"
METHODS = (MD5_HASH, *HMACS)

_SIGNATURE = b"sig"
_SAFE = bytes.maketrans(b"&=", b"__")


@dataclass(frozen=True)
class Key:
    """``method``: one of :data:`METHODS`. ``max_age``: seconds that a signature counts after its time."""

    secret: str = field(repr=False)
    method: str
    max_age: int


def sign(pairs: Iterable[Pair], key: Key) -> str:
    """The signature of parameters, lower-case hexadecimal."""
    signed = b"".join(
        b"&" + name + b"=" + value.translate(_SAFE) for name, value in sorted(pairs) if name != _SIGNATURE
    )
    if key.method == MD5_HASH:
        return hashlib.md5(signed + encoded(key.secret), usedforsecurity=False).hexdigest()
    return hmac.new(encoded(key.secret), signed, HMACS[key.method]).hexdigest()


def good(given: Parameters, key: Key) -> bool:
    """Whether ``sig`` is right and not too old. Two parameters of one name are none that Vonage signed."""
    if not key.secret or key.method not in METHODS or len({name for name, _ in given.pairs}) < len(given.pairs):
        return False
    when = times.epoch(given.get("timestamp", ""))
    if when is None or not -TOLERANCE <= clock.now() / 1000 - when.timestamp() <= key.max_age:
        return False
    return same(given.get("sig", "").lower(), sign(given.pairs, key))


def signed(fields: Mapping[str, str], key: Key) -> dict[str, str]:
    """The fields with their signature."""
    return {**fields, "sig": sign([(name.encode(), value.encode()) for name, value in fields.items()], key)}
