"""Which do-not-call entries are there for the other numbers of a person, whatever list they stand on?

Only entries for whole numbers: a pattern bars a region or a company, and is nobody's own request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import bindparam, select

from campaigns.model import Suppression
from campaigns.storage.barring import entries_barring
from campaigns.storage.database import Database
from campaigns.storage.kin import Kin
from campaigns.storage.rows import SUPPRESSION_COLUMNS, suppression_of
from campaigns.storage.tables.attempts import SUPPRESSION
from campaigns.storage.tables.leads import CONTACT_POINT, PERSON

_AT_ONCE = 500
_T = TypeVar("_T")
_NUMBERS = select(CONTACT_POINT.c.person_id, CONTACT_POINT.c.number).where(
    CONTACT_POINT.c.person_id.in_(bindparam("leads", expanding=True))
)
_LISTED = (
    select(PERSON.c.id, PERSON.c.person_key, *SUPPRESSION_COLUMNS)
    .join(CONTACT_POINT, CONTACT_POINT.c.person_id == PERSON.c.id)
    .join(SUPPRESSION, SUPPRESSION.c.number == CONTACT_POINT.c.number)
    .where(SUPPRESSION.c.removed_at.is_(None))
)
_HOLDERS = (
    select(PERSON.c.id, PERSON.c.person_key)
    .join(CONTACT_POINT, CONTACT_POINT.c.person_id == PERSON.c.id)
    .where(CONTACT_POINT.c.number == bindparam("number"))
)


@dataclass(frozen=True, kw_only=True)
class ListedPersons:
    """`numbers` of leads, and the `entries` in force for those of them that have any."""

    numbers: dict[int, tuple[str, ...]] = field(default_factory=dict)
    entries: dict[str, tuple[Suppression, ...]] = field(default_factory=dict)

    def besides(self, number: str, leads: Iterable[int]) -> tuple[Suppression, ...]:
        """The entries for other numbers of these leads than this one."""
        if not self.entries:
            return ()
        others = {other for lead in leads for other in self.numbers.get(lead, ())} - {number}
        return tuple(entry for other in sorted(others) for entry in self.entries.get(other, ()))


_NOBODY = ListedPersons()


def listed_persons(database: Database, leads: Sequence[int]) -> ListedPersons:
    """What is listed of these leads' numbers. Raises KeyMissing as `barring.entries_barring` does."""
    if not leads:
        return _NOBODY
    numbers: dict[int, tuple[str, ...]] = {}
    for some in _batched(leads):
        for lead, number in database.execute(_NUMBERS, {"leads": some}):
            numbers[lead] = (*numbers.get(lead, ()), number)
    entries: dict[str, tuple[Suppression, ...]] = {}
    for asked in _batched(sorted({number for each in numbers.values() for number in each})):
        for number, found in entries_barring(database, asked).items():
            own = tuple(entry for entry in found if not entry.number.endswith("*"))
            if own:
                entries[number] = own
    return ListedPersons(numbers=numbers, entries=entries)


def all_listed(database: Database) -> AllListed:
    """The same of the whole house, asked the other way about: of the few who have a listed number. Entries for erased
    numbers are left out."""
    listed: dict[int, dict[str, list[Suppression]]] = {}
    keys: dict[int, str] = {}
    row: Any
    for row in database.execute(_LISTED):
        lead, keys[row[0]] = row[0], row[1]
        found = suppression_of(row[2:])
        listed.setdefault(lead, {}).setdefault(found.number, []).append(found)
    near: dict[int, set[int]] = {}
    for lead, kin in Kin(database).of(keys).items():
        for other in kin:
            near.setdefault(other, set()).add(lead)
    return AllListed(listed=listed, near=near)


@dataclass(frozen=True, kw_only=True)
class AllListed:
    """`listed`: by lead and number, the entries; `near`: by lead, which of those leads are the same person as he."""

    listed: dict[int, dict[str, list[Suppression]]]
    near: dict[int, set[int]]

    def besides(self, number: str, lead: int) -> tuple[Suppression, ...]:
        """The entries for other numbers of this lead's person than this one, each once."""
        found = {
            entry.id: entry
            for other in self.near.get(lead, ())
            for listed, entries in self.listed[other].items()
            for entry in entries
            if listed != number
        }
        return tuple(found[each] for each in sorted(found, key=lambda id_: id_ or 0))


def kin_with(database: Database, number: str) -> tuple[int, ...]:
    """All leads who are the same person as one with this number."""
    holders = dict(tuple(row) for row in database.execute(_HOLDERS, {"number": number}))
    return tuple(sorted(frozenset(holders).union(*Kin(database).of(holders).values())))


def _batched(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
