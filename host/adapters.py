"""What adapters declared: event sources, event handlers, procedures, and the folders that could not be loaded."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from host.config.manifest import Procedure
from host.errors import BrokenAdapter, WLError
from host.filters import Filter, Index

Function = Callable[..., Any]

#: As a handler's gateway id: texts from every gateway (our extension).
ANY_GATEWAY = "*"


@dataclass(frozen=True)
class Poll:
    """``interval``: seconds between two runs of ``run``."""

    interval: float
    run: Function


@dataclass(frozen=True)
class EventSource:
    """Something phones subscribe to; ``callbacks`` by IBM's names (``onUserSubscribe`` and so on)."""

    adapter: str
    name: str
    callbacks: Mapping[str, Function] = field(default_factory=dict)
    poll: Poll | None = None

    @property
    def id(self) -> str:
        """``Adapter.name``, as adapters name it."""
        return f"{self.adapter}.{self.name}"


@dataclass(frozen=True)
class Handler:
    """What a text that passes ``filter`` is given to; ``id`` is stable across restarts and names it in stories."""

    id: str
    adapter: str
    filter: Filter
    function: Function
    gateway: str


@dataclass(frozen=True)
class Adapter:
    """A loaded adapter folder."""

    name: str
    event_sources: tuple[EventSource, ...] = ()
    handlers: tuple[Handler, ...] = ()
    procedures: Mapping[str, tuple[Procedure, Function]] = field(default_factory=dict)


class Adapters:
    """Every adapter of this host; immutable once built."""

    def __init__(self, loaded: Iterable[Adapter] = (), broken: Iterable[BrokenAdapter] = ()) -> None:
        self.by_name = {adapter.name: adapter for adapter in sorted(loaded, key=lambda each: each.name)}
        self.broken = tuple(broken)
        self.event_sources = {
            source.id: source for adapter in self.by_name.values() for source in adapter.event_sources
        }
        handlers = [handler for adapter in self.by_name.values() for handler in adapter.handlers]
        self._index = Index((handler.filter, handler) for handler in handlers)

    def handlers_for(self, parameters: Mapping[str, str], gateway: str) -> list[Handler]:
        """The handlers a text is for: adapters by name, then in the order of registration."""
        return [each for each in self._index.match(parameters) if each.gateway in (ANY_GATEWAY, gateway)]

    def event_source(self, event_source_id: str) -> EventSource:
        """An event source by its qualified name; raises :class:`WLError` naming those that exist."""
        source = self.event_sources.get(event_source_id)
        if source is None:
            names = ", ".join(sorted(self.event_sources)) or "none"
            raise WLError(f'no event source "{event_source_id}" (there are: {names})')
        return source

    def procedure(self, adapter: str, name: str) -> tuple[Procedure, Function]:
        """A declared procedure; raises :class:`WLError` where the manifest declares none of that name."""
        if adapter not in self.by_name:
            names = ", ".join(self.by_name) or "none"
            raise WLError(f'no adapter "{adapter}" (there are: {names}; smshost check tells why one did not load)')
        procedures = self.by_name[adapter].procedures
        if name not in procedures:
            raise WLError(
                f'adapter "{adapter}" declares no procedure "{name}" (declared: {", ".join(procedures) or "none"})'
            )
        return procedures[name]
