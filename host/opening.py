"""What the commands of ``smshost`` open: a host at rest, or its database alone; their options; how they complain."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import tzinfo
from functools import wraps
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from host import projects, showing
from host.app import assemble, open_store
from host.config import look_at_configuration
from host.errors import HostError
from host.options import Options, absolute
from host.runtime import Runtime
from host.store import Store, schema

Command = Callable[..., Any]

_FOLDER = click.Path(file_okay=False, path_type=Path)


def with_options(command: Command) -> Command:
    """Give a command its :class:`Options`: where a host's parts are."""

    @wraps(command)
    def given(project: Path | None, config: Path, adapters: Path, database: str, **rest: Any) -> Any:
        options = Options.of_project(project, database) if project else Options(config, adapters, database)
        if project:
            _refuse_both(project)
        return command(options, **rest)

    for option in _PLACES:
        given = option(given)
    return given


_SHOWN: dict[str, Any] = {"show_default": True, "show_envvar": True}
_PLACES = (
    click.option(
        "--database",
        default=Options.database,
        envvar="SMSHOST_DATABASE",
        help="The database, as an SQLAlchemy URL.",
        **_SHOWN,
    ),
    click.option(
        "--adapters",
        type=_FOLDER,
        default=Options.adapters,
        envvar="SMSHOST_ADAPTERS",
        help="The folder whose folders are adapters.",
        **_SHOWN,
    ),
    click.option(
        "--config",
        type=_FOLDER,
        default=Options.config,
        envvar="SMSHOST_CONFIG",
        help="The folder of SMSConfig.xml, authenticationConfig.xml and worklight.properties.",
        **_SHOWN,
    ),
    click.option(
        "--project",
        type=_FOLDER,
        envvar="SMSHOST_PROJECT",
        show_envvar=True,
        help="Instead of --config and --adapters: a project as IBM laid it out, with server/conf and adapters in it.",
    ),
)


def _refuse_both(project: Path) -> None:
    """Raise a usage error where --config or --adapters is given beside a project, which says where they are."""
    context = click.get_current_context()
    for name in ("config", "adapters"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(
                f"--{name} beside --project {project}: the project says where its folders are, give one or the other"
            )


class State(click.Choice[str]):
    """A state, in whatever case it is written."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(str(value).upper(), param, ctx)


@contextmanager
def telling() -> Iterator[None]:
    """Say what is wrong in the host's own words, without a traceback."""
    try:
        yield
    except HostError as error:
        raise click.ClickException(showing.lines(error)) from error


@contextmanager
def at_rest(options: Options) -> Iterator[Runtime]:
    """A host that only calls: no doors, no engine."""
    _must_exist(options)
    _, runtime = assemble(options)
    try:
        schema.check(runtime.store.engine)
        yield runtime
    finally:
        runtime.store.stop()
        runtime.store.engine.dispose()
        runtime.close_adapters()


@contextmanager
def database(options: Options) -> Iterator[Store]:
    """The database alone, to look at whatever the configuration says."""
    _must_exist(options)
    _, store = open_store(options)
    try:
        schema.check(store.engine)
        yield store
    finally:
        store.stop()
        store.engine.dispose()


def zone(options: Options) -> tzinfo:
    """The zone to show times in, as far as the configuration can be read."""
    configuration, _ = look_at_configuration(options.config, os.environ, projects.apps(options.project))
    return ZoneInfo(configuration.settings.timezone)


def say(store: Store, lines: Callable[[Connection], Iterable[str]]) -> None:
    """Print lines that are read from the database; it is left alone first, because a pager may take hours."""
    with store.read() as connection:
        read = list(lines(connection))
    for line in read:
        click.echo(line)


def _must_exist(options: Options) -> None:
    """Raise :class:`HostError` for an SQLite file that is not there: to open it would make one."""
    url = make_url(absolute(options.database))
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        raise HostError(f"there is no database at {url.database}: smshost serve makes it")
