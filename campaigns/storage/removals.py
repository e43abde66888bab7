"""Which requests to take a number off the do-not-call list are there, and how do they become true?"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from campaigns.model import Suppression
from campaigns.removal import PENDING_FOR, Removal, RemovalEnd, why_not
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.pseudonyms import is_pseudonym
from campaigns.storage.suppressions import Suppressions
from campaigns.storage.tables.removals import REMOVAL

_FIELDS = tuple(field.name for field in fields(Removal))
_COLUMNS = tuple(REMOVAL.c[name] for name in _FIELDS)


class Removals:
    """Requests, pending and settled. They are kept for ever."""

    def __init__(self, database: Database, suppressions: Suppressions) -> None:
        self._db = database
        self._suppressions = suppressions

    def ask(self, number: str, actor: str, reason: str, now: datetime, *, account: str = "") -> Removal:
        """Ask for the removal of every entry in force of a number; it stays barred until another person confirms.

        Raises StoreRefused without a reason, when it has no entry, or when a request for it is pending.
        """
        return self._asked(number, actor, account, reason, now)

    def confirm(
        self, removal_id: int, actor: str, now: datetime, *, account: str
    ) -> tuple[Removal, tuple[Suppression, ...]]:
        """Take the entries out of force in the name of both. Raises StoreRefused when this person may not."""
        with self._db.transaction():
            self._db.take_turn()
            removal = self.one(removal_id)
            if removal is None:
                raise StoreRefused(f"There is no removal {removal_id}; 'dialer dnc removals' shows all. Nothing done.")
            refusal = why_not(removal, actor, account, now)
            if refusal:
                stays = f"{removal.number} stays barred" if removal.settled_at is None else "Nothing was changed"
                raise StoreRefused(f"Removal {removal_id} is not confirmed: {refusal}. {stays}.")
            return self._carried_out(removal, actor, account, f"{removal.asked_by}, confirmed by {actor}", now)

    def alone(
        self, number: str, actor: str, reason: str, now: datetime, *, account: str = ""
    ) -> tuple[Removal, tuple[Suppression, ...]]:
        """Ask and carry out in one, where a second person is switched off; the record says so."""
        with self._db.transaction():
            self._db.take_turn()
            waiting = self.pending(now, number=number)  # from before the second person was switched off
            removal = waiting[0] if waiting else self._asked(number, actor, account, reason, now)
            return self._carried_out(removal, actor, account, f"{actor}, alone: no second person is needed here", now)

    def one(self, removal_id: int) -> Removal | None:
        """A request by its number."""
        row = self._db.execute(select(*_COLUMNS).where(REMOVAL.c.id == removal_id)).first()
        return None if row is None else _removal_of(row)

    def pending(self, now: datetime, *, number: str = "") -> tuple[Removal, ...]:
        """Those that wait for the second person, the oldest first; with `number`, its own."""
        which = select(*_COLUMNS).where(REMOVAL.c.settled_at.is_(None), REMOVAL.c.expires_at > now)
        if number:
            which = which.where(REMOVAL.c.number == number)
        return tuple(map(_removal_of, self._db.execute(which.order_by(REMOVAL.c.id))))

    def latest(self, limit: int = 200) -> tuple[Removal, ...]:
        """Pending and settled ones, the newest first."""
        rows = self._db.execute(select(*_COLUMNS).order_by(REMOVAL.c.id.desc()).limit(limit))
        return tuple(map(_removal_of, rows))

    def _asked(self, number: str, actor: str, account: str, reason: str, now: datetime) -> Removal:
        if not reason.strip():
            raise StoreRefused("Say why the number may be called again. The do-not-call entry stays in force.")
        with self._db.transaction():
            self._db.take_turn()
            self._end_expired(number, now)
            barring = self._suppressions.matching(number)
            own = (entry for entry in barring if entry.number == number or is_pseudonym(entry.number))
            entries = tuple(entry.id for entry in own if entry.id is not None)
            if barring and not entries:
                raise StoreRefused(
                    f"{number} has no entry of its own: the pattern {barring[0].number} bars it, with others. Nothing "
                    "was changed."
                )
            if not entries:
                raise StoreRefused(f"{number} is not listed as do-not-call. Nothing was changed.")
            for other in self.pending(now, number=number):
                raise StoreRefused(
                    f"Removal {other.id} of {number} was asked for by {other.asked_by} on {other.asked_at:%Y-%m-%d} and"
                    f" waits for another person: 'dialer dnc confirm-removal {other.id}'. It stays barred."
                )
            values: dict[str, Any] = {"number": number, "entries": list(entries), "reason": reason}
            values |= {"asked_by": actor, "asked_at": now, "expires_at": now + PENDING_FOR, "settled_by": ""}
            values |= {"asked_account": account, "settled_account": ""}
            made = self._db.execute(insert(REMOVAL).values(**values).returning(REMOVAL.c.id)).scalar_one()
            found = self.one(made)
            assert found is not None
            return found

    def _carried_out(
        self, removal: Removal, actor: str, account: str, by: str, now: datetime
    ) -> tuple[Removal, tuple[Suppression, ...]]:
        in_force = {entry.id for entry in self._suppressions.matching(removal.number)}
        removed = tuple(
            self._suppressions.remove(entry, by, removal.reason, now, number=removal.number)
            for entry in removal.entries
            if entry in in_force
        )
        end = RemovalEnd.CONFIRMED if actor != removal.asked_by else RemovalEnd.ALONE
        done = {"settled_at": now, "settled_by": actor, "settled_account": account, "end": end}
        self._db.execute(update(REMOVAL).where(REMOVAL.c.id == removal.id).values(**done))
        settled = self.one(removal.id)
        assert settled is not None
        return settled, removed

    def _end_expired(self, number: str, now: datetime) -> None:
        """One that nobody confirmed in time makes room for another."""
        late = (REMOVAL.c.number == number, REMOVAL.c.settled_at.is_(None), REMOVAL.c.expires_at <= now)
        self._db.execute(update(REMOVAL).where(*late).values(settled_at=REMOVAL.c.expires_at, end=RemovalEnd.EXPIRED))


def _removal_of(row: Row[Any]) -> Removal:
    values = dict(zip(_FIELDS, row, strict=True))
    return Removal(**values | {"entries": tuple(values["entries"])})
