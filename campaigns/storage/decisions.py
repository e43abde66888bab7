"""What did pacing decide in which minute? A log that is added to once a minute, read by minute, and forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from campaigns.storage.database import Database
from campaigns.storage.tables.decisions import DECISION_MINUTE
from campaigns.storage.values import DecisionMinute

_TABLE = DECISION_MINUTE


class Decisions:
    """Minutes of decisions. A minute written again replaces what stood there."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def write(self, minutes: Iterable[DecisionMinute]) -> None:
        """Keep these minutes, all in one durable commit. Raises StoreUnavailable: then none is kept."""
        with self._db.transaction():
            for each in minutes:
                values = {"campaign_id": each.campaign_id, "minute": each.minute, "body": each.body}
                same = (_TABLE.c.campaign_id == each.campaign_id) & (_TABLE.c.minute == each.minute)
                self._db.execute(delete(_TABLE).where(same))
                self._db.execute(insert(_TABLE).values(**values))

    def between(self, campaign_id: int, first: datetime, end: datetime) -> tuple[DecisionMinute, ...]:
        """The minutes from `first` on, before `end`, in order."""
        wanted = (_TABLE.c.campaign_id == campaign_id) & (_TABLE.c.minute >= first) & (_TABLE.c.minute < end)
        return self._read(select(_TABLE).where(wanted).order_by(_TABLE.c.minute))

    def last_before(self, campaign_id: int, instant: datetime) -> DecisionMinute | None:
        """The last minute that began before this instant, or none."""
        wanted = (_TABLE.c.campaign_id == campaign_id) & (_TABLE.c.minute < instant)
        found = self._read(select(_TABLE).where(wanted).order_by(_TABLE.c.minute.desc()).limit(1))
        return found[0] if found else None

    def first_from(self, campaign_id: int, instant: datetime) -> DecisionMinute | None:
        """The first minute that began at this instant or later, or none."""
        wanted = (_TABLE.c.campaign_id == campaign_id) & (_TABLE.c.minute >= instant)
        found = self._read(select(_TABLE).where(wanted).order_by(_TABLE.c.minute).limit(1))
        return found[0] if found else None

    def forget(self, campaign_id: int, before: datetime) -> int:
        """Delete the campaign's older minutes but for its newest, which tells how it was left: how many went."""
        newest = select(func.max(_TABLE.c.minute)).where(_TABLE.c.campaign_id == campaign_id).scalar_subquery()
        old = (_TABLE.c.campaign_id == campaign_id) & (_TABLE.c.minute < before) & (_TABLE.c.minute != newest)
        with self._db.transaction():
            return self._db.execute(delete(_TABLE).where(old)).rowcount

    def _read(self, statement: Any) -> tuple[DecisionMinute, ...]:
        return tuple(DecisionMinute(**row._mapping) for row in self._db.execute(statement))
