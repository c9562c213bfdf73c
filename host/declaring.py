"""What an adapter declares while its folder loads; nothing of it counts until the whole folder has loaded."""

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from host import filters
from host.adapters import ANY_GATEWAY, EventSource, Function, Handler, Poll
from host.errors import Place, WLError
from host.filters import Filter

_CALLBACKS = ("onUserSubscribe", "onUserUnsubscribe", "onDeviceSubscribe", "onDeviceUnsubscribe", "onUserChange")
_OPTIONS = {"name", "poll", "securityTest", *_CALLBACKS}

#: The methods that make handlers, with the arguments they take.
SMS, USSD, EVENT = "createSMSEventHandler", "createUSSDEventHandler", "createEventHandler"
_ARGUMENTS = {SMS: "(filter, handler, gatewayId)", USSD: "(filter, handler)", EVENT: "(filter, handler)"}


@dataclass(frozen=True)
class Draft:
    """A handler that was created but not yet set: what ``createSMSEventHandler`` and its like give; ``place``: where.

    ``kind``: the method that made it.
    """

    filter: Filter
    handler: Function | str
    gateway: str
    place: Place = field(default=Place(""), repr=False)
    kind: str = SMS


@dataclass
class Declaration:
    """One adapter's declarations.

    ``gateways``: the ids that SMSConfig.xml configures. ``caller``: the line of the adapter that calls WL.
    ``told``: what the log was told of once.
    """

    adapter: str
    properties: Mapping[str, str]
    gateways: Collection[str]
    sources: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    caller: Callable[[], Place] = field(default_factory=lambda: _caller)
    told: set[str] = field(default_factory=set)

    def create_event_source(self, options: Mapping[str, Any]) -> None:
        """Check and keep an event source's options."""
        if not isinstance(options, Mapping):
            raise WLError(f"createEventSource takes an object of options, not {options!r:.200}")
        name = options.get("name")
        if not isinstance(name, str) or not name or "." in name:
            raise WLError(f"createEventSource needs a name without dots, not {name!r:.200}")
        if name in self.sources:
            raise WLError(f'createEventSource was called twice for "{name}"')
        unknown = sorted(set(options) - _OPTIONS)
        if unknown:
            raise WLError(
                f'createEventSource "{name}" has no option "{unknown[0]}" (it has: {", ".join(sorted(_OPTIONS))})'
            )
        _check_poll(name, options.get("poll"))
        self.sources[name] = dict(options)
        self.places[name] = self.caller()

    def create_handler(self, filter_: Filter, handler: Any, gateway: str = ANY_GATEWAY, kind: str = SMS) -> Draft:
        """Check a handler's parts; it counts once it is set. ``kind``: the method that makes it."""
        if handler is None:
            raise WLError(
                f"{kind} was called without a handler: its arguments are {_ARGUMENTS[kind]}. "
                "Is its closing bracket right behind the filter?"
            )
        if not callable(handler) and not isinstance(handler, str):
            raise WLError(f"{kind}'s handler is a function, not {handler!r:.200}")
        if kind != EVENT:  # those filter on what this host knows nothing of
            filter_ = filters.with_spelled_numbers(filter_)
            if problem := filters.problem(filter_):
                raise WLError(f"{kind}: {problem}")
        if gateway != ANY_GATEWAY and gateway not in self.gateways:
            names = ", ".join(self.gateways) or "none"
            raise WLError(f'createSMSEventHandler: no gateway "{gateway}" in SMSConfig.xml (there are: {names})')
        return Draft(filter_, handler, gateway, self.caller(), kind)

    def set_handlers(self, drafts: Iterable[Draft]) -> None:
        """Replace this adapter's handlers."""
        if not isinstance(drafts, Iterable) or isinstance(drafts, str | Mapping):
            given = "one handler" if isinstance(drafts, Draft) else repr(drafts)
            raise WLError(f"setEventHandlers takes a list, not {given}: write setEventHandlers([...])")
        drafts = list(drafts)
        for draft in drafts:
            if not isinstance(draft, Draft):
                raise WLError(
                    f"setEventHandlers takes what createSMSEventHandler gives, not {draft!r}. Did a "
                    "createSMSEventHandler close its bracket before its handler and gateway id?"
                )
        self.drafts = drafts

    def handlers(self, scope: Mapping[str, Any], kind: str = SMS) -> tuple[Handler, ...]:
        """The handlers of a kind that were set last, with functions found in the adapter's top level."""
        handlers: list[Handler] = []
        for draft in (each for each in self.drafts if each.kind == kind):
            function = _function(draft.handler, scope, kind, draft.place)
            base = f"{self.adapter}.{getattr(function, '__name__', 'handler')}"
            twins = sum(handler.id.partition("#")[0] == base for handler in handlers)
            id_ = f"{base}#{twins + 1}" if twins else base
            handlers.append(Handler(id_, self.adapter, draft.filter, function, draft.gateway))
        return tuple(handlers)

    def event_sources(self, scope: Mapping[str, Any]) -> tuple[EventSource, ...]:
        """The event sources, with functions found in the adapter's top level."""
        return tuple(self._event_source(name, options, scope) for name, options in self.sources.items())

    def _event_source(self, name: str, options: Mapping[str, Any], scope: Mapping[str, Any]) -> EventSource:
        where = f'event source "{name}"'
        callbacks = {
            callback: _function(options[callback], scope, f"{callback} of {where}", self.places[name])
            for callback in _CALLBACKS
            if options.get(callback) is not None
        }
        poll, test = None, str(options.get("securityTest") or "")
        if given := options.get("poll"):
            on_poll = _function(given["onPoll"], scope, f"onPoll of {where}", self.places[name])
            poll = Poll(float(given["interval"]), on_poll)
        return EventSource(self.adapter, name, callbacks, poll, test)


