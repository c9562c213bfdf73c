"""Delivery reports: stored first, matched afterwards, and the states they make a text climb to.

A report can overtake the answer to its own submission; so reports are matched when they come and again when a
submission ends.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from host import clock
from host.messages import DeliveryReport, DeliveryStatus
from host.store.tables import OutboxState, metadata

_outbox = metadata.tables["outbox"]
_submission = metadata.tables["submission"]
_report = metadata.tables["delivery_report"]
_HEIGHT = {status: height for height, status in enumerate(DeliveryStatus)}
_FINAL = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.UNDELIVERED})


@dataclass(frozen=True)
class Reported:
    """A report about to be stored, and when it came."""

    gateway: str
    report: DeliveryReport
    received_at: int


def store(connection: Connection, reports: list[Reported]) -> Sequence[None]:
    """Store reports, match those whose submission is known, and let their texts climb."""
    known = _known(connection, reports)
    rows = [_row(each, known) for each in reports]
    connection.execute(insert(_report), rows)
    references = {row["reference"] for row in rows if row["reference"]}
    _settle(connection, references)
    return [None] * len(reports)


def match_late(connection: Connection, ids: Iterable[tuple[str, str]]) -> None:
    """Match the reports that came before the gateway told us its message id."""
    named = [
        and_(_report.c.gateway == gateway, _report.c.gateway_message_id == message_id)
        for gateway, message_id in sorted(ids)
    ]
    if not named:
        return
    query = select(_report.c.id, _report.c.gateway, _report.c.gateway_message_id)
    waiting = connection.execute(query.where(_report.c.reference.is_(None), or_(*named))).all()
    known = _references(connection, [(row[1], row[2]) for row in waiting])
    if waiting:
        matched = [{"row": row[0], "reference": known[row[1], row[2]]} for row in waiting]
        connection.execute(update(_report).where(_report.c.id == bindparam("row")), matched)
        _settle(connection, known.values())


def climb(connection: Connection, outbox_ids: Iterable[int]) -> None:
    """Move texts to DELIVERED or UNDELIVERED where the reports on all their parts say so.

    A text that was HELD because nobody knew whether the gateway took it is cleared up by such a report too, also while
    it waits to be offered again.
    """
    query = select(_submission.c.outbox_id, _submission.c.part, _submission.c.parts, _submission.c.delivery)
    told = query.where(_submission.c.outbox_id.in_(sorted(outbox_ids)), _submission.c.delivery.is_not(None))
    texts: dict[int, tuple[int, dict[int, str]]] = {}
    for outbox_id, part, parts, delivery in connection.execute(told):
        texts.setdefault(outbox_id, (parts, {}))[1][part] = delivery
    verdicts = [{"row": number, "state": state} for number, text in texts.items() if (state := _verdict(*text))]
    if verdicts:
        movable = _outbox.c.state.in_((OutboxState.SENT, OutboxState.HELD, OutboxState.WAITING))
        moved = update(_outbox).where(_outbox.c.id == bindparam("row"), movable)
        connection.execute(moved.values(finished_at=clock.now(), error=""), verdicts)


def _verdict(parts: int, delivered: dict[int, str]) -> OutboxState | None:
    words = set(delivered.values())
    if DeliveryStatus.UNDELIVERED in words:
        return OutboxState.UNDELIVERED
    if len(delivered) == parts and words == {DeliveryStatus.DELIVERED.value}:
        return OutboxState.DELIVERED
    return None


def _settle(connection: Connection, references: Iterable[str]) -> None:
    """Take the stored reports on submissions to heart: a final word stays, others only climb."""
    some = sorted(references)
    if not some:
        return
    query = select(_report.c.reference, _report.c.status).where(_report.c.reference.in_(some)).order_by(_report.c.id)
    words: dict[str, DeliveryStatus] = {}
    for reference, status in connection.execute(query):
        words[reference] = _higher(words.get(reference, DeliveryStatus.UNKNOWN), DeliveryStatus(status))
    connection.execute(
        update(_submission).where(_submission.c.reference == bindparam("row")),
        [{"row": reference, "delivery": word.value} for reference, word in words.items()],
    )
    touched = connection.execute(select(_submission.c.outbox_id).where(_submission.c.reference.in_(some))).scalars()
    climb(connection, set(touched))


def _higher(now: DeliveryStatus, then: DeliveryStatus) -> DeliveryStatus:
    if now in _FINAL:
        return now
    return max(now, then, key=_HEIGHT.__getitem__)


def _known(connection: Connection, reports: list[Reported]) -> dict[tuple[str, str], str]:
    """References by what reports name: ``(gateway, our reference)`` or ``(gateway, its message id)``."""
    ours = [each.report.reference for each in reports if each.report.reference]
    rows = connection.execute(
        select(_submission.c.gateway, _submission.c.reference).where(_submission.c.reference.in_(ours))
    )
    known = {(gateway, reference): reference for gateway, reference in rows}
    theirs = [(each.gateway, each.report.gateway_message_id) for each in reports if each.report.gateway_message_id]
    return {**_references(connection, theirs), **known}


def _references(connection: Connection, ids: Sequence[tuple[str, str | None]]) -> dict[tuple[str, str], str]:
    named = [
        and_(_submission.c.gateway == gateway, _submission.c.gateway_message_id == message_id)
        for gateway, message_id in ids
    ]
    if not named:
        return {}
    query = select(_submission.c.gateway, _submission.c.gateway_message_id, _submission.c.reference)
    return {(row[0], row[1]): row[2] for row in connection.execute(query.where(or_(*named)))}


def _row(reported: Reported, known: dict[tuple[str, str], str]) -> dict[str, Any]:
    report = reported.report
    names = (report.reference, report.gateway_message_id)
    matches = (known[reported.gateway, name] for name in names if name and (reported.gateway, name) in known)
    return {
        "gateway": reported.gateway,
        "reference": next(matches, None),
        "gateway_message_id": report.gateway_message_id,
        "status": report.status.value,
        "word": report.word,
        "detail": report.detail,
        "parameters": json.dumps(report.parameters, ensure_ascii=False),
        "received_at": reported.received_at,
    }
