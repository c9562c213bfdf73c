"""Plivo's signatures: V2 over the address alone, V3 over the query and a form's fields as well.

https://docs.plivo.com/docs/messaging/concepts/signature-validation; V3 as Plivo's Python SDK 4.63 makes it.
"""

import base64
import hmac
from collections.abc import Mapping

from host.gateways.signatures import encoded, same
from host.messages import HttpRequest
from host.parameters import FORM, from_urlencoded, kind_of

V2, V3 = "v2", "v3"

_NONCE = {V2: "x-plivo-signature-v2-nonce", V3: "x-plivo-signature-v3-nonce"}
_OWN = {V2: "x-plivo-signature-v2", V3: "x-plivo-signature-v3"}
_MAIN = {V2: "x-plivo-signature-ma-v2", V3: "x-plivo-signature-ma-v3"}
HEADERS = (*_OWN.values(), *_MAIN.values())


def sign(request: HttpRequest, token: str, nonce: str) -> Mapping[str, str]:
    """The headers of a request signed in both ways with an account's own token."""
    signed = {_OWN[version]: _sign(version, request, token, nonce) for version in (V2, V3)}
    return signed | dict.fromkeys(_NONCE.values(), nonce)


def version_of(request: HttpRequest) -> str:
    """What a request is signed with, V3 before V2; "" where it is not."""
    return next((each for each in (V3, V2) if _OWN[each] in request.headers or _MAIN[each] in request.headers), "")


def good(request: HttpRequest, version: str, token: str, main_token: str) -> bool:
    """Whether the account's own token, or its main account's, signed it; a header may carry several signatures."""
    nonce = request.headers.get(_NONCE[version], "")
    if not nonce or (version == V3 and not _covered(request)):
        return False
    keys = ((_OWN[version], token), (_MAIN[version], main_token))
    return any(
        same(given.strip(), _sign(version, request, secret, nonce))
        for header, secret in keys
        if secret
        for given in request.headers.get(header, "").split(",")
    )


def _covered(request: HttpRequest) -> bool:
    """Whether V3 says anything of this body: it knows the fields of posted forms only."""
    kind, _ = kind_of(request.headers.get("content-type", ""))
    return not request.body or (request.method == "POST" and kind == FORM)


def _sign(version: str, request: HttpRequest, token: str, nonce: str) -> str:
    signed = request.url.partition("?")[0].encode() if version == V2 else _covering(request) + b"."
    return base64.b64encode(hmac.digest(encoded(token), signed + nonce.encode("utf-8", "replace"), "sha256")).decode()


def _covering(request: HttpRequest) -> bytes:
    address, _, query = request.url.encode().partition(b"?")
    sorted_query = b"&".join(name + b"=" + value for name, value in sorted(from_urlencoded(query)))
    fields = b"".join(name + value for name, value in sorted(from_urlencoded(request.body)))
    if not fields:
        return address + (b"?" + sorted_query if sorted_query else b"")
    return address + b"?" + sorted_query + (b"." if sorted_query else b"") + fields