_current: ContextVar[Declaration | None] = ContextVar("smshost_declaration", default=None)


def current_or_none() -> Declaration | None:
    """The declaration of the adapter that is loading in this thread, if one is."""
    return _current.get()


def current(method: str) -> Declaration:
    """The declaration of the adapter that is loading; raises :class:`WLError` once it has loaded."""
    declaration = _current.get()
    if declaration is None:
        raise WLError(f"{method} declares, and declares at the top level of an adapter only, while its folder loads")
    return declaration


@contextmanager
def declaring(declaration: Declaration) -> Iterator[Declaration]:
    """Bind ``WL`` to an adapter that loads."""
    token = _current.set(declaration)
    try:
        yield declaration
    finally:
        _current.reset(token)


def _check_poll(name: str, poll: Any) -> None:
    if poll is None:
        return
    if not isinstance(poll, Mapping) or not {"interval", "onPoll"} <= set(poll):
        raise WLError(f'event source "{name}": poll is {{"interval": seconds, "onPoll": function}}, not {poll!r:.200}')
    interval = poll["interval"]
    if isinstance(interval, bool) or not isinstance(interval, int | float) or not 0 < interval <= 86_400 * 366:
        raise WLError(f'event source "{name}": poll.interval is a number of seconds above 0, not {interval!r:.200}')


def why_never_run(function: Function) -> str:
    """Why calling this function would not run it, fit to follow its name; "" where it would."""
    if flaw := getattr(function, "flaw", ""):
        return str(flaw)
    called = function if inspect.isroutine(function) else getattr(function, "__call__", function)  # noqa: B004
    for each in (function, called):
        if inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each):
            return 'is an "async def", which this host never awaits: write "def"'
        if inspect.isgeneratorfunction(each):
            return "yields, and would never be run: write a function that returns"
    return ""


def _function(given: Any, scope: Mapping[str, Any], where: str, place: Place) -> Function:
    """A function, or the one of this name in the adapter's top level; ``place``: where it was named."""
    function: Function | None = scope.get(given) if isinstance(given, str) else given
    if not callable(function):
        raise WLError(f"{where}: the adapter has no function {given!r:.200}", place)
    if why := why_never_run(function):
        raise WLError(f"{where}: {getattr(function, '__name__', repr(function))} {why}", place)
    return function


def _caller() -> Place:
    """The line of the adapter that called WL: the first frame outside the host."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "host":
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno) if frame else Place("")
