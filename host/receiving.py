"""Texts from phones: made durable before the gateway hears "yes"; delivery reports likewise."""

import logging
from collections.abc import Sequence

from host import clock
from host.alphabet import clean
from host.errors import BadCallback, Unstorable
from host.gateways import pick
from host.gateways.base import Event, Gateway
from host.messages import DeliveryReport, HttpRequest, Inbound
from host.runtime import HANDLING, Runtime
from host.store import arrivals, reports
from host.store.arrivals import Arrival
from host.store.reports import Reported

log = logging.getLogger(__name__)

RECEIVE = "/receiveSMS"
_HANDLING = (HANDLING,)

#: The longest sender and the longest gateway message id, in characters: PostgreSQL indexes 2704 bytes at most.
LONGEST_NAME = 500


def gateway_for(runtime: Runtime, request: HttpRequest, gateway_id: str | None) -> Gateway:
    """The gateway a request came from: the one in its path, or one that recognises it.

    A gateway whose own path is guarded by another resource is only heard there. Raises :class:`BadCallback`.
    """
    if gateway_id is not None:
        gateway = runtime.gateways.get(gateway_id)
        if gateway is None:
            raise BadCallback("SMSConfig.xml has no gateway of this id")
        return gateway
    rules = runtime.rules
    open_here = {
        each.id: each for each in runtime.gateways.values() if rules.shares_resource(RECEIVE, f"{RECEIVE}/{each.id}")
    }
    return pick(open_here, request)


def accept(runtime: Runtime, gateway: Gateway, events: Sequence[Event]) -> None:
    """Store what a gateway sent; when this returns it is durable.

    A repeat (same gateway, same gateway message id; without one, an equal text within the gateway's window) is recorded
    as one. Raises :class:`StoreUnavailable`, or
    :class:`BadCallback` where a name is longer than any database can index.
    """
    now = clock.now()
    for event in events:
        _check_names(event)
    texts = [_arrival(runtime, gateway, event, now) for event in events if isinstance(event, Inbound)]
    told = [Reported(gateway.id, event, now) for event in events if isinstance(event, DeliveryReport)]
    try:
        if told:
            runtime.store.write(reports.store, *told)
        if texts:
            runtime.store.write(arrivals.store, *texts, wakes=_HANDLING)
    except Unstorable as error:
        raise BadCallback(f"this cannot be stored: {error}") from error


def _arrival(runtime: Runtime, gateway: Gateway, text: Inbound, now: int) -> Arrival:
    return Arrival(
        gateway=gateway.id,
        sender=runtime.number(text.sender),
        receiver=runtime.number(text.receiver),
        keyword=clean(text.keyword.strip() or first_word(text.text)),
        inbound=text,
        received_at=now,
        window=gateway.config.repeat_window * 1000,
    )


def _check_names(event: Event) -> None:
    sender = event.sender if isinstance(event, Inbound) else ""
    for what, name in (("sender", sender), ("gateway's id of the text", event.gateway_message_id or "")):
        if len(name) > LONGEST_NAME:
            raise BadCallback(f"the {what} has {len(name)} characters: at most {LONGEST_NAME} are accepted")


def first_word(text: str) -> str:
    """What a text starts with: its keyword, where the gateway does not name one."""
    return next(iter(text.split()), "")
