"""Writing down what is offered to a gateway and how it ended, however long it takes and whatever is refused."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from host.engine.lanes import Item
from host.errors import StoreUnavailable, Unstorable
from host.store import Store, submissions
from host.store.states import Outcome
from host.store.submissions import Begun, Ended, Turn

log = logging.getLogger(__name__)

_STORE_SECONDS = 1.0
_STOP_SECONDS = 20.0  # of the 30 that a stop may take: what an offer came to is insisted on for so long
_UNREADABLE = "the gateway's answer cannot be stored"

Settled = list[tuple[Item[Any], bool]]


@dataclass
class Ends:
    """Offers that ended or were not made, and the items that are settled once that is written."""

    ended: list[Ended] = field(default_factory=list)
    withdrawn: list[Begun] = field(default_factory=list)
    settled: Settled = field(default_factory=list)


class Ledger:
    """One gateway's turns; ``release`` is told of items once they are settled, False beside those to be tried again.

    ``unmade``: told of the references of offers that were not made, once that is written down.
    """

    def __init__(
        self,
        store: Store,
        stopping: threading.Event,
        release: Callable[[Settled], None],
        unmade: Callable[[list[str]], None],
    ) -> None:
        self._store = store
        self._stopping = stopping
        self._release = release
        self._unmade = unmade
        self._stopping_since: float | None = None

    def begin(self, begun: Sequence[Begun], taken: Sequence[int], owner: int | None) -> set[str]:
        """Write down what is about to be offered, and wait for it; gives the references of what may be."""
        return self._write(Turn(begun=begun, taken=taken, owner=owner))

    def end(self, ends: Ends) -> None:
        """Have it written down how offers ended; the thread goes on, and the next begins join the same commit."""

        def then(_: object, error: Exception | None) -> None:
            if error is None:
                self._close(ends)
            else:  # the writer's thread is not to wait
                threading.Thread(target=self._insist, args=(ends,), name="smshost-insist", daemon=True).start()

        try:
            self._store.submit(submissions.turn, Turn(ends.ended, ends.withdrawn), then)
        except StoreUnavailable:
            self._insist(ends)

    def _insist(self, ends: Ends) -> None:
        try:
            for each in ends.ended:
                self._write_somehow(each)
            self._write(Turn(withdrawn=ends.withdrawn))
        except Exception as error:  # noqa: BLE001 - whatever it is, their lanes must not wait for ever
            log.error("how %d offer(s) ended is not written down: %s", len(ends.ended), error)
            self._release([(item, False) for item, _ in ends.settled])
        else:
            self._close(ends)

    def _close(self, ends: Ends) -> None:
        self._unmade([each.reference for each in ends.withdrawn])
        self._release(ends.settled)

    def _write_somehow(self, ended: Ended) -> None:
        """Without the gateway's words where those cannot be stored; as unknown where its part was taken before."""
        wordless = replace(ended, exchange="", error=_UNREADABLE, gateway_message_id=None)
        twice = replace(wordless, outcome=Outcome.UNKNOWN, error=f"{ended.outcome}, and the same part was taken before")
        for each in (ended, wordless, twice):
            try:
                self._write(Turn([each]))
            except Unstorable as error:
                log.error("out-%d: how part %d ended cannot be stored: %s", *_named(each), error)
            else:
                return
        raise Unstorable("not even without the gateway's words")

    def _write(self, turn: Turn) -> set[str]:
        while True:
            try:
                return self._store.write(submissions.turn, turn)[0]
            except StoreUnavailable as error:
                log.error("offers are not written down yet: %s", error)
                if self._is_late():
                    raise

    def _is_late(self) -> bool:
        """Wait a while; whether the host has been stopping for so long that the next start must settle the rest."""
        if not self._stopping.is_set():
            self._stopping.wait(_STORE_SECONDS)
            return False
        if self._stopping_since is None:
            self._stopping_since = time.monotonic()
        left = self._stopping_since + _STOP_SECONDS - time.monotonic()
        if left > 0:
            time.sleep(min(left, _STORE_SECONDS))
        return left <= 0


def _named(ended: Ended) -> tuple[int, int]:
    return ended.begun.outbox_id, ended.begun.part
