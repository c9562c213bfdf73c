"""A gateway that can be away: nobody listens, and every connection to it is gone."""

import socket
import threading
from contextlib import suppress
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.sink import Sink


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A host that was killed answers no more."""

    def hang_up(self) -> None:
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class MovableSink(Sink):
    """A :class:`Sink` that can go away and come back on the same port; it remembers all that it took."""

    def __init__(self) -> None:
        super().__init__()
        self._server.server_close()
        self._open(self.port)
        self.is_away = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.go_away()

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def go_away(self) -> None:
        """Listen no more, and close every connection."""
        if not self.is_away:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server.hang_up()
            self.is_away = True

    def come_back(self) -> None:
        """Listen again."""
        if self.is_away:
            self._open(self.port)
            self._thread.start()
            self.is_away = False

    def _open(self, port: int) -> None:
        self._server: _Server = _Server(("127.0.0.1", port), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
