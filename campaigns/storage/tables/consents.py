"""Who agreed to be called, for what, and how can it be proven?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from campaigns.consent import ConsentKind
from campaigns.storage.columns import word, words
from campaigns.storage.tables.base import Row, table_of


class ConsentRow(Row, table=True):
    """One agreement. It is never edited: a revocation is added to it, a renewal is a row of its own."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_number", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    number: str = words()
    seller: str = words()
    purpose: str = words()
    kind: ConsentKind = word(ConsentKind, nullable=False)
    given_at: datetime
    proof: str = words()
    wording: str = words(default="")
    source: str = words()
    actor: str = words()
    recorded_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = words(default="")
    revoked_reason: str = words(default="")


CONSENT = table_of(ConsentRow)
