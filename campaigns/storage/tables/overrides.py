"""Who made a rule looser, who confirmed it, why, and until when?"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from campaigns.storage.columns import words
from campaigns.storage.tables.base import Row, table_of


class OverrideRow(Row, table=True):
    """One request. It is never edited or deleted: a confirmation and a revocation are added to it."""

    __tablename__ = "rule_override"

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    number: str = words(default="")
    key: str = words()
    value: str = words()
    reason: str = words()
    asked_by: str = words()
    asked_at: datetime
    until: datetime
    confirmed_by: str = words(default="")
    confirmed_at: datetime | None = None
    revoked_by: str = words(default="")
    revoked_at: datetime | None = None
    revoked_reason: str = words(default="")
    asked_account: str = words(default="")
    confirmed_account: str = words(default="")
    revoked_account: str = words(default="")


OVERRIDE = table_of(OverrideRow)
