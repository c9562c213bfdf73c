"""A gateway that accepts every text, cheaply, and keeps count of those that come twice or in the wrong order.

A process of its own: ``python -m bench.sink PORT LATENCY-MS``. ``GET /counts`` gives :class:`Counts` as JSON, and
``GET /forget`` begins anew. A text ends in ``n`` and its number; each phone's are numbered from 1.
"""

import asyncio
import json
import re
import sys
import time
from array import array
from dataclasses import asdict, dataclass
from functools import partial

_TEXT = re.compile(rb"[?&]to=([^& ]*)&text=[^& ]*n(\d+)[& ]")
_YES = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_WHAT = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Counts:
    """What came so far. ``disordered``: texts that came after a later one of their phone.

    ``first``, ``tenth`` and ``last``: when the first text came, when a tenth of them had come, and when the last did,
    of ``time.monotonic``.
    """

    accepted: int
    doubled: int
    disordered: int
    first: float
    tenth: float
    last: float

    @property
    def rate(self) -> float:
        """Texts a second, without the first tenth of them."""
        return (self.accepted - self.accepted // 10) / (self.last - self.tenth)


class _Book:
    """Who got which texts, and when."""

    def __init__(self) -> None:
        self.times = array("d")
        self._numbers: dict[bytes, set[int]] = {}
        self._newest: dict[bytes, int] = {}
        self._doubled = 0
        self._disordered = 0

    def note(self, phone: bytes, number: int) -> None:
        self.times.append(time.monotonic())
        numbers = self._numbers.setdefault(phone, set())
        if number in numbers:
            self._doubled += 1
        elif number < self._newest.get(phone, 0):
            self._disordered += 1
        else:
            self._newest[phone] = number
        numbers.add(number)

    def counts(self) -> Counts:
        count = len(self.times)
        places = (0, count // 10, count - 1) if count else ()
        first, tenth, last = (self.times[place] for place in places) if count else (0.0, 0.0, 0.0)
        return Counts(count - self._doubled, self._doubled, self._disordered, first, tenth, last)


class _Gateway(asyncio.Protocol):
    """One connection from the host."""

    book = _Book()

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if not self._heard.endswith(b"\r\n\r\n"):
            return
        line, self._heard = self._heard.partition(b"\r\n")[0], b""
        text = _TEXT.search(line)
        if text is None:
            self._transport.write(_told(line))
        elif self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._accept, text[1], int(text[2]))
        else:
            self._accept(text[1], int(text[2]))

    def _accept(self, phone: bytes, number: int) -> None:
        self.book.note(phone, number)
        if not self._transport.is_closing():
            self._transport.write(_YES)


def _told(line: bytes) -> bytes:
    if line.startswith(b"GET /counts "):
        body = json.dumps(asdict(_Gateway.book.counts())).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    if line.startswith(b"GET /forget "):
        _Gateway.book = _Book()
        return _YES
    return _WHAT


async def _serve(port: int, latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(_Gateway, latency), "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))
