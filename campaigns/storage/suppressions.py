"""Who must not be called? Entries are in force from their commit on and never disappear without a trace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from campaigns.dialable import GateCode
from campaigns.model import CloseReason, LeadState, Scope, Suppression
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.naming import must_be_a_name
from campaigns.storage.pseudonyms import entries_of
from campaigns.storage.rows import SUPPRESSION_COLUMNS, suppression_of
from campaigns.storage.tables.attempts import SUPPRESSION
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.leads import CONTACT_POINT

_AT_ONCE = 500
_WAITING = (LeadState.NEW, LeadState.RETRY, LeadState.CALLBACK)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ERASED = re.compile(r"#[0-9a-f]{64}")  # see storage.pseudonyms; a renamed campaign keeps barring them


class Suppressions:
    """Do-not-call entries by number and scope."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, entry: Suppression) -> Suppression:
        """The entry as stored, with its id; when the same number and scope is listed already, that older entry.

        Raises StoreRefused unless the number is E.164: another spelling would bar nobody.
        """
        _must_bar_somebody(entry)
        with self._db.transaction():
            self._db.take_turn()
            found = self._in_force(entry)
            if found is not None:
                return found
            made = self._db.execute(insert(SUPPRESSION).values(**_columns(entry)).returning(SUPPRESSION.c.id))
            return replace(entry, id=made.scalar_one())

    def add_many(self, entries: Iterable[Suppression]) -> tuple[int, int]:
        """All entries of a file or none: (added, listed already). Raises StoreRefused as `add` does."""
        added = known = 0
        checked = tuple(entries)
        for entry in checked:
            _must_bar_somebody(entry)
        with self._db.transaction():
            self._db.take_turn()
            for some in _batched(checked):
                listed = self._keys_in_force({entry.number for entry in some})
                fresh = list({_key(entry): entry for entry in some if _key(entry) not in listed}.values())
                if fresh:
                    self._db.execute(insert(SUPPRESSION), [_columns(entry) for entry in fresh])
                added += len(fresh)
                known += len(some) - len(fresh)
        return added, known

    def remove(self, suppression_id: int, actor: str, reason: str, now: datetime, *, number: str = "") -> Suppression:
        """Take an entry out of force; the row stays, with who, when and why. Leads it had closed are asked again.

        `number`: the one it was found by; an entry for an erased number does not know it.

        Raises StoreRefused without a reason, or when there is no such entry in force.
        """
        if not reason.strip():
            raise StoreRefused("Say why the number may be called again. The do-not-call entry stays in force.")
        with self._db.transaction():
            self._db.take_turn()
            done = self._db.execute(
                update(SUPPRESSION)
                .where(SUPPRESSION.c.id == suppression_id, SUPPRESSION.c.removed_at.is_(None))
                .values(removed_at=now, removed_by=actor, removed_reason=reason)
            )
            if done.rowcount != 1:
                raise StoreRefused(f"There is no do-not-call entry {suppression_id} in force. Nothing was changed.")
            entry = self._one(suppression_id)
            self._ask_again(number or entry.number, now)
        return entry

    def registries_changed(self, now: datetime) -> int:
        """Ask every lead again that a national registry barred or could not tell of: how many. The judge decides."""
        with self._db.transaction():
            self._db.take_turn()
            barred = DIALLING.c.hold_code.in_((GateCode.REGISTRY, GateCode.REGISTRY_KNOWN))
            closed = (DIALLING.c.state == LeadState.CLOSED, DIALLING.c.close_reason == CloseReason.SUPPRESSED)
            waits = update(DIALLING).where(barred, DIALLING.c.state.in_(_WAITING))
            again = self._db.execute(waits.values(ask_again_at=now, hold_code="", hold_reason="", changed_at=now))
            return int(again.rowcount) + self._reopen((barred, *closed), now)

    def reach_also(
        self, scope: Scope, former: str, new_name: str, actor: str, now: datetime, *, how: str = "renamed"
    ) -> int:
        """Let every entry for a campaign or seller reach it under its new name too: how many were added.

        `how` it got the name goes into the entries' source. The former name's entries stay: another campaign may use
        it. Raises StoreRefused when there are entries and the new name is none: they would reach nobody.
        """
        which = select(*SUPPRESSION_COLUMNS).where(
            SUPPRESSION.c.scope == scope, SUPPRESSION.c.value == former, SUPPRESSION.c.removed_at.is_(None)
        )
        entries = [suppression_of(row) for row in self._db.execute(which).all()]
        if entries and not new_name.strip():
            raise StoreRefused(
                f"{len(entries)} do-not-call number{'s' * (len(entries) > 1)} of {scope} {former} would be called "
                "again without a name. Give another one. Nothing was stored."
            )
        source = f"{scope} {how} from {former}"
        added, _ = self.add_many(
            replace(entry, id=None, value=new_name, source=source, actor=actor, added_at=now) for entry in entries
        )
        return added

    def matching(self, number: str, *, removed: bool = False) -> tuple[Suppression, ...]:
        """Every entry in force for an E.164 number, whatever its scope; with `removed`, former ones as well."""
        return entries_of(self._db, (number,), removed=removed).get(number, ())

    def check(self, numbers: Iterable[str]) -> dict[str, tuple[Suppression, ...]]:
        """The entries in force for those of the numbers that have any, erased ones too. Raises KeyMissing."""
        return entries_of(self._db, numbers)

    def latest(self, limit: int = 200) -> tuple[Suppression, ...]:
        """The entries in force, the newest first."""
        which = select(*SUPPRESSION_COLUMNS).where(SUPPRESSION.c.removed_at.is_(None))
        return tuple(
            suppression_of(row) for row in self._db.execute(which.order_by(SUPPRESSION.c.id.desc()).limit(limit))
        )

    def count(self) -> int:
        """How many entries are in force."""
        in_force = select(func.count()).select_from(SUPPRESSION).where(SUPPRESSION.c.removed_at.is_(None))
        return int(self._db.execute(in_force).scalar_one())

    def _one(self, suppression_id: int) -> Suppression:
        which = select(*SUPPRESSION_COLUMNS).where(SUPPRESSION.c.id == suppression_id)
        return suppression_of(self._db.execute(which).one())

    def _in_force(self, entry: Suppression) -> Suppression | None:
        """Among those with a readable number: whoever asks not to be called is listed, with a key or without."""
        entries = entries_of(self._db, (entry.number,), readable_only=True).get(entry.number, ())
        return next((found for found in entries if _key(found) == _key(entry)), None)

    def _keys_in_force(self, numbers: set[str]) -> set[tuple[str, str, str]]:
        found = entries_of(self._db, numbers, readable_only=True)
        return {_key(entry) for entries in found.values() for entry in entries}

    def _ask_again(self, number: str, now: datetime) -> None:
        """Leads closed as suppressed wait again; the judge sees whether another entry still reaches them."""
        persons = select(CONTACT_POINT.c.person_id).where(CONTACT_POINT.c.number == number)
        closed = (
            DIALLING.c.person_id.in_(persons),
            DIALLING.c.state == LeadState.CLOSED,
            DIALLING.c.close_reason == CloseReason.SUPPRESSED,
        )
        self._reopen(closed, now)

    def _reopen(self, which: Sequence[Any], now: datetime) -> int:
        count = 0
        for tried, state in ((DIALLING.c.attempts == 0, LeadState.NEW), (DIALLING.c.attempts > 0, LeadState.RETRY)):
            done = self._db.execute(
                update(DIALLING)
                .where(*which, tried)
                .values(state=state, close_reason=None, ask_again_at=now, hold_code="", hold_reason="", changed_at=now)
            )
            count += done.rowcount
        return count


def _must_bar_somebody(entry: Suppression) -> None:
    if not (_E164.fullmatch(entry.number) or _ERASED.fullmatch(entry.number)):
        raise StoreRefused(
            f"{entry.number[:20]!r} is no number with + and country code: it would bar nobody. Nothing was stored."
        )
    if entry.scope is Scope.EVERYTHING and entry.value:
        raise StoreRefused(
            f"An entry for everything names nobody, this one names {entry.value[:40]!r}. Nothing stored."
        )
    if entry.scope is not Scope.EVERYTHING:
        must_be_a_name(entry.scope.value, entry.value)
    if entry.removed_at is not None:
        raise StoreRefused(f"The entry for {entry.number} is a removed one. Nothing was stored.")


def _columns(entry: Suppression) -> dict[str, Any]:
    return {column.name: getattr(entry, column.name) for column in SUPPRESSION_COLUMNS if column.name != "id"}


def _key(entry: Suppression) -> tuple[str, str, str]:
    return entry.number, entry.scope.value, entry.value


def _batched(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
