"""A host that answers every request in the same way and keeps what it was asked."""

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One GET; `octets` are the query's values before any character decoding."""

    target: str
    headers: dict[str, str] = field(repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def octets(self) -> dict[str, bytes]:
        pairs = parse_qsl(urlsplit(self.target).query, keep_blank_values=True, encoding="latin-1")
        return {name: value.encode("latin-1") for name, value in pairs}

    @property
    def query(self) -> dict[str, str]:
        return {name: value.decode("utf-8", "backslashreplace") for name, value in self.octets.items()}

    @property
    def text(self) -> str:
        """The `text` parameter, decoded by Kannel's `coding`."""
        return self.octets["text"].decode("utf-16-be" if self.octets["coding"] == b"2" else "utf-8")


class Recorder:
    """An HTTP server on 127.0.0.1; a context manager. `status` is what it answers, with an empty plain text."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.status = 200
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status = recorder.status  # before anybody can see the request and change the answer
                recorder.asked.append(Asked(self.path, dict(self.headers)))
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                pass

        return Handler

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def at(self, path: str) -> list[Asked]:
        """The requests for one path, in order of arrival."""
        return [request for request in self.asked if request.path == path]

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
