"""Everything a running host consists of; verbs are functions that take it."""

from collections.abc import Iterable, Mapping
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
from host.transport import Transport

HANDLING = "handling"
BROADCASTS = "broadcasts"


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
