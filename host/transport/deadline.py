"""Answers that must be whole by a deadline: a time limit on each read would let a gateway drip for ever."""

import io
import math
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from http.client import CONTINUE, SWITCHING_PROTOCOLS, BadStatusLine, HTTPException, HTTPResponse
from typing import Any

from requests.exceptions import ReadTimeout

MOST_BYTES = 64 * 1024
_FINAL = 200  # statuses below it announce the answer
_PIECE = 8192

_latest: ContextVar[float] = ContextVar("smshost_latest", default=math.inf)


@contextmanager
def until(moment: float) -> Iterator[None]:
    """Answers whose reading begins in here have to be whole by then (:func:`time.monotonic`) at the latest."""
    token = _latest.set(moment)
    try:
        yield
    finally:
        _latest.reset(token)


class TimedResponse(HTTPResponse):
    """An answer that is read, head and body, within its socket's time limit in all."""

    def __init__(self, sock: socket.socket, *arguments: Any, **named: Any) -> None:
        super().__init__(_Timed(sock), *arguments, **named)  # type: ignore[arg-type]  # of a socket it asks one method

    def begin(self) -> None:
        """Read the head; http.client takes the first of two lengths, urllib3 calls them what cannot be sent."""
        super().begin()
        given = ",".join(self.headers.get_all("content-length") or ())
        if len({each.strip() for each in given.split(",")}) > 1:
            raise HTTPException("an answer of two lengths")

    def _read_status(self) -> tuple[str, int, str]:
        """The next status line, of which http.client reads over 100 alone: the answer comes after every other 1xx, too.

        Who took 103 for it would hear the answer to this request as the one to the next.
        """
        version, status, reason = super()._read_status()  # type: ignore[misc]  # its stubs leave it out
        if status == SWITCHING_PROTOCOLS:
            raise BadStatusLine("101, which nobody asked for")
        return version, CONTINUE if status < _FINAL else status, reason


class _Timed:
    """The part of a socket that an answer is read from."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._sock))


class _Reader(io.RawIOBase):
    """Reads from a socket until its time limit has passed; then gives the limit back to the socket."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)  # keeps the socket open while the answer is read
        self._timeout = sock.gettimeout()
        self._end = min(time.monotonic() + (self._timeout or 0.0), _latest.get())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left > 0:
            self._sock.settimeout(left)
            with suppress(TimeoutError):
                return self._raw.readinto(buffer)
        raise ReadTimeout("the answer took too long")

    def close(self) -> None:
        if not self.closed and self._sock.fileno() >= 0:
            self._sock.settimeout(self._timeout)
        self._raw.close()
        super().close()


def read_body(read1: Callable[[int], bytes], most: int = MOST_BYTES) -> bytes:
    """The body up to the size cap; read to its end, so that the connection can be used again."""
    body = bytearray()
    while len(body) < most and (piece := read1(_PIECE)):  # read() waits for all
        body += piece
    return bytes(body)
