"""Which account of the operating system gave a command, asked for what needs a second person, and confirmed it.

Nobody knows by which account a request was asked for that waits now: it ends, and is asked for anew. An override that
is in force without two known accounts loosens nothing any more.

And which answers about numbers were corrected, by whom and why.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ADDED = (
    ("command", "account"),
    ("removal_request", "asked_account"),
    ("removal_request", "settled_account"),
    ("rule_override", "asked_account"),
    ("rule_override", "confirmed_account"),
    ("rule_override", "revoked_account"),
    ("number_answer", "corrected_by"),
    ("number_answer", "corrected_reason"),
)


def upgrade() -> None:
    for table, column in _ADDED:
        op.add_column(table, sa.Column(column, sa.Text(), nullable=False, server_default=""))
    op.add_column("number_answer", sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE removal_request SET expires_at = asked_at WHERE settled_at IS NULL")
