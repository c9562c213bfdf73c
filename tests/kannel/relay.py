"""Stands between Kannel and the host, and loses answers: what the host has committed looks like a failure to Kannel."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

import requests


class Relay:
    """An HTTP server on 127.0.0.1, a context manager. `lost`: how many of the host's next answers get lost.

    `answered`: what the host answered, in order.
    """

    def __init__(self, host_url: str) -> None:
        self.host_url = host_url
        self.lost = 0
        self.answered: list[int] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {"Authorization": self.headers["Authorization"]}
                answer = requests.get(relay.host_url + self.path, headers=headers, timeout=30)
                relay.answered.append(answer.status_code)
                relay.lost -= 1
                if relay.lost >= 0:
                    return  # the connection closes without a word
                self.send_response(answer.status_code)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                pass

        return Handler

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
