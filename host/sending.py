"""Texts to phones: queueing them, offering them to gateways, and deciding what an answer means."""

import logging
import secrets
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Row

from host import clock
from host.alphabet import clean, split
from host.engine.lanes import Item
from host.engine.pool import Slice
from host.engine.queue import Kind
from host.engine.rate import Rate
from host.errors import GiveUp, StoreUnavailable, TryLater, Unstorable, WLError
from host.gateways.base import Gateway
from host.messages import Part
from host.notifications import text_of
from host.phone import is_phone
from host.procedures import Call
from host.runtime import Runtime, queue_of
from host.store import Write, outbox
from host.store.broadcasts import Announced
from host.store.outbox import Begun, Ended
from host.store.tables import OutboxState, Outcome
from host.subscribing import DeviceSubscription, UserSubscription
from host.transport import Exchange

log = logging.getLogger(__name__)

_RESTARTED = "the host stopped while the gateway was being spoken to; nobody knows whether it took the text"
_STORE_SECONDS = 1.0
_LONGEST_KEY = 200


def notify(call: Call, subscription: object, notification: object) -> int:
    """Queue a notification to one subscription; gives 0, the milliseconds to wait before the next."""
    if not isinstance(subscription, DeviceSubscription):
        hint = "the phone is not subscribed" if subscription is None else "subscribeSMS and getSMSSubscription give one"
        raise WLError(f"notifyDeviceSubscription needs a subscription, not {subscription!r}: {hint}")
    if subscription.gatewayId not in call.runtime.gateways:
        raise WLError(
            f'{subscription.phoneNumber} is subscribed through "{subscription.gatewayId}", '
            "which SMSConfig.xml no longer has"
        )
    if not is_phone(subscription.phoneNumber):
        raise WLError(f"{subscription.phoneNumber!r} is no phone number")
    text = clean(text_of(notification))
    call.queue(subscription.gatewayId, subscription.phoneNumber, text, subscription.eventSource)
    return 0


def notify_all_devices(call: Call, user: object, notification: object) -> int:
    """Queue a notification to every subscription of a user; gives 0."""
    if not isinstance(user, UserSubscription):
        raise WLError(f"notifyAllDevices needs what getUserNotificationSubscription gives, not {user!r}")
    for subscription in user.getDeviceSubscriptions():
        notify(call, subscription, notification)
    return 0


def notify_event_source(call: Call, event_source: str, notification: object, key: str | None) -> int:
    """Announce a notification to every subscriber of an event source; with a ``key``, once to each, ever; gives 0."""
    call.runtime.adapters.event_source(event_source)
    if key is not None and (not isinstance(key, str) or clean(key) != key or len(key) > _LONGEST_KEY):
        raise WLError(f"an announcement's key is a string of at most {_LONGEST_KEY} characters, not {key!r:.200}")
    text = clean(text_of(notification))
    call.effects.texts.append(Announced(event_source, text, key, clock.now()))
    return 0


def open_queues(runtime: Runtime) -> None:
    """Give every gateway its queue in the engine, and say what waits for gateways that are gone."""
    for gateway in runtime.gateways.values():
        _Sender(runtime, gateway)
    with runtime.store.read() as connection:
        strangers = outbox.gateways_waiting(connection) - set(runtime.gateways)
    for name in sorted(strangers):
        log.warning('texts wait for gateway "%s", which SMSConfig.xml no longer has', name)


