"""Who is meant by a number: whom does it reach, by which numbers is he known, and who else is behind them?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, or_, select

from campaigns.storage.database import Database
from campaigns.storage.privacy_places import Subject
from campaigns.storage.pseudonyms import KeyMissing, any_erased, pseudonym
from campaigns.storage.tables.leads import CONTACT_POINT, PERSON
from campaigns.traces import Traces, traces_of, with_extension


class Whom:
    """The persons with a number."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def subject(self, number: str, extension: str = "", *, same_key: bool = False) -> Subject:
        """All persons who have this number in E.164, or had it before it was erased, with all their numbers.

        With an `extension` only those behind it, and a line that others have too is not one of their numbers but
        `shared`. With `same_key` also the leads that have a `person_key` of theirs, whatever their numbers are.
        Raises KeyMissing.
        """
        spelled = {number}
        if self._db.erasure_key is not None:
            spelled.add(pseudonym(number, self._db.erasure_key))
        elif any_erased(self._db):
            raise KeyMissing
        which = select(CONTACT_POINT.c.person_id).where(CONTACT_POINT.c.number.in_(spelled))
        if extension:
            which = which.where(CONTACT_POINT.c.extension == extension)
        found = set(self._db.execute(which).scalars())
        if same_key:
            found |= set(self._db.execute(self._of_the_same_key(PERSON.c.id, found)).scalars())
        persons = tuple(sorted(found))
        points = self._points(persons)
        numbers = dict.fromkeys((*(() if extension else sorted(spelled)), *(each for _, each, _ in points)))
        behind = self._others_behind(numbers, persons) if extension else {}
        own = tuple(each for each in numbers if each not in behind)
        alone = [with_extension(each, theirs) for _, each, theirs in points if each in behind and theirs]
        names = self._db.execute(select(PERSON).where(PERSON.c.id.in_(persons))).all()
        words = [word for row in names for word in (f"{row.first_name} {row.last_name}", row.display_name, row.email)]
        keys = [key for row in names for key in (row.person_key, row.debt)]
        return Subject(
            asked=number,
            extension=extension,
            same_key=same_key,
            persons=persons,
            living=tuple(sorted({person for person, each, _ in points if each.startswith("+")})),
            numbers=own,
            shared=tuple(behind),
            others=len(set().union(*behind.values())),
            traces=traces_of((*(each for each in own if each.startswith("+")), *alone), words, keys),
        )

    def unmistakable(self, subject: Subject) -> Traces:
        """His traces without the names that somebody else who is stored has, too."""
        words = {word.casefold(): word for word in subject.traces.words}
        shown, whole = func.lower(PERSON.c.display_name), func.lower(PERSON.c.first_name + " " + PERSON.c.last_name)
        told = [form for word in words.values() for form in (word.lower(), word.casefold())]
        which = select(PERSON.c.display_name, PERSON.c.first_name, PERSON.c.last_name)
        others = which.where(PERSON.c.id.not_in(subject.persons), or_(shown.in_(told), whole.in_(told)))
        taken = {
            name.casefold()
            for row in self._db.execute(others)
            for name in (row.display_name, f"{row.first_name} {row.last_name}")
        }
        kept = tuple(word for word in subject.traces.words if word.casefold() not in taken)
        return replace(subject.traces, words=kept)

    def leads_with_the_same_key(self, subject: Subject) -> int:
        """Leads with other numbers that a list says are the same person (`person_key`); they are not of the subject."""
        return int(self._db.execute(self._of_the_same_key(func.count(), subject.persons)).scalar_one())

    def told_of_the_same_key(self, subject: Subject, most: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The first of those leads: a name, as a person would look whether it is the same one, and the numbers."""
        names = (PERSON.c.id, PERSON.c.display_name, PERSON.c.first_name, PERSON.c.last_name)
        rows = self._db.execute(self._of_the_same_key(names, subject.persons).order_by(PERSON.c.id).limit(most)).all()
        points = select(CONTACT_POINT.c.person_id, CONTACT_POINT.c.number).order_by(CONTACT_POINT.c.id)
        numbers: dict[int, list[str]] = {}
        for person, number in self._db.execute(points.where(CONTACT_POINT.c.person_id.in_([row.id for row in rows]))):
            numbers.setdefault(person, []).append(number)
        return tuple(
            (row.display_name or f"{row.first_name} {row.last_name}".strip(), tuple(numbers.get(row.id, ())))
            for row in rows
        )

    @staticmethod
    def _of_the_same_key(what: Any, persons: Collection[int]) -> Select[Any]:
        """A question about leads with a key of these persons, without the persons."""
        keys = select(PERSON.c.person_key).where(PERSON.c.id.in_(persons), PERSON.c.person_key != "")
        columns = what if isinstance(what, tuple) else (what,)
        return select(*columns).where(PERSON.c.person_key.in_(keys), PERSON.c.id.not_in(persons))

    def _points(self, persons: Collection[int]) -> tuple[tuple[int, str, str], ...]:
        """Who has which number, with its extension."""
        theirs = select(CONTACT_POINT.c.person_id, CONTACT_POINT.c.number, CONTACT_POINT.c.extension)
        rows = self._db.execute(theirs.where(CONTACT_POINT.c.person_id.in_(persons)).order_by(CONTACT_POINT.c.id))
        return tuple((row.person_id, row.number, row.extension) for row in rows)

    def _others_behind(self, numbers: Collection[str], persons: Collection[int]) -> dict[str, set[int]]:
        """Who else has which of these numbers."""
        which = select(CONTACT_POINT.c.number, CONTACT_POINT.c.person_id)
        which = which.where(CONTACT_POINT.c.number.in_(numbers), CONTACT_POINT.c.person_id.not_in(persons))
        behind: dict[str, set[int]] = {}
        for row in self._db.execute(which):
            behind.setdefault(row.number, set()).add(row.person_id)
        return behind
