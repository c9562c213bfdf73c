"""What subscriptions over HTTP say of themselves: an alias, and the application

Only additions with defaults: code of revisions 0001 and 0002 goes on working on these tables while it is replaced.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name in ("alias", "application"):
        op.add_column("subscription", sa.Column(name, sa.Text(), nullable=False, server_default=""))
