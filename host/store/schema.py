"""Bringing a database to the newest revision (Alembic), and telling whether it is there.

Alembic takes long to import, so it is asked only where a revision is to be applied.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table, text
from sqlalchemy.exc import DBAPIError, OperationalError

from host.errors import HostError, StoreUnavailable
from host.store.database import for_writing
from host.store.tables import metadata

#: The revision this version of the host works with, the last one in ``migrations/versions``.
NEWEST = "0005"

_reached = table("alembic_version", column("version_num"))
_support = metadata.tables["schema_support"]
_PATIENCE = text("SET LOCAL lock_timeout = '200ms'")  # less than PostgreSQL's deadlock_timeout
_NO_PATIENCE = text("SET LOCAL lock_timeout = 0")
_NOT_AVAILABLE = "55P03"
_TRIES = 300
_PAUSE_SECONDS = 0.1
_FOLDER = Path(__file__).with_name("migrations")


class OldSchema(HostError):
    """The database is not at this version's revision."""


def upgrade(engine: Engine) -> str:
    """Apply every revision that is missing, in one transaction; gives the revision reached.

    A newer host's tables that this version works with are left as they are. Raises :class:`StoreUnavailable`.
    """
    with _opened(for_writing(engine)) as connection:
        found = _found(connection)
        if _is_newer_but_fits(connection, found):
            return found
        if found != NEWEST:
            _lock(connection)
            _apply(connection)
        if engine.dialect.name == "postgresql":
            from host.store import jobs  # noqa: PLC0415 - it needs the extra that PostgreSQL needs

            jobs.upgrade(connection)
    return NEWEST


def check(engine: Engine) -> None:
    """Raise :class:`OldSchema`, saying what to run, where the database is behind, or too far ahead.

    Raises :class:`StoreUnavailable`.
    """
    with _opened(engine) as connection:
        found = _found(connection)
        fits = found == NEWEST or _is_newer_but_fits(connection, found)
    if not fits:
        what = "install a newer version" if found > NEWEST else "run smshost db upgrade"
        raise OldSchema(f"the database is at revision {found or 'none'}, this version needs {NEWEST}: {what}")


def _lock(connection: Connection) -> None:
    """On PostgreSQL, have all tables for this transaction alone before it changes the first of them.

    It gives up what it has whenever it has to wait for the rest: hosts that work meanwhile, and take the tables in an
    order of their own, would otherwise be in a deadlock with it, and answer 503. Raises :class:`StoreUnavailable`.
    """
    names = sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))
    if connection.dialect.name != "postgresql" or not names:
        return
    never, everything = threading.Event(), text(f"LOCK TABLE {', '.join(names)}")
    connection.execute(_PATIENCE)
    for _ in range(_TRIES):
        try:
            with connection.begin_nested():
                connection.execute(everything)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != _NOT_AVAILABLE:
                raise
            never.wait(_PAUSE_SECONDS)
        else:
            connection.execute(_NO_PATIENCE)
            return
    raise StoreUnavailable("the tables are in use by transactions that do not end: end them, and try again")


def _apply(connection: Connection) -> None:
    """Every revision that is missing."""
    from alembic import command  # noqa: PLC0415 - a tenth of every start, for what is done once a version
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _found(connection: Connection) -> str:
    """The revision that the database is at; "" for one without tables."""
    if not inspect(connection).has_table(_reached.name):
        return ""
    return connection.execute(select(_reached.c.version_num)).scalar() or ""


def _is_newer_but_fits(connection: Connection, found: str) -> bool:
    """Whether the tables are a newer version's, which says that this version's code works with them.

    So hosts can be replaced one after the other, the old ones going on meanwhile.
    """
    if found <= NEWEST or not inspect(connection).has_table(_support.name):
        return False
    oldest = connection.execute(select(_support.c.oldest)).scalars().all()
    return bool(oldest) and min(oldest) <= NEWEST


@contextmanager
def _opened(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise StoreUnavailable(f"the database {engine.url!r} cannot be used: {error.orig}") from error
