"""Everything a running host consists of; verbs are functions that take it."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from host.access import AccessRules
from host.adapters import Adapters
from host.config import Configuration
from host.engine.working import Engine
from host.gateways.base import Gateway
from host.phone import normalise
from host.retry import RetryPolicy
from host.store import Store
from host.store.effects import Effects
from host.store.waking import Waking
from host.transport import Transport

HANDLING = "handling"
BROADCASTS = "broadcasts"


@dataclass(frozen=True)
class Known:
    """What a process knows of adapters.

    ``shut``: those in quarantine, and why. ``failing``: those whose last text failed. ``ended``: when the last
    quarantine of which ended; None before it was read. ``until``: up to this text one may have an earlier one of its
    phone behind it, that waited for a quarantine which has ended; 0 for none. ``waking``: the adapters that go on and
    have texts which wait still.
    """

    shut: Mapping[str, str] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()
    ended: Mapping[str, int] | None = None
    until: int = 0
    waking: tuple[Waking, ...] = ()


@dataclass
class Ward:
    """What this process last read of adapters (:mod:`host.quarantine`); ``stale``: it has written of them since."""

    known: Known = Known()
    stale: bool = True
    reading: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Running:
    """A handler at work on a text. ``began``: :func:`time.monotonic`. ``overran``: that it runs long has been told."""

    inbox_id: int
    handler: str
    began: float
    overran: bool = False
    ended: bool = False


def _nothing(_: Running) -> None:
    """Nobody else need know."""


@dataclass
class Watch:
    """The handlers at work in this process, by thread (:mod:`host.overruns`).

    ``on_overrun`` is called for each that runs beyond its limit, while it runs; then ``on_overrun_end``, once it ended.
    """

    running: dict[int, Running] = field(default_factory=dict)
    telling: threading.Lock = field(default_factory=threading.Lock)
    on_overrun: Callable[[Running], None] = _nothing
    on_overrun_end: Callable[[Running], None] = _nothing


@dataclass
class Runtime:
    """The parts of one host, wired by :mod:`host.app`; ``adapters`` is set once they are loaded."""

    configuration: Configuration
    gateways: Mapping[str, Gateway]
    rules: AccessRules
    store: Store
    transport: Transport
    engine: Engine
    adapters: Adapters = field(default_factory=Adapters)
    ward: Ward = field(default_factory=Ward)
    watch: Watch = field(default_factory=Watch)

    def number(self, raw: str) -> str:
        """A phone number in this host's spelling."""
        return normalise(raw, self.configuration.settings.region)

    @property
    def handling_policy(self) -> RetryPolicy:
        """When a text whose handler raised is tried again."""
        settings = self.configuration.settings
        return RetryPolicy(settings.handling_attempts, settings.handling_first_wait, settings.handling_longest_wait)

    @property
    def sending_policy(self) -> RetryPolicy:
        """When a text that a gateway did not take is offered again."""
        settings = self.configuration.settings
        return RetryPolicy(settings.sending_attempts, settings.sending_first_wait, settings.sending_longest_wait)


def queue_of(gateway: str) -> str:
    """The name of a gateway's queue in the engine."""
    return f"sending-{gateway}"


def queues_of(effects: Iterable[Effects]) -> set[str]:
    """The queues that have new rows once these effects are committed."""
    some = [each for each in effects if each.texts]
    sending = {queue_of(gateway) for each in some for gateway in each.gateways()}
    return {*sending, BROADCASTS} if any(each.announces() for each in some) else sending
