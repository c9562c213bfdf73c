"""The parent's side of a child process: lines to it and from it, each by its deadline."""

import contextlib
import os
import select
import subprocess
import sys
import time
from pathlib import Path

from host.errors import HostError

_CHILD = Path(__file__).with_name("child.py")
_CHUNK = 1 << 16
_MOST_LINE = 64 << 20  # bytes; the script's own limit is far below


class Late(HostError):
    """The child did not answer in time."""


class Ended(HostError):
    """The child process ended."""


class Process:
    """One child process; not for two threads at a time. ``memory``: the engine's limit in bytes."""

    def __init__(self, engine: Path, memory: int, parts: tuple[bytes, ...]) -> None:
        self._child = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", str(_CHILD), str(engine)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            env={name: value for name, value in os.environ.items() if name in {"TZ", "LD_LIBRARY_PATH"}},
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._to, self._from = self._child.stdin.fileno(), self._child.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        self._read = bytearray()
        self._over = False
        self._begin = b" ".join(b"%d" % each for each in (memory, *map(len, parts))) + b"\n" + b"".join(parts)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    def has_ended(self) -> bool:
        """Whether it ended by itself, or somebody ended it."""
        return self._child.poll() is not None

    def begin(self, deadline: float) -> None:
        """Hand it its setup and script; raises as :meth:`send`."""
        begin, self._begin = self._begin, b""
        self._write(begin, deadline)

    def send(self, line: bytes, deadline: float) -> None:
        """Write a line until ``deadline`` (monotonic seconds); raises :class:`Late` or :class:`Ended`."""
        self._write(line + b"\n", deadline)

    def receive(self, deadline: float) -> bytes:
        """The next line, without its end; raises :class:`Late`, and may then be asked again, or :class:`Ended`."""
        searched = 0
        while (end := self._read.find(b"\n", searched)) < 0:
            searched = len(self._read)
            if searched > _MOST_LINE:
                raise Ended(f"the script's process wrote a line of more than {_MOST_LINE} bytes")
            self._wait(self._from, select.POLLIN, deadline)
            with contextlib.suppress(BlockingIOError):
                if not (data := os.read(self._from, _CHUNK)):
                    raise Ended(self._how())
                self._read += data
        line = bytes(self._read[:end])
        del self._read[: end + 1]
        return line

    def kill(self) -> None:
        """End it, whatever it does; from any thread."""
        with contextlib.suppress(OSError):
            self._child.kill()

    def end(self) -> None:
        """End it, whatever it does, and put it away."""
        self._over = True
        self.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
        self._child.wait()

    def _write(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view and not self._over:
            try:
                view = view[os.write(self._to, view) :]
            except BlockingIOError:
                self._wait(self._to, select.POLLOUT, deadline)
            except BrokenPipeError:
                raise Ended(self._how()) from None
        if self._over:
            raise Ended

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        if self._over:  # the descriptor is another file's by now
            raise Ended
        poll = select.poll()
        poll.register(descriptor, event)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise Late

    def _how(self) -> str:
        """How it ended, once it has."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self._child.wait(1.0)
            how = f"by signal {-status}" if status < 0 else f"with status {status}"
            return f"the script's process ended {how}"
        return "the script's process closed its pipe"