class _Sender:
    """One gateway's sending: its turns, its threads, and what its answers mean."""

    def __init__(self, runtime: Runtime, gateway: Gateway) -> None:
        self._runtime = runtime
        self._gateway = gateway
        self._rate = Rate(gateway.config.rate)
        self._stopping = runtime.engine.stopping
        reads = [partial(self._read, priority) for priority in (0, 1)]
        self._queue = runtime.engine.add_queue(
            Kind(queue_of(gateway.id), gateway.config.concurrency, reads, self._send_all, begin=self._recover)
        )

    def _read(self, priority: int, after: int, most: int) -> list[Item[Row[Any]]]:
        with self._runtime.store.read() as connection:
            rows = outbox.due(connection, self._gateway.id, clock.steady(), after, most, priority=priority)
        return [Item(row.id, f"{priority}/{row.receiver}", row, row.behind) for row in rows]

    def _recover(self) -> None:
        """Hold what the process that owned this gateway's texts was sending when it died."""
        held = self._runtime.store.write(outbox.recover, outbox.Recover(self._gateway.id, _RESTARTED))[0]
        if held:
            log.warning("%d text(s) through %s HELD: %s", held, self._gateway.id, _RESTARTED)

    def _send_all(self, slice_: Slice[Row[Any]]) -> None:
        for item in slice_:
            try:
                self._send(item)
            except Exception:
                log.exception("out-%d could not be offered; it will be taken up again", item.id)
                self._queue.release([(item, False)])

    def _send(self, item: Item[Row[Any]]) -> None:
        """Offer the parts that the gateway has not taken yet, one after the other, until one is not taken."""
        row = item.work
        parts = [row.text] if self._gateway.splits else split(row.text)
        taken = self._taken(row)
        for number, text in enumerate(parts, start=1):
            if number in taken:
                continue
            if not self._rate.wait(self._stopping):
                return self._queue.release([(item, False)])
            begun = self._begin(row, number, len(parts))
            part = Part(row.receiver, text, begun.reference, number, len(parts))
            ended = self._ended(begun, self._runtime.transport.offer(self._gateway, part))
            self._persist(outbox.end, ended, f"out-{row.id}: {ended.outcome}")
            if ended.outcome is not Outcome.ACCEPTED:
                return self._queue.release([(item, ended.state is not OutboxState.WAITING)])
        return self._queue.release([(item, True)])

    def _taken(self, row: Row[Any]) -> set[int]:
        if row.attempts == 0:
            return set()
        with self._runtime.store.read() as connection:
            return outbox.parts_accepted(connection, row.id)

    def _begin(self, row: Row[Any], number: int, parts: int) -> Begun:
        reference = secrets.token_urlsafe(12)
        begun = Begun(reference, row.id, self._gateway.id, number, parts, row.attempts + 1, clock.now())
        self._persist(outbox.begin, begun, f"out-{row.id}: part {number}")
        return begun

    def _ended(self, begun: Begun, exchange: Exchange) -> Ended:
        outcome, state, wait = self._decide(begun, exchange)
        return Ended(
            begun.reference,
            begun.outbox_id,
            outcome,
            clean(exchange.text),
            clean(str(exchange.error or "")),
            self._gateway.id,
            exchange.accepted.gateway_message_id if exchange.accepted else None,
            state,
            clock.steady() + int(wait * 1000),
        )

    def _decide(self, begun: Begun, exchange: Exchange) -> tuple[Outcome, OutboxState | None, float]:
        """The submission's outcome, the text's next state (None while parts follow), and seconds to wait."""
        error = exchange.error
        if error is None:
            return Outcome.ACCEPTED, OutboxState.SENT if begun.part == begun.parts else None, 0.0
        log.warning("out-%d through %s: %s", begun.outbox_id, self._gateway.id, error)
        if isinstance(error, TryLater):
            wait = self._runtime.sending_policy.next_attempt(begun.attempt, asked=error.after)
            return Outcome.TRY_LATER, OutboxState.FAILED if wait is None else OutboxState.WAITING, wait or 0.0
        if isinstance(error, GiveUp):
            return Outcome.GAVE_UP, OutboxState.FAILED, 0.0
        return Outcome.UNKNOWN, OutboxState.HELD, 0.0

    def _persist(self, write: Write[Any, None], item: Begun | Ended, what: str) -> None:
        """Write it down, however long the database takes: a text that is being sent is in this thread's hands alone."""
        while True:
            try:
                self._runtime.store.write(write, item)
            except StoreUnavailable as error:
                log.error("%s is not written down yet: %s", what, error)
                if self._stopping.wait(_STORE_SECONDS):
                    raise
            except Unstorable as error:
                if not isinstance(item, Ended) or not item.exchange:
                    raise
                log.error("%s cannot be written down with the gateway's words: %s", what, error)
                item = replace(
                    item, exchange="", error="the gateway's answer cannot be stored", gateway_message_id=None
                )
            else:
                return
