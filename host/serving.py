"""``smshost serve``: granian in WSGI mode, worker processes beside it where asked for; ended in good order."""

import errno
import logging
import os
import resource
import secrets
import signal
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

import click
from flask import Flask

from host.app import create_app, open_store, prepare_schema, wire
from host.development import Development, banner
from host.errors import HostError
from host.options import Options, are_workers_apart, read_configuration
from host.workers import Workers

log = logging.getLogger(__name__)

THREADS = 208  # each may wait for a commit; that is what makes commits large. host.web.rooms counts on them
_CONNECTIONS = 8192  # of each process; past them nobody is accepted, whoever it is
_FILES = 1024  # that a process may need beside its connections
_HEAD_SECONDS = 10  # for a request's head to come, and between two requests
_HEAD_BYTES = 1 << 17
_PARENT_SECONDS = 0.5
_FREE_SECONDS = 5.0
_STOP_SECONDS = 60  # longer than the engine takes to stop; a worker that is still there then is killed


@dataclass(frozen=True)
class Processes:
    """How many processes receive (``web``), and how many work beside them (``workers``)."""

    web: int = 1
    workers: int = 0


def serve(options: Options, address: str, port: int, processes: Processes) -> None:
    """Serve until SIGTERM or SIGINT. Raises :class:`HostError` where it cannot begin."""
    from granian import Granian  # noqa: PLC0415 - only this command serves
    from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415 - as above
    from granian.http import HTTP1Settings  # noqa: PLC0415 - as above
    from granian.log import LogLevels  # noqa: PLC0415 - as above

    _check(options, processes)
    wire(read_configuration(options))
    if not options.adapters.is_dir():
        raise HostError(f"--adapters {options.adapters}: there is no such folder")
    _, store = open_store(options)
    prepare_schema(store)
    store.engine.dispose()
    os.environ.update(_environment(options))
    address = _free(address, port)
    head = HTTP1Settings(header_read_timeout=_HEAD_SECONDS * 1000, max_buffer_size=_HEAD_BYTES)
    server = Granian(
        "host.serving:worker",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=processes.web,
        blocking_threads=THREADS,
        backlog=1024,
        backpressure=_connections(),
        http1_settings=head,
        factory=True,
        workers_kill_timeout=_STOP_SECONDS,
        respawn_failed_workers=processes.web > 1,  # the only one ends it all, for a supervisor to see
        log_level=LogLevels.error,
    )
    with Workers(_workers(options, processes)):
        server.serve()


def _workers(options: Options, processes: Processes) -> int:
    """How many to start: one on SQLite and, unless more are asked for, in development mode."""
    if not are_workers_apart(options) or (options.development and not processes.workers):
        return 1
    if not processes.workers:
        log.info("this process only receives: smshost worker processes on this database handle and send")
    return processes.workers


def _connections() -> int:
    """How many connections a process may have: as many as its open files allow, whose usual limit is far too low.

    Connections that say nothing count: a thousand of them are quickly made, and must shut out no gateway.
    """
    wanted = _CONNECTIONS + _FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < wanted:
        soft = wanted if hard < 0 else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return _CONNECTIONS if soft < 0 else min(_CONNECTIONS, max(soft - _FILES, soft // 2))


def _check(options: Options, processes: Processes) -> None:
    if not are_workers_apart(options) and (processes.web > 1 or processes.workers > 1):
        raise HostError(
            "--processes and --workers are for PostgreSQL: on SQLite one process receives and one worker works beside "
            "it; see docs/how-to/run-on-several-machines.md"
        )


def _free(address: str, port: int) -> str:
    """The address as a number, known to be free: granian would share a port that another host listens on.

    A host that was killed may take a moment to let go of it. Raises :class:`HostError`.
    """
    never, tries = threading.Event(), int(_FREE_SECONDS / _PARENT_SECONDS)
    for left in range(tries, -1, -1):
        try:
            family, kind, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
                probe.listen()
                return str(place[0])
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not left:
                reason = error.strerror or str(error)
                raise HostError(
                    f"cannot listen on {address}:{port}: {reason}; choose others by --host and --port"
                ) from error
        never.wait(_PARENT_SECONDS)
    raise AssertionError("the last try returns or raises")


def worker() -> Flask:
    """The application inside granian's worker process; it ends with the process that started it."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_DFL)  # until granian sets its own, those forked from the parent do nothing
    end_with_parent(os.environ)
    options = options_of(os.environ)
    app = create_app(options, works=False)
    if options.development is not None:
        click.echo(banner(options.development, app.extensions["smshost"].configuration.settings.context_root))
    return app


def end_with_parent(environ: Mapping[str, str]) -> None:
    """A killed parent cannot stop the processes it started; orphans would go on answering and sending."""
    if parent := environ.get("SMSHOST_PARENT"):
        threading.Thread(target=_end_with, args=(int(parent),), name="smshost-parent", daemon=True).start()


def _end_with(parent: int) -> None:
    never = threading.Event()
    while os.getppid() == parent:
        never.wait(_PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _environment(options: Options) -> dict[str, str]:
    values = {
        "SMSHOST_PROJECT": str(options.project or ""),
        "SMSHOST_CONFIG": str(options.config),
        "SMSHOST_ADAPTERS": str(options.adapters),
        "SMSHOST_DATABASE": options.database,
        "SMSHOST_PARENT": str(os.getpid()),
        "SMSHOST_SESSION_SECRET": secrets.token_urlsafe(),
    }
    if options.development is not None:
        values["SMSHOST_DEVELOPMENT"] = f"{options.development.port}:{options.development.credential}"
    return values


def options_of(environ: Mapping[str, str]) -> Options:
    """Options as :func:`serve` hands them to its processes."""
    options = Options.from_environment(environ)
    port, _, credential = environ.get("SMSHOST_DEVELOPMENT", "").partition(":")
    run = Development(int(port), credential) if port else None
    return replace(options, development=run)
