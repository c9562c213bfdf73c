"""Run by itself: ``enclosed.py SOCKET PORT PROGRAM ARGUMENT...`` starts a program where there is no network but its own.

For programs that listen on every interface: this one is started in a network namespace that holds nothing (`unshare
-rn`), brings up loopback in it, and passes what comes to a socket of the file system on to the program's port.
"""

import fcntl
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from signal import SIGTERM, signal

SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1  # linux/sockios.h, linux/if.h
DEADLINE_SECONDS = 10.0


def main() -> None:
    path, port, *command = sys.argv[1:]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))
    signal(SIGTERM, lambda *_: sys.exit())
    program = subprocess.Popen(command)
    try:
        _serve(path, int(port), program)
    finally:
        program.kill()
        program.wait()


def _serve(path: str, port: int, program: "subprocess.Popen[bytes]") -> None:
    inner = _connected(port, program)
    Path(path).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        outer, _ = server.accept()
        threading.Thread(target=pump, args=(inner, outer), daemon=True).start()
        pump(outer, inner)


def _connected(port: int, program: "subprocess.Popen[bytes]") -> socket.socket:
    end = time.monotonic() + DEADLINE_SECONDS
    while program.poll() is None and time.monotonic() < end:
        with suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port))
    raise SystemExit("the program does not listen")


def pump(source: socket.socket, target: socket.socket) -> None:
    """Pass everything on until one side is closed, then close the other."""
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    main()
