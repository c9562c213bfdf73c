"""Worker processes, broadcasts, quarantine, and what people did by hand

Only additions and wider constraints: code of revision 0001 goes on working on these tables while it is replaced.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INBOX = ("RECEIVED", "HANDLED", "UNMATCHED", "FAILED")
_OUTBOX = ("QUEUED", "SENDING", "WAITING", "SENT", "DELIVERED", "UNDELIVERED", "FAILED", "HELD")
_ACTIVE = "state IN ('QUEUED', 'WAITING', 'SENDING')"


def upgrade() -> None:
    op.add_column("inbox", sa.Column("claimed_by", sa.BigInteger(), nullable=True))
    op.add_column("inbox", sa.Column("repeat_of", sa.BigInteger(), nullable=True))
    op.add_column("inbox", sa.Column("waits_for", sa.Text(), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("excused", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("broadcast_id", sa.BigInteger(), nullable=True))
    op.add_column("delivery_report", sa.Column("named", sa.Text(), nullable=True))
    _widen("inbox", "inbox_state", _INBOX, "REPEAT", "WAITING")
    _widen("outbox", "outbox_state", _OUTBOX, "DISCARDED")

    _index("inbox_claimed", "inbox", ["claimed_by"], "claimed_by IS NOT NULL")
    _index("inbox_by_content", "inbox", ["gateway", "sender", "received_at"], "gateway_message_id IS NULL")
    _index("inbox_waiting_for", "inbox", ["waits_for", "id"], "state = 'WAITING'")
    _index("inbox_parked_by_sender", "inbox", ["sender", "id"], "state = 'WAITING'")
    _index("inbox_later", "inbox", ["due_at"], "state = 'RECEIVED' AND due_at > 0")
    _index("inbox_failed", "inbox", ["finished_at"], "state = 'FAILED'")
    _index("outbox_later", "outbox", ["due_at"], f"{_ACTIVE} AND due_at > 0")
    _index("outbox_failed", "outbox", ["finished_at"], "state = 'FAILED'")
    _index("outbox_held", "outbox", ["finished_at"], "state = 'HELD'")
    _index("outbox_by_broadcast", "outbox", ["broadcast_id"], "broadcast_id IS NOT NULL")
    op.drop_index("delivery_report_by_reference", "delivery_report")
    _index("delivery_report_by_reference", "delivery_report", ["reference"], "reference IS NOT NULL")
    _index("delivery_report_unmatched_by_time", "delivery_report", ["received_at", "id"], "reference IS NULL")
    op.drop_index("outbox_by_inbox", "outbox")
    _index("outbox_by_inbox", "outbox", ["inbox_id"], "inbox_id IS NOT NULL")
    _index("outbox_sending", "outbox", ["gateway"], "state = 'SENDING'")
    op.drop_index("outbox_ready", "outbox")
    op.drop_index("outbox_waiting_by_receiver", "outbox")
    _index("outbox_ready", "outbox", ["gateway", "priority", "id"], f"{_ACTIVE} AND attempts >= 0")
    _index("outbox_waiting_by_receiver", "outbox", ["gateway", "receiver", "priority", "id"], _ACTIVE)

    op.create_table(
        "worker",
        sa.Column("id", _BIG, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "broadcast",
        sa.Column("id", _BIG, primary_key=True),
        sa.Column("event_source", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("after_subscription", sa.BigInteger(), nullable=False),
        sa.Column("last_subscription", sa.BigInteger(), nullable=True),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sqlite_autoincrement=True,
    )
    _index("broadcast_unfinished", "broadcast", ["id"], "finished_at IS NULL")
    _index("broadcast_by_key", "broadcast", ["event_source", "key", "id"], "key IS NOT NULL")
    _index("subscription_by_source", "subscription", ["event_source", "id"], None)
    op.create_table(
        "adapter_health",
        sa.Column("adapter", sa.Text(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("quarantined_at", sa.BigInteger(), nullable=True),
        sa.Column("resumed_at", sa.BigInteger(), nullable=True),
        sa.Column("waking_after", sa.BigInteger(), nullable=True),
        sa.Column("waking_until", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("overruns", sa.BigInteger(), nullable=False),
        sa.Column("last_overrun_at", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "gateway_health",
        sa.Column("gateway", sa.Text(), primary_key=True),
        sa.Column("circuit", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=True),
    )
    op.create_table(
        "intervention",
        sa.Column("id", _BIG, primary_key=True),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
    )
    _index("intervention_by_message", "intervention", ["direction", "message_id"], None)
    support = op.create_table("schema_support", sa.Column("oldest", sa.Text(), primary_key=True))
    op.bulk_insert(support, [{"oldest": "0001"}])


def _index(name: str, table: str, columns: list[str], where: str | None) -> None:
    only = None if where is None else sa.text(where)
    op.create_index(name, table, columns, unique=False, sqlite_where=only, postgresql_where=only)


def _widen(table: str, name: str, states: tuple[str, ...], *more: str) -> None:
    """Let a table hold more states.

    SQLite would copy the whole table for that. Its manual lets a constraint that changes no stored row be respelled in
    the schema instead (https://www.sqlite.org/lang_altertable.html, section 7).
    """
    old, new = (", ".join(f"'{state}'" for state in some) for some in (states, (*states, *more)))
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, f"state IN ({new})")
        return
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    op.get_bind().exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?", (old, new, table)
    )
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")
