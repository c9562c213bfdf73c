"""The first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:

    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("gateway_message_id", sa.Text(), nullable=True),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("keyword", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('RECEIVED', 'HANDLED', 'UNMATCHED', 'FAILED')", name="inbox_state"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("gateway", "gateway_message_id", name="inbox_one_per_gateway_id"),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(
            "inbox_ready",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'RECEIVED' AND attempts >= 0"),
            postgresql_where=sa.text("state = 'RECEIVED' AND attempts >= 0"),
        )
        batch_op.create_index(
            "inbox_waiting_by_sender",
            ["sender", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'RECEIVED'"),
            postgresql_where=sa.text("state = 'RECEIVED'"),
        )

    op.create_table(
        "poll",
        sa.Column("event_source", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_source"),
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_source", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_source", "phone", name="subscription_one_per_phone"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index("subscription_by_user", ["event_source", "user_id"], unique=False)

    op.create_table(
        "user_state",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_source", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_source", "user_id", name="user_state_one_per_user"),
    )
    op.create_table(
        "handling",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('ACCEPTED', 'TRY_LATER', 'GAVE_UP', 'UNKNOWN', 'HANDLED', 'RAISED')", name="handling_outcome"
        ),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["inbox.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("inbox_id", "handler", "attempt", name="handling_once_per_attempt"),
    )
    with op.batch_alter_table("handling", schema=None) as batch_op:
        batch_op.create_index(
            "handling_succeeds_once",
            ["inbox_id", "handler"],
            unique=True,
            sqlite_where=sa.text("outcome = 'HANDLED'"),
            postgresql_where=sa.text("outcome = 'HANDLED'"),
        )

    op.create_table(
        "inbox_repeat",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["inbox.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("inbox_repeat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_repeat_inbox_id"), ["inbox_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("inbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event_source", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'SENDING', 'WAITING', 'SENT', 'DELIVERED', 'UNDELIVERED', 'FAILED', 'HELD')",
            name="outbox_state",
        ),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["inbox.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cause", name="outbox_one_per_cause"),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("outbox_by_inbox", ["inbox_id"], unique=False)
        batch_op.create_index(
            "outbox_ready",
            ["gateway", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('QUEUED', 'WAITING', 'SENDING') AND attempts >= 0"),
            postgresql_where=sa.text("state IN ('QUEUED', 'WAITING', 'SENDING') AND attempts >= 0"),
        )
        batch_op.create_index(
            "outbox_waiting_by_receiver",
            ["gateway", "receiver", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('QUEUED', 'WAITING', 'SENDING')"),
            postgresql_where=sa.text("state IN ('QUEUED', 'WAITING', 'SENDING')"),
        )

    op.create_table(
        "submission",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("gateway_message_id", sa.Text(), nullable=True),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('ACCEPTED', 'TRY_LATER', 'GAVE_UP', 'UNKNOWN', 'HANDLED', 'RAISED')", name="submission_outcome"
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"],
            ["outbox.id"],
        ),
        sa.PrimaryKeyConstraint("reference"),
        sa.UniqueConstraint("outbox_id", "part", "attempt", name="submission_once_per_attempt"),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(
            "submission_accepted_once",
            ["outbox_id", "part"],
            unique=True,
            sqlite_where=sa.text("outcome = 'ACCEPTED'"),
            postgresql_where=sa.text("outcome = 'ACCEPTED'"),
        )
        batch_op.create_index("submission_by_gateway_id", ["gateway", "gateway_message_id"], unique=False)

    op.create_table(
        "delivery_report",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("gateway_message_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference"],
            ["submission.reference"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("delivery_report", schema=None) as batch_op:
        batch_op.create_index("delivery_report_by_reference", ["reference"], unique=False)
        batch_op.create_index(
            "delivery_report_unmatched",
            ["gateway", "gateway_message_id"],
            unique=False,
            sqlite_where=sa.text("reference IS NULL"),
            postgresql_where=sa.text("reference IS NULL"),
        )
