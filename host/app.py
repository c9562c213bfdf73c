"""The application: everything wired together, for any WSGI server."""

import logging
import os
import threading
from collections.abc import Callable, Set
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from flask import Flask, Response
from sqlalchemy import Connection

from host import broadcasting, dispatching, housekeeping, sending, sources
from host.access import AccessRules, build_rules
from host.config import Configuration
from host.config.settings import Settings
from host.engine.working import Engine
from host.errors import ConfigurationError
from host.gateways import open_gateways
from host.gateways.base import Gateway
from host.loader import Surroundings, load_adapters, load_late, procedures_under
from host.options import Options, absolute, are_workers_apart, read_configuration
from host.runtime import HANDLING, Runtime
from host.store import Store, schema, slate
from host.store.database import engine_options, prepare
from host.store.locks import locks_for
from host.store.pipe import Pipe
from host.store.tables import db
from host.transport import Transport
from host.web import open_doors, phone

log = logging.getLogger(__name__)

_CALLING = ("/ussd", "/subscribeSMS")  # behind these doors the process that receives runs adapters itself
_STOP_SECONDS = 30.0
_CLOSE_SECONDS = 10.0  # until the writer has written what waits, and adapters' own threads have ended
_FORKED = "this application was made before a fork, which its threads did not survive: serve it without --preload"
_UNFIRED = "never called, this host has no events but texts and USSD (createEventHandler)"

Announce = Callable[[Connection, Set[str]], None]


def create_app(options: Options | None = None, show: phone.Show = phone.echo, *, works: bool | None = None) -> Flask:
    """The host as a WSGI application.

    ``works``: whether it handles and sends too, or only receives and leaves that to workers. Unless said, it works on
    SQLite, and does not on PostgreSQL. ``show``: in development mode, what is done with a text that a phone receives.

    Raises :class:`~host.errors.HostError` where the configuration has problems or the database is not at this version.
    """
    options = options or Options.from_environment(os.environ)
    works = not are_workers_apart(options) if works is None else works
    app, runtime = assemble(options, works=works, loads=works)
    runtime.rules = with_procedures(runtime.rules, options, runtime.configuration)
    _refuse_after_fork(app)
    open_doors(app, runtime)
    if options.development is not None:
        phone.open_door(app, options.development.credential, show)
    start(runtime)
    return app


def assemble(options: Options, works: bool = False, loads: bool = True) -> tuple[Flask, Runtime]:
    """The parts of a host, wired but at rest; the command line uses them so.

    ``works``: it is to handle and send. ``loads``: it calls adapters in any case; else it loads them at first need.
    """
    configuration = read_configuration(options)
    app, store = open_store(options)
    runtime = build(configuration, store, works)
    surroundings = Surroundings.of(configuration)
    if loads:
        runtime.adapters = load_adapters(options.adapters, surroundings)
    else:
        runtime.load = partial(load_late, options.adapters, surroundings)
    app.extensions["smshost"] = runtime
    return app, runtime


def open_store(options: Options) -> tuple[Flask, Store]:
    """The application with its database open."""
    app = Flask("host", static_folder=None)
    url = absolute(options.database)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    prepare(engine)
    return app, Store(engine)


def build(configuration: Configuration, store: Store, works: bool) -> Runtime:
    """The runtime, without adapters; raises :class:`ConfigurationError`."""
    gateways, rules = wire(configuration)
    transport = Transport(_proxies(configuration.settings))
    engine = Engine(locks_for(store.engine) if works else None)
    store.on_wakes(_announce(store), engine.wake if works else _tell(store))
    return Runtime(configuration, gateways, rules, store, transport, engine)


def _announce(store: Store) -> Announce:
    """How other processes are told of new rows in the transaction that commits them; on SQLite, only afterwards."""
    if store.engine.dialect.name == "sqlite":
        return lambda connection, queues: None
    from host.store import jobs  # noqa: PLC0415 - it needs the extra that PostgreSQL needs

    return partial(jobs.announce, shared=frozenset({HANDLING}))


def _tell(store: Store) -> Callable[[str], None]:
    """How the process that works is told of new rows once they are committed; on PostgreSQL it knows already."""
    return Pipe(str(store.engine.url.database)).tell if store.engine.dialect.name == "sqlite" else lambda queue: None


