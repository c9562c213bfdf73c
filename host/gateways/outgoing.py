"""What administrators may configure of a request that takes a text.

For ``generic``: with none of these parameters a request is what IBM published.
"""

import json
import re
from collections.abc import Iterable, Mapping

from host.gateways import callbacks, heard
from host.gateways.base import FORM, basic, digits
from host.gateways.filling import escape_for, filled, is_json, names_in
from host.gateways.parameter import Parameter
from host.messages import HttpRequest, Part
from host.parameters import kind_of

HEADER = "header:"

PARAMETERS = (
    Parameter("body-template", "the body of a request, with {to} {text} {reference} {callback} {NAME of a parameter}"),
    Parameter("content-type", "the type of the body that body-template makes", default="application/json"),
    Parameter("header:NAME", "the header NAME of a request; {reference} in it is filled", secret=True),
    Parameter("basic-user", "the user of Basic credentials"),
    Parameter("basic-password", "the password of Basic credentials", secret=True),
    Parameter("bearer-token", "a bearer token", secret=True),
    Parameter("number-format", "how receivers are written: plus (+15550001) or digits (15550001)", default="plus"),
    Parameter("reference-parameter", "the name under which our reference goes out in a query or form"),
    Parameter("callback-url", "this host's address for reports; {reference} in it is filled", secret=True),
    Parameter("callback-parameter", "the name under which callback-url goes out in a query or form"),
    *heard.PARAMETERS,
)
_PLACES = ("to", "text", "reference", "callback", "gateway", "part", "parts")
_UTF_8 = ("utf-8", "utf8")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")
_NOT_TO_SET = frozenset(
    {"authorization", "connection", "content-length", "content-type", "host", "trailer", "transfer-encoding", "upgrade"}
)


class Outgoing:
    """Requests as a gateway's parameters describe them. ``passed``: the gateway's own parameters, in file order."""

    def __init__(self, own: Mapping[str, str], given: Iterable[tuple[str, str]], gateway: str) -> None:
        self._own = own
        self._gateway = gateway
        self._passed = {name: value for name, value in given if name not in own and not name.startswith(HEADER)}
        self._headers = {name[len(HEADER) :]: value for name, value in given if name.startswith(HEADER)}
        self._authorization = _authorization(own)
        self.in_template = names_in(own["body-template"])

    def number(self, receiver: str) -> str:
        """A receiver in the gateway's spelling."""
        return digits(receiver) if self._own["number-format"] == "digits" else receiver

    def headers(self, part: Part) -> dict[str, str]:
        """The configured headers."""
        return {
            **{name: filled(value, {"reference": part.reference}) for name, value in self._headers.items()},
            **self._authorization,
        }

    def beside(self, part: Part) -> list[tuple[str, str, bool]]:
        """Our reference and our address for reports, where they have a name."""
        own = self._own
        pairs = ((own["reference-parameter"], part.reference), (own["callback-parameter"], self._callback(part)))
        return [(name, value, True) for name, value in pairs if name]

    def request(self, method: str, target: str, fields: str, part: Part) -> HttpRequest:
        """The request: fields in the query or the body; with a template those in the query that it has no place for."""
        headers = self.headers(part)
        template = self._own["body-template"]
        if template:
            kind = self._own["content-type"]
            body = filled(template, self._values(part), escape_for(kind)).encode()
            url = f"{target}?{fields}" if fields else target
            return HttpRequest("PUT" if method == "PUT" else "POST", url, {"content-type": kind, **headers}, body)
        if method == "GET":
            return HttpRequest("GET", f"{target}?{fields}", headers)
        return HttpRequest(method, target, {"content-type": FORM, **headers}, fields.encode())

    def _values(self, part: Part) -> dict[str, str]:
        values = (self.number(part.receiver), part.text, part.reference, self._callback(part), self._gateway)
        return {**self._passed, **dict(zip(_PLACES, (*values, str(part.number), str(part.of)), strict=True))}

    def _callback(self, part: Part) -> str:
        url = self._own["callback-url"]
        return callbacks.filled(url, part.reference) if url else ""

    def problems(self, method: str) -> Iterable[tuple[str, str]]:
        """The parameters that cannot be used, each with what is wrong with it."""
        own = self._own
        yield from heard.problems(own)
        if own["number-format"] not in {"plus", "digits"}:
            yield "number-format", "is plus or digits"
        if own["callback-url"] and not callbacks.is_url(own["callback-url"]):
            yield "callback-url", f"{callbacks.NO_URL}/report"
        if own["callback-parameter"] and not own["callback-url"]:
            yield "callback-parameter", "needs a callback-url to be sent under it"
        if bool(own["basic-user"]) < bool(own["basic-password"]):
            yield "basic-password", "needs a basic-user"
        if own["basic-user"] and own["bearer-token"]:
            yield "bearer-token", "and basic-user both ask for the Authorization header: keep one of them"
        yield from self._bad_headers()
        yield from self._bad_template(method)

    def _bad_headers(self) -> Iterable[tuple[str, str]]:
        values = {**self._headers, "bearer-token": self._authorization.get("Authorization", "x")}
        for name, value in values.items():
            if not _NAME.fullmatch(name) or not is_visible(value):
                yield HEADER + name if name in self._headers else name, "cannot be a header: write visible ASCII"
            elif name.lower() in _NOT_TO_SET:
                yield HEADER + name, "is set otherwise: by content-type, basic-user, bearer-token or the host itself"

    def _bad_template(self, method: str) -> Iterable[tuple[str, str]]:
        template = self._own["body-template"]
        unknown = sorted(self.in_template - self._passed.keys() - set(_PLACES))
        if unknown:
            yield "body-template", f"has a place for {unknown[0]}, which is neither of the text nor a <parameter>"
        if template and method == "GET":
            yield "body-template", 'needs method="POST" or "PUT": a GET has no body'
        kind = self._own["content-type"]
        if not is_visible(kind) or kind_of(kind)[1].get("charset", "utf-8").lower() not in _UTF_8:
            yield "content-type", "cannot be one: write visible ASCII, and no charset but utf-8"
        if template and is_json(kind):
            try:
                json.loads(filled(template, dict.fromkeys(self.in_template, "1")))
            except (ValueError, RecursionError) as error:
                yield "body-template", f"is no JSON: {error}"


def is_visible(value: str) -> bool:
    """Whether a value can be a header's."""
    return _VALUE.fullmatch(value) is not None


def _authorization(own: Mapping[str, str]) -> dict[str, str]:
    if own["basic-user"]:
        return {"Authorization": basic(own["basic-user"], own["basic-password"])}
    return {"Authorization": f"Bearer {own['bearer-token']}"} if own["bearer-token"] else {}
