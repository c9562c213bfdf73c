"""The command line, ``smshost``."""

import json
import logging
import os
from dataclasses import replace
from typing import Any, TextIO

import click

from host import (
    __version__,
    connecting,
    development,
    listings,
    probing,
    serving,
    showing,
    sources,
    standing,
    stories,
    transcripts,
    working,
)
from host.app import open_store
from host.checking import look
from host.mending import COMMANDS
from host.migration import report
from host.opening import State, at_rest, database, say, telling, with_options, zone
from host.options import Options
from host.store import schema
from host.store.states import InboxState, OutboxState

log = logging.getLogger(__name__)


_ANY = State(sorted({str(state) for state in (*InboxState, *OutboxState)}))


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, package_name="sms-adapter-host", prog_name="smshost")
def main() -> None:
    """A two-way SMS host: gateways bring texts, adapters answer them.

    Start with `smshost serve --dev`, look with `smshost messages` and `smshost story`, check configuration and adapters
    with `smshost check`. What went wrong: `smshost status`, `smshost failed` and `smshost held`.
    """
    showing.log_to_terminal(logging.WARNING)


@main.command()
@with_options
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
@click.option(
    "--processes",
    "web",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="On PostgreSQL: how many processes receive.",
)
@click.option(
    "--workers",
    default=0,
    show_default=True,
    type=click.IntRange(0, 64),
    help="On PostgreSQL: how many worker processes to run beside them; others may run elsewhere.",
)
def serve(options: Options, address: str, port: int, dev: bool, **processes: int) -> None:
    """Serve: receive texts, run adapters, send texts.

    On PostgreSQL it only receives; `smshost worker` processes run adapters and send, here (--workers) or on other
    machines. Ends in good order on SIGTERM or Ctrl-C; what waits then goes on at the next start.
    """
    showing.log_to_terminal(logging.INFO)
    if dev and address not in {"127.0.0.1", "localhost", "::1"}:
        raise click.UsageError(
            "--dev opens the host with a credential printed on the terminal: it listens on 127.0.0.1 only"
        )
    run = development.begin(port) if dev else None
    with telling():
        if run is None:
            for line in standing.announcement(options, address, port):
                log.info("%s", line)
        serving.serve(replace(options, development=run), address, port, serving.Processes(**processes))


@main.command()
@with_options
def worker(options: Options) -> None:
    """Work: run adapters and send texts, one of many such processes on a PostgreSQL database.

    `smshost serve` on the same database receives. Ends in good order on SIGTERM or Ctrl-C: it finishes what it has in
    hand, and others go on with the rest.
    """
    showing.log_to_terminal(logging.INFO)
    run = serving.options_of(os.environ).development
    with telling():
        working.work(replace(options, development=run))


@main.command()
@with_options
def check(options: Options) -> None:
    """Read the configuration, load the adapters, and print every problem with its file and line; notes after them.

    With --project it is a report: what of the project runs here, what does not and why. Exits with 1 if there is any
    problem. Opens no database and sends nothing.
    """
    with telling():
        findings = look(options)
    if options.project:
        told = report(options.project, findings)
        for line in told.lines:
            click.echo(showing.lines(line))
        raise SystemExit(0 if told.is_well else 1)
    problems = findings.all_problems
    for said in (*problems, *findings.notes):
        click.echo(showing.lines(said))
    if problems:
        click.echo(f"{len(problems)} problem(s)", err=True)
        raise SystemExit(1)
    click.echo("no problems")


@main.command()
@with_options
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
    logging.getLogger("host.procedures").setLevel(logging.CRITICAL)  # the result says what was raised
    with telling(), at_rest(options) as runtime:
        result = sources.call_procedure(runtime, adapter, name, arguments)
    try:
        click.echo(showing.shown_json(result))
    except (TypeError, ValueError, RecursionError) as error:
        ran = f"{procedure} ran, and what it did counts; its result is no JSON"
        raise click.ClickException(f"{ran}: {showing.shown(error)}") from error
    if not result.get("isSuccessful"):
        raise SystemExit(1)


@main.command()
@with_options
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many to list.")
@click.option("--state", type=_ANY, help="Only those in this state.")
def messages(options: Options, limit: int, state: str | None) -> None:
    """List the recent texts, from phones (>) and to phones (<)."""
    with telling(), database(options) as store:
        say(store, lambda connection: listings.recent(connection, zone(options), limit, state))


@main.command()
@with_options
def status(options: Options) -> None:
    """Say how the host stands: whether it runs, what it would load, texts by state, and the last run of every poll."""
    with telling(), database(options) as store:
        for line in standing.status(options, store):
            click.echo(line)


@main.command()
@with_options
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many to list.")
def broadcasts(options: Options, limit: int) -> None:
    """List the broadcasts, the newest last: how far each is, and what became of its texts.

    Those are counted, which takes a while where a broadcast has a million of them: ask for fewer then (--limit).
    """
    with telling(), database(options) as store:
        say(store, lambda connection: listings.announced(connection, zone(options), limit))


@main.command()
@with_options
@click.argument("message", metavar="ID")
def story(options: Options, message: str) -> None:
    """Tell one text's whole story. ID is in-12 or out-7, as `smshost messages` shows them."""
    with telling(), database(options) as store:
        say(store, lambda connection: stories.story(connection, zone(options), message))


@main.command()
@with_options
@click.argument("file", type=click.File(encoding="utf-8"))
def transcript(options: Options, file: TextIO) -> None:
    """Play a conversation against the adapters and say whether it comes true.

    FILE has lines such as `+15550001 > sub` and `+15550001 < Welcome ...`; nothing leaves this machine.
    """
    with telling():
        transcripts.play(file.read(), options.adapters, options.config, options.project)
    click.echo("it came true")


@main.group()
def db() -> None:
    """Look after the database."""


@db.command()
@with_options
def upgrade(options: Options) -> None:
    """Bring the database to this version's tables. `serve` does so by itself on SQLite."""
    with telling():
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


for command in (*COMMANDS, *connecting.COMMANDS, *probing.COMMANDS):
    main.add_command(command)
