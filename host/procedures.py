"""Running an adapter's functions: the call they run in, what they do collected beside it, and procedures by name."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from host import clock
from host.adapters import Function
from host.errors import StoreUnavailable, WLError
from host.runtime import Runtime
from host.store.effects import Effects, Queued
from host.store.subscriptions import Subscribers


@dataclass
class Call:
    """One run of an adapter's function.

    ``effects``: what it did so far, not yet stored. ``inbox_id``: the text it answers, if any. ``cause``: what makes
    its texts unique, or ``""`` where nothing repeats them. ``stored``: what is known of subscriptions,
    where calls share that.
    """

    runtime: Runtime
    adapter: str
    inbox_id: int | None = None
    cause: str = ""
    effects: Effects = field(default_factory=Effects)
    ended: bool = False
    stored: Subscribers | None = None

    @property
    def subscribers(self) -> Subscribers:
        """What is stored of subscriptions; without what this call did."""
        if self.stored is None:
            self.stored = Subscribers(self.runtime.store.read)
        return self.stored

    def queue(self, gateway: str, receiver: str, text: str, event_source: str) -> None:
        """Put a text among the effects."""
        cause = f"{self.cause}/{len(self.effects.texts) + 1}" if self.cause else None
        self.effects.texts.append(
            Queued(gateway, receiver, text, event_source, clock.now(), cause=cause, inbox_id=self.inbox_id)
        )


_current: ContextVar[Call | None] = ContextVar("smshost_call", default=None)


def current() -> Call:
    """The call that is running; raises :class:`WLError` outside of one."""
    call = _current.get(None)
    if call is None:
        raise WLError(
            "WL works while a procedure or handler runs, in the thread that runs it; while an adapter loads it only "
            "declares. Move this call into a function that the host calls."
        )
    if call.ended:
        raise WLError("the function that the host called has returned: what comes later has no effect any more")
    return call


@contextmanager
def running(call: Call) -> Iterator[Call]:
    """Bind WL to this call."""
    nested = _current.get() is call
    token = _current.set(call)
    try:
        yield call
    finally:
        _current.reset(token)
        call.ended = not nested


def run(call: Call, function: Function, *arguments: Any) -> Any:
    """Run an adapter's function with WL bound to the call; gives what it returns, raises what it raises."""
    with running(call):
        return function(*arguments)


def invoke(call: Call, adapter: str, name: str, arguments: Sequence[Any]) -> dict[str, Any]:
    """Run a declared procedure inside a call, as ``WL.Server.invokeProcedure`` does.

    Gives its result plus ``isSuccessful``. A procedure that raises leaves none of its effects, and gives
    ``isSuccessful: false`` with ``errors``. Raises :class:`WLError` for an unknown procedure.
    """
    _, function = call.runtime.adapters.procedure(adapter, name)
    before = call.effects.copy()
    caller, call.adapter = call.adapter, adapter
    try:
        return as_result(run(call, function, *arguments))
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - the caller decides what a failed procedure means
        call.effects = before
        return {"isSuccessful": False, "errors": [f"{type(error).__name__}: {error}"]}
    finally:
        call.adapter = caller


def as_result(value: Any) -> dict[str, Any]:
    """What a procedure returned, as IBM shows it: an object with ``isSuccessful``; other values become ``result``."""
    given = dict(value) if isinstance(value, Mapping) else {} if value is None else {"result": value}
    return {"isSuccessful": True, **given}
