"""Gateways that fetch their texts: how they do, and what they may bring news of

Only new tables: code of revisions 0001 to 0004 goes on working beside them while it is replaced.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "phone_health",
        sa.Column("gateway", sa.Text(), primary_key=True),
        sa.Column("polled_at", sa.BigInteger(), nullable=True),
        sa.Column("text_at", sa.BigInteger(), nullable=True),
        sa.Column("alerted_at", sa.BigInteger(), nullable=True),
        sa.Column("alert", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
    )
    op.create_table(
        "fetched",
        sa.Column("reference", sa.Text(), sa.ForeignKey("submission.reference"), primary_key=True),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("fetched_by_question", "fetched", ["gateway", "asked_at"])
    op.create_index("fetched_by_time", "fetched", ["at"])
