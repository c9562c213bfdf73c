"""``smshost status``: how the host stands, for people: what it would load, what waits, and whether it runs."""

import os
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select
from sqlalchemy.engine import make_url

from host import clock, projects
from host.access.calls import is_call
from host.app import wire, with_procedures
from host.config import Configuration, look_at_configuration
from host.config.authconfig import UNPROTECTED
from host.config.smsconfig import GatewayConfig
from host.errors import BrokenAdapter
from host.gateways import dialects
from host.listings import how_far
from host.loader import Surroundings, load_adapters
from host.options import Options, absolute, read_configuration
from host.showing import lines, shown
from host.store import Store, broadcasts, circuits, fetching, health, history, parts, reports
from host.store.locks import ALIVE, FileLocks

_ALIVE = select(func.count()).select_from(ALIVE.subquery())


def status(options: Options, store: Store) -> Iterator[str]:
    """Whether a host runs, how adapters would load, the gateways, texts by state, and when polls last ran."""
    configuration, problems = look_at_configuration(options.config, os.environ, projects.apps(options.project))
    zone = ZoneInfo(configuration.settings.timezone)
    with store.read() as connection:
        yield _workers(store, connection)
        if problems:
            yield f"configuration: {len(problems)} problem(s), no host would start: smshost check tells them"
        else:
            yield from _parts(options, configuration, connection)
        yield from _health(connection, zone)
        for table, state, number in history.counts(connection):
            yield f"{table} {state}: {number}"
        if pieces := parts.waiting(connection):
            yield f"parts of long texts that wait for the rest: {pieces}"
        if lost := reports.unmatched(connection):
            yield f"delivery reports on no text that is known: {lost}"
        for row in broadcasts.unfinished(connection):
            yield f"broadcast {row.id} to {shown(row.event_source)}: {how_far(row, broadcasts.left(connection, row))}"
        for poll in history.polls(connection):
            ended = f"poll {shown(poll.event_source)}: last ran {clock.show(poll.started_at, zone)}"
            yield f"{ended}, and failed\n      {lines(poll.error, ' ' * 6)}" if poll.error else ended


def announcement(options: Options, address: str, port: int) -> Iterator[str]:
    """What is about to be served, for the log; raises :class:`ConfigurationError`."""
    configuration = read_configuration(options)
    rules = with_procedures(wire(configuration)[1], options, configuration)
    yield f"listening on http://{address}:{port}{configuration.settings.context_root}, database {_named(options)}"
    for gateway in configuration.gateways:
        yield f"gateway {gateway.id}: {gateway.dialect}, {_where(gateway)}"
    tests = {str(pattern): pattern.resource.security_test for pattern in rules.patterns if not is_call(pattern.literal)}
    tests.update({path: rules.test_of(path) or "" for path in rules.procedures})
    everybody = [path for path, test in tests.items() if test == UNPROTECTED]
    guarded = [path for path, test in tests.items() if test in rules.walks and not rules.walks[test].closed]
    if everybody:
        yield f"open to everybody: {', '.join(everybody)}"
    if guarded:
        yield f"open to those who pass the security test: {', '.join(guarded)}"
    if not everybody and not guarded:
        yield "closed: authenticationConfig.xml lets nobody in, every gateway is refused"


def _named(options: Options) -> str:
    return make_url(absolute(options.database)).render_as_string()


def is_running(store: Store, connection: Connection) -> bool:
    """Whether some process works on the database."""
    if store.engine.dialect.name == "postgresql":
        return bool(connection.execute(_ALIVE).scalar())
    database = str(store.engine.url.database)
    if not Path(f"{database}.lock").exists():
        return False
    lock = FileLocks(database)
    if not lock.join():
        return True
    lock.leave()
    return False


