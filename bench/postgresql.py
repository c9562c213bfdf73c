"""PostgreSQL for the measurements: clusters of their own where initdb is there, else the server on 127.0.0.1:5432."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from bench.measuring import Missing, progress
from tests.programs import free_ports

_USER = "postgres"
_SETTINGS = ["shared_buffers=512MB", "max_connections=200", "max_wal_size=4GB", "listen_addresses=127.0.0.1"]
_GIVEN = os.environ.get("SMSHOST_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
SETTINGS = "shared_buffers 512 MB, max_wal_size 4 GB, else as installed: fsync and synchronous_commit on"


@contextmanager
def server(directory: Path, slow: tuple[str, ...] = ()) -> Iterator[str]:
    """A server's URL, without a database. ``slow``: what to put before its commands; needs a cluster of its own.

    Raises :class:`Missing`.
    """
    programs = _programs()
    if programs is not None:
        with _cluster(programs, directory, slow) as url:
            yield url
    elif slow:
        raise Missing("initdb and pg_ctl are not there: a running server's fsyncs cannot be made slower")
    else:
        url = _GIVEN.replace("postgresql://", "postgresql+psycopg://", 1)
        _run(url, "SELECT 1")
        yield url


def new_database(url: str, name: str) -> str:
    """The URL of a new, empty database on a server."""
    _run(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _run(url, f'CREATE DATABASE "{name}"')
    return f"{url}/{name}"


def drop_database(database: str) -> None:
    """Drop a database that :func:`new_database` made."""
    url, _, name = database.rpartition("/")
    _run(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def _cluster(programs: Path, directory: Path, slow: tuple[str, ...]) -> Iterator[str]:
    """A new cluster; PostgreSQL refuses to run as root, so then it runs as its own user."""
    progress(f"starting a PostgreSQL cluster{' with slow fsyncs' if slow else ''}")
    directory.mkdir()
    as_user = {"user": _USER, "group": _USER} if os.geteuid() == 0 else {}
    if as_user:
        shutil.chown(directory, _USER, _USER)
    data, (port,) = directory / "data", free_ports(1)
    options = " ".join(f"-c {each}" for each in (*_SETTINGS, f"port={port}", f"unix_socket_directories={directory}"))

    def run(*command: str) -> None:
        done = subprocess.run(
            command, cwd=directory, **as_user, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )  # type: ignore[call-overload]
        if done.returncode:
            raise Missing(f"{Path(command[-1]).name}: {done.stdout}{done.stderr}")

    run(str(programs / "initdb"), "-D", str(data), "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-locale")
    control = [str(programs / "pg_ctl"), "-D", str(data), "-w"]
    run(*slow, *control, "-l", str(directory / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://{_USER}@127.0.0.1:{port}"
    finally:
        run(*control, "-m", "immediate", "stop")


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl: on the PATH, or where Debian puts the newest."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((each.parent for each in installed), key=lambda each: int(each.parent.name), default=None)


def _run(url: str, statement: str) -> None:
    engine = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except (ImportError, OperationalError) as error:
        raise Missing(f"there is no PostgreSQL server: {error}") from error
