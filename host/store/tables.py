"""Every table, with the constraints that make repeats impossible.

Times are milliseconds since 1970, UTC. Flask-SQLAlchemy gives the declarative base and, in the running application, the
engine; everything else here and above speaks SQLAlchemy Core to ``Model.__table__``.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The declarative base; Flask-SQLAlchemy builds its ``Model`` on it."""


db = SQLAlchemy(model_class=Base)
metadata = Base.metadata

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model  # Flask-SQLAlchemy builds it at run time, where mypy cannot see it

_BIG = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in INTEGER columns

Key = Annotated[int, mapped_column(_BIG, primary_key=True)]
Millis = Annotated[int, mapped_column(BigInteger)]
Words = Annotated[str, mapped_column(Text)]


class InboxState(StrEnum):
    """``RECEIVED -> HANDLED | UNMATCHED | FAILED``.

    ``WAITING``: for an adapter in quarantine. ``REPEAT``: taken for a repeat by its content, handled once released.
    """

    RECEIVED = "RECEIVED"
    HANDLED = "HANDLED"
    UNMATCHED = "UNMATCHED"
    FAILED = "FAILED"
    REPEAT = "REPEAT"
    WAITING = "WAITING"


class OutboxState(StrEnum):
    """``QUEUED -> SENDING -> SENT -> DELIVERED | UNDELIVERED``; ``WAITING`` between tries; ``FAILED``; ``HELD`` until a
    person releases it or has it ``DISCARDED``.
    """

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    WAITING = "WAITING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    UNDELIVERED = "UNDELIVERED"
    FAILED = "FAILED"
    HELD = "HELD"
    DISCARDED = "DISCARDED"


class Outcome(StrEnum):
    """How one submission, or one run of a handler, ended."""

    ACCEPTED = "ACCEPTED"
    TRY_LATER = "TRY_LATER"
    GAVE_UP = "GAVE_UP"
    UNKNOWN = "UNKNOWN"
    HANDLED = "HANDLED"
    RAISED = "RAISED"


def _one_of(column: str, states: type[StrEnum], name: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(f'{state.value!r}' for state in states)})", name=name)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# True of every row: with it, an index on the id cannot be mistaken for the one on the phone, see host.store.due.
_ANY = "attempts >= 0"


class Inbox(Model):
    """A text from a phone.

    ``parameters``: everything that came, as JSON pairs; ``raw``: the request where those could not keep every byte.
    ``claimed_by``: the worker process that has it in hand, where there are several. ``repeat_of``: the text whose
    content it repeats. ``waits_for``: the adapter in quarantine that it waits, or waited, for.
    ``due_at``: 0 for at once, or when to try again by :func:`host.clock.steady`.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("gateway", "gateway_message_id", name="inbox_one_per_gateway_id"),
        _one_of("state", InboxState, "inbox_state"),
        Index("inbox_ready", "id", **_where(f"state = 'RECEIVED' AND {_ANY}")),
        Index("inbox_waiting_by_sender", "sender", "id", **_where("state = 'RECEIVED'")),
        Index("inbox_claimed", "claimed_by", **_where("claimed_by IS NOT NULL")),
        Index("inbox_by_content", "gateway", "sender", "received_at", **_where("gateway_message_id IS NULL")),
        Index("inbox_waiting_for", "waits_for", "id", **_where("state = 'WAITING'")),
        Index("inbox_later", "due_at", **_where("state = 'RECEIVED' AND due_at > 0")),
        Index("inbox_failed", "finished_at", **_where("state = 'FAILED'")),
    )
    id: Mapped[Key]
    gateway: Mapped[Words]
    gateway_message_id: Mapped[Words | None]
    sender: Mapped[Words]
    receiver: Mapped[Words]
    text: Mapped[Words]
    keyword: Mapped[Words]
    parameters: Mapped[Words]
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    sent_at: Mapped[Millis | None]
    received_at: Mapped[Millis]
    state: Mapped[Words]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[Millis]
    finished_at: Mapped[Millis | None]
    claimed_by: Mapped[Millis | None]
    repeat_of: Mapped[Millis | None]
    waits_for: Mapped[Words] = mapped_column(server_default="")


class Repeat(Model):
    """The same text came again (same gateway, same gateway message id); answered as if new, not handled again."""

    __tablename__ = "inbox_repeat"
    id: Mapped[Key]
    inbox_id: Mapped[int] = mapped_column(_BIG, ForeignKey("inbox.id"), index=True)
    received_at: Mapped[Millis]


class Handling(Model):
    """One run of one handler on one text; at most one of a text's runs of a handler succeeds."""

    __tablename__ = "handling"
    __table_args__ = (
        UniqueConstraint("inbox_id", "handler", "attempt", name="handling_once_per_attempt"),
        Index("handling_succeeds_once", "inbox_id", "handler", unique=True, **_where("outcome = 'HANDLED'")),
        _one_of("outcome", Outcome, "handling_outcome"),
    )
    id: Mapped[Key]
    inbox_id: Mapped[int] = mapped_column(_BIG, ForeignKey("inbox.id"))
    handler: Mapped[Words]
    attempt: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[Words]
    started_at: Mapped[Millis]
    ended_at: Mapped[Millis]
    error: Mapped[Words]


