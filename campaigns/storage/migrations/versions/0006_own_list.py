"""Requests to take a number off the do-not-call list, for a second person to confirm; entries that are patterns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("suppression", sa.Column("pattern_digits", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_suppression_pattern",
        "suppression",
        ["pattern_digits"],
        sqlite_where=sa.text("pattern_digits > 0 AND removed_at IS NULL"),
        postgresql_where=sa.text("pattern_digits > 0 AND removed_at IS NULL"),
    )
    op.create_table(
        "removal_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("end", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removal_request")),
    )
    op.create_index(
        "uq_removal_request_pending",
        "removal_request",
        ["number"],
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
