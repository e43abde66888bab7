"""A clone shares the abandonment window of the campaign it was made from; all campaigns so far have their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Named inside the column: SQLite can add no constraint later, and copying the table would break rows that name it.
    window = sa.ForeignKey("campaign.id", name=op.f("fk_campaign_window_id_campaign"))
    op.add_column("campaign", sa.Column("window_id", sa.Integer(), window, nullable=True), inline_references=True)
