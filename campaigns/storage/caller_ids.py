"""Which numbers may our calls show, by which proof? Rows are added and ended, never edited and never deleted."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import insert, select, update

from campaigns.dialable import GateCode
from campaigns.model import LeadState
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.tables.caller_ids import CALLER_ID
from campaigns.storage.tables.campaigns import DIALLING

_WAITING = (LeadState.NEW, LeadState.RETRY)


@dataclass(frozen=True, kw_only=True)
class CallerIdRight:
    """What proves that a number (E.164) may be shown, e.g. `LOA of 2026-03-01`, and from when to when."""

    number: str
    right_to_use: str
    recorded_by: str
    recorded_at: datetime
    ended_by: str = ""
    ended_at: datetime | None = None
    ended_reason: str = ""
    id: int = 0


_FIELDS = tuple(field.name for field in fields(CallerIdRight))
_COLUMNS = tuple(CALLER_ID.c[name] for name in _FIELDS)


class CallerIds:
    """Rights to show numbers. Used through `Store.caller_ids`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, number: str, right_to_use: str, actor: str, now: datetime) -> CallerIdRight:
        """Record a proof; leads that were held for it are asked again. Raises StoreRefused without one."""
        if not right_to_use.strip():
            raise StoreRefused("Say what proves the right to use the number. Nothing was stored.")
        values = {"number": number, "right_to_use": right_to_use, "recorded_by": actor, "recorded_at": now}
        with self._db.transaction():
            self._db.take_turn()
            made = self._db.execute(insert(CALLER_ID).values(**values).returning(CALLER_ID.c.id)).scalar_one()
            held = (DIALLING.c.hold_code == GateCode.CALLER_ID, DIALLING.c.state.in_(_WAITING))
            again = {"ask_again_at": now, "hold_code": "", "hold_reason": "", "changed_at": now}
            self._db.execute(update(DIALLING).where(*held).values(**again))
        return next(each for each in self.all() if each.id == made)

    def end(self, number: str, actor: str, reason: str, now: datetime) -> int:
        """The number may be shown no more: how many proofs ended. Raises StoreRefused without a reason or a proof."""
        if not reason.strip():
            raise StoreRefused("Say why the number may not be shown any more. Nothing was changed.")
        which = update(CALLER_ID).where(CALLER_ID.c.number == number, CALLER_ID.c.ended_at.is_(None))
        done = self._db.execute(which.values(ended_by=actor, ended_at=now, ended_reason=reason)).rowcount
        if not done:
            raise StoreRefused(f"No right to use {number} is on record. Nothing was changed.")
        return int(done)

    def all(self) -> tuple[CallerIdRight, ...]:
        """Every proof there ever was, by number, the oldest first."""
        rows = self._db.execute(select(*_COLUMNS).order_by(CALLER_ID.c.number, CALLER_ID.c.id))
        return tuple(CallerIdRight(**dict(zip(_FIELDS, row, strict=True))) for row in rows)

    def in_force(self) -> dict[str, str]:
        """Each number that may be shown now, with its newest proof."""
        return {each.number: each.right_to_use for each in self.all() if each.ended_at is None}
