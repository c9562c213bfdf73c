"""The command line, ``smshost``."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import click

from host import __version__, development, serving, sources, stories, transcripts
from host.app import Options, assemble, open_store
from host.checking import problems_of
from host.errors import HostError
from host.runtime import Runtime
from host.store import schema

Command = Callable[..., Any]

_FOLDER = click.Path(file_okay=False, path_type=Path)


def _with_options(command: Command) -> Command:
    """Give a command its :class:`Options`: where a host's parts are."""

    @wraps(command)
    def with_options(config: Path, adapters: Path, database: str, **rest: Any) -> Any:
        return command(Options(config, adapters, database), **rest)

    for option in _PLACES:
        with_options = option(with_options)
    return with_options


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
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, package_name="sms-adapter-host", prog_name="smshost")
def main() -> None:
    """A two-way SMS host: gateways bring texts, adapters answer them.

    Start with `smshost serve --dev`, look with `smshost messages` and `smshost story`, check configuration and adapters
    with `smshost check`.
    """


@main.command()
@_with_options
@click.option(
    "--host",
    "address",
    default="127.0.0.1",
    envvar="SMSHOST_HOST",
    show_default=True,
    show_envvar=True,
    help="The address to listen on.",
)
@click.option(
    "--port",
    default=8080,
    envvar="SMSHOST_PORT",
    show_default=True,
    show_envvar=True,
    type=click.IntRange(1, 65535),
    help="The port to listen on.",
)
@click.option(
    "--dev",
    is_flag=True,
    envvar="SMSHOST_DEV",
    help="Development mode: a credential for this run, and a loopback phone for every gateway; on 127.0.0.1.",
)
def serve(options: Options, address: str, port: int, dev: bool) -> None:
    """Serve: receive texts, run adapters, send texts.

    Ends in good order on SIGTERM or Ctrl-C; what waits then goes on at the next start.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    if dev and address not in {"127.0.0.1", "localhost", "::1"}:
        raise click.UsageError(
            "--dev opens the host with a credential printed on the terminal: it listens on 127.0.0.1 only"
        )
    run = development.begin(port) if dev else None
    with _telling():
        serving.serve(replace(options, development=run), address, port)


@main.command()
@_with_options
def check(options: Options) -> None:
    """Read the configuration, load the adapters, and print every problem with its file and line.

    Exits with 1 if there is any. Opens no database and sends nothing.
    """
    problems = problems_of(options)
    for problem in problems:
        click.echo(problem)
    if problems:
        click.echo(f"{len(problems)} problem(s)", err=True)
        raise SystemExit(1)
    click.echo("no problems")


@main.command()
@_with_options
@click.argument("procedure", metavar="ADAPTER.PROCEDURE")
@click.argument("parameters", metavar="JSON-ARRAY", default="[]")
def call(options: Options, procedure: str, parameters: str) -> None:
    """Invoke a declared procedure, for example: smshost call bookstore.sendSMS '["+15550001", "Hello"]'.

    Texts it sends are queued, and go out while `smshost serve` runs on the same database. Exits with 1 unless the
    result says isSuccessful.
    """
    adapter, dot, name = procedure.partition(".")
    if not dot:
        raise click.BadParameter("write ADAPTER.PROCEDURE, with a dot", param_hint="ADAPTER.PROCEDURE")
    arguments = _arguments(parameters)
    with _telling(), _at_rest(options) as runtime:
        result = sources.call_procedure(runtime, adapter, name, arguments)
    click.echo(json.dumps(result, ensure_ascii=False, indent=2, default=str))
    if not result.get("isSuccessful"):
        raise SystemExit(1)


@main.command()
@_with_options
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many to list.")
@click.option("--state", help="Only those in this state, as in --state HELD.")
def messages(options: Options, limit: int, state: str | None) -> None:
    """List the recent texts, from phones (>) and to phones (<)."""
    with _telling(), _at_rest(options) as runtime, runtime.store.read() as connection:
        for line in stories.listing(connection, _zone(runtime), limit, state and state.upper()):
            click.echo(line)


@main.command()
@_with_options
def status(options: Options) -> None:
    """Say how the host is: adapters, gateways, texts by state, and the last run of every poll."""
    with _telling(), _at_rest(options) as runtime:
        for line in stories.status(runtime, _zone(runtime)):
            click.echo(line)


@main.command()
@_with_options
@click.argument("message", metavar="ID")
def story(options: Options, message: str) -> None:
    """Tell one text's whole story. ID is in-12 or out-7, as `smshost messages` shows them."""
    with _telling(), _at_rest(options) as runtime, runtime.store.read() as connection:
        for line in stories.story(connection, _zone(runtime), message):
            click.echo(line)


@main.command()
@_with_options
@click.argument("file", type=click.File(encoding="utf-8"))
def transcript(options: Options, file: TextIO) -> None:
    """Play a conversation against the adapters and say whether it comes true.

    FILE has lines such as `+15550001 > sub` and `+15550001 < Welcome ...`; nothing leaves this machine.
    """
    with _telling():
        transcripts.play(file.read(), options.adapters, options.config)
    click.echo("it came true")


@main.group()
def db() -> None:
    """Look after the database."""


@db.command()
@_with_options
def upgrade(options: Options) -> None:
    """Bring the database to this version's tables. `serve` does so by itself on SQLite."""
    with _telling():
        _, store = open_store(options)
        click.echo(f"the database is at revision {schema.upgrade(store.engine)}")
        store.engine.dispose()


def _arguments(text: str) -> list[Any]:
    try:
        arguments = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"no JSON: {error}", param_hint="JSON-ARRAY") from error
    if not isinstance(arguments, list):
        raise click.BadParameter('write an array, as in \'["+15550001", "Hello"]\'', param_hint="JSON-ARRAY")
    return arguments


@contextmanager
def _telling() -> Iterator[None]:
    """Say what is wrong in the host's own words, without a traceback."""
    try:
        yield
    except HostError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _at_rest(options: Options) -> Iterator[Runtime]:
    """A host that only looks and calls: no doors, no engine."""
    _, runtime = assemble(options)
    try:
        schema.check(runtime.store.engine)
        yield runtime
    finally:
        runtime.store.stop()
        runtime.store.engine.dispose()


def _zone(runtime: Runtime) -> ZoneInfo:
    return ZoneInfo(runtime.configuration.settings.timezone)
