"""Delivery reports: stored first, matched afterwards, and the states they make a text climb to.

A report can overtake the answer to its own submission; so reports are matched when they come, again when a submission
ends, and for a while from time to time: on PostgreSQL the two can be committed at the same moment, and neither then saw
the other.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, func, select, tuple_, update

from host import clock
from host.messages import DeliveryReport, DeliveryStatus
from host.store.rows import given_rows, insert_rows, read, update_rows, write
from host.store.states import OutboxState
from host.store.tables import metadata

_outbox = metadata.tables["outbox"]
_submission = metadata.tables["submission"]
_report = metadata.tables["delivery_report"]
_HEIGHT = {status: height for height, status in enumerate(DeliveryStatus)}
_FINAL = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.UNDELIVERED})
_MOVABLE = (OutboxState.SENT, OutboxState.HELD, OutboxState.WAITING)

_unmatched = _report.c.reference.is_(None)
_STORE = insert_rows(
    _report,
    *("gateway", "reference", "named", "gateway_message_id", "status", "word", "detail", "parameters", "received_at"),
)
_SETTLE = update_rows(_submission, "reference", "delivery")
_CLIMB = update_rows(_outbox, "id", "state", "finished_at", "error", only=_outbox.c.state.in_(_MOVABLE))
_MATCH_ONE = update(_report).where(_unmatched, _report.c.id == bindparam("row"))
_MATCH_BY_ID = update(_report).where(
    _unmatched, _report.c.gateway == bindparam("through"), _report.c.gateway_message_id == bindparam("message")
)
_COUNT = select(func.count()).select_from(_report).where(_unmatched)


def _find() -> dict[str, Select[Any]]:
    """The submissions that reports are on. Each report's is looked up by itself: that is no join to any planner."""
    queries = {}
    for dialect, given in given_rows(_report, "id", "gateway", "named", "gateway_message_id").items():
        through = select(_submission.c.reference).where(_submission.c.gateway == given.c.gateway)
        ours = through.where(_submission.c.reference == given.c.named)
        theirs = through.where(_submission.c.gateway_message_id == given.c.gateway_message_id)
        newest = theirs.order_by(_submission.c.started_at.desc()).limit(1)
        queries[dialect] = select(given.c.id, func.coalesce(ours.scalar_subquery(), newest.scalar_subquery()))
    return queries


def _waiting() -> dict[str, Select[Any]]:
    """Of gateways' message ids those that a report waits with."""
    queries = {}
    for dialect, given in given_rows(_report, "gateway", "gateway_message_id").items():
        names = (given.c.gateway, given.c.gateway_message_id)
        same = (_report.c.gateway == names[0], _report.c.gateway_message_id == names[1])
        report = select(_report.c.id).where(_unmatched, *same).limit(1).scalar_subquery()
        queries[dialect] = select(*names).where(report.is_not(None))
    return queries


def _among(column: Any, *found: Any) -> dict[str, Select[Any]]:
    """These columns where one is among the given values."""
    given = given_rows(column.table, column.name)
    return {dialect: select(*found).where(column.in_(select(each.c[column.name]))) for dialect, each in given.items()}


def _locking(queries: dict[str, Select[Any]], column: Any) -> dict[str, Select[Any]]:
    """The same, locking the rows in one order on PostgreSQL; the locks leave their keys to foreign keys."""
    return {
        dialect: query.order_by(column).with_for_update(key_share=True, of=column.table)
        for dialect, query in queries.items()
    }


_FIND = _find()
_WAITING = _waiting()
_TOUCHED = _locking(_among(_submission.c.reference, _submission.c.outbox_id), _submission.c.reference)
_LOCK_TEXTS = _locking(_among(_outbox.c.id, _outbox.c.id), _outbox.c.id)
_WORDS = _among(_report.c.reference, _report.c.id, _report.c.reference, _report.c.status)
_DELIVERIES = _among(
    _submission.c.outbox_id,
    *(_submission.c[name] for name in ("outbox_id", "part", "parts", "delivery")),
)
_TOLD = {
    dialect: query.where(_submission.c.delivery.is_not(None)).order_by(_submission.c.attempt)
    for dialect, query in _DELIVERIES.items()
}

_since: BindParameter[int] = bindparam("since")
_LOOK = (
    select(_report.c.id, _report.c.gateway, _report.c.named, _report.c.gateway_message_id, _report.c.received_at)
    .where(_unmatched, _report.c.received_at >= _since, _report.c.received_at <= bindparam("time"))
    .where(tuple_(_report.c.received_at, _report.c.id) < tuple_(bindparam("time"), bindparam("number")))
    .order_by(_report.c.received_at.desc(), _report.c.id.desc())
    .limit(bindparam("most"))
)

#: A place among unmatched reports: when one came (milliseconds), and its id.
Place = tuple[int, int]
NEWEST: Place = (2**62, 2**62)


@dataclass(frozen=True)
class Reported:
    """A report about to be stored, and when it came."""

    gateway: str
    report: DeliveryReport
    received_at: int


@dataclass(frozen=True)
class Match:
    """A stored report, and the submission it is on."""

    report: int
    reference: str


