"""Reading back: the recent texts, and everything that happened to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, func, literal_column, select

from host.store.states import OutboxState
from host.store.tables import metadata

_inbox = metadata.tables["inbox"]
_part = metadata.tables["inbox_part"]
_repeat = metadata.tables["inbox_repeat"]
_handling = metadata.tables["handling"]
_outbox = metadata.tables["outbox"]
_submission = metadata.tables["submission"]
_report = metadata.tables["delivery_report"]
_poll = metadata.tables["poll"]
_intervention = metadata.tables["intervention"]


@dataclass(frozen=True)
class Received:
    """A text from a phone with all that came of it.

    ``first``: the text whose content it repeats; ``copies``: those that repeat its own; ``parts``: those that it came
    in; ``deeds``: what people did.
    """

    text: Row[Any]
    repeats: Sequence[Row[Any]]
    first: Row[Any] | None
    copies: Sequence[Row[Any]]
    parts: Sequence[Row[Any]]
    runs: Sequence[Row[Any]]
    deeds: Sequence[Row[Any]]
    answers: Sequence["Sent"]


@dataclass(frozen=True)
class Sent:
    """A text to a phone with all that came of it; ``deeds``: what people did."""

    text: Row[Any]
    submissions: Sequence[Row[Any]]
    reports: Sequence[Row[Any]]
    deeds: Sequence[Row[Any]]


def recent(
    connection: Connection, most: int, state: str | None = None
) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
    """The newest texts from phones and to phones, newest first; only those in ``state`` where it is given."""
    return _newest(connection, _inbox, most, state), _newest(connection, _outbox, most, state)


def counts(connection: Connection) -> list[tuple[str, str, int]]:
    """How many texts are in each state: ``inbox`` or ``outbox``, the state, the number."""
    return [
        (table.name, state, number)
        for table in (_inbox, _outbox)
        for state, number in connection.execute(
            select(table.c.state, func.count()).group_by(table.c.state).order_by(table.c.state)
        )
    ]


def waiting(connection: Connection) -> list[tuple[str, int]]:
    """How many texts wait to be sent, by gateway."""
    moving = _outbox.c.state.in_((OutboxState.QUEUED, OutboxState.WAITING, OutboxState.SENDING))
    query = select(_outbox.c.gateway, func.count()).where(moving).group_by(_outbox.c.gateway)
    return [(gateway, number) for gateway, number in connection.execute(query.order_by(_outbox.c.gateway))]


def parked(connection: Connection) -> dict[str, int]:
    """How many texts wait for an adapter in quarantine, by adapter."""
    waits = _inbox.c.state == literal_column("'WAITING'")
    query = select(_inbox.c.waits_for, func.count()).where(waits).group_by(_inbox.c.waits_for)
    return {row[0]: row[1] for row in connection.execute(query)}


def polls(connection: Connection) -> Sequence[Row[Any]]:
    """The last run of every event source's poll."""
    return connection.execute(select(_poll).order_by(_poll.c.event_source)).all()


def received(connection: Connection, number: int) -> Received | None:
    """The story of a text from a phone."""
    text = connection.execute(select(_inbox).where(_inbox.c.id == number)).first()
    if text is None:
        return None
    ids = connection.execute(select(_outbox.c.id).where(_outbox.c.inbox_id == number).order_by(_outbox.c.id)).scalars()
    answers = [answer for each in ids.all() if (answer := sent(connection, each)) is not None]
    return Received(
        text,
        _of(connection, _repeat, number),
        connection.execute(select(_inbox).where(_inbox.c.id == text.repeat_of)).first(),
        _copies(connection, text),
        connection.execute(select(_part).where(_part.c.inbox_id == number).order_by(_part.c.number)).all(),
        _of(connection, _handling, number),
        _deeds(connection, "in", number),
        answers,
    )


def sent(connection: Connection, number: int) -> Sent | None:
    """The story of a text to a phone."""
    text = connection.execute(select(_outbox).where(_outbox.c.id == number)).first()
    if text is None:
        return None
    query = select(_submission).where(_submission.c.outbox_id == number)
    submissions = connection.execute(query.order_by(_submission.c.started_at, _submission.c.part)).all()
    named = _report.c.reference.in_([each.reference for each in submissions])
    reports = connection.execute(select(_report).where(named).order_by(_report.c.id)).all()
    return Sent(text, submissions, reports, _deeds(connection, "out", number))


def _copies(connection: Connection, text: Row[Any]) -> Sequence[Row[Any]]:
    """The texts that repeat the content of this one; found by its gateway and phone, which are theirs."""
    same = (_inbox.c.gateway == text.gateway, _inbox.c.sender == text.sender, _inbox.c.gateway_message_id.is_(None))
    return connection.execute(select(_inbox).where(*same, _inbox.c.repeat_of == text.id).order_by(_inbox.c.id)).all()


def _deeds(connection: Connection, direction: str, number: int) -> Sequence[Row[Any]]:
    about = (_intervention.c.direction == direction, _intervention.c.message_id == number)
    return connection.execute(select(_intervention).where(*about).order_by(_intervention.c.id)).all()


def _newest(connection: Connection, table: Table, most: int, state: str | None) -> Sequence[Row[Any]]:
    query = select(table).order_by(table.c.id.desc()).limit(most)
    return connection.execute(query if state is None else query.where(table.c.state == state)).all()


def _of(connection: Connection, table: Table, inbox_id: int) -> Sequence[Row[Any]]:
    return connection.execute(select(table).where(table.c.inbox_id == inbox_id).order_by(table.c.id)).all()
