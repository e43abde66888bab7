"""Which do-not-call entries bar the leads of a campaign? Read at once, those for patterns and erased numbers too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from campaigns.model import Suppression
from campaigns.storage.barring import names_of, pattern_lengths
from campaigns.storage.database import Database
from campaigns.storage.pseudonyms import AFTER_MARK, MARK, pseudonym
from campaigns.storage.rows import SUPPRESSION_COLUMNS, suppression_of
from campaigns.storage.tables.attempts import SUPPRESSION
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.leads import CONTACT_POINT


class Listed:
    """The entries in force; numbers are to be given to `recognise` before they are asked for."""

    def __init__(self, database: Database, campaign_id: int) -> None:
        self._db = database
        self._campaign_id = campaign_id
        self._entries = self._suppressions()
        self._reached = {number: reach(found) for number, found in self._entries.items()}
        self._patterns = self._pattern_entries()
        self._erased = self._erased_entries()
        self._known = not self._erased or database.erasure_key is not None

    def of(self, number: str) -> tuple[Suppression, ...] | None:
        """What bars this number; None when it cannot be told, for want of the key of erased numbers."""
        return self._entries.get(number, ()) if self._known else None

    def reach_of(self, number: str) -> tuple[tuple[str, str], ...] | None:
        """Scope and value of each entry that bars this number, as far as they are known; None when there is none."""
        return self._reached.get(number)

    def recognise(self, numbers: Iterable[str]) -> None:
        """Let patterns reach the numbers, and entries for erased numbers those that came again."""
        numbers = list(numbers)
        for number in numbers if self._patterns else ():
            for name in names_of(number, self._lengths)[1:]:
                self._add(number, self._patterns.get(name, ()))
        key = self._db.erasure_key
        if not self._erased or key is None:
            return
        for number in numbers:
            self._add(number, self._erased.get(pseudonym(number, key), ()))

    def _suppressions(self) -> dict[str, tuple[Suppression, ...]]:
        """The do-not-call entries in force for numbers of this campaign's leads."""
        theirs = (
            select(CONTACT_POINT.c.number)
            .join(DIALLING, DIALLING.c.person_id == CONTACT_POINT.c.person_id)
            .where(DIALLING.c.campaign_id == self._campaign_id)
        )
        which = select(*SUPPRESSION_COLUMNS).where(SUPPRESSION.c.removed_at.is_(None), SUPPRESSION.c.number.in_(theirs))
        found: dict[str, list[Suppression]] = {}
        for row in self._db.execute(which.order_by(SUPPRESSION.c.id)):
            entry = suppression_of(row)
            found.setdefault(entry.number, []).append(entry)
        return {number: tuple(entries) for number, entries in found.items()}

    def _pattern_entries(self) -> dict[str, tuple[Suppression, ...]]:
        """Do-not-call entries for beginnings of numbers, by pattern."""
        self._lengths = pattern_lengths(self._db)
        if not self._lengths:
            return {}
        which = (SUPPRESSION.c.removed_at.is_(None), SUPPRESSION.c.pattern_digits > 0)
        found: dict[str, tuple[Suppression, ...]] = {}
        for row in self._db.execute(select(*SUPPRESSION_COLUMNS).where(*which).order_by(SUPPRESSION.c.id)):
            entry = suppression_of(row)
            found[entry.number] = (*found.get(entry.number, ()), entry)
        return found

    def _erased_entries(self) -> dict[str, tuple[Suppression, ...]]:
        erased = (SUPPRESSION.c.removed_at.is_(None), SUPPRESSION.c.number >= MARK, SUPPRESSION.c.number < AFTER_MARK)
        found: dict[str, tuple[Suppression, ...]] = {}
        for row in self._db.execute(select(*SUPPRESSION_COLUMNS).where(*erased).order_by(SUPPRESSION.c.id)):
            entry = suppression_of(row)
            found[entry.number] = (*found.get(entry.number, ()), entry)
        return found

    def _add(self, number: str, entries: Sequence[Suppression]) -> None:
        if entries and entries[0] not in self._entries.get(number, ()):
            self._entries[number] = (*self._entries.get(number, ()), *entries)
            self._reached[number] = reach(self._entries[number])


def reach(entries: Sequence[Suppression]) -> tuple[tuple[str, str], ...]:
    """Scope and value of each entry."""
    return tuple((entry.scope.value, entry.value) for entry in entries)
