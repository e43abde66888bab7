"""What else must be remembered? The installation, nightly exports that were made, commands that were answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from campaigns.storage.columns import plain_json, words
from campaigns.storage.tables.base import Row, table_of


class InstallationRow(Row, table=True):
    """One row: what tells this installation's calls from those of others on a shared exchange."""

    __tablename__ = "installation"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    prefix: str = words()
    created_at: datetime


class ExportRow(Row, table=True):
    """One nightly export, made once per campaign, kind and report date whatever happens."""

    __tablename__ = "export_run"

    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    kind: str = words(primary_key=True)
    report_date: date = Field(primary_key=True)
    path: str = words()
    sha256: str = words()
    rows: int
    made_at: datetime
    late: bool


class CommandRow(Row, table=True):
    """One command and its answer; a repeated id gets the same answer and does nothing. `actor` is the name that was
    given, `account` the operating system's own."""

    __tablename__ = "command"
    __table_args__ = (Index("ix_command_at", "at"),)

    id: str = words(primary_key=True)
    name: str = words()
    actor: str = words()
    reason: str = words(default="")
    at: datetime
    answer: Any = plain_json(nullable=True)
    account: str = words(default="")


class LearnedRow(Row, table=True):
    """What the engine has learned of a campaign (rates, durations), saved so that a restart does not forget it."""

    __tablename__ = "learned"

    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    values: Any = plain_json(nullable=False)
    saved_at: datetime


INSTALLATION = table_of(InstallationRow)
EXPORT = table_of(ExportRow)
COMMAND = table_of(CommandRow)
LEARNED = table_of(LearnedRow)
