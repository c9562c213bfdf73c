"""Bringing a database to the newest revision (Alembic), and telling whether it is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from host.errors import HostError, StoreUnavailable
from host.store.database import for_writing

_FOLDER = Path(__file__).with_name("migrations")


class OldSchema(HostError):
    """The database is not at this version's revision."""


def upgrade(engine: Engine) -> str:
    """Apply every revision that is missing, in one transaction; gives the revision reached.

    Raises :class:`StoreUnavailable`.
    """
    with _opened(for_writing(engine)) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return newest()


def check(engine: Engine) -> None:
    """Raise :class:`OldSchema`, saying what to run, where the database is behind or ahead.

    Raises :class:`StoreUnavailable`.
    """
    with _opened(engine) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != newest():
        raise OldSchema(
            f"the database is at revision {found or 'none'}, this version needs {newest()}: run smshost db upgrade"
        )


def newest() -> str:
    """The revision this version of the host works with."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


@contextmanager
def _opened(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise StoreUnavailable(f"the database {engine.url!r} cannot be used: {error.orig}") from error


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config
