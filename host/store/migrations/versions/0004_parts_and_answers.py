"""Parts of long texts that gateways bring one by one, and until when a gateway's request waits for its answer

Only additions, empty unless written: code of earlier revisions goes on working on these tables while it is replaced.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WAITS, _IS_IN = "inbox_id IS NULL", "inbox_id IS NOT NULL"


def upgrade() -> None:
    op.add_column("inbox", sa.Column("answer_by", sa.BigInteger(), nullable=True))
    op.create_table(
        "inbox_part",
        sa.Column("id", _BIG, primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("gateway", "sender", "receiver", "reference")),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("gateway_message_id", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("text", "keyword", "parameters")),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("came", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("inbox_id", _BIG, sa.ForeignKey("inbox.id"), nullable=True),
        sa.UniqueConstraint("gateway", "gateway_message_id", "number", name="inbox_part_one_per_gateway_id"),
    )
    names = ["gateway", "sender", "receiver", "reference", "of", "number"]
    _index("inbox_part_waiting", names, _WAITS, unique=True)
    _index("inbox_part_until", ["until"], _WAITS)
    _index("inbox_part_by_inbox", ["inbox_id"], _IS_IN)
    _index("inbox_part_by_phone", ["gateway", "sender", "received_at"], "gateway_message_id IS NULL")


def _index(name: str, columns: list[str], where: str, unique: bool = False) -> None:
    only = sa.text(where)
    op.create_index(name, "inbox_part", columns, unique=unique, sqlite_where=only, postgresql_where=only)
