"""What did people declare that no software can check?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field

from campaigns.storage.columns import plain_json, words
from campaigns.storage.tables.base import Row, table_of


class DeclarationRow(Row, table=True):
    """One declaration. It is never edited or deleted: its end is added to it, a new one is a row of its own."""

    __tablename__ = "declaration"

    id: int | None = Field(default=None, primary_key=True)
    kind: str = words()
    about: str = words()
    says: Any = plain_json(nullable=False)
    checked_by: str = words()
    proof: str = words()
    fingerprint: str = words()
    recorded_by: str = words()
    recorded_at: datetime
    ended_by: str = words(default="")
    ended_at: datetime | None = None
    ended_reason: str = words(default="")


DECLARATION = table_of(DeclarationRow)
