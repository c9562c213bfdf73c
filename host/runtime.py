"""Everything a running host consists of; verbs are functions that take it."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from host.access import AccessRules
from host.adapters import Adapters
from host.backends import Backends
from host.config import Configuration
from host.engine.alone import Alone
from host.engine.awaiting import Awaiting
from host.engine.bounded import Bounded, Shares
from host.engine.working import Engine
from host.gateways.base import Gateway
from host.phone import normalise
from host.retry import RetryPolicy
from host.store import Store, answers, polls
from host.store.effects import Effects
from host.store.slate import Slate
from host.store.waking import Waking
from host.transport import Transport

HANDLING = "handling"
BROADCASTS = "broadcasts"

_DIALOGUES = 16  # handlers at the same time, and as many callers that wait: a third of the threads of `smshost serve`
_HANGING = 8  # of them, of one adapter


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


def _nothing() -> None:
    """Nobody else need know."""


@dataclass
class Watch:
    """The handlers at work in this process, by thread (:mod:`host.overruns`).

    ``held_up`` is called for a thread that a handler keeps for long, while it runs; then ``goes_on``, once it ended.
    """

    running: dict[int, Running] = field(default_factory=dict)
    telling: threading.Lock = field(default_factory=threading.Lock)
    held_up: Callable[[], None] = _nothing
    goes_on: Callable[[], None] = _nothing


@dataclass
class Runtime:
    """The parts of one host, wired by :mod:`host.app`; ``adapters`` is set once they are loaded.

    ``load``: what loads them in a process that does so at first need (:meth:`loaded`); None once that was done.
    ``dialogues``: the threads of USSD handlers; ``shares``: what of them one adapter may keep.
    ``awaiting``: requests that wait for their texts to be handled.
    ``backends``: whom adapters ask over HTTP. ``slate``: what is under way, for who comes after this process;
    ``alone``: the texts being handled, some of which must have the process for themselves (:mod:`host.salvaging`).
    """

    configuration: Configuration
    gateways: Mapping[str, Gateway]
    rules: AccessRules
    store: Store
    transport: Transport
    engine: Engine
    adapters: Adapters = field(default_factory=Adapters)
    ward: Ward = field(default_factory=Ward)
    watch: Watch = field(default_factory=Watch)
    slate: Slate = field(default_factory=Slate)
    alone: Alone = field(default_factory=Alone)
    backends: Backends = field(default_factory=Backends)
    dialogues: Bounded = field(default_factory=lambda: Bounded(_DIALOGUES))
    shares: Shares = field(default_factory=lambda: Shares(_HANGING))
    awaiting: Awaiting = field(init=False)
    load: Callable[[], Adapters] | None = None
    loading: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.awaiting = Awaiting(self._handled)

    def _handled(self, numbers: Collection[int]) -> set[int]:
        with self.store.read() as connection:
            return answers.finished(connection, numbers)

    def loaded(self) -> Adapters:
        """The adapters, for a door that calls them: a process that only receives loads them at first need, once."""
        if self.load is not None:
            with self.loading:
                if self.load is not None:
                    self.adapters = self.load()
                    self.load = None
        return self.adapters

    def close_adapters(self) -> None:
        """End the adapters; none are loaded after it."""
        with self.loading:
            self.load = None
            self.adapters.close()

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


def commit(runtime: Runtime, effects: Effects) -> None:
    """Commit what a call from outside did; for nothing no database is asked.

    Raises :class:`~host.errors.StoreUnavailable`, and :class:`~host.errors.Unstorable` where the database refuses it.
    """
    if effects:
        runtime.store.write(polls.commit, effects, wakes=queues_of([effects]))


def queue_of(gateway: str) -> str:
    """The name of a gateway's queue in the engine."""
    return f"sending-{gateway}"


def queues_of(effects: Iterable[Effects]) -> set[str]:
    """The queues that have new rows once these effects are committed."""
    some = [each for each in effects if each.texts]
    sending = {queue_of(gateway) for each in some for gateway in each.gateways()}
    return {*sending, BROADCASTS} if any(each.announces() for each in some) else sending
