"""Who talks, and over what? Agents, the ledger of their time, and the trunks calls go out on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from campaigns.model import AgentState
from campaigns.storage.columns import word, words
from campaigns.storage.tables.base import Row, partial_unique, table_of


class AgentRow(Row, table=True):
    __tablename__ = "agent"

    id: int | None = Field(default=None, primary_key=True)
    number: str = words(unique=True)
    name: str = words(unique=True)
    sip_secret_ref: str = words(default="")
    pin_hash: str = words(default="")
    active: bool = True
    created_at: datetime


class SpanRow(Row, table=True):
    """A stretch of an agent's time in one state. The next one begins at the very instant this one ends."""

    __tablename__ = "agent_span"
    __table_args__ = (
        Index("ix_agent_span_agent", "agent_id", "began_at"),
        Index("ix_agent_span_began", "began_at"),
        partial_unique(
            "uq_agent_span_open",
            "agent_id",
            where_sqlite="ended_at IS NULL",
            where_postgresql="ended_at IS NULL",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    agent_id: int = Field(foreign_key="agent.id")
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    state: AgentState = word(AgentState, nullable=False)
    pause_code: str = words(default="")
    began_at: datetime
    ended_at: datetime | None = None


class TrunkRow(Row, table=True):
    __tablename__ = "trunk"

    id: int | None = Field(default=None, primary_key=True)
    name: str = words(unique=True)
    exchange: str = words()
    host: str = words()
    port: int
    caller_id: str = words(default="")
    practice: bool
    rule_profile: str = words()
    max_calls: int
    attempts_per_second: float
    suspended_reason: str = words(default="")
    suspended_at: datetime | None = None


AGENT = table_of(AgentRow)
SPAN = table_of(SpanRow)
TRUNK = table_of(TrunkRow)
