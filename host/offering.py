"""Offering texts to a gateway: a thread takes some, writes down that they are begun, offers them, and has their ends
written while it goes on.

So what it costs to hand something to the writer and to wait for a commit is paid once for many texts, while no more
than some milliseconds' worth of them are of unknown fate when the process dies.
"""

import logging
import time
import traceback
from collections import Counter, deque
from collections.abc import Iterable, Set
from contextlib import suppress
from functools import partial
from queue import LifoQueue
from typing import Any

from sqlalchemy import Row

from host import clock, salvaging
from host.alphabet import clean
from host.engine.circuit import Circuit, Permit
from host.engine.lanes import Item
from host.engine.pace import Pace
from host.engine.pool import Slice
from host.engine.queue import Kind
from host.engine.rate import Rate
from host.errors import OutcomeUnknown, SendError, StoreUnavailable, TryLater
from host.gateways.base import Gateway
from host.ledger import Ends, Ledger
from host.offers import Offer, Text, ended, part_of, withdrawn
from host.runtime import Runtime, queue_of
from host.store import circuits, outbox, owners, recovery, submissions
from host.store.circuits import Standing
from host.store.recovery import Recover
from host.store.states import OutboxState, Outcome
from host.store.submissions import Begun, Ended
from host.transport import Line
from host.verdicts import Judge

log = logging.getLogger(__name__)

_RESTARTED = "the host stopped while the gateway was being spoken to; nobody knows whether it took the text"
_UNJUDGED = "what the gateway's answer means could not be told, the log says why"
_PRIORITIES = (0, 1)
_AT_ONCE = 0.010  # seconds' worth of texts that a thread begins at once, and that wait for their ends to be written
_SLOW = 0.25  # seconds after which a thread gives back what it has begun and not offered yet
_MOST = 8
_WRITING = 4  # to so many threads that offer comes one that waits for what it begins to be written down
_LEAST_REST = 0.001
_SURE = 4.0  # seconds for which a gateway stays whose it was: less than PostgreSQL waits for a worker that stands still


