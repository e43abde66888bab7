"""What happened in every call? Attempts with their five facts laid flat, their append-only events, callbacks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from campaigns.model import AnsweredBy, AnsweredBySource, EventKind, Network, Routing, Scope, ScriptOutcome
from campaigns.storage.columns import plain_json, word, words
from campaigns.storage.tables.base import Row, partial_unique, table_of
from campaigns.storage.values import CallbackStatus

WITHOUT_OUTCOME = "closed AND disposition = '' AND joined_at IS NOT NULL"  # the words of index and question are one


class AttemptRow(Row, table=True):
    """One call. At most one live call per number: a unique index over the live ones says so, not only the rule."""

    __tablename__ = "attempt"
    __table_args__ = (
        partial_unique("uq_attempt_live_number", "number", where_sqlite="live = 1", where_postgresql="live"),
        Index("ix_attempt_number", "number", "created_at"),
        Index("ix_attempt_campaign_date", "campaign_id", "report_date"),
        Index("ix_attempt_person", "person_id"),
        Index(
            "ix_attempt_without_outcome",
            "campaign_id",
            sqlite_where=text(WITHOUT_OUTCOME),
            postgresql_where=text(WITHOUT_OUTCOME),
        ),
        Index("ix_attempt_open", "campaign_id", sqlite_where=text("closed = 0"), postgresql_where=text("NOT closed")),
    )

    id: str = words(primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    person_id: int = Field(foreign_key="person.id")
    contact_point_id: int  # no foreign key, see DiallingRow
    list_id: int = Field(foreign_key="lead_list.id")
    number: str = words()
    extension: str = words(default="")
    trunk: str = words()
    settings_version: int
    script_version: int | None = None
    disposition_set: int
    created_at: datetime
    report_date: date
    first_attempt: bool
    live: bool
    closed: bool
    closed_at: datetime | None = None

    network: Network | None = word(Network, default=None, nullable=True)
    network_detail: str = words(default="")
    sip_code: int | None = None
    q850: int | None = None
    ended_by: str = words(default="")
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    ring_ms: int | None = None
    connect_delay_ms: int | None = None
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_up_ms: int = 0
    answered_by: AnsweredBy | None = word(AnsweredBy, default=None, nullable=True)
    answered_by_source: AnsweredBySource | None = word(AnsweredBySource, default=None, nullable=True)
    detector_said: AnsweredBy | None = word(AnsweredBy, default=None, nullable=True)
    routing: Routing = word(Routing, nullable=False)
    agent_id: int | None = Field(default=None, foreign_key="agent.id")
    script: ScriptOutcome = word(ScriptOutcome, nullable=False)
    script_steps: Any = plain_json(nullable=False)
    script_end_step: str = words(default="")
    leave_reason: str = words(default="")
    disposition: str = words(default="")
    note: str = words(default="")
    cancel_reason: str = words(default="")
    opted_out: bool = False


class EventRow(Row, table=True):
    """One line of an attempt's log; rows are only ever added."""

    __tablename__ = "attempt_event"

    attempt_id: str = words(primary_key=True, foreign_key="attempt.id")
    seq: int = Field(primary_key=True)
    kind: EventKind = word(EventKind, nullable=False)
    at: datetime
    data: Any = plain_json(nullable=False)


class SuppressionRow(Row, table=True):
    """A do-not-call entry. A removed one stays, with who removed it and why."""

    __tablename__ = "suppression"
    __table_args__ = (
        Index("ix_suppression_number", "number"),
        partial_unique(
            "uq_suppression_in_force",
            "number",
            "scope",
            "value",
            where_sqlite="removed_at IS NULL",
            where_postgresql="removed_at IS NULL",
        ),
        Index(
            "ix_suppression_pattern",
            "pattern_digits",
            sqlite_where=text("pattern_digits > 0 AND removed_at IS NULL"),
            postgresql_where=text("pattern_digits > 0 AND removed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str = words()
    pattern_digits: int = 0  # of a pattern such as +4930*: 4; of a whole number: 0
    scope: Scope = word(Scope, nullable=False)
    value: str = words(default="")
    reason: str = words()
    source: str = words()
    actor: str = words()
    added_at: datetime
    attempt_id: str | None = words(default=None, nullable=True, foreign_key="attempt.id")
    removed_at: datetime | None = None
    removed_by: str = words(default="")
    removed_reason: str = words(default="")


class CallbackRow(Row, table=True):
    """A call promised to a person for an instant."""

    __tablename__ = "callback"
    __table_args__ = (
        Index("ix_callback_campaign_status", "campaign_id", "status", "at"),
        Index("ix_callback_person", "person_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    person_id: int = Field(foreign_key="person.id")
    at: datetime
    owner_agent_id: int | None = Field(default=None, foreign_key="agent.id")
    note: str = words(default="")
    status: CallbackStatus = word(CallbackStatus, nullable=False)
    attempt_id: str | None = words(default=None, nullable=True, foreign_key="attempt.id")
    kept_by_attempt_id: str | None = words(default=None, nullable=True, foreign_key="attempt.id")
    made_at: datetime
    made_by: str = words()
    settled_at: datetime | None = None


ATTEMPT = table_of(AttemptRow)
EVENT = table_of(EventRow)
SUPPRESSION = table_of(SuppressionRow)
CALLBACK = table_of(CallbackRow)
