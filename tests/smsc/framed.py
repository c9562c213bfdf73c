"""SMSCs of our own for the protocols whose messages stand between STX and ETX: UCP/EMI and CIMD2."""

import contextlib
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable

from tests.programs import free_ports
from tests.smsc.peer import Piece, Submitted

STX, ETX = b"\x02", b"\x03"
PHONE_SECONDS = 0.1  # that a text takes to its phone


class FramedSmsc(ABC):
    """Serves one connection at a time on 127.0.0.1, in a thread of its own."""

    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self.submitted: list[Submitted] = []
        self.logins = 0
        self.errors: list[str] = []
        self._server: socket.socket | None = None
        self._connection: socket.socket | None = None
        self._lock = threading.Lock()

    @abstractmethod
    def hear(self, frame: str) -> None:
        """A message without STX and ETX came; answer it by :meth:`say`."""

    @abstractmethod
    def bring(self, sender: str, receiver: str, piece: Piece) -> None: ...

    def up(self) -> None:
        self._server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, args=(self._server,), daemon=True).start()

    def down(self) -> None:
        for each in (self._server, self._connection):
            if each is not None:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
        self._server = self._connection = None

    def later(self, do: Callable[[], None]) -> None:
        """Do something a moment after the answer, which Kannel overlooks in one read with it until more comes."""
        threading.Timer(PHONE_SECONDS, self._unless_down, (do,)).start()

    def _unless_down(self, do: Callable[[], None]) -> None:
        if self._connection is not None:
            do()

    def say(self, frame: str) -> None:
        """A message to whoever is logged in."""
        with self._lock:
            assert self._connection, "nobody is logged in"
            self._connection.sendall(STX + frame.encode("latin-1") + ETX)

    def _serve(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the server was closed, or the connection was
            while True:
                connection, _ = server.accept()
                self._connection = connection
                self._listen(connection)

    def _listen(self, connection: socket.socket) -> None:
        heard = b""
        with contextlib.suppress(ConnectionError):
            while data := connection.recv(65_536):
                *frames, heard = (heard + data).split(ETX)
                for frame in frames:
                    self.hear(frame.partition(STX)[2].decode("latin-1"))
