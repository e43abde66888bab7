"""Where was a state of emergency declared, for which days, and by whom was that recorded?"""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field

from campaigns.storage.columns import words
from campaigns.storage.tables.base import Row, table_of


class EmergencyRow(Row, table=True):
    """One declaration. It is never edited or deleted: its early end is added to it."""

    __tablename__ = "emergency"

    id: int | None = Field(default=None, primary_key=True)
    region: str = words()
    first: date
    last: date
    reason: str = words()
    declared_by: str = words()
    declared_at: datetime
    ended_by: str = words(default="")
    ended_at: datetime | None = None
    ended_reason: str = words(default="")


EMERGENCY = table_of(EmergencyRow)
