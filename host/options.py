"""Where a host's parts are: its configuration, adapters and database, as commands and the environment say."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from host import development, projects
from host.config import Configuration, load_configuration
from host.development import Development
from host.errors import HostError

_DATABASES = "write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"


@dataclass(frozen=True)
class Options:
    """Where a host's parts are. ``database``: an SQLAlchemy URL; ``development``: the run, or None in production.

    ``project``: the folder in IBM's layout that ``config`` and ``adapters`` are in, or None.
    """

    config: Path = Path("config")
    adapters: Path = Path("adapters")
    database: str = field(default="sqlite:///smshost.db", repr=False)  # it may carry a password
    development: Development | None = None
    project: Path | None = None

    @classmethod
    def of_project(cls, project: Path, database: str) -> "Options":
        """Options for a project in IBM's layout; :func:`read_configuration` complains where it is none."""
        return cls(projects.configuration(project), projects.adapters(project), database, project=project)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Options":
        """Options from ``SMSHOST_PROJECT`` or ``SMSHOST_CONFIG`` and ``SMSHOST_ADAPTERS``, and ``SMSHOST_DATABASE``."""
        if project := environ.get("SMSHOST_PROJECT"):
            return cls.of_project(Path(project), environ.get("SMSHOST_DATABASE", cls.database))
        return cls(
            Path(environ.get("SMSHOST_CONFIG", cls.config)),
            Path(environ.get("SMSHOST_ADAPTERS", cls.adapters)),
            environ.get("SMSHOST_DATABASE", cls.database),
        )


def are_workers_apart(options: Options) -> bool:
    """Whether workers are processes of their own (``smshost worker``): on a server's database."""
    return make_url(absolute(options.database)).get_backend_name() == "postgresql"


def read_configuration(options: Options) -> Configuration:
    """The configuration, opened for the run in development mode.

    Raises :class:`ConfigurationError`, and :class:`HostError` where a project has not its folders.
    """
    projects.must_be_whole(options.project)
    configuration = load_configuration(options.config, os.environ, projects.apps(options.project))
    if options.development is not None:
        return development.overlay(configuration, options.development)
    return configuration


def absolute(url: str) -> str:
    """A database's URL, a relative SQLite path meant from the working directory; raises :class:`HostError`."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except ArgumentError as error:
        raise HostError(f"--database {url!r} is no URL: {_DATABASES}") from error
    if backend not in {"sqlite", "postgresql"} or (backend == "sqlite" and parsed.database in {None, "", ":memory:"}):
        raise HostError(f"--database: this host does not run on {parsed.render_as_string()}: {_DATABASES}")
    if backend == "postgresql":
        return url
    return parsed.set(database=str(Path(str(parsed.database)).absolute())).render_as_string(hide_password=False)