class Sender:
    """One gateway's sending: what may be taken when, its threads' slices, and what its answers mean."""

    def __init__(self, runtime: Runtime, gateway: Gateway) -> None:
        settings, unmade = runtime.configuration.settings, partial(salvaging.made, runtime)
        self._runtime = runtime
        self._store = runtime.store
        self._owner: int | None = None  # the number under which this process owns the gateway's sending
        self._known = 0.0  # monotonic seconds at which the database last said so
        self._lines: LifoQueue[Line] = LifoQueue()
        for _ in range(gateway.config.concurrency):
            self._lines.put(runtime.transport.open_line(gateway))
        self._stopping = runtime.engine.stopping
        self._gateway = gateway
        self._judge = Judge(runtime.sending_policy, gateway.config.on_unknown == "retry")
        self._rate = Rate(gateway.config.rate)
        self._pace = Pace(_AT_ONCE, _MOST)
        self._circuit = Circuit(settings.circuit_failures, settings.circuit_longest)
        self._probed: Counter[str] = Counter()  # how often a phone was probed with, since the circuit opened
        self._queue = runtime.engine.add_queue(
            Kind(
                queue_of(gateway.id),
                gateway.config.concurrency + 1 + gateway.config.concurrency // _WRITING,
                [partial(self._read, priority) for priority in _PRIORITIES],
                self._send,
                most=lambda: self._pace.pieces,
                allow=self._allow,
                rest=self._rest,
                choose=self._probe,
                begin=self._recover,
            )
        )
        self._ledger = Ledger(runtime.store, runtime.engine.stopping, self._queue.release, unmade)

    def _read(self, priority: int, after: int, most: int) -> list[Item[Row[Any]]]:
        with self._store.read() as connection:
            rows = outbox.due(connection, self._gateway.id, clock.steady(), after, most, priority=priority)
        return [Item(row.id, f"{priority}/{row.receiver}", row, row.behind) for row in rows]

    def _recover(self) -> None:
        """Settle what the process that owned this gateway's texts was sending when it died."""
        salvaging.salvage(self._runtime)
        policy, retries = self._judge.policy, self._judge.again
        self._owner = self._runtime.engine.number
        attempts, wait = policy.attempts if retries else 0, int(policy.first * 1000)
        given = Recover(self._gateway.id, _RESTARTED, attempts, wait, self._owner)
        ((held, again),) = self._store.write(recovery.recover, given)
        if held or again:
            log.warning("%s: %d text(s) HELD, %d offered again: %s", self._gateway.id, held, again, _RESTARTED)
        self._store.write(circuits.note, Standing(self._gateway.id, "closed", clock.now(), ""))

    def _allow(self, wanted: int) -> int:
        """How many of so many texts a thread may take now."""
        if self._circuit.rest() > 0:
            return 0
        turns = self._rate.take(1 if self._circuit.is_open else wanted)
        allowed = self._circuit.take(turns) if turns else 0
        self._rate.give_back(turns - allowed)
        return allowed

    def _probe(self, ready: Iterable[Item[Row[Any]]]) -> Item[Row[Any]] | None:
        """While the circuit is open, the text whose phone was tried least: it may be one text that ails the gateway."""
        return min(ready, key=lambda item: self._probed[item.key]) if self._circuit.is_open else None

    def _rest(self) -> float:
        return max(self._rate.rest(), self._circuit.rest(), _LEAST_REST)

    def _send(self, slice_: Slice[Row[Any]]) -> None:
        permit = self._circuit.enter()
        if permit is None:  # the circuit opened since they were taken
            return
        hands: dict[int, Item[Row[Any]]] = {item.id: item for item in slice_.take(permit.most)}
        try:
            if self._circuit.is_open:
                self._probed.update(item.key for item in hands.values())
            texts = [Text(item, self._gateway.splits, self._taken(item.work)) for item in hands.values()]
            while texts:
                texts = self._offer_all(self._begin(texts, hands), permit, hands)
        finally:  # what was not settled, because the store is away or something is wrong with us
            self._circuit.leave(permit)
            if hands:
                self._queue.release([(item, False) for item in hands.values()])

    def _taken(self, row: Row[Any]) -> Set[int]:
        if not row.attempts:
            return frozenset()
        with self._store.read() as connection:
            return submissions.parts_accepted(connection, row.id)

    def _begin(self, texts: list[Text], hands: dict[int, Item[Row[Any]]]) -> list[Offer]:
        """Write down what is about to be offered; gives what may be: some texts may have been settled elsewhere."""
        taken = [text.row.id for text in texts if not text.left]
        offers = [(text, text.begin()) for text in texts if text.left]
        salvaging.begun(self._runtime, [each.reference for _, each in offers])
        asked = time.monotonic()
        try:
            may = self._ledger.begin([begun for _, begun in offers], taken, self._owner)
        except Exception:  # it may be written down all the same
            self._ledger.end(withdrawn(offers, hands))
            raise
        if may:
            self._known = max(self._known, asked)
        begun = [offer for offer in offers if offer[1].reference in may]
        salvaging.made(self._runtime, {each.reference for _, each in offers} - may)
        gone = {text.row.id for text in texts} - {text.row.id for text, _ in begun}
        if gone:  # another owner may be sending those that were refused: their phones' next texts are not ours to begin
            self._queue.release([(hands.pop(number), number in taken) for number in gone])
        return begun

    def _offer_all(self, offers: list[Offer], permit: Permit, hands: dict[int, Item[Row[Any]]]) -> list[Text]:
        """Offer them one after the other; gives the texts that have more parts."""
        more: list[Text] = []
        line = self._lines.get()
        left = deque(offers)
        ends, started, oldest = Ends(), time.monotonic(), 0.0
        try:
            while left and self._may_offer(left[0][1], permit):
                if len(left) < len(offers) and time.monotonic() - started > _SLOW:
                    break
                text, begun = left.popleft()
                end = self._offer(text, begun, permit, line)
                ends.ended.append(end)
                if end.state is None:
                    more.append(text)
                else:
                    ends.settled.append((hands.pop(text.row.id), end.state is not OutboxState.WAITING))
                oldest = oldest or time.monotonic()
                if time.monotonic() - oldest > _AT_ONCE:
                    self._ledger.end(ends)
                    ends, oldest = Ends(), 0.0
        finally:
            self._lines.put(line)
            if left:
                self._ledger.end(withdrawn(left, hands))
            if ends.ended:
                self._ledger.end(ends)
        return more

    def _may_offer(self, begun: Begun, permit: Permit) -> bool:
        """Wait for the gateway's rate; whether the text may still be offered then."""
        wait = self._rate.turn(more=not begun.first)
        if wait and self._stopping.wait(wait):
            return False
        return self._circuit.allows(permit) and self._queue.kept() and self._is_ours()

    def _is_ours(self) -> bool:
        """Whether no other worker sends to this gateway: the process may have stood still since that was known."""
        asked = time.monotonic()
        if self._owner is None or asked - self._known < _SURE:
            return True
        with self._store.read() as connection:
            ours = owners.is_owner(connection, (self._gateway.id, self._owner))
        if ours:
            self._known = max(self._known, asked)
        return ours

    def _offer(self, text: Text, begun: Begun, permit: Permit, line: Line) -> Ended:
        """Offer a part; whatever goes wrong with it, it has an end."""
        try:
            return self._offered(text, begun, permit, line)
        except Exception as error:  # noqa: BLE001 - what a dialect's errors carry may be anything, secrets too
            where, kind = "".join(traceback.format_tb(error.__traceback__)), type(error).__name__
            log.error("out-%d through %s: %s\n%s%s", begun.outbox_id, self._gateway.id, _UNJUDGED, where, kind)
            self._heed(OutcomeUnknown(_UNJUDGED), permit)
            return Ended(begun, Outcome.UNKNOWN, "", _UNJUDGED, None, OutboxState.HELD, 0, text.row.excused)

    def _offered(self, text: Text, begun: Begun, permit: Permit, line: Line) -> Ended:
        part = part_of(text, begun)
        salvaging.made(self._runtime, [begun.reference])
        started = time.monotonic()
        exchange = line.offer(part)
        if part.about and isinstance(exchange.error, OutcomeUnknown):
            exchange.error = TryLater(str(exchange.error), about_gateway=True)  # who hears it twice, texts nobody twice
        self._pace.took(time.monotonic() - started)
        self._heed(exchange.error, permit)
        counted = begun.attempt - text.row.excused
        down = self._circuit.is_open
        verdict = self._judge.verdict(exchange.error, counted, is_last=not text.left, gateway_down=down)
        if exchange.error is not None:
            log.warning("out-%d through %s: %s", begun.outbox_id, self._gateway.id, exchange.error)
        return ended(begun, exchange, verdict, text.row.excused)

    def _heed(self, error: SendError | None, permit: Permit) -> None:
        """What the answer says of the gateway itself."""
        if not _is_about_gateway(error):
            if self._circuit.succeeded():
                log.info("gateway %s: circuit closed, it answers again", self._gateway.id)
                self._note("closed", "")
                self._probed.clear()
                self._queue.sweep()
                self._queue.nudge()
            return
        pause = error.after if isinstance(error, TryLater) else None
        if self._circuit.failed(permit, pause):
            log.warning("gateway %s: circuit open, only probes are sent: %s", self._gateway.id, error)
            self._note("open", clean(str(error)))

    def _note(self, circuit: str, reason: str) -> None:
        def then(_: None, error: Exception | None) -> None:
            if error is not None:
                log.error("gateway %s: that its circuit is %s is not stored: %s", self._gateway.id, circuit, error)

        with suppress(StoreUnavailable):  # the host is stopping
            self._store.submit(circuits.note, Standing(self._gateway.id, circuit, clock.now(), reason), then)


def _is_about_gateway(error: SendError | None) -> bool:
    """Whether others would have fared the same: it cannot be reached, is sick, overloaded, or does not answer."""
    if isinstance(error, TryLater):
        return error.about_gateway
    return isinstance(error, OutcomeUnknown)
