"""USSD: a request from a phone's menu, answered by the first handler whose filter it passes, while the gateway waits.

The handler runs in a thread of its own and in the process that was asked. What it does is committed before the answer;
what it does after its caller heard the failure text never counts.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from host import overruns
from host.alphabet import clean
from host.callers import client_request
from host.errors import Busy, Overdue, StoreUnavailable, WLError, told
from host.filters import passes
from host.gateways import ussd as dialect
from host.given import Asked, Given, Headers, USSDRequest
from host.messages import HttpRequest, HttpResponse, Identity, USSDResponse, plain
from host.numerals import spelled
from host.parameters import decode, kind_of
from host.procedures import Call, run
from host.runtime import Runtime, commit
from host.store.effects import Effects

log = logging.getLogger(__name__)

USSD = "/ussd"
_CHARSETS = {"utf-8", "utf-16", "utf-16be", "utf-16le", "iso-8859-1", "iso-8859-15", "windows-1252", "us-ascii"}

_Show = Callable[[USSDResponse], HttpResponse]


def response(given: object, content_type: object = None, is_last: object = None) -> USSDResponse:
    """A checked response; None for a default. Raises :class:`WLError` naming what is wrong."""
    content = spelled(given)
    if not isinstance(content, str):
        raise WLError(f"the content of a USSD response is a string, not {content!r:.200}")
    if content_type is not None and not isinstance(content_type, str):
        raise WLError(f"the contentType of a USSD response is a string, not {content_type!r:.200}")
    if is_last is not None and not isinstance(is_last, bool):
        raise WLError(f"isLastMsg of a USSD response is true or false, not {is_last!r:.200}")
    words = clean(content)
    checked = USSDResponse(words, content_type or USSDResponse(words).contentType, bool(is_last))
    dialect.encoded(words, checked.contentType)
    return checked


def answer(runtime: Runtime, request: HttpRequest, identity: Identity | None = None) -> HttpResponse:
    """What a USSD request is answered with; 404 where no handler is for it.

    ``identity``: who asks, where that was asked.
    A handler that raises or takes too long leaves no effects, and the configured failure text is the answer. Raises
    :class:`~host.errors.BadCallback`, or :class:`StoreUnavailable` where nothing can be committed.
    """
    path = request.path.removeprefix(USSD)
    gateway = runtime.gateways.get(path.split("/")[1]) if path else None
    show = gateway.ussd if gateway else dialect.answer
    given = USSDRequest(Given(request.parameters.texts()), Headers(tuple(request.headers.items())), _body(request))
    deadline = time.monotonic() + runtime.configuration.settings.ussd_limit
    call = Call(runtime, "", identity=identity, request=partial(client_request, request), deadline=deadline)
    return _Turn(call, Asked(given, path), show).take()


def _body(request: HttpRequest) -> str:
    """The body as text; by a charset that Python knows and that costs no more than its length, else by UTF-8."""
    charset = kind_of(request.headers.get("content-type", ""))[1].get("charset", "").lower()
    return decode(request.body, charset if charset in _CHARSETS else "utf-8")


@dataclass
class _Answered:
    """What a handler said, and what it did."""

    said: HttpResponse
    is_last: bool
    effects: Effects


@dataclass
class _Turn:
    """One request and its handler. ``handler``: whose turn it is, for the log; ``before``: what comes before it.

    ``call``: the handler's, once it is known. ``began``: :func:`time.monotonic`.
    """

    call: Call
    asked: Asked
    show: _Show
    handler: str = ""
    before: str = "loading the adapters"
    began: float = field(default_factory=time.monotonic)

    def take(self) -> HttpResponse:
        limit = self.call.runtime.configuration.settings.ussd_limit
        try:
            answered = self.call.runtime.dialogues.run(self._run, limit, self._late)
            if answered is None:
                return self._unmatched()
            commit(self.call.runtime, answered.effects)
        except StoreUnavailable:
            raise
        except Overdue as overdue:
            return self._overdue(overdue, limit)
        except Busy as busy:
            log.error("%s was not called: %s", self, busy)
            return self._failure()
        except BaseException as error:  # noqa: BLE001 - an adapter's mistakes, sys.exit() too, or the store's refusal
            log.error("%s failed after %.3f s\n%s", self, self._seconds(), clean(told(error)))
            return self._failure()
        last = ", the last message" if answered.is_last else ""
        log.info("%s answered in %.3f s%s", self, self._seconds(), last)
        return answered.said

    def __str__(self) -> str:
        return f"ussd {self.asked.path:.200}: {self.handler or self.before}"

    def _run(self) -> _Answered | None:
        """Find the handler and let it answer; in a thread that its filter or itself may keep for ever."""
        self.began = time.monotonic()
        adapters = self.call.runtime.loaded()
        self.before = "a filter"
        for handler in adapters.ussd_handlers_for(self.asked):
            self.handler = handler.id
            if passes(handler.filter, self.asked):  # asked again: one that raises counted as passed
                self.call.adapter = handler.adapter
                with self.call.runtime.shares.share(handler.adapter, self.call.deadline or 0.0):
                    said = _response(run(self.call, handler.function, self.asked.request), handler.id)
                return _Answered(self.show(said), said.isLastMsg, self.call.effects)
        return None

    def _unmatched(self) -> HttpResponse:
        log.warning("ussd %.200s: no handler is for it", self.asked.path)
        if unloaded := self.call.runtime.adapters.unloaded():
            log.warning("ussd %.200s: meanwhile adapters are not loaded: %.500s", self.asked.path, unloaded)
        return plain(404, "Not Found")

    def _overdue(self, overdue: Overdue, limit: float) -> HttpResponse:
        if overdue.began:
            log.error(
                "%s has been running for %.1f s, longer than smshost.ussd.limitSeconds (%g)",
                self,
                self._seconds(),
                limit,
            )
            if self.handler:
                overruns.count(self.call.runtime, self.handler)
        else:
            log.error("ussd %.200s: no thread came free for its handler: others hang", self.asked.path)
        return self._failure()

    def _late(self) -> None:
        log.warning("%s has ended after %.1f s: what it did does not count", self, self._seconds())

    def _failure(self) -> HttpResponse:
        return self.show(USSDResponse(clean(self.call.runtime.configuration.settings.ussd_failure), isLastMsg=True))

    def _seconds(self) -> float:
        return time.monotonic() - self.began


def _response(returned: object, handler: str) -> USSDResponse:
    """What a handler returned; raises :class:`WLError` for what no phone can be shown."""
    if isinstance(returned, str):
        return response(returned)
    if isinstance(returned, USSDResponse):
        returned = vars(returned)
    if isinstance(returned, Mapping):
        return response(returned.get("content"), returned.get("contentType"), returned.get("isLastMsg"))
    raise WLError(f"{handler} returned {returned!r:.200}: a USSD handler returns what createUSSDResponse gives")
