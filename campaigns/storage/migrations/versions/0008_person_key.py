"""Persons: the key by which a list says who is the same person, and the debt he is called about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("person_key", sa.Text(), nullable=False, server_default=""))
    op.add_column("person", sa.Column("debt", sa.Text(), nullable=False, server_default=""))
    op.create_index(
        "ix_person_key",
        "person",
        ["person_key"],
        sqlite_where=sa.text("person_key > ''"),
        postgresql_where=sa.text("person_key > ''"),
    )
