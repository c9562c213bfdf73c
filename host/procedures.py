"""Running an adapter's functions: the call they run in, what they do collected beside it, and procedures by name."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from host import clock
from host.adapters import Function
from host.callers import ClientRequest
from host.errors import ScriptError, StoreUnavailable, WLError, told
from host.messages import Identity
from host.runtime import Runtime
from host.store.effects import Effects, Queued
from host.store.subscriptions import Subscribers

log = logging.getLogger(__name__)

_MOST_SAID = 1000  # characters of what a procedure raised, to its caller


@dataclass(frozen=True)
class Waiting:
    """A gateway's request that waits for what is texted through it to a phone; ``until``: when that may be sent."""

    gateway: str
    phone: str
    until: int


@dataclass
class Call:
    """One run of an adapter's function.

    ``effects``: what it did so far, not yet stored. ``inbox_id``: the text it answers, if any. ``cause``: what makes
    its texts unique, or ``""`` where nothing repeats them. ``stored``: what is known of subscriptions,
    where calls share that. ``identity``: whose call it is, None where nobody was asked. ``request`` makes what it came
    by, where that was a request or a text. ``deadline``: until when it may run (:func:`time.monotonic`), where
    something ends it then. ``waiting``: whose request waits for what it texts to that phone, where one does.
    """

    runtime: Runtime
    adapter: str
    inbox_id: int | None = None
    cause: str = ""
    effects: Effects = field(default_factory=Effects)
    ended: bool = False
    stored: Subscribers | None = None
    identity: Identity | None = None
    request: Callable[[], ClientRequest] | None = None
    deadline: float | None = None
    waiting: Waiting | None = None

    @property
    def subscribers(self) -> Subscribers:
        """What is stored of subscriptions; without what this call did."""
        if self.stored is None:
            self.stored = Subscribers(self.runtime.store.read)
        return self.stored

    def queue(self, gateway: str, receiver: str, text: str, event_source: str) -> None:
        """Put a text among the effects."""
        cause = f"{self.cause}/{len(self.effects.texts) + 1}" if self.cause else None
        waiting = self.waiting
        taken_along = waiting is not None and (waiting.gateway, waiting.phone) == (gateway, receiver)
        due_at = waiting.until if waiting is not None and taken_along else 0
        self.effects.texts.append(
            Queued(gateway, receiver, text, event_source, clock.now(), cause, self.inbox_id, due_at)
        )


_current: ContextVar[Call | None] = ContextVar("smshost_call", default=None)


def current_or_none() -> Call | None:
    """The call that is running in this thread, if one is."""
    return _current.get()


def current() -> Call:
    """The call that is running; raises :class:`WLError` outside of one."""
    call = _current.get()
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
    """Run an adapter's function with WL bound to the call; gives what it returns, raises what it raises.

    Where the database failed it, :class:`StoreUnavailable` is raised also where the function caught that.
    """
    outermost = _current.get() is not call
    if outermost and call.stored is not None:
        call.stored.failed = None
    with running(call):
        result = function(*arguments)
    if call.stored is not None and call.stored.failed is not None:
        raise call.stored.failed
    return result


def invoke(call: Call, adapter: str, name: str, arguments: Sequence[Any]) -> dict[str, Any]:
    """Run a declared procedure inside a call, as ``WL.Server.invokeProcedure`` does.

    Gives its result plus ``isSuccessful``. A procedure that raises leaves none of its effects but a traceback in the
    log, and gives ``isSuccessful: false`` with ``errors``. Raises :class:`WLError` for an unknown procedure.
    """
    _, function = call.runtime.adapters.procedure(adapter, name)
    before = call.effects.copy()
    caller, call.adapter = call.adapter, adapter
    try:
        return as_result(run(call, function, *arguments))
    except (StoreUnavailable, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001 - an adapter's mistakes, sys.exit() too, are the caller's to judge
        call.effects = before
        log.error("procedure %s.%s failed\n%s", adapter, name, told(error))
        said = error.summary if isinstance(error, ScriptError) else f"{type(error).__name__}: {error}"
        return failed(said[:_MOST_SAID])
    finally:
        call.adapter = caller


def failed(why: str) -> dict[str, Any]:
    """The result of a procedure that did not succeed, as IBM shows it."""
    return {"isSuccessful": False, "errors": [why]}


def as_result(value: Any) -> dict[str, Any]:
    """What a procedure returned, as IBM shows it: an object with ``isSuccessful``; other values become ``result``."""
    given = dict(value) if isinstance(value, Mapping) else {} if value is None else {"result": value}
    return {"isSuccessful": True, **given}
