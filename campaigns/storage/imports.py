"""How do the leads of one file get into the store, whole or not at all, and out again?"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Select, bindparam, delete, func, insert, select, update
from sqlalchemy.sql import exists

from campaigns.storage.at_once import batches, given, given_texts
from campaigns.storage.columns import json_text, storable
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.membership import dial_members_of_batch, list_named
from campaigns.storage.tables.attempts import ATTEMPT, CALLBACK
from campaigns.storage.tables.campaigns import DIALLING
from campaigns.storage.tables.leads import BATCH, CONTACT_POINT, MEMBERSHIP, PERSON
from campaigns.storage.tables.previews import PREVIEW
from campaigns.storage.values import ImportResult

_CHUNK = 5_000
_ASK_AT_ONCE = 500
_PERSON_FIELDS = (
    "first_name",
    "last_name",
    "display_name",
    "external_id",
    "timezone",
    "region",
    "postal_code",
    "country",
    "email",
    "language",
    "note",
    "person_key",
    "debt",
)


class PhoneNumberLike(Protocol):
    """What is read of a parsed number (campaigns.phone)."""

    @property
    def e164(self) -> str: ...
    @property
    def kind(self) -> Any: ...
    @property
    def region(self) -> str: ...
    @property
    def zones(self) -> Sequence[str]: ...
    @property
    def practice(self) -> bool: ...
    @property
    def extension(self) -> Any: ...


class LeadRowLike(Protocol):
    """What is read of an accepted row of a file (campaigns.importing); the texts are read by name."""

    @property
    def line(self) -> int: ...
    @property
    def contact_points(self) -> Sequence[Any]: ...
    @property
    def custom(self) -> Sequence[tuple[str, str]]: ...


class Imports:
    """Writes and undoes import batches. Used through `Store.leads`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def import_batch(
        self, list_name: str, rows: Iterable[LeadRowLike], source: str, sha256: str, actor: str, now: datetime
    ) -> ImportResult:
        """Add the rows to a list (made when new), all in one commit; campaigns using the list get them as NEW.

        The same file on the same list adds nothing. A row any of whose numbers is on the list already is skipped
        and counted as repeated. Whatever `rows` raises undoes everything.
        """
        with self._db.transaction():
            self._db.take_turn()
            list_id = list_named(self._db, list_name, actor, now)
            earlier = self._in_force(list_id, sha256)
            if earlier is not None:
                return ImportResult(batch_id=None, list_id=list_id, added=0, repeated=0, same_file_as=earlier)
            batch_id, writer = self._begin(list_id, source, sha256, actor, now)
            for chunk in _chunks(rows):
                writer.write(chunk)
            writer.finish()
            dial_members_of_batch(self._db, batch_id, list_id, now)
        return ImportResult(batch_id=batch_id, list_id=list_id, added=writer.added, repeated=writer.repeated)

    def undo_batch(self, batch_id: int, actor: str, now: datetime) -> int:
        """Take a batch out again: how many leads went. Raises StoreRefused once one of them was attempted."""
        with self._db.transaction():
            self._db.take_turn()
            self._must_be_undoable(batch_id)
            members = select(MEMBERSHIP.c.person_id).where(MEMBERSHIP.c.batch_id == batch_id)
            persons = self._db.execute(members).scalars().all()
            for some in _batched(persons):
                self._remove(list(some))
            self._db.execute(update(BATCH).where(BATCH.c.id == batch_id).values(undone_at=now, undone_by=actor))
        return len(persons)

    def _begin(self, list_id: int, source: str, sha256: str, actor: str, now: datetime) -> tuple[int, _BatchWriter]:
        last = self._db.execute(
            select(
                func.coalesce(func.max(BATCH.c.last_person_id), 0),
                func.coalesce(func.max(BATCH.c.last_contact_point_id), 0),
            )
        ).one()
        batch_id = self._db.execute(
            insert(BATCH)
            .values(list_id=list_id, source=source, sha256=sha256, actor=actor, imported_at=now)
            .returning(BATCH.c.id)
        ).scalar_one()
        return batch_id, _BatchWriter(self._db, batch_id, list_id, last[0], last[1])

    def _in_force(self, list_id: int, sha256: str) -> int | None:
        found: int | None = self._db.execute(
            select(BATCH.c.id).where(BATCH.c.list_id == list_id, BATCH.c.sha256 == sha256, BATCH.c.undone_at.is_(None))
        ).scalar()
        return found

    def _must_be_undoable(self, batch_id: int) -> None:
        batch = self._db.execute(select(BATCH.c.undone_at, BATCH.c.source).where(BATCH.c.id == batch_id)).first()
        if batch is None:
            raise StoreRefused(f"There is no import {batch_id}. See `dialer lists show` for those there are.")
        if batch.undone_at is not None:
            raise StoreRefused(f"Import {batch_id} ({batch.source}) was undone already. Nothing was changed.")
        called = self._db.execute(
            select(ATTEMPT.c.created_at, ATTEMPT.c.id)
            .join(MEMBERSHIP, MEMBERSHIP.c.person_id == ATTEMPT.c.person_id)
            .where(MEMBERSHIP.c.batch_id == batch_id)
            .limit(1)
        ).first()
        if called is not None:
            raise StoreRefused(
                f"Import {batch_id} ({batch.source}) cannot be undone: call {called.id} to one of its leads was made. "
                "Nothing was changed; stop the campaign instead, or add the numbers to do-not-call."
            )

    def _remove(self, persons: list[int]) -> None:
        for table, column in (
            (CALLBACK, CALLBACK.c.person_id),
            (PREVIEW, PREVIEW.c.person_id),
            (DIALLING, DIALLING.c.person_id),
            (MEMBERSHIP, MEMBERSHIP.c.person_id),
            (CONTACT_POINT, CONTACT_POINT.c.person_id),
            (PERSON, PERSON.c.id),
        ):
            self._db.execute(delete(table).where(column.in_(persons)))


