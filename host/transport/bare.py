"""HTTP without requests for plain addresses: a quarter of its time per text, and it is known what left when it failed.

Redirects, cookies and proxies do not exist here; ``http`` requests without credentials, to addresses that every HTTP
library sends as they are written, are what it is for.
"""

import re
import time
from functools import partial
from http.client import HTTPConnection, IncompleteRead
from io import BytesIO

from urllib3 import HTTPResponse as DecodingResponse
from urllib3.util import wait_for_read

from host.messages import HttpRequest, HttpResponse
from host.transport.deadline import MOST_BYTES, TimedResponse, read_body
from host.transport.meaning import NeverLeft
from host.transport.sessions import HEADERS, IDLE_SECONDS

_CREDENTIALS = {"authorization", "proxy-authorization", "cookie"}
_PLAIN = re.compile(r"http://([A-Za-z0-9.-]+)(?::(\d{1,5}))?(/[A-Za-z0-9._~:/?@!$&'()*+,;=%-]*)")


def is_plain(request: HttpRequest) -> bool:
    """Whether a request is for :class:`BareConnection`, as far as it shows: no credentials beside or in its address."""
    named = any(name.lower() in _CREDENTIALS for name in request.headers)
    return not named and _PLAIN.fullmatch(request.url) is not None


class _Connection(HTTPConnection):
    """``began``: whether the head of a request, without which nobody can act on it, was handed to the system whole."""

    response_class = TimedResponse
    began = False

    def send(self, data: bytes) -> None:  # type: ignore[override]  # requests here are bytes
        super().send(data)
        self.began = True


class BareConnection:
    """A line's connection, to the place it spoke to last."""

    def __init__(self) -> None:
        self._place = ("", "")
        self._connection = _Connection("")
        self._used = 0.0

    def ask(self, request: HttpRequest, timeout: float) -> HttpResponse:
        """The gateway's answer, which takes ``timeout`` seconds at most.

        Raises :class:`NeverLeft`, ValueError where the request cannot be made, and else what the socket and http.client
        raise: then nobody knows whether the request arrived.
        """
        match = _PLAIN.fullmatch(request.url)
        assert match is not None
        host, port, target = match.groups()
        if (host, port) != self._place:
            self.close()
            self._place = (host, port)
            self._connection = _Connection(host, int(port or 80))
        try:
            self._send(request, target, timeout)
            return self._hear()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the connection; the next request opens another one."""
        self._connection.close()

    def _send(self, request: HttpRequest, target: str, timeout: float) -> None:
        if self._is_stale():
            self.close()
        kept = self._connection.sock is not None
        try:
            self._send_once(request, target, timeout)
        except NeverLeft:
            if not kept:
                raise
            self.close()  # the gateway closed it just now, before it read anything
            self._send_once(request, target, timeout)

    def _send_once(self, request: HttpRequest, target: str, timeout: float) -> None:
        connection = self._connection
        connection.began = False
        try:
            if connection.sock is None:
                connection.timeout = timeout
                connection.connect()
            connection.sock.settimeout(timeout)
            connection.request(request.method, target, request.body or None, {**HEADERS, **request.headers})
        except OSError as error:
            if connection.began:
                raise
            raise NeverLeft from error

    def _hear(self) -> HttpResponse:
        with self._connection.getresponse() as answer:
            headers = {name.lower(): value for name, value in answer.getheaders()}
            body = read_body(answer.read1)
            if len(body) >= MOST_BYTES:
                self.close()  # the rest is not wanted
            elif answer.length:
                raise IncompleteRead(b"", answer.length)
        self._used = time.monotonic()
        if "content-encoding" in headers:  # nobody asked for one
            encoded = DecodingResponse(BytesIO(body), headers, preload_content=False)
            body = read_body(partial(encoded.read1, decode_content=True))
        return HttpResponse(answer.status, headers, body)

    def _is_stale(self) -> bool:
        """Whether a kept connection is not to be used again: closed by the gateway, out of step, or idle for long."""
        sock = self._connection.sock
        return sock is not None and (time.monotonic() - self._used > IDLE_SECONDS or wait_for_read(sock, timeout=0.0))
