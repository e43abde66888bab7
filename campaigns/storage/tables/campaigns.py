"""What is a campaign made of? Its settings by version, its lists and agents, its scripts, and who is dialled next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from campaigns.model import CampaignState, CloseReason, LeadState
from campaigns.storage.columns import plain_json, word, words
from campaigns.storage.tables.base import Row, table_of


class CampaignRow(Row, table=True):
    __tablename__ = "campaign"

    id: int | None = Field(default=None, primary_key=True)
    name: str = words(unique=True)  # of the settings in force; earlier names stand in earlier versions
    state: CampaignState = word(CampaignState, nullable=False)
    settings_version: int
    disposition_set: int
    created_at: datetime
    created_by: str = words()
    window_id: int | None = Field(default=None, foreign_key="campaign.id")  # of a clone: whose window it shares


class SettingsRow(Row, table=True):
    """One version of a campaign's settings; never edited."""

    __tablename__ = "campaign_settings"

    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    version: int = Field(primary_key=True)
    values: Any = plain_json(nullable=False)
    disposition_set: int
    actor: str = words()
    saved_at: datetime


class DispositionSetRow(Row, table=True):
    """One version of a campaign's dispositions; a new one only when they changed."""

    __tablename__ = "disposition_set"

    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    version: int = Field(primary_key=True)
    dispositions: Any = plain_json(nullable=False)
    saved_at: datetime


class CampaignListRow(Row, table=True):
    __tablename__ = "campaign_list"
    __table_args__ = (Index("ix_campaign_list_list", "list_id"),)

    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    list_id: int = Field(foreign_key="lead_list.id", primary_key=True)
    attached_at: datetime
    actor: str = words()


class CampaignAgentRow(Row, table=True):
    __tablename__ = "campaign_agent"
    __table_args__ = (Index("ix_campaign_agent_agent", "agent_id"),)

    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    agent_id: int = Field(foreign_key="agent.id", primary_key=True)
    assigned_at: datetime
    actor: str = words()


class DiallingRow(Row, table=True):
    """One person in one campaign.

    `ask_again_at` is none exactly when nobody may pick him: IN_PROGRESS or CLOSED. The index answers "who is
    due?" for one state at a time in the order of waiting, so no other row is ever read.
    """

    __tablename__ = "dialling_state"
    __table_args__ = (
        Index("ix_dialling_state_due", "campaign_id", "state", "ask_again_at", "person_id"),
        Index("ix_dialling_state_person", "person_id"),
        Index("ix_dialling_state_list", "list_id"),
    )

    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    list_id: int = Field(foreign_key="lead_list.id")
    state: LeadState = word(LeadState, nullable=False)
    close_reason: CloseReason | None = word(CloseReason, default=None, nullable=True)
    ask_again_at: datetime | None = None
    owner_agent_id: int | None = Field(default=None, foreign_key="agent.id")
    contact_point_id: int | None = None  # no foreign key: undoing an import would read all rows for each number
    tries: int = 0
    attempts: int = 0
    hold_code: str = words(default="")
    hold_reason: str = words(default="")
    changed_at: datetime


class ScriptRow(Row, table=True):
    """One version of a script, as its text was imported; never edited."""

    __tablename__ = "script"

    name: str = words(primary_key=True)
    version: int = Field(primary_key=True)
    body: str = words()
    sha256: str = words()
    actor: str = words()
    saved_at: datetime


CAMPAIGN = table_of(CampaignRow)
SETTINGS = table_of(SettingsRow)
DISPOSITION_SET = table_of(DispositionSetRow)
CAMPAIGN_LIST = table_of(CampaignListRow)
CAMPAIGN_AGENT = table_of(CampaignAgentRow)
DIALLING = table_of(DiallingRow)
SCRIPT = table_of(ScriptRow)
