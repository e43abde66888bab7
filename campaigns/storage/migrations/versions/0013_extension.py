"""Attempts: the extension that was dialled after the number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("extension", sa.Text(), nullable=False, server_default=""))