def wire(configuration: Configuration) -> tuple[dict[str, Gateway], AccessRules]:
    """Gateways and access rules; raises :class:`ConfigurationError` with every problem of both together."""
    gateways, problems = open_gateways(configuration.gateways)
    key = configuration.settings.session_secret or os.environ.get("SMSHOST_SESSION_SECRET", "")
    rules, found = build_rules(configuration.auth, configuration.settings, gateways, key)
    if problems or found:
        raise ConfigurationError([*problems, *found])
    return gateways, rules


def with_procedures(rules: AccessRules, options: Options, configuration: Configuration) -> AccessRules:
    """The rules, for the procedures that adapters declare too."""
    declared = procedures_under(options.adapters, configuration.properties)
    return replace(rules, procedures={path: each.security_test for path, each in declared.items()})


def start(runtime: Runtime) -> None:
    """Bring the host to work, and see to it that it ends well with its process."""
    prepare_schema(runtime.store)
    if runtime.engine.works:
        log.info("adapters: %s", ", ".join(runtime.adapters.by_name) or "none")
        for adapter in runtime.adapters.by_name.values():
            if adapter.unfired:
                log.warning("%s: %s", ", ".join(adapter.unfired), _UNFIRED)
        for broken in runtime.adapters.broken:
            log.error("an adapter is not loaded: %s\n%s", broken, broken.traceback)
        runtime.slate = slate.begin(slate.place_for(runtime.store.engine))
        _open_queues(runtime)
    elif any(map(runtime.rules.opens, _CALLING)) or runtime.rules.opens_procedures():
        threading.Thread(target=runtime.loaded, name="smshost-adapters", daemon=True).start()
    runtime.engine.start()
    threading.Thread(target=_stop_with_process, args=(runtime,), name="smshost-keeper").start()


def _open_queues(runtime: Runtime) -> None:
    housekeeping.open_housekeeping(runtime)
    dispatching.open_queue(runtime)
    sending.open_queues(runtime)
    broadcasting.open_queue(runtime)
    if runtime.configuration.settings.polls_enabled:
        sources.open_polls(runtime)


def stop(runtime: Runtime) -> None:
    """Finish what is in hand, and close the database; a second time it does nothing."""
    runtime.engine.stop(_STOP_SECONDS)
    runtime.slate.close()
    runtime.store.stop()
    runtime.store.engine.dispose()
    runtime.close_adapters()


def prepare_schema(store: Store) -> None:
    """Bring SQLite to this version's tables; a server's database must have been brought there by its administrator."""
    if store.engine.dialect.name == "sqlite":
        schema.upgrade(store.engine)
    else:
        schema.check(store.engine)


def _stop_with_process(runtime: Runtime) -> None:
    """Not a daemon: Python waits for it, so that every WSGI server's workers end with nothing in hand."""
    threading.main_thread().join()
    last = threading.Timer(_STOP_SECONDS + _CLOSE_SECONDS, _end_process)
    last.daemon = True
    last.start()
    stop(runtime)


def _end_process() -> None:
    """Something does not let Python end: a thread of an adapter's own, or a database that no longer answers."""
    log.error("the process did not end in %.0f s: it is ended", _STOP_SECONDS + _CLOSE_SECONDS)
    logging.shutdown()
    os._exit(1)


def _refuse_after_fork(app: Flask) -> None:
    """Answer 503 in a process forked from the one that made the application: threads do not come along."""
    maker = os.getpid()

    @app.before_request
    def refuse() -> Response | None:
        if os.getpid() == maker:
            return None
        log.error(_FORKED)
        return Response(f"{_FORKED}\n", 503, {"Content-Type": "text/plain; charset=utf-8"})


def _proxies(settings: Settings) -> dict[str, str]:
    if not settings.proxy_enabled:
        return {}
    user = ":".join(quote(each, safe="") for each in (settings.proxy_user, settings.proxy_password))
    user = f"{user}@" if settings.proxy_user else ""
    port = f":{settings.proxy_port}" if settings.proxy_port > 0 else ""
    proxy = f"{settings.proxy_protocol}://{user}{settings.proxy_host}{port}"
    return {"http": proxy, "https": proxy}
