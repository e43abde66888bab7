"""What did the keepers of lists answer about single numbers, and when?"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from campaigns.number_answers import Answered
from campaigns.storage.columns import word, words
from campaigns.storage.tables.base import Row, table_of


class NumberAnswerRow(Row, table=True):
    """One answer. It is never edited; the newest one counts, of those that no other one corrected."""

    __tablename__ = "number_answer"
    __table_args__ = (Index("ix_number_answer_number", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    list_id: str = words()
    number: str = words()
    answer: Answered = word(Answered, nullable=False)
    asked_at: datetime
    about: date | None = None
    account: str = words(default="")
    source: str = words()
    actor: str = words()
    recorded_at: datetime
    corrected_at: datetime | None = None
    corrected_by: str = words(default="")
    corrected_reason: str = words(default="")


NUMBER_ANSWER = table_of(NumberAnswerRow)
