"""The machine that is measured on, what a run may spend on it, and the versions of everything that takes part."""

import os
import platform
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text

from bench import postgresql
from bench.disk import Disk

_PACKAGES = (
    *("sms-adapter-host", "flask", "werkzeug", "sqlalchemy", "flask-sqlalchemy", "psycopg", "granian", "requests"),
    *("urllib3", "procrastinate"),
)


@dataclass(frozen=True)
class Effort:
    """How much a run spends. ``seconds``: of one contestant in one round, the warm-up included."""

    rounds: int = 3
    seconds: float = 5.0
    quick: bool = False

    @property
    def warm_up(self) -> float:
        """Seconds at the beginning that are not measured."""
        return min(1.0, self.seconds / 4)

    def some(self, full: int, quick: int) -> int:
        """So many things in a full run, and in a quick one."""
        return quick if self.quick else full


@dataclass
class Machine:
    """Where a run happens: a folder that goes with it, and servers that are started when first asked for."""

    directory: Path
    stack: ExitStack
    disk: Disk = field(init=False)
    _servers: dict[bool, str] = field(default_factory=dict)
    _folders: int = 0

    def __post_init__(self) -> None:
        self.disk = Disk(self.directory)

    def folder(self, name: str) -> Path:
        """A new folder."""
        self._folders += 1
        made = self.directory / f"{self._folders}-{name}"
        made.mkdir()
        return made

    def postgresql(self, name: str, slow: bool = False) -> str:
        """The URL of a new database on a server of the run's own; raises :class:`~bench.measuring.Missing`."""
        if slow not in self._servers:
            prefix = self.disk.slow if slow else ()
            folder = self.directory / f"postgresql{'-slow' if slow else ''}"
            self._servers[slow] = self.stack.enter_context(postgresql.server(folder, prefix))
        return postgresql.new_database(self._servers[slow], f"bench_{name}")

    def described(self) -> list[str]:
        """The machine and the versions, a line each."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        return [
            f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB; {_system()}, Linux {platform.release()}; "
            f"{self.disk.filesystem} at {self.directory.parent}",
            f"CPython {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {self._server_version()}",
            ", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
        ]

    def _server_version(self) -> str:
        if False not in self._servers:
            return "PostgreSQL not used"
        with create_engine(f"{self._servers[False]}/postgres", poolclass=NullPool).connect() as connection:
            said = connection.execute(text("SHOW server_version")).scalar_one()
        return f"PostgreSQL {str(said).split()[0]} ({postgresql.SETTINGS})"


@contextmanager
def machine(directory: Path) -> Iterator[Machine]:
    """The machine, with a folder of the run's own below this one."""
    with ExitStack() as stack:
        made = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="smshost-bench-", dir=directory)))
        made.chmod(0o711)  # PostgreSQL runs as another user where this runs as root
        yield Machine(made, stack)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()
