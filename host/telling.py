"""Gateways that want to hear what became of the texts they brought (RapidPro) are told, by way of the outbox."""

from host import clock
from host.runtime import Runtime, queue_of
from host.store import tellings
from host.store.tellings import Telling

_WINDOW = 5_000  # ids looked at in one go


def are_wanted(runtime: Runtime) -> bool:
    """Whether any gateway wants to be told."""
    return any(gateway.tells for gateway in runtime.gateways.values())


def tell(runtime: Runtime, place: int | None) -> int | None:
    """Queue what is to be told of the newest texts, and of those before ``place``; gives the place for the next time.

    Raises :class:`StoreUnavailable`.
    """
    since = clock.now() - int(runtime.configuration.settings.reports_retry * 1000)
    found, end = _look(runtime, since, None)
    if end is not None:
        older, end = _look(runtime, since, place if place is not None else end)
        found += older
    wanted = {each for each in found if each.word in runtime.gateways[each.gateway].tells}
    if wanted:
        wakes = {queue_of(each.gateway) for each in wanted}
        runtime.store.write(tellings.queue, *sorted(wanted, key=lambda each: each.inbox_id), wakes=wakes)
    return end


def _look(runtime: Runtime, since: int, high: int | None) -> tuple[list[Telling], int | None]:
    gateways = [gateway.id for gateway in runtime.gateways.values() if gateway.tells]
    with runtime.store.read() as connection:
        return tellings.look(connection, gateways, since, high, _WINDOW)
