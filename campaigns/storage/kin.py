"""Which other leads are the same person as these, in all lists of the house? Looked up by key and by number."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import bindparam, select, text

from campaigns.same_person import Known, same_person
from campaigns.storage.database import Database
from campaigns.storage.tables.leads import CONTACT_POINT, PERSON, WITH_KEY

_AT_ONCE = 500
_OTHER = CONTACT_POINT.alias("other")
_BESIDE = (
    select(CONTACT_POINT.c.person_id, CONTACT_POINT.c.number, _OTHER.c.person_id, PERSON.c.person_key)
    .join(_OTHER, _OTHER.c.number == CONTACT_POINT.c.number)
    .join(PERSON, PERSON.c.id == _OTHER.c.person_id)
    .where(CONTACT_POINT.c.person_id.in_(bindparam("leads", expanding=True)))
)
_KEYED = select(PERSON.c.id, PERSON.c.person_key).where(
    PERSON.c.person_key.in_(bindparam("keys", expanding=True)), text(WITH_KEY)
)

_T = TypeVar("_T")


class Kin:
    """Finds the leads that `campaigns.same_person` calls one person."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def of(self, keys: Mapping[int, str]) -> dict[int, frozenset[int]]:
        """For each of these leads, given with their keys, all who are the same person, himself among them.

        Left out are those with one number that nobody else has, and no key that anybody else has: most leads.
        """
        found: dict[int, frozenset[int]] = {}
        for some in _batched(list(keys)):
            found |= self._of_some({lead: keys[lead] for lead in some})
        return found

    def _of_some(self, given: dict[int, str]) -> dict[int, frozenset[int]]:
        look = _Look(keys=dict(given))
        self._add_holders({key for key in given.values() if key}, look)
        self._add_beside(list(look.keys), look)
        seen = set(look.numbers)
        self._add_holders({key for key in look.keys.values() if key} - set(look.keyed), look)
        self._add_beside([lead for leads in look.keyed.values() for lead in leads if lead not in seen], look)
        known = Known(keys=look.keys, numbers=look.numbers, having=look.having, keyed=look.keyed)
        all_of = {lead: same_person(lead, known) for lead in given}
        return {lead: kin for lead, kin in all_of.items() if len(kin) > 1 or len(look.numbers.get(lead, ())) > 1}

    def _add_holders(self, keys: Collection[str], look: _Look) -> None:
        """Who has one of these keys."""
        for some in _batched(list(keys)):
            for lead, key in self._db.execute(_KEYED, {"keys": some}):
                look.keyed.setdefault(key, set()).add(lead)
                look.keys[lead] = key

    def _add_beside(self, leads: Sequence[int], look: _Look) -> None:
        """The numbers of these leads, and who else has them."""
        for some in _batched(leads):
            for lead, number, other, key in self._db.execute(_BESIDE, {"leads": some}):
                look.numbers.setdefault(lead, set()).add(number)
                look.having.setdefault(number, set()).add(other)
                look.keys[other] = key


@dataclass(kw_only=True)
class _Look:
    """What was found so far, as `Known` has it."""

    keys: dict[int, str]
    numbers: dict[int, set[str]] = field(default_factory=dict)
    having: dict[str, set[int]] = field(default_factory=dict)
    keyed: dict[str, set[int]] = field(default_factory=dict)


def _batched(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
