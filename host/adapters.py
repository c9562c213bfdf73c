"""What adapters declared: event sources, event handlers, procedures, and the folders that could not be loaded."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from host.config.connectivity import ConnectionPolicy
from host.config.manifest import Procedure
from host.errors import BrokenAdapter, WLError
from host.filters import Filter, Index

Function = Callable[..., Any]

#: The package that adapters in Python are imported into.
PACKAGE = "smshost_adapters"

_BUSY_SECONDS = 0.1

#: As a handler's gateway id: texts from every gateway (our extension).
ANY_GATEWAY = "*"


@dataclass(frozen=True)
class Poll:
    """``interval``: seconds between two runs of ``run``."""

    interval: float
    run: Function


@dataclass(frozen=True)
class EventSource:
    """Something phones subscribe to; ``callbacks`` by IBM's names (``onUserSubscribe`` and so on).

    ``security_test``: what it was declared with, for nothing here asks for it.
    """

    adapter: str
    name: str
    callbacks: Mapping[str, Function] = field(default_factory=dict)
    poll: Poll | None = None
    security_test: str = ""

    @property
    def id(self) -> str:
        """``Adapter.name``, as adapters name it."""
        return f"{self.adapter}.{self.name}"


@dataclass(frozen=True)
class Handler:
    """What a text, or a USSD request, that passes ``filter`` is given to.

    ``id`` is stable across restarts and names it in stories and logs.
    """

    id: str
    adapter: str
    filter: Filter
    function: Function
    gateway: str


class Occupied(Protocol):
    """What one call at a time may have: the process of a JavaScript adapter."""

    def reserve(self, seconds: float) -> bool:
        """Hold it until :meth:`leave`; False where another has held it for so long already."""

    def leave(self) -> None:
        """End :meth:`reserve`."""

    def close(self) -> None:
        """End what it holds of the system; it begins anew where it is needed."""


@dataclass(frozen=True)
class Adapter:
    """A loaded adapter folder.

    ``script``: what its functions run in, where that is not this process. ``connection``: its back end, or None where
    its manifest names none. ``unfired``: the ids of handlers of events that this host does not have. ``told``: what the
    log was told of once.
    """

    name: str
    event_sources: tuple[EventSource, ...] = ()
    handlers: tuple[Handler, ...] = ()
    procedures: Mapping[str, tuple[Procedure, Function]] = field(default_factory=dict)
    connection: ConnectionPolicy | None = None
    folder: Path = Path()
    script: Occupied | None = None
    ussd_handlers: tuple[Handler, ...] = ()
    unfired: tuple[str, ...] = ()
    told: set[str] = field(default_factory=set)

    def close(self) -> None:
        """End what it holds of the system; it begins anew where it is needed."""
        if self.script is not None:
            self.script.close()


class Adapters:
    """Every adapter of this host; immutable once built."""

    def __init__(self, loaded: Iterable[Adapter] = (), broken: Iterable[BrokenAdapter] = ()) -> None:
        self.by_name = {adapter.name: adapter for adapter in sorted(loaded, key=lambda each: each.name)}
        self.broken = tuple(broken)
        self.event_sources = {
            source.id: source for adapter in self.by_name.values() for source in adapter.event_sources
        }
        self._scripts = {adapter.name: adapter.script for adapter in self.by_name.values() if adapter.script}
        each_of = self.by_name.values()
        self._index = Index((each.filter, each) for adapter in each_of for each in adapter.handlers)
        self._ussd_index = Index((each.filter, each) for adapter in each_of for each in adapter.ussd_handlers)

    def handlers_for(self, parameters: Mapping[str, str], gateway: str) -> list[Handler]:
        """The handlers a text is for: adapters by name, then in the order of registration."""
        return [each for each in self._index.match(parameters) if each.gateway in (ANY_GATEWAY, gateway)]

    def ussd_handlers_for(self, asked: Mapping[str, str]) -> list[Handler]:
        """The handlers that a USSD request may be for, in the same order; the first whose filter it passes answers."""
        return self._ussd_index.match(asked)

    def unloaded(self) -> str:
        """The folders that could not be loaded, in one line; "" where there are none."""
        return ", ".join(each.folder or str(each.problem.place) for each in self.broken)

    @contextmanager
    def reserved(self, names: Collection[str]) -> Iterator["Reserved | None"]:
        """Hold the scripts of these adapters; None where one has been busy with another call for a while."""
        reserved = Reserved({name: self._scripts[name] for name in sorted(self._scripts.keys() & set(names))})
        try:
            yield reserved if reserved.take() else None
        finally:
            reserved.leave()

    def close(self) -> None:
        """End what adapters hold of the system; it begins anew where it is needed."""
        for adapter in self.by_name.values():
            adapter.close()

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


class Reserved:
    """Scripts that are held for the handlers of one text, which run adapter by adapter."""

    def __init__(self, scripts: Mapping[str, Occupied]) -> None:
        self._scripts = scripts
        self._held: dict[str, Occupied] = {}

    def take(self) -> bool:
        """Hold them all, in the order of their names; False where one has been busy with another call for a while."""
        for name, script in self._scripts.items():
            if not script.reserve(_BUSY_SECONDS):
                return False
            self._held[name] = script
        return True

    def reach(self, adapter: str) -> None:
        """Its handlers run now: what ran before needs its script no more.

        One in Python may hang, and then holds no script at all: those behind it wait for their turn as any call does.
        """
        for name in [each for each in self._held if adapter not in self._scripts or each < adapter]:
            self._held.pop(name).leave()

    def leave(self) -> None:
        """Hold nothing any more."""
        while self._held:
            self._held.popitem()[1].leave()
