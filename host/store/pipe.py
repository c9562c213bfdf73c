"""How processes that receive tell the one that works on an SQLite database of new rows: a named pipe beside it."""

import os


class Pipe:
    """Tells the process that works on an SQLite database of queues with new rows."""

    def __init__(self, database: str) -> None:
        self._path = f"{database}.wake"
        self._writing: int | None = None

    def tell(self, queue: str) -> None:
        """Tell of one; where nobody listens, the next sweep finds the rows."""
        try:
            if self._writing is None:
                self._writing = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
            os.write(self._writing, f"{queue}\n".encode())
        except BlockingIOError:  # full of names that were not read yet
            return
        except OSError:  # no process works, or the one that did has ended
            self.close()

    def close(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            os.close(writing)
