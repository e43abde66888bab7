"""Which numbers may be shown, and what proves it?"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from campaigns.storage.columns import words
from campaigns.storage.tables.base import Row, table_of


class CallerIdRow(Row, table=True):
    """One proof. It is never edited or deleted: its end is added to it, a new proof is a row of its own."""

    __tablename__ = "caller_id_right"

    id: int | None = Field(default=None, primary_key=True)
    number: str = words()
    right_to_use: str = words()
    recorded_by: str = words()
    recorded_at: datetime
    ended_by: str = words(default="")
    ended_at: datetime | None = None
    ended_reason: str = words(default="")


CALLER_ID = table_of(CallerIdRow)
