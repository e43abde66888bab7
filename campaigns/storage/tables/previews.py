"""Which leads lie, or lay, on agents' desks before they were dialled or skipped?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from campaigns.model import PreviewEnd
from campaigns.storage.columns import word, words
from campaigns.storage.tables.base import Row, partial_unique, table_of


class PreviewRow(Row, table=True):
    """One lead on one agent's desk. An open one reserves its number: it lies on no second desk."""

    __tablename__ = "preview"
    __table_args__ = (
        Index("ix_preview_person", "person_id"),
        Index("ix_preview_campaign_offered", "campaign_id", "offered_at"),
        partial_unique(
            "uq_preview_open_number", "number", where_sqlite="ended_at IS NULL", where_postgresql="ended_at IS NULL"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    person_id: int = Field(foreign_key="person.id")
    contact_point_id: int
    number: str = words()
    agent_id: int = Field(foreign_key="agent.id")
    offered_at: datetime
    was_due_at: datetime
    ended_at: datetime | None = None
    end: PreviewEnd | None = word(PreviewEnd, default=None, nullable=True)
    by_limit: bool = False
    reason: str = words(default="")
    attempt_id: str | None = words(default=None, nullable=True, foreign_key="attempt.id")


PREVIEW = table_of(PreviewRow)