def _workers(store: Store, connection: Connection) -> str:
    if store.engine.dialect.name == "postgresql":
        number = connection.execute(_ALIVE).scalar_one()
        start = "" if number else ": nothing is handled or sent; start smshost worker, or serve with --workers"
        return f"{number} worker(s) at work on this database{start}"
    running = is_running(store, connection)
    return "a host is at work on this database" if running else "no host is at work on this database"


def _parts(options: Options, configuration: Configuration, connection: Connection) -> Iterator[str]:
    surroundings = Surroundings.of(configuration)
    yield from _adapters(options.adapters, surroundings)
    zone = ZoneInfo(configuration.settings.timezone)
    for gateway in configuration.gateways:
        yield f"gateway {gateway.id}: {gateway.dialect}, {_where(gateway)}"
        if _fetches(gateway):
            yield from _phone(connection, gateway.id, zone)
    yield from _strangers(connection, surroundings)


def _adapters(folder: Path, surroundings: Surroundings) -> Iterator[str]:
    """What a start would make of the folders as they are now; a running host has them as it found them."""
    try:
        adapters = load_adapters(folder, surroundings)
    except BrokenAdapter as error:
        yield lines(error)
        return
    adapters.close()
    for name in adapters.by_name:
        yield f"adapter {name}: would load"
    for broken in adapters.broken:
        yield f"adapter would not load: {lines(broken)}"


def _health(connection: Connection, zone: tzinfo) -> Iterator[str]:
    """Gateways and adapters that a person should look after."""
    for gateway in circuits.left_alone(connection):
        since = clock.show(gateway.since, zone)
        yield f"gateway {shown(gateway.gateway)}: circuit open since {since} because {shown(gateway.reason)}"
    waiting = history.parked(connection)
    for row in health.read(connection):
        name = shown(row.adapter)
        if row.quarantined_at is not None:
            since = clock.show(row.quarantined_at, zone)
            number = waiting.get(row.adapter, 0)
            yield f"adapter {name}: in QUARANTINE since {since}, {number} text(s) wait: {lines(row.reason)}"
            yield f"    look at the story of that text, mend the adapter, then say: smshost resume {name}"
        elif row.waking_until is not None:
            yield f"adapter {name}: goes on, {waiting.get(row.adapter, 0)} text(s) that waited for it are taken up"
        elif row.failures:
            yield f"adapter {name}: {lines(row.reason)}"
        if row.overruns:
            last = clock.show(row.last_overrun_at, zone)
            yield f"adapter {name}: {row.overruns} run(s) of its handlers took too long, the last at {last}"


def _phone(connection: Connection, gateway: str, zone: tzinfo) -> Iterator[str]:
    """How a gateway does that fetches its texts: whether it still comes."""
    waiting, out = fetching.on_their_way(connection, gateway)
    seen = fetching.health(connection, gateway)
    polled, text_at = (seen.polled_at, seen.text_at) if seen else (None, None)
    heard = f"last polled {clock.show(polled, zone)}, last brought a text {clock.show(text_at, zone)}"
    by = f" ({shown(seen.agent)})" if seen and seen.agent else ""
    yield f"    {heard}{by}; {waiting} text(s) wait for it, {out} fetched and not confirmed"
    if seen and seen.alerted_at is not None:
        yield f"    its last alert, {clock.show(seen.alerted_at, zone)}: {shown(seen.alert)}"


def _fetches(gateway: GatewayConfig) -> bool:
    dialect = dialects().get(gateway.dialect)
    return dialect is not None and dialect.features.pull


def _where(gateway: GatewayConfig) -> str:
    if _fetches(gateway):
        return "fetches its texts"
    return f"{gateway.hostname}:{gateway.port}" if gateway.hostname else "no hostname"


def _strangers(connection: Connection, surroundings: Surroundings) -> Iterator[str]:
    for gateway, number in history.waiting(connection):
        if gateway not in surroundings.gateways:
            yield f"gateway {shown(gateway)}: SMSConfig.xml does not have it, and {number} text(s) wait for it"
