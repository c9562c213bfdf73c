"""The tables of texts and of what happened to them, with the constraints that make repeats impossible."""

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host.store.base import ANY, BIG, Key, Millis, Model, Words, one_of, where
from host.store.states import InboxState, OutboxState, Outcome


class Inbox(Model):
    """A text from a phone.

    ``parameters``: everything that came, as JSON pairs; ``raw``: the request where those could not keep every byte.
    ``claimed_by``: the worker process that has it in hand, where there are several. ``repeat_of``: the text whose
    content it repeats. ``waits_for``: the adapter in quarantine that it waits, or waited, for.
    ``due_at``: 0 for at once, or when to try again by :func:`host.clock.steady`. ``answer_by``: until when, by the same
    clock, the request that brought it waits for texts to take along.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("gateway", "gateway_message_id", name="inbox_one_per_gateway_id"),
        one_of("state", InboxState, "inbox_state"),
        Index("inbox_ready", "id", **where(f"state = 'RECEIVED' AND {ANY}")),
        Index("inbox_waiting_by_sender", "sender", "id", **where("state = 'RECEIVED'")),
        Index("inbox_claimed", "claimed_by", **where("claimed_by IS NOT NULL")),
        Index("inbox_by_content", "gateway", "sender", "received_at", **where("gateway_message_id IS NULL")),
        Index("inbox_waiting_for", "waits_for", "id", **where("state = 'WAITING'")),
        Index("inbox_parked_by_sender", "sender", "id", **where("state = 'WAITING'")),
        Index("inbox_later", "due_at", **where("state = 'RECEIVED' AND due_at > 0")),
        Index("inbox_failed", "finished_at", **where("state = 'FAILED'")),
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
    answer_by: Mapped[Millis | None]


class Repeat(Model):
    """The same text came again (same gateway, same gateway message id); answered as if new, not handled again."""

    __tablename__ = "inbox_repeat"
    id: Mapped[Key]
    inbox_id: Mapped[int] = mapped_column(BIG, ForeignKey("inbox.id"), index=True)
    received_at: Mapped[Millis]


class InboxPart(Model):
    """A part of a long text that its gateway brings in parts; ``inbox_id`` is NULL until the text is handed on.

    ``until``: when it is handed on without those that have not come. ``came``: how often this part came.
    """

    __tablename__ = "inbox_part"
    __table_args__ = (
        UniqueConstraint("gateway", "gateway_message_id", "number", name="inbox_part_one_per_gateway_id"),
        Index(
            "inbox_part_waiting",
            *("gateway", "sender", "receiver", "reference", "of", "number"),
            unique=True,
            **where("inbox_id IS NULL"),
        ),
        Index("inbox_part_until", "until", **where("inbox_id IS NULL")),
        Index("inbox_part_by_inbox", "inbox_id", **where("inbox_id IS NOT NULL")),
        Index("inbox_part_by_phone", "gateway", "sender", "received_at", **where("gateway_message_id IS NULL")),
    )
    id: Mapped[Key]
    gateway: Mapped[Words]
    sender: Mapped[Words]
    receiver: Mapped[Words]
    reference: Mapped[Words]
    number: Mapped[int] = mapped_column(Integer)
    of: Mapped[int] = mapped_column(Integer)
    gateway_message_id: Mapped[Words | None]
    text: Mapped[Words]
    keyword: Mapped[Words]
    parameters: Mapped[Words]
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    sent_at: Mapped[Millis | None]
    received_at: Mapped[Millis]
    until: Mapped[Millis]
    came: Mapped[int] = mapped_column(Integer, server_default="1")
    inbox_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("inbox.id"))


class Handling(Model):
    """One run of one handler on one text; at most one of a text's runs of a handler succeeds."""

    __tablename__ = "handling"
    __table_args__ = (
        UniqueConstraint("inbox_id", "handler", "attempt", name="handling_once_per_attempt"),
        Index("handling_succeeds_once", "inbox_id", "handler", unique=True, **where("outcome = 'HANDLED'")),
        one_of("outcome", Outcome, "handling_outcome"),
    )
    id: Mapped[Key]
    inbox_id: Mapped[int] = mapped_column(BIG, ForeignKey("inbox.id"))
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
        one_of("state", OutboxState, "outbox_state"),
        Index(
            "outbox_ready",
            "gateway",
            "priority",
            "id",
            **where(f"state IN ('QUEUED', 'WAITING', 'SENDING') AND {ANY}"),
        ),
        Index(
            "outbox_waiting_by_receiver",
            "gateway",
            "receiver",
            "priority",
            "id",
            **where("state IN ('QUEUED', 'WAITING', 'SENDING')"),
        ),
        Index("outbox_later", "due_at", **where("state IN ('QUEUED', 'WAITING', 'SENDING') AND due_at > 0")),
        Index("outbox_failed", "finished_at", **where("state = 'FAILED'")),
        Index("outbox_held", "finished_at", **where("state = 'HELD'")),
        Index("outbox_by_inbox", "inbox_id", **where("inbox_id IS NOT NULL")),
        Index("outbox_sending", "gateway", **where("state = 'SENDING'")),
        Index("outbox_by_broadcast", "broadcast_id", **where("broadcast_id IS NOT NULL")),
    )
    id: Mapped[Key]
    cause: Mapped[Words | None]
    inbox_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("inbox.id"))
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
        Index("submission_accepted_once", "outbox_id", "part", unique=True, **where("outcome = 'ACCEPTED'")),
        Index("submission_by_gateway_id", "gateway", "gateway_message_id"),
        one_of("outcome", Outcome, "submission_outcome"),
    )
    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(BIG, ForeignKey("outbox.id"))
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
        Index("delivery_report_unmatched", "gateway", "gateway_message_id", **where("reference IS NULL")),
        Index("delivery_report_unmatched_by_time", "received_at", "id", **where("reference IS NULL")),
        Index("delivery_report_by_reference", "reference", **where("reference IS NOT NULL")),
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
