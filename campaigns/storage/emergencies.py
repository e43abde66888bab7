"""Which states of emergency were declared here? Rows are added and ended, never edited and never deleted."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from campaigns.dialable import GateCode
from campaigns.emergency import Emergency
from campaigns.model import LeadState
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.emergencies import EMERGENCY

_FIELDS = tuple(field.name for field in fields(Emergency))
_COLUMNS = tuple(EMERGENCY.c[name] for name in _FIELDS)
_WAITING = (LeadState.NEW, LeadState.RETRY)


class Emergencies:
    """Declared states of emergency. Used through `Store.emergencies`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def declare(self, emergency: Emergency) -> Emergency:
        """Store a declaration, with its id. Raises StoreRefused without a reason or for days that do not rise."""
        if not emergency.reason.strip():
            raise StoreRefused("Say by which declaration (--reason). Nothing was stored.")
        if emergency.last < emergency.first:
            raise StoreRefused(f"It ends on {emergency.last}, before it begins. Nothing was stored.")
        values = {name: getattr(emergency, name) for name in _FIELDS if name != "id"}
        made = self._db.execute(insert(EMERGENCY).values(**values).returning(EMERGENCY.c.id)).scalar_one()
        return self._one(made)

    def end(self, emergency_id: int, actor: str, reason: str, now: datetime) -> Emergency:
        """It is over before its last day; leads that wait for their hours are asked again. Raises StoreRefused."""
        if not reason.strip():
            raise StoreRefused("Say why it is over. Nothing was changed.")
        with self._db.transaction():
            self._db.take_turn()
            if self._one(emergency_id).ended_at is not None:
                raise StoreRefused(f"Declaration {emergency_id} was ended already. Nothing was changed.")
            gone = {"ended_by": actor, "ended_at": now, "ended_reason": reason}
            self._db.execute(update(EMERGENCY).where(EMERGENCY.c.id == emergency_id).values(**gone))
            held = (DIALLING.c.hold_code == GateCode.CALLING_HOURS, DIALLING.c.state.in_(_WAITING))
            again = {"ask_again_at": now, "hold_code": "", "hold_reason": "", "changed_at": now}
            self._db.execute(update(DIALLING).where(*held).values(**again))
            return self._one(emergency_id)

    def all(self) -> tuple[Emergency, ...]:
        """Every declaration there ever was, the oldest first."""
        return tuple(map(_emergency_of, self._db.execute(select(*_COLUMNS).order_by(EMERGENCY.c.id))))

    def _one(self, emergency_id: int) -> Emergency:
        row = self._db.execute(select(*_COLUMNS).where(EMERGENCY.c.id == emergency_id)).first()
        if row is None:
            words = f"There is no declaration {emergency_id}; 'dialer rules emergency list' shows all"
            raise StoreRefused(f"{words}. Nothing was changed.")
        return _emergency_of(row)


def _emergency_of(row: Row[Any]) -> Emergency:
    return Emergency(**dict(zip(_FIELDS, row, strict=True)))
