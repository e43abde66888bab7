"""Who asked to take a number off the do-not-call list, who confirmed it, and why?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field

from campaigns.removal import RemovalEnd
from campaigns.storage.columns import plain_json, word, words
from campaigns.storage.tables.base import Row, partial_unique, table_of


class RemovalRow(Row, table=True):
    """One request. Rows are settled, never deleted; a number has one that is pending at most."""

    __tablename__ = "removal_request"
    __table_args__ = (
        partial_unique(
            "uq_removal_request_pending",
            "number",
            where_sqlite="settled_at IS NULL",
            where_postgresql="settled_at IS NULL",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str = words()
    entries: Any = plain_json(nullable=False)
    reason: str = words()
    asked_by: str = words()
    asked_at: datetime
    expires_at: datetime
    settled_at: datetime | None = None
    settled_by: str = words(default="")
    asked_account: str = words(default="")
    settled_account: str = words(default="")
    end: RemovalEnd | None = word(RemovalEnd, default=None, nullable=True)


REMOVAL = table_of(RemovalRow)
