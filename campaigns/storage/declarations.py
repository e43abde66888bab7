"""What is declared, by whom and since when? Rows are added and ended, never edited and never deleted."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from campaigns.declaration import Declaration, Declares
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.tables.declarations import DECLARATION

_FIELDS = tuple(field.name for field in fields(Declaration))
_COLUMNS = tuple(DECLARATION.c[name] for name in _FIELDS)


class Declarations:
    """Declarations of people. Used through `Store.declarations`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, declared: Declaration) -> Declaration:
        """Keep it; one about the same ends with it. Raises StoreRefused when nobody is named who checked it."""
        if not declared.checked_by.strip():
            raise StoreRefused("Say who checked it, and as what. Nothing was stored.")
        values = {name: value for name, value in asdict(declared).items() if name != "id"}
        values |= {"kind": declared.kind.value, "says": dict(declared.says)}
        with self._db.transaction():
            self._db.take_turn()
            same = (DECLARATION.c.kind == declared.kind.value, DECLARATION.c.about == declared.about)
            ended = {
                "ended_by": declared.recorded_by,
                "ended_at": declared.recorded_at,
                "ended_reason": "declared anew",
            }
            self._db.execute(update(DECLARATION).where(*same, DECLARATION.c.ended_at.is_(None)).values(**ended))
            made = self._db.execute(insert(DECLARATION).values(**values).returning(DECLARATION.c.id)).scalar_one()
        return replace(declared, id=made)

    def end(self, declaration_id: int, actor: str, reason: str, now: datetime) -> Declaration:
        """It counts no more. Raises StoreRefused without a reason, or when no such declaration is in force."""
        if not reason.strip():
            raise StoreRefused("Say why it counts no more. Nothing was changed.")
        which = update(DECLARATION).where(DECLARATION.c.id == declaration_id, DECLARATION.c.ended_at.is_(None))
        done = self._db.execute(which.values(ended_by=actor, ended_at=now, ended_reason=reason)).rowcount
        if not done:
            raise StoreRefused(f"There is no declaration {declaration_id} in force. Nothing was changed.")
        return next(each for each in self.all() if each.id == declaration_id)

    def all(self) -> tuple[Declaration, ...]:
        """Every one that was ever made, the oldest first."""
        return tuple(map(_declaration_of, self._db.execute(select(*_COLUMNS).order_by(DECLARATION.c.id))))

    def in_force(self, kind: Declares) -> dict[str, Declaration]:
        """Those of a kind that count now, by what they are about."""
        which = select(*_COLUMNS).where(DECLARATION.c.kind == kind.value, DECLARATION.c.ended_at.is_(None))
        return {
            found.about: found for found in map(_declaration_of, self._db.execute(which.order_by(DECLARATION.c.id)))
        }


def _declaration_of(row: Any) -> Declaration:
    values = dict(zip(_FIELDS, row, strict=True))
    return Declaration(**values | {"kind": Declares(values["kind"])})
