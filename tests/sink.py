"""A gateway on loopback: takes the texts that the host sends, answers as told, and remembers in what order they came."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NoReturn, Self
from urllib.parse import parse_qsl, urlsplit

from tests.programs import DEADLINE_SECONDS, wait_for


class HangUp(Exception):
    """What an `answer` raises to take a text as if with ``status``, say these bytes, and close the connection."""

    def __init__(self, status: int, said: bytes = b"") -> None:
        super().__init__(status, said)
        self.status = status
        self.said = said


def as_kannel(_: dict[str, str]) -> NoReturn:
    """An `answer`: sendsms takes the text."""
    raise HangUp(202, b"HTTP/1.1 202 Accepted\r\nContent-Length: 25\r\n\r\n0: Accepted for delivery\n")


@dataclass(frozen=True)
class Taken:
    """A request to the gateway: its parameters, its target and what it was answered."""

    parameters: dict[str, str]
    target: str
    status: int

    @property
    def to(self) -> str:
        return self.parameters.get("to", "")

    @property
    def text(self) -> str:
        return self.parameters.get("text", "")


class Sink:
    """A context manager. `answer` decides the status for each text's parameters; 200 unless told otherwise."""

    def __init__(self, port: int = 0) -> None:
        self.taken: list[Taken] = []
        self.answer: Callable[[dict[str, str]], int] = lambda parameters: 200
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def accepted(self, to: str | None = None) -> list[str]:
        """The texts taken with a 2xx, in order; only those to one phone where it is given."""
        return [each.text for each in self.taken if each.status < 300 and to in (None, each.to)]

    def wait_for(self, count: int, deadline: float = DEADLINE_SECONDS) -> list[Taken]:
        """The requests so far, once there are at least so many."""
        return (
            wait_for(lambda: self.taken[:] if len(self.taken) >= count else None, f"{count} request(s)", deadline) or []
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                query = urlsplit(self.path).query or self.rfile.read(length).decode()
                parameters = dict(parse_qsl(query, keep_blank_values=True))
                try:
                    status = sink.answer(parameters)
                except HangUp as end:
                    sink.taken.append(Taken(parameters, self.path, end.status))
                    self.wfile.write(end.said)
                    self.close_connection = True
                    return
                sink.taken.append(Taken(parameters, self.path, status))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                """Silent: the tests look at `taken`."""

        return Handler
