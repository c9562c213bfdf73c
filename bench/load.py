"""Gateways that post texts: a fixed number of kept-alive connections, each asking again as soon as it is answered.

It shares the machine with the server it measures, so it is one thread over raw sockets that parses next to nothing.
A process of its own: ``python -m bench.load JSON``, the JSON being the fields of :class:`Load`; prints :class:`Answers`
as JSON. It ends early, in good order, when its standard input is closed.
"""

import json
import math
import select
import socket
import sys
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

_STUCK_SECONDS = 60.0
_OK = 200
_LENGTH = b"content-length:"


@dataclass(frozen=True)
class Load:
    """What to post. A connection texts for ``phones`` phones in turn; each phone's texts are numbered from 1.

    ``seconds`` are measured, after ``warm_up`` seconds that are not; ``texts`` ends it earlier, 0 being no limit.
    ``authorization``: the header's value. ``first_phone``: where its phones' numbers begin. ``word``: its keyword.
    """

    port: int
    path: str
    clients: int
    seconds: float
    warm_up: float = 1.0
    texts: int = 0
    authorization: str = ""
    first_phone: int = 0
    phones: int = 8
    word: str = "nobody"


@dataclass
class Answers:
    """What came of a load. Latencies are milliseconds, of what was asked and answered in the measured seconds.

    ``posted`` and ``refused`` (by status) count everything, the warm-up included; ``began`` and ``ended`` are of
    ``time.monotonic``.
    """

    rate: float
    p50: float
    p99: float
    slowest: float
    counted: int
    posted: int
    began: float
    ended: float
    refused: dict[str, int] = field(default_factory=dict)


class _Connection:
    """One kept-alive connection and the texts that go over it."""

    def __init__(self, load: Load, number: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", load.port), timeout=_STUCK_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked_at = 0.0
        self._heard = b""
        self._count = 0
        self._phones = load.phones
        self._first = load.first_phone + number * load.phones
        head = f"Host: 127.0.0.1\r\nAuthorization: {load.authorization}\r\n\r\n"
        target = f"{load.path}?from=%2B1555{{phone:07}}&to=26161&text={load.word}+n{{number}}&id={{phone}}-{{number}}"
        self._template = f"GET {target} HTTP/1.1\r\n{head}"

    def ask(self) -> None:
        """Post the next text."""
        number, phone = divmod(self._count, self._phones)
        self._count += 1
        request = self._template.format(phone=self._first + phone, number=number + 1).encode()
        self.asked_at = time.monotonic()
        self.socket.sendall(request)

    def hear(self) -> int:
        """The status, once the answer is whole; 0 before. Raises ConnectionError where the server hung up."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed a connection")
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return 0
        self._heard = b""
        return int(head[9:12])


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(_LENGTH)
    return int(rest.partition(b"\r\n")[0] or 0)


class _Posting:
    """A load under way."""

    def __init__(self, load: Load) -> None:
        self._took = array("d")
        self._refused: Counter[str] = Counter()
        connections = [_Connection(load, number) for number in range(load.clients)]
        self._connections = {each.socket.fileno(): each for each in connections}
        self._most = load.texts or math.inf
        self._posted = self._counted = 0
        self._busy = load.clients
        self._poll = select.epoll()
        self._poll.register(sys.stdin.fileno(), select.EPOLLIN)
        self._began = time.monotonic()
        self._measured = self._began + load.warm_up
        self._end = self._measured + load.seconds

    def run(self) -> Answers:
        for fd, connection in self._connections.items():
            self._poll.register(fd, select.EPOLLIN)
            self._ask(connection)
        while self._busy:
            ready = self._poll.poll(_STUCK_SECONDS)
            if not ready:
                raise TimeoutError(f"no answer in {_STUCK_SECONDS:.0f} s")
            for fd, _ in ready:
                self._hear(fd)
        ended = time.monotonic()
        return self._answers(ended)

    def _ask(self, connection: _Connection) -> None:
        self._posted += 1
        connection.ask()

    def _hear(self, fd: int) -> None:
        now = time.monotonic()
        connection = self._connections.get(fd)
        if connection is None:  # our standard input: whoever started us wants us to end
            self._poll.unregister(fd)
            self._end = min(self._end, now)
        elif status := connection.hear():
            self._note(status, connection.asked_at, now)
            if now < self._end and self._posted < self._most:
                self._ask(connection)
            else:
                self._poll.unregister(fd)
                self._busy -= 1

    def _note(self, status: int, asked_at: float, now: float) -> None:
        if status != _OK:
            self._refused[str(status)] += 1
        if self._measured <= now <= self._end:
            self._counted += 1
            if asked_at >= self._measured:
                self._took.append(now - asked_at)

    def _answers(self, ended: float) -> Answers:
        took = sorted(self._took)
        return Answers(
            rate=self._counted / max(min(self._end, ended) - self._measured, 1e-9),
            p50=percentile(took, 0.5) * 1000,
            p99=percentile(took, 0.99) * 1000,
            slowest=percentile(took, 1.0) * 1000,
            counted=self._counted,
            posted=self._posted,
            began=self._began,
            ended=ended,
            refused=dict(self._refused),
        )


def post(load: Load) -> Answers:
    """Post the load; raises ConnectionError or TimeoutError where the server hangs up, or does not answer."""
    return _Posting(load).run()


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that this share of an ordered sequence does not exceed; 0 of an empty one."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


if __name__ == "__main__":
    print(json.dumps(asdict(post(Load(**json.loads(sys.argv[1]))))))
