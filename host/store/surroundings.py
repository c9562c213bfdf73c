"""The tables of everything around texts: subscriptions, broadcasts, workers, health, and what people did."""

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from host.store.base import Key, Millis, Model, Words, where


class Subscription(Model):
    """A phone's subscription to an event source; ``gateway`` is the one its notifications go out through.

    ``alias``, ``application``: as the phone was subscribed over HTTP with, else "".
    """

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
    alias: Mapped[Words] = mapped_column(server_default="")
    application: Mapped[Words] = mapped_column(server_default="")


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
        Index("broadcast_unfinished", "id", **where("finished_at IS NULL")),
        Index("broadcast_by_key", "event_source", "key", "id", **where("key IS NOT NULL")),
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

    ``resumed_at``: when its last quarantine ended. Of the texts that waited for it those with ids up to
    ``waking_until`` are made due again, and those up to ``waking_after`` already are; both NULL once all are.
    """

    __tablename__ = "adapter_health"
    adapter: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    quarantined_at: Mapped[Millis | None]
    resumed_at: Mapped[Millis | None]
    waking_after: Mapped[Millis | None]
    waking_until: Mapped[Millis | None]
    reason: Mapped[Words]
    overruns: Mapped[Millis]
    last_overrun_at: Mapped[Millis | None]


class GatewayHealth(Model):
    """Whether a gateway is spoken to (``closed`` circuit) or left alone for a while (``open``), and why.

    ``owner``: the number of the worker whose its sending is, where there are several.
    """

    __tablename__ = "gateway_health"
    gateway: Mapped[str] = mapped_column(Text, primary_key=True)
    circuit: Mapped[Words]
    since: Mapped[Millis]
    reason: Mapped[Words]
    owner: Mapped[Millis | None]


class PhoneHealth(Model):
    """A gateway that fetches its texts, as it was last heard of; NULL for never.

    ``agent``: what it calls itself, with its version. ``alert``: what it said ails it.
    """

    __tablename__ = "phone_health"
    gateway: Mapped[str] = mapped_column(Text, primary_key=True)
    polled_at: Mapped[Millis | None]
    text_at: Mapped[Millis | None]
    alerted_at: Mapped[Millis | None]
    alert: Mapped[Words | None]
    agent: Mapped[Words | None]


class Fetched(Model):
    """A text that a gateway fetched a while ago, and may bring news of. ``asked_at``: when it was last asked to."""

    __tablename__ = "fetched"
    __table_args__ = (Index("fetched_by_question", "gateway", "asked_at"), Index("fetched_by_time", "at"))
    reference: Mapped[str] = mapped_column(Text, ForeignKey("submission.reference"), primary_key=True)
    gateway: Mapped[Words]
    at: Mapped[Millis]
    asked_at: Mapped[Millis]


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
