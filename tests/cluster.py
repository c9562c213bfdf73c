"""A PostgreSQL cluster of a test's own, to be killed and starved; fsync is on."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from tests.hosts import children_of, is_gone
from tests.programs import free_ports, wait_for
from tests.services import require

_USER = "postgres"
_SECONDS = 60.0
_SETTINGS = ("listen_addresses=127.0.0.1", "max_connections=150", "shared_buffers=32MB", "min_wal_size=2MB")


def programs() -> Path | None:
    """The folder of initdb and postgres: on the PATH, or where Debian puts the newest."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((each.parent for each in installed), key=lambda each: int(each.parent.name), default=None)


@dataclass
class Cluster:
    """A context manager. `directory`: a folder that is its own, below folders that everybody may pass through."""

    directory: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])

    def __post_init__(self) -> None:
        found = programs()
        require("initdb and postgres of PostgreSQL", found is not None)
        assert found is not None
        self._programs = found
        self._data = self.directory / "data"
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its server's URL, without a database."""
        return f"postgresql+psycopg://{_USER}@127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        if _as_user():
            shutil.chown(self.directory, _USER, _USER)
        self._initialise()
        self.start()
        self.execute('CREATE DATABASE "faults"')
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def database(self) -> str:
        """The URL of its database."""
        return f"{self.url}/faults"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = (*_SETTINGS, f"port={self.port}", f"unix_socket_directories={self.directory}")
        given = [word for each in options for word in ("-c", each)]
        with (self.directory / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(self._programs / "postgres"), "-D", str(self._data), *given],
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **_as_user(),
            )
        wait_for(self.answers, "PostgreSQL to answer", _SECONDS)

    def answers(self) -> bool:
        assert self.is_running(), (self.directory / "log").read_text()
        with suppress(OperationalError):
            self.execute("SELECT 1", "postgres")
            return True
        return False

    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def kill(self) -> None:
        """SIGKILL to the server and to all its processes at once."""
        if self._server is not None and self.is_running():
            processes = [str(self._server.pid), *children_of(self._server.pid)]
            for pid in processes:
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            self._server.wait(_SECONDS)
            wait_for(lambda: all(map(is_gone, processes)), "its processes to be gone", _SECONDS)

    def execute(self, statement: str, database: str = "postgres") -> None:
        engine = create_engine(f"{self.url}/{database}", isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(statement))

    def _initialise(self) -> None:
        command = [str(self._programs / "initdb"), "-D", str(self._data), "-U", _USER, "-A", "trust"]
        command += ["-E", "UTF8", "--no-locale", "--wal-segsize=1"]
        subprocess.run(command, cwd=self.directory, check=True, capture_output=True, timeout=_SECONDS, **_as_user())


def _as_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    return {"user": _USER, "group": _USER, "extra_groups": []} if os.geteuid() == 0 else {}
