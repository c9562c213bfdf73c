"""What the outbox is compared with: threads that send texts through requests sessions, and write nothing down.

A process of its own: ``python -m bench.senders PORT THREADS TEXTS``.
"""

import sys
import threading
from collections.abc import Iterator
from itertools import islice

import requests


class _Texts:
    """Phones to text, one at a time."""

    def __init__(self, count: int) -> None:
        self._phones = iter(range(count))
        self._lock = threading.Lock()

    def take(self) -> Iterator[str]:
        while True:
            with self._lock:
                some = list(islice(self._phones, 1))
            if not some:
                return
            yield f"+1555{some[0]:07}"


def send(port: int, threads: int, count: int) -> None:
    """Send so many texts; raises requests.HTTPError where one is not taken."""
    texts = _Texts(count)
    running = [threading.Thread(target=_send, args=(f"http://127.0.0.1:{port}/", texts)) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def _send(url: str, texts: _Texts) -> None:
    with requests.Session() as session:
        session.trust_env = False
        for phone in texts.take():
            session.get(url, params={"to": phone, "text": "hello n1"}, timeout=30).raise_for_status()


if __name__ == "__main__":
    send(*map(int, sys.argv[1:]))
