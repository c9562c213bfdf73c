"""Asking a back end: its own host and no other, within a time limit and a size cap, along its redirects."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from http.client import responses
from urllib.parse import quote, urljoin, urlsplit

import requests
from urllib3.exceptions import ReadTimeoutError

from host.backends.credentials import basic, digest
from host.backends.lines import Lines, NotAsked
from host.backends.options import Wanted
from host.messages import HttpRequest
from host.transport.deadline import read_body, until
from host.transport.meaning import causes, translated
from host.transport.sessions import HEADERS

_REDIRECTS = {301, 302, 303, 307, 308}
_UNAUTHORIZED = 401
_SEE_OTHER = 303
_USUAL_PORTS = {"http": 80, "https": 443}
_IN_A_URL = "!$&'()*+,;=:@/?%~-._[]"


@dataclass(frozen=True)
class Asked:
    """A back end's answer. ``seconds``: from the question to its end; ``warnings``: what the adapter should know."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float
    warnings: tuple[str, ...] = ()


def ask(lines: Lines, wanted: Wanted, most_bytes: int, deadline: float | None) -> Asked:
    """The answer; raises :class:`NotAsked`. ``deadline``: when it must be there (:func:`time.monotonic`), or None."""
    policy = lines.policy
    wanted = replace(
        wanted,
        connect_timeout=wanted.connect_timeout or policy.connect_timeout,
        read_timeout=wanted.read_timeout or policy.read_timeout,
    )
    began = time.monotonic()
    patience = wanted.connect_timeout or 0.0
    end = began + patience + (wanted.read_timeout or 0.0)
    end = end if deadline is None else min(end, deadline)
    with lines.one(min(patience, end - began)):
        return _Call(lines, wanted, most_bytes, began, end).answer()


class _Call:
    """One call with its redirects; ``end``: when it must be over."""

    def __init__(self, lines: Lines, wanted: Wanted, most_bytes: int, began: float, end: float) -> None:
        self._lines = lines
        self._policy = lines.policy
        self._wanted = wanted
        self._most_bytes = most_bytes
        self._began = began
        self._end = end

    def answer(self) -> Asked:
        url = f"{self._policy.protocol}://{self._policy.domain}:{self._policy.port}{self._wanted.target}"
        for _ in range(self._policy.redirects):
            asked = self._at(url)
            target = _redirected(asked, self._wanted.method, url)
            if target is None:
                return asked
            if why := self._why_not(url, target):
                return replace(asked, warnings=(why,))
            url = self._rewritten(target)
            if asked.status == _SEE_OTHER and self._wanted.method != "HEAD":
                self._wanted = replace(self._wanted, method="GET", body=None)
        asked = self._at(url)
        if self._policy.redirects and _redirected(asked, self._wanted.method, url) is not None:
            raise NotAsked(f"{self._policy.domain} redirected more than {self._policy.redirects} times")
        return asked

    def _rewritten(self, target: str) -> str:
        """A redirect's target with the policy's own host in it, whatever another parser would read there."""
        new = urlsplit(target)
        port = new.port or _USUAL_PORTS[new.scheme]
        query = f"?{new.query}" if new.query else ""
        return f"{new.scheme}://{self._policy.domain}:{port}/{new.path.lstrip('/')}{query}"

    def _why_not(self, url: str, target: str) -> str:
        """Why a redirect is not followed, or ""."""
        old, new = urlsplit(url), urlsplit(target)
        ports = {self._policy.port, *_USUAL_PORTS.values()}
        if new.scheme not in _USUAL_PORTS:
            return "the back end redirects to an address that is not http or https: not followed"
        if (new.hostname, old.scheme, new.scheme) == (old.hostname, "https", "http"):
            return "the back end redirects from https to http: not followed"
        if new.hostname != old.hostname or (new.port or _USUAL_PORTS[new.scheme]) not in ports:
            return f"the back end redirects to another one, {new.netloc.rpartition('@')[2]}: not followed"
        return ""

    def _at(self, url: str) -> Asked:
        known = self._policy.credentials
        asked = self._once(url, basic(known) if known and known.scheme == "basic" else "")
        if asked.status != _UNAUTHORIZED or known is None or known.scheme != "digest":
            return asked
        answer = digest(known, asked.headers.get("WWW-Authenticate", ""), self._wanted.method, url)
        return self._once(url, answer) if answer else asked

    def _once(self, url: str, authorization: str) -> Asked:
        timeouts = self._timeouts()
        try:
            prepared = self._prepared(url, authorization)
            with until(self._end), self._lines.send(prepared, timeouts) as answer:
                body = read_body(partial(answer.raw.read1, decode_content=True), self._most_bytes + 1)
        except Exception as error:
            raise NotAsked(self._said(error, url, timeouts)) from error
        if len(body) > self._most_bytes:
            raise NotAsked(f"{self._policy.domain} sent more than {self._most_bytes} bytes")
        reason = answer.reason or responses.get(answer.status_code, "")
        return Asked(answer.status_code, reason, answer.headers, body, time.monotonic() - self._began)

    def _prepared(self, url: str, authorization: str) -> requests.PreparedRequest:
        wanted = self._wanted
        named = {name.casefold() for name in wanted.headers}
        headers = {**{name: value for name, value in HEADERS.items() if name not in named}, **wanted.headers}
        if authorization and "authorization" not in named:
            headers["Authorization"] = authorization
        own = "; ".join(headers.pop(name) for name in [each for each in headers if each.lower() == "cookie"])
        prepared = requests.Request(wanted.method, url, headers, data=wanted.body).prepare()
        prepared.url = url  # requests respells what it takes for needlessly escaped
        if cookies := "; ".join(filter(None, (own, self._lines.cookies(prepared)))):
            prepared.headers["Cookie"] = cookies
        return prepared

    def _timeouts(self) -> tuple[float, float]:
        left = self._end - time.monotonic()
        if left <= 0:
            raise NotAsked(f"{self._policy.domain} did not answer in time")
        return min(self._wanted.connect_timeout or left, left), min(self._wanted.read_timeout or left, left)

    def _said(self, error: Exception, url: str, timeouts: tuple[float, float]) -> str:
        """What went wrong, in the host's words: the libraries' quote whole addresses."""
        if any(isinstance(each, requests.exceptions.ReadTimeout | ReadTimeoutError) for each in causes(error)):
            return f"{self._policy.domain}:{self._policy.port} did not answer within {timeouts[1]:.3g} s"
        return str(translated(error, HttpRequest(self._wanted.method, url)))


def _redirected(asked: Asked, method: str, url: str) -> str | None:
    """Where an answer sends a request on, if it does; what changes something is only looked at elsewhere (303)."""
    location = asked.headers.get("Location", "")
    if asked.status not in _REDIRECTS or not location:
        return None
    if method not in {"GET", "HEAD"} and asked.status != _SEE_OTHER:
        return None
    try:
        target = urljoin(url, location)
        port = urlsplit(target).port
    except ValueError:
        return None
    del port  # asked for its ValueError alone
    return quote(target, safe=_IN_A_URL)
