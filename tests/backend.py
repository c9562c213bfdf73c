"""A back end on loopback: answers as told, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Question:
    """A request to the back end; header names in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What it is answered; the pieces of a body are sent one by one."""

    body: bytes | Iterable[bytes] = b""
    content_type: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Backend:
    """A context manager; ``reply`` decides what a question is answered."""

    def __init__(self, reply: Callable[[Question], Reply] = lambda _: Reply()) -> None:
        self.asked: list[Question] = []
        self.reply = reply
        self.connections = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def port(self) -> int:
        return int(self.server.server_port)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        backend = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                backend.connections += 1

            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                question = Question(self.command, self.path, headers, self.rfile.read(length))
                backend.asked.append(question)
                reply = backend.reply(question)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.content_type:
                    self.send_header("Content-Type", reply.content_type)
                whole = isinstance(reply.body, bytes)
                self.send_header(
                    *("Content-Length", str(len(reply.body)))
                    if isinstance(reply.body, bytes)
                    else ("Connection", "close")
                )
                self.end_headers()
                try:
                    for piece in [reply.body] if isinstance(reply.body, bytes) else reply.body:
                        self.wfile.write(piece if self.command != "HEAD" else b"")
                except OSError:
                    self.close_connection = True
                self.close_connection = self.close_connection or not whole

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

            def log_message(self, *_: object) -> None:
                """Silent: the tests look at `asked`."""

        return Handler