class Outbox(Model):
    """A text to a phone. ``cause`` names what made it and is unique, so that one cause never sends twice.

    ``priority``: 0 goes out before 1; each phone's order is kept within a priority. ``due_at``: as in :class:`Inbox`.
    ``attempts``: all of them; ``excused``: those that failed while its gateway was down, which do not count towards the
    limit.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("cause", name="outbox_one_per_cause"),
        _one_of("state", OutboxState, "outbox_state"),
        Index(
            "outbox_ready",
            "gateway",
            "priority",
            "id",
            **_where(f"state IN ('QUEUED', 'WAITING', 'SENDING') AND {_ANY}"),
        ),
        Index(
            "outbox_waiting_by_receiver",
            "gateway",
            "receiver",
            "priority",
            "id",
            **_where("state IN ('QUEUED', 'WAITING', 'SENDING')"),
        ),
        Index("outbox_later", "due_at", **_where("state IN ('QUEUED', 'WAITING', 'SENDING') AND due_at > 0")),
        Index("outbox_failed", "finished_at", **_where("state = 'FAILED'")),
        Index("outbox_held", "finished_at", **_where("state = 'HELD'")),
        Index("outbox_by_inbox", "inbox_id", **_where("inbox_id IS NOT NULL")),
        Index("outbox_sending", "gateway", **_where("state = 'SENDING'")),
        Index("outbox_by_broadcast", "broadcast_id", **_where("broadcast_id IS NOT NULL")),
    )
    id: Mapped[Key]
    cause: Mapped[Words | None]
    inbox_id: Mapped[int | None] = mapped_column(_BIG, ForeignKey("inbox.id"))
    event_source: Mapped[Words]
    gateway: Mapped[Words]
    receiver: Mapped[Words]
    text: Mapped[Words]
    state: Mapped[Words]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[Millis]
    due_at: Mapped[Millis]
    finished_at: Mapped[Millis | None]
    error: Mapped[Words]
    priority: Mapped[int] = mapped_column(Integer, server_default="0")
    excused: Mapped[int] = mapped_column(Integer, server_default="0")
    broadcast_id: Mapped[Millis | None]


class Submission(Model):
    """One attempt to hand one part to a gateway; written before the gateway is spoken to.

    ``reference`` is ours, unguessable, and what a delivery report may name. ``outcome`` is NULL while it runs.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("outbox_id", "part", "attempt", name="submission_once_per_attempt"),
        Index("submission_accepted_once", "outbox_id", "part", unique=True, **_where("outcome = 'ACCEPTED'")),
        Index("submission_by_gateway_id", "gateway", "gateway_message_id"),
        _one_of("outcome", Outcome, "submission_outcome"),
    )
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(_BIG, ForeignKey("outbox.id"))
    gateway: Mapped[Words]
    part: Mapped[int] = mapped_column(Integer)
    parts: Mapped[int] = mapped_column(Integer)
    attempt: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[Millis]
    ended_at: Mapped[Millis | None]
    outcome: Mapped[Words | None]
    gateway_message_id: Mapped[Words | None]
    exchange: Mapped[Words]
    error: Mapped[Words]
    delivery: Mapped[Words | None]


