"""By what was each call allowed and each lead held? Receipts in a chain, and one row for each day of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from campaigns.storage.columns import words
from campaigns.storage.tables.base import Row, partial_unique, table_of


class ReceiptRow(Row, table=True):
    """One receipt: `body` is its canonical text, `hash` its place in the chain. Rows are added, and pruned by the day.

    `private` holds the number and the reasons; erasing a person blanks it and `mark`, and the chain stays whole.

    The other columns repeat what the text says, to be found by; a check compares them. No foreign keys: a receipt
    outlives what it tells of.
    """

    __tablename__ = "receipt"
    __table_args__ = (
        Index("ix_receipt_lead", "campaign_id", "person_id", "day"),
        partial_unique(
            "uq_receipt_attempt",
            "attempt_id",
            where_sqlite="attempt_id IS NOT NULL",
            where_postgresql="attempt_id IS NOT NULL",
        ),
    )

    day: date = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    campaign_id: int
    person_id: int
    attempt_id: str | None = words(default=None, nullable=True)
    mark: str = words()
    body: str = words()
    private: str = words()
    hash: str = words()


class ReceiptDayRow(Row, table=True):
    """One UTC day of the chain; `row_count` and `head` come when it is closed, `seal` when it is sealed.

    `keep_days`: the longest that a rule profile of its receipts asks to keep them; none: from before that was known.
    """

    __tablename__ = "receipt_day"

    day: date = Field(primary_key=True)
    previous_head: str = words()
    row_count: int | None = None
    head: str | None = words(default=None, nullable=True)
    seal: str | None = words(default=None, nullable=True)
    key_id: str = words(default="")
    sealed_at: datetime | None = None
    pruned_at: datetime | None = None
    keep_days: int | None = None


RECEIPT = table_of(ReceiptRow)
RECEIPT_DAY = table_of(ReceiptDayRow)
