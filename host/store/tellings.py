"""Telling a gateway what became of the texts it brought, where it wants to hear it.

What is to be told is a row of the outbox with a cause of its own, so that it is told once, tried again as texts are,
and seen where they are.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, String, bindparam, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite

from host import clock
from host.store.states import InboxState, OutboxState
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
_outbox = metadata.tables["outbox"]

SENT, DELIVERED, FAILED = "sent", "delivered", "failed"
_CAUSE = "told-in-"
_ENDED = (InboxState.HANDLED, InboxState.UNMATCHED, InboxState.FAILED)
_LOST = {OutboxState.FAILED, OutboxState.UNDELIVERED, OutboxState.DISCARDED}
_GONE = {OutboxState.SENT, OutboxState.DELIVERED}


def _look() -> Select[Any]:
    told = _outbox.alias("told")
    number = cast(_inbox.c.id, String)
    finals = [bindparam(word, f"{_CAUSE}").concat(number).concat(f"/{word}") for word in (DELIVERED, FAILED)]
    is_told = select(told.c.id).where(told.c.cause.in_(finals)).exists()
    low: BindParameter[int] = bindparam("low")
    high: BindParameter[int] = bindparam("high")
    since: BindParameter[int] = bindparam("since")
    return (
        select(
            *(_inbox.c[name] for name in ("id", "gateway", "gateway_message_id", "state")),
            _outbox.c.cause,
            _outbox.c.gateway.label("through"),
            _outbox.c.state.label("became"),
        )
        .select_from(_inbox.outerjoin(_outbox, _outbox.c.inbox_id == _inbox.c.id))
        .where(_inbox.c.id > low, _inbox.c.id <= high, _inbox.c.received_at >= since)
        .where(func.coalesce(_inbox.c.gateway_message_id, "") != "")  # not an index on these: by id they are few
        .where(_inbox.c.gateway.concat("").in_(bindparam("gateways", expanding=True)))
        .where(_inbox.c.state.in_([each.value for each in _ENDED]), ~is_told)
        .order_by(_inbox.c.id)
    )


_LOOK = _look()
_NEWEST = select(func.max(_inbox.c.id))
_BEFORE = (
    select(_inbox.c.received_at).where(_inbox.c.id <= bindparam("low")).order_by(_inbox.c.id.desc()).limit(1)
)  # fmt: skip


@dataclass(frozen=True)
class Telling:
    """What is to be told of a text: ``word`` is ``sent``, ``delivered`` or ``failed``; ``number``: the gateway's id."""

    inbox_id: int
    gateway: str
    number: str
    word: str


def is_telling(cause: str | None) -> bool:
    """Whether a row of the outbox tells of a text, and is none."""
    return cause is not None and cause.startswith(_CAUSE)


def look(
    connection: Connection, gateways: Collection[str], since: int, high: int | None, most: int
) -> tuple[list[Telling], int | None]:
    """What is to be told of the texts with the ``most`` ids up to ``high``, or the newest; and where to go on, or None.

    ``since``: in milliseconds; of texts that came before it nothing is told any more.
    """
    top = high if high is not None else connection.execute(_NEWEST).scalar() or 0
    low = max(0, top - most)
    given = {"low": low, "high": top, "since": since, "gateways": list(gateways)}
    rows = connection.execute(_LOOK, given).all()
    tellings = [word for _, group in groupby(rows, lambda row: row.id) for word in _to_tell(list(group))]
    before = connection.execute(_BEFORE, {"low": low}).scalar()
    return tellings, low if before is not None and before >= since else None


def _to_tell(rows: Sequence[Row[Any]]) -> Iterable[Telling]:
    text = rows[0]
    became = [row.became for row in rows if row.became and not is_telling(row.cause) and row.through != text.gateway]
    word = _word(text.state, became)
    if word and _cause(text.id, word) not in {row.cause for row in rows}:
        yield Telling(text.id, text.gateway, text.gateway_message_id, word)


def _word(state: str, became: Sequence[str]) -> str:
    """What a text came to: by what was passed on of it through other gateways, else by whether it was handled."""
    if state != InboxState.HANDLED or _LOST.intersection(became):
        return FAILED
    if all(each == OutboxState.DELIVERED for each in became):
        return DELIVERED
    return SENT if _GONE.issuperset(became) else ""


def queue(connection: Connection, tellings: list[Telling]) -> Sequence[None]:
    """Put them into the outbox, each once whoever else does it."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(_outbox).on_conflict_do_nothing(), [_row(each) for each in tellings])
    return [None] * len(tellings)


def _row(telling: Telling) -> Mapping[str, Any]:
    return {
        "cause": _cause(telling.inbox_id, telling.word),
        "inbox_id": telling.inbox_id,
        "event_source": "",
        "gateway": telling.gateway,
        "receiver": telling.number,
        "text": telling.word,
        "state": OutboxState.QUEUED.value,
        "attempts": 0,
        "created_at": clock.now(),
        "due_at": 0,
        "error": "",
    }


def _cause(inbox_id: int, word: str) -> str:
    return f"{_CAUSE}{inbox_id}/{word}"