class Report(Model):
    """A delivery report, stored first and matched afterwards; ``reference`` is NULL while unmatched.

    ``named``: the reference of ours that it names, whether we know it or not.
    """

    __tablename__ = "delivery_report"
    __table_args__ = (
        Index("delivery_report_unmatched", "gateway", "gateway_message_id", **_where("reference IS NULL")),
        Index("delivery_report_unmatched_by_time", "received_at", "id", **_where("reference IS NULL")),
        Index("delivery_report_by_reference", "reference", **_where("reference IS NOT NULL")),
    )
    id: Mapped[Key]
    gateway: Mapped[Words]
    reference: Mapped[str | None] = mapped_column(Text, ForeignKey("submission.reference"))
    gateway_message_id: Mapped[Words | None]
    status: Mapped[Words]
    word: Mapped[Words]
    detail: Mapped[Words]
    parameters: Mapped[Words]
    received_at: Mapped[Millis]
    named: Mapped[Words | None]


class Subscription(Model):
    """A phone's subscription to an event source; ``gateway`` is the one its notifications go out through."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("event_source", "phone", name="subscription_one_per_phone"),
        Index("subscription_by_user", "event_source", "user_id"),
        Index("subscription_by_source", "event_source", "id"),
        {"sqlite_autoincrement": True},  # an id used again would look like a subscription that was told already
    )
    id: Mapped[Key]
    event_source: Mapped[Words]
    user_id: Mapped[Words]
    phone: Mapped[Words]
    gateway: Mapped[Words]
    created_at: Mapped[Millis]


class UserState(Model):
    """What an adapter keeps of a user of an event source (``state`` of the user subscription), as JSON."""

    __tablename__ = "user_state"
    __table_args__ = (UniqueConstraint("event_source", "user_id", name="user_state_one_per_user"),)
    id: Mapped[Key]
    event_source: Mapped[Words]
    user_id: Mapped[Words]
    state: Mapped[Words]


class Poll(Model):
    """The last run of an event source's poll, for people to see."""

    __tablename__ = "poll"
    event_source: Mapped[str] = mapped_column(Text, primary_key=True)
    started_at: Mapped[Millis]
    ended_at: Mapped[Millis]
    error: Mapped[Words]


class Worker(Model):
    """A process that handles and sends, where there are several; ``name``: its machine and process id."""

    __tablename__ = "worker"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[Key]
    name: Mapped[Words]
    started_at: Mapped[Millis]
    ended_at: Mapped[Millis | None]


class Broadcast(Model):
    """A text to every subscriber of an event source, queued in chunks.

    The subscriptions up to ``after_subscription`` have theirs queued; ``last_subscription`` is the newest that gets
    one, known once the first chunk is. ``queued``: how many texts it made.
    """

    __tablename__ = "broadcast"
    __table_args__ = (
        Index("broadcast_unfinished", "id", **_where("finished_at IS NULL")),
        Index("broadcast_by_key", "event_source", "key", "id", **_where("key IS NOT NULL")),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[Key]
    event_source: Mapped[Words]
    text: Mapped[Words]
    key: Mapped[Words | None]
    created_at: Mapped[Millis]
    after_subscription: Mapped[Millis]
    last_subscription: Mapped[Millis | None]
    queued: Mapped[Millis]
    finished_at: Mapped[Millis | None]


class AdapterHealth(Model):
    """How an adapter does: texts that failed in it in a row, its quarantine, and procedures beyond their time limit.

    ``resumed_at``: when its last quarantine ended.
    """

    __tablename__ = "adapter_health"
    adapter: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    quarantined_at: Mapped[Millis | None]
    resumed_at: Mapped[Millis | None]
    reason: Mapped[Words]
    overruns: Mapped[Millis]
    last_overrun_at: Mapped[Millis | None]


class GatewayHealth(Model):
    """Whether a gateway is spoken to (``closed`` circuit) or left alone for a while (``open``), and why."""

    __tablename__ = "gateway_health"
    gateway: Mapped[str] = mapped_column(Text, primary_key=True)
    circuit: Mapped[Words]
    since: Mapped[Millis]
    reason: Mapped[Words]


class Intervention(Model):
    """What a person did with a text: ``direction`` ("in" or "out") and ``message_id`` name it."""

    __tablename__ = "intervention"
    __table_args__ = (Index("intervention_by_message", "direction", "message_id"),)
    id: Mapped[Key]
    direction: Mapped[Words]
    message_id: Mapped[Millis]
    at: Mapped[Millis]
    what: Mapped[Words]


class SchemaSupport(Model):
    """The oldest revision whose code works with these tables: processes of it may go on while they are replaced."""

    __tablename__ = "schema_support"
    oldest: Mapped[str] = mapped_column(Text, primary_key=True)
