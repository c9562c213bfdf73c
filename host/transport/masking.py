"""Showing what was said to a gateway and heard from it without the gateway's secrets; worked out once per gateway."""

import json
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from host.gateways.base import Gateway
from host.gateways.template import mask
from host.messages import HttpRequest
from host.parameters import FORM, kind_of

_SHOWN = 500
_JSON = ("{", "[")
_LEAST_OF_A_SECRET = 4


class Masking:
    """What is secret of one gateway, in every spelling."""

    def __init__(self, gateway: Gateway) -> None:
        secrets = gateway.secrets()
        self._names = gateway.masked_names()
        self._raw = [secret for secret in secrets if "&" in secret]
        spelled = (spelling for secret in secrets for spelling in _spellings(secret))
        self._spellings = [(each, _beginnings(each)) for each in dict.fromkeys(spelled)]
        self._longest = max((len(spelling) for spelling, _ in self._spellings), default=0)

    def request(self, request: HttpRequest) -> str:
        """The request's method, address and body for people to read."""
        address, mark, query = request.url.partition("?")
        if "@" in address:
            address = f"{address.partition('//')[0]}//***@{address.rpartition('@')[2]}"
        shown = f"{request.method} {self._without(address)}{mark}{self._masked(query)}"
        if not request.body:
            return shown
        return f"{shown} {self._body(request)[:_SHOWN]}"

    def start(self, text: str) -> str:
        """The first characters of an answer."""
        return self.hidden(text[: _SHOWN + self._longest])[:_SHOWN]

    def hidden(self, text: str) -> str:
        """The text without the gateway's secrets, plain or percent-encoded, or cut short at its end."""
        for spelling, beginnings in self._spellings:
            if spelling in text:
                text = text.replace(spelling, "***")
            if text.endswith(beginnings):
                cut = next(each for each in beginnings if text.endswith(each))
                text = f"{text.removesuffix(cut)}***"
        return text

    def _body(self, request: HttpRequest) -> str:
        body = request.body.decode("utf-8", "replace")
        kinds = [value for name, value in request.headers.items() if name.lower() == "content-type"]
        return self._masked(body) if all(kind_of(kind)[0] == FORM for kind in kinds) else self._without(body)

    def _without(self, text: str) -> str:
        """The text without the secrets in it; nothing in it is cut short."""
        for spelling, _ in self._spellings:
            text = text.replace(spelling, "***")
        return text

    def _masked(self, pairs: str) -> str:
        for secret in self._raw:  # a value that goes out as it is can look like several pairs
            pairs = pairs.replace(secret, "***")
        return mask(pairs, self._names)


def _spellings(secret: str) -> tuple[str, ...]:
    """A secret plain, in a query, in a form, in JSON and in XML."""
    in_json = [json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (False, True)]
    in_php = [each.replace("/", r"\/") for each in in_json]  # its json_encode escapes every slash
    return secret, quote(secret, safe=""), quote_plus(secret), *in_json, *in_php, escape(secret)


def _beginnings(spelling: str) -> tuple[str, ...]:
    """What a secret may be cut short to, longest first."""
    return tuple(spelling[:length] for length in range(len(spelling) - 1, _LEAST_OF_A_SECRET - 1, -1))
