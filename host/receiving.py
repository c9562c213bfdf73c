"""Texts from phones: made durable before the gateway hears "yes"; delivery reports likewise."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from host import clock
from host.access import AccessRules
from host.alphabet import clean, first_word
from host.errors import BadCallback, NotFound, Unstorable
from host.gateways import pick
from host.gateways.base import Event, Gateway
from host.messages import DeliveryReport, HttpRequest, Inbound, Piece
from host.runtime import HANDLING, Runtime
from host.store import arrivals, parts, reports
from host.store.arrivals import Arrival
from host.store.parts import Arrived
from host.store.reports import Reported

log = logging.getLogger(__name__)

RECEIVE = "/receiveSMS"
_HANDLING = (HANDLING,)

#: The longest sender and the longest gateway message id, in characters: PostgreSQL indexes 2704 bytes at most.
LONGEST_NAME = 500
_MOST_PARTS = 255  # what the header of a part can count (3GPP TS 23.040, 9.2.3.24.1)


def gateway_for(runtime: Runtime, request: HttpRequest, gateway_id: str | None, rest: str = "") -> Gateway:
    """The gateway a request came from: the one in its path, or one that recognises it.

    A gateway whose own path is guarded by another resource is only heard there. ``rest``: what follows its id in the
    path; only where the dialect knows it. Raises :class:`BadCallback`.
    """
    rules = runtime.rules
    if gateway_id is not None:
        gateway = runtime.gateways.get(gateway_id)
        if gateway is None:
            raise BadCallback("SMSConfig.xml has no gateway of this id")
        own = f"{RECEIVE}/{gateway_id}"
        if rest and (rest not in gateway.paths or not rules.shares_resource(own, f"{own}/{rest}")):
            raise NotFound(f"nothing is at this path of gateway {gateway_id}")
        return gateway
    return pick(heard_at_the_bare_address(runtime.gateways, rules), request)


def heard_at_the_bare_address(gateways: Mapping[str, Gateway], rules: AccessRules) -> dict[str, Gateway]:
    """The gateways among which a request to ``/receiveSMS`` is picked, by id, in file order.

    Where a gateway's signature is asked for there, it is that gateway alone.
    """
    signers = rules.signers_at(RECEIVE)
    return {
        name: each
        for name, each in gateways.items()
        if rules.shares_resource(RECEIVE, f"{RECEIVE}/{name}") and signers <= {name}
    }


def accept(
    runtime: Runtime, gateway: Gateway, events: Sequence[Event], answer_by: int | None = None
) -> Sequence[int | None]:
    """Store what a gateway sent; when this returns it is durable. Parts of a long text are joined when all are there.

    A repeat (same gateway, same gateway message id; without one, an equal text within the gateway's window) is recorded
    as one. ``answer_by``: until when the request waits for texts to take along; then its texts' numbers are given,
    None of a part whose text is not whole.

    Raises :class:`StoreUnavailable`, or :class:`BadCallback` where a name is longer than any database can index.
    """
    now = clock.now()
    if not events:
        log.info("%s brought neither a text nor a report: it is acknowledged, and nothing is kept", gateway.id)
    for event in events:
        _check_names(event)
    texts = [_arrival(runtime, gateway, event, now, answer_by) for event in events if isinstance(event, Inbound)]
    told = [Reported(gateway.id, event, now) for event in events if isinstance(event, DeliveryReport)]
    try:
        if told:
            runtime.store.write(reports.store, *told)
        return _store(runtime, gateway, texts) if texts else ()
    except Unstorable as error:
        raise BadCallback(f"this cannot be stored: {error}") from error


def _store(runtime: Runtime, gateway: Gateway, texts: list[Arrival]) -> Sequence[int | None]:
    pieces = [each for each in map(partial(_arrived, gateway), texts) if each is not None]
    whole = texts if not pieces else [each for each in texts if _piece(each.inbound) is None]
    joined = runtime.store.write(parts.store, *pieces, wakes=_HANDLING) if pieces else []
    if not whole:
        return joined
    if whole[0].answer_by is None:
        runtime.store.write(arrivals.store, *whole, wakes=_HANDLING)
        return joined
    return [*joined, *runtime.store.write(arrivals.store_to_answer, *whole, wakes=_HANDLING)]


def _arrived(gateway: Gateway, arrival: Arrival) -> Arrived | None:
    piece = _piece(arrival.inbound)
    if piece is None:
        return None
    return Arrived(arrival, piece, arrival.received_at + gateway.config.parts_wait * 1000)


def _piece(text: Inbound) -> Piece | None:
    """Which part of a longer text this is; None of a text that is whole, or that only says it is a part."""
    piece = text.piece
    if piece is None or not 1 <= piece.number <= piece.of <= _MOST_PARTS or piece.of == 1:
        return None
    return replace(piece, reference=clean(piece.reference))


def _arrival(runtime: Runtime, gateway: Gateway, text: Inbound, now: int, answer_by: int | None) -> Arrival:
    return Arrival(
        gateway=gateway.id,
        sender=runtime.number(text.sender),
        receiver=runtime.number(text.receiver),
        keyword=clean(text.keyword.strip() or first_word(text.text)),
        inbound=text,
        received_at=now,
        window=gateway.config.repeat_window * 1000,
        answer_by=answer_by,
    )


def _check_names(event: Event) -> None:
    sender = event.sender if isinstance(event, Inbound) else ""
    piece = event.piece if isinstance(event, Inbound) else None
    names = (
        ("sender", sender),
        ("gateway's id of the text", event.gateway_message_id or ""),
        ("reference of the parts", piece.reference if piece else ""),
    )
    for what, name in names:
        if len(name) > LONGEST_NAME:
            raise BadCallback(f"the {what} has {len(name)} characters: at most {LONGEST_NAME} are accepted")