def store(connection: Connection, reports: list[Reported]) -> Sequence[None]:
    """Store reports, match those whose submission is known, and let their texts climb."""
    rows = [_row(number, each) for number, each in enumerate(reports)]
    known = dict(_found(connection, rows))
    write(connection, _STORE, ({**row, "reference": known.get(row["id"])} for row in rows))
    _settle(connection, set(known.values()))
    return [None] * len(reports)


def match_late(connection: Connection, ids: Iterable[tuple[str, str]]) -> None:
    """Match the reports that came before the gateway told us its message id."""
    keys = [{"gateway": gateway, "gateway_message_id": message} for gateway, message in sorted(ids)]
    waiting = read(connection, _WAITING, keys)
    if not waiting:
        return
    named = [
        {"id": number, "gateway": row[0], "named": None, "gateway_message_id": row[1]}
        for number, row in enumerate(waiting)
    ]
    found = _found(connection, named)
    matched = [{"through": waiting[at][0], "message": waiting[at][1], "reference": each} for at, each in found]
    if matched:
        connection.execute(_MATCH_BY_ID, matched)
        _settle(connection, {reference for _, reference in found})


def look(connection: Connection, since: int, place: Place, most: int) -> tuple[list[Match], Place | None]:
    """Of at most so many unmatched reports that came since then and before ``place``, newest first, those to match.

    Gives the place to go on from, too; None at the end.
    """
    given = {"since": since, "time": place[0], "number": place[1], "most": most}
    rows = connection.execute(_LOOK, given).all()
    found = _found(connection, [{**row._mapping} for row in rows])
    end = (rows[-1].received_at, rows[-1].id) if len(rows) == most else None
    return [Match(number, reference) for number, reference in found], end


def rematch(connection: Connection, matches: list[Match]) -> Sequence[None]:
    """Match stored reports, and let their texts climb."""
    connection.execute(_MATCH_ONE, [{"row": each.report, "reference": each.reference} for each in matches])
    _settle(connection, {each.reference for each in matches})
    return [None] * len(matches)


def unmatched(connection: Connection) -> int:
    """How many reports are on no submission that is known."""
    return connection.execute(_COUNT).scalar() or 0


def climb(connection: Connection, outbox_ids: Collection[int]) -> None:
    """Move texts to DELIVERED or UNDELIVERED where the reports on all their parts say so.

    A text that was HELD because nobody knew whether the gateway took it is cleared up by such a report too, also while
    it waits to be offered again.
    """
    told = read(connection, _TOLD, ({"outbox_id": each} for each in outbox_ids))
    texts: dict[int, tuple[int, dict[int, DeliveryStatus]]] = {}
    for outbox_id, part, parts, delivery in told:
        words = texts.setdefault(outbox_id, (parts, {}))[1]
        words[part] = _better(words.get(part), DeliveryStatus(delivery))
    verdicts = {number: verdict for number, text in texts.items() if (verdict := _verdict(*text))}
    moved = {"finished_at": clock.now(), "error": ""}
    write(connection, _CLIMB, ({"id": number, "state": state, **moved} for number, state in verdicts.items()))


def _verdict(parts: int, delivered: dict[int, DeliveryStatus]) -> OutboxState | None:
    words = set(delivered.values())
    if DeliveryStatus.UNDELIVERED in words:
        return OutboxState.UNDELIVERED
    if len(delivered) == parts and words == {DeliveryStatus.DELIVERED}:
        return OutboxState.DELIVERED
    return None


def _better(one: DeliveryStatus | None, other: DeliveryStatus) -> DeliveryStatus:
    """Of what was said of two attempts at the same part: the phone has it when either brought it there."""
    return DeliveryStatus.DELIVERED if DeliveryStatus.DELIVERED in (one, other) else other


def _settle(connection: Connection, references: Collection[str]) -> None:
    """Take the stored reports on submissions to heart: a final word stays, others only climb.

    The submissions are locked first, and then their texts: on PostgreSQL two processes may settle reports on one text.
    """
    if not references:
        return
    named = [{"reference": each} for each in references]
    texts = {row.outbox_id for row in read(connection, _TOUCHED, named)}
    if connection.dialect.name == "postgresql":
        read(connection, _LOCK_TEXTS, ({"id": each} for each in texts))
    words: dict[str, DeliveryStatus] = {}
    for _, reference, status in sorted(read(connection, _WORDS, named)):
        words[reference] = _higher(words.get(reference, DeliveryStatus.UNKNOWN), DeliveryStatus(status))
    rows = ({"reference": reference, "delivery": word.value} for reference, word in words.items())
    write(connection, _SETTLE, rows)
    climb(connection, texts)


def _higher(now: DeliveryStatus, then: DeliveryStatus) -> DeliveryStatus:
    if now in _FINAL:
        return now
    return max(now, then, key=_HEIGHT.__getitem__)


def _found(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """The reports that are on submissions we know, by their ids, with the references of those."""
    return [(number, reference) for number, reference in read(connection, _FIND, rows) if reference is not None]


def _row(number: int, reported: Reported) -> dict[str, Any]:
    report = reported.report
    return {
        "id": number,
        "gateway": reported.gateway,
        "named": report.reference,
        "gateway_message_id": report.gateway_message_id,
        "status": report.status.value,
        "word": report.word,
        "detail": report.detail,
        "parameters": json.dumps(report.parameters, ensure_ascii=False),
        "received_at": reported.received_at,
    }
