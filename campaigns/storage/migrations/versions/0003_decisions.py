"""The decision log: what pacing did in each minute of each campaign, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decision_minute",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_decision_minute_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("campaign_id", "minute", name=op.f("pk_decision_minute")),
    )