class _BatchWriter:
    """Writes rows chunk by chunk inside the transaction of the import, giving ids as it goes."""

    def __init__(self, database: Database, batch_id: int, list_id: int, person_id: int, contact_point_id: int) -> None:
        self._db = database
        self._numbers_on_list = _numbers_on_list(database)
        self._batch_id = batch_id
        self._list_id = list_id
        self._person_id = person_id
        self._contact_point_id = contact_point_id
        self.added = 0
        self.repeated = 0

    def write(self, rows: Sequence[LeadRowLike]) -> None:
        taken = self._on_the_list(point for row in rows for point in row.contact_points)
        persons: list[tuple[Any, ...]] = []
        members: list[tuple[Any, ...]] = []
        points: list[tuple[Any, ...]] = []
        for row in rows:
            numbers = {_line(point) for point in row.contact_points}
            if not numbers or numbers & taken:
                self.repeated += 1
                continue
            taken |= numbers
            self._person_id += 1
            persons.append(_person(self._person_id, row))
            members.append((self._list_id, self._person_id, self._batch_id, row.line))
            points += [self._point(point) for point in row.contact_points]
        self.added += len(persons)
        self._db.insert_many(PERSON, persons)
        self._db.insert_many(MEMBERSHIP, members)
        self._db.insert_many(CONTACT_POINT, points)

    def finish(self) -> None:
        self._db.execute(
            update(BATCH)
            .where(BATCH.c.id == self._batch_id)
            .values(
                added=self.added,
                repeated=self.repeated,
                last_person_id=self._person_id,
                last_contact_point_id=self._contact_point_id,
            )
        )

    def _on_the_list(self, points: Iterable[PhoneNumberLike]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for some in batches(dict.fromkeys(point.e164 for point in points)):
            asked = {"list_id": self._list_id, **given(some)}
            found.update((number, extension) for number, extension in self._db.execute(self._numbers_on_list, asked))
        return found

    def _point(self, point: PhoneNumberLike) -> tuple[Any, ...]:
        self._contact_point_id += 1
        texts = (point.e164, getattr(point.kind, "value", point.kind), point.region)
        number, kind, region = texts if _plain(texts) else map(storable, texts)
        zones, extension = _zones(tuple(point.zones)), storable(point.extension) if point.extension else ""
        return (self._contact_point_id, self._person_id, number, kind, region, zones, point.practice, extension)


def _line(point: PhoneNumberLike) -> tuple[str, str]:
    """What tells two leads of a list apart: people behind one switchboard have one number and an extension each."""
    return point.e164, point.extension or ""


def _numbers_on_list(database: Database) -> Select[Any]:
    return (
        select(CONTACT_POINT.c.number, CONTACT_POINT.c.extension)
        .where(CONTACT_POINT.c.number.in_(given_texts(database)))
        .where(
            exists()
            .where(MEMBERSHIP.c.person_id == CONTACT_POINT.c.person_id)
            .where(MEMBERSHIP.c.list_id == bindparam("list_id"))
        )
    )


_texts_of = operator.attrgetter(*_PERSON_FIELDS)
_zones = functools.lru_cache(maxsize=4096)(json_text)  # a million numbers share a few hundred sets of zones


def _person(person_id: int, row: LeadRowLike) -> tuple[Any, ...]:
    custom = json_text(row.custom) if row.custom else "[]"
    texts = [text or "" for text in _texts_of(row)]
    return (person_id, *(texts if _plain(texts) else map(storable, texts)), custom)


def _plain(texts: Sequence[str]) -> bool:
    """Storable as they are: one look at them together is enough for nearly every row."""
    whole = "".join(texts)
    return whole.isascii() and "\0" not in whole


def _chunks(rows: Iterable[LeadRowLike]) -> Iterator[list[LeadRowLike]]:
    rest = iter(rows)
    while chunk := list(itertools.islice(rest, _CHUNK)):
        yield chunk


def _batched(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _ASK_AT_ONCE):
        yield items[start : start + _ASK_AT_ONCE]
