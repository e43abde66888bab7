"""What did pacing decide? One row per campaign and minute in which it decided anything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field

from campaigns.storage.columns import plain_json
from campaigns.storage.tables.base import Row, table_of


class DecisionMinuteRow(Row, table=True):
    """One minute, begun at `minute`; the dialer knows what its body says."""

    __tablename__ = "decision_minute"

    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    minute: datetime = Field(primary_key=True)
    body: Any = plain_json(nullable=False)


DECISION_MINUTE = table_of(DecisionMinuteRow)
