"""Who is on our lists? Import and undo, looking up a lead, searching, and lists in figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select

from campaigns.model import ContactPoint, Lead, Scope
from campaigns.storage.barring import names_in_sql, pattern_lengths
from campaigns.storage.database import Database
from campaigns.storage.errors import StoreRefused
from campaigns.storage.imports import Imports, LeadRowLike
from campaigns.storage.rows import contact_point_of, lead_of
from campaigns.storage.tables.attempts import SUPPRESSION
from campaigns.storage.tables.campaigns import CAMPAIGN_LIST
from campaigns.storage.tables.leads import BATCH, CONTACT_POINT, LEAD_LIST, MEMBERSHIP, PERSON
from campaigns.storage.values import Batch, FoundLead, ImportResult, LeadList, ListSummary

_POINT_COLUMNS = (
    CONTACT_POINT.c.id,
    CONTACT_POINT.c.number,
    CONTACT_POINT.c.kind,
    CONTACT_POINT.c.region,
    CONTACT_POINT.c.zones,
    CONTACT_POINT.c.practice,
    CONTACT_POINT.c.extension,
)


class Leads:
    """Persons, their numbers and their lists."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._imports = Imports(database)

    def import_batch(
        self, list_name: str, rows: Iterable[LeadRowLike], source: str, sha256: str, actor: str, now: datetime
    ) -> ImportResult:
        """Add the rows to a list (made when new), all in one commit; campaigns using the list get them as NEW.

        The same file on the same list adds nothing. A row any of whose numbers is on the list already is skipped
        and counted as repeated. Whatever `rows` raises undoes everything.
        """
        return self._imports.import_batch(list_name, rows, source, sha256, actor, now)

    def undo_batch(self, batch_id: int, actor: str, now: datetime) -> int:
        """Take a batch out again: how many leads went. Raises StoreRefused once one of them was attempted."""
        return self._imports.undo_batch(batch_id, actor, now)

    def lead(self, person_id: int) -> Lead:
        """The person with all his numbers. Raises StoreRefused when there is none with this id."""
        found = self.leads((person_id,))
        if not found:
            raise StoreRefused(
                f"There is no lead {person_id}: his import may have been undone. Search by number or name."
            )
        return found[0]

    def leads(self, person_ids: Sequence[int]) -> tuple[Lead, ...]:
        """These persons with all their numbers, in the order asked for; unknown ids are left out."""
        numbers: dict[int, list[ContactPoint]] = {}
        for row in self._db.execute(_POINTS, {"persons": person_ids}):
            numbers.setdefault(row[0], []).append(contact_point_of(row[1:]))
        rows = {row.id: row for row in self._db.execute(_PERSONS, {"persons": person_ids})}
        return tuple(lead_of(rows[key], numbers.get(key, ())) for key in dict.fromkeys(person_ids) if key in rows)

    def contact_point_ids(self, person_id: int) -> tuple[int, ...]:
        """His numbers in the order of his contact points; empty for an unknown id."""
        return tuple(self._db.execute(_POINT_IDS, {"person": person_id}).scalars())

    def find(self, text: str, limit: int = 50) -> tuple[FoundLead, ...]:
        """Leads whose number (any part of at least 3 digits), name, e-mail or id of the source holds the text."""
        wanted = text.strip()
        if not wanted:
            return ()
        persons = list(dict.fromkeys([*self._by_number(wanted, limit), *self._by_words(wanted, limit)]))[:limit]
        lists = self._lists_of(persons)
        return tuple(FoundLead(lead=lead, lists=tuple(lists.get(lead.person_id, ()))) for lead in self.leads(persons))

    def lists(self) -> tuple[LeadList, ...]:
        """All lists by name."""
        return tuple(LeadList(**row._mapping) for row in self._db.execute(select(LEAD_LIST).order_by(LEAD_LIST.c.name)))

    def list_by_name(self, name: str) -> LeadList | None:
        """The list with this name, or none."""
        row = self._db.execute(select(LEAD_LIST).where(LEAD_LIST.c.name == name)).first()
        return None if row is None else LeadList(**row._mapping)

    def list_summary(self, list_id: int) -> ListSummary:
        """A list in figures. Raises StoreRefused when there is none with this id."""
        row = self._db.execute(select(LEAD_LIST).where(LEAD_LIST.c.id == list_id)).first()
        if row is None:
            raise StoreRefused(f"There is no list {list_id}. `dialer lists show` names those there are.")
        on_list = select(MEMBERSHIP.c.person_id).where(MEMBERSHIP.c.list_id == list_id)
        numbers = select(func.count()).select_from(CONTACT_POINT).where(CONTACT_POINT.c.person_id.in_(on_list))
        campaigns = select(CAMPAIGN_LIST.c.campaign_id).where(CAMPAIGN_LIST.c.list_id == list_id)
        return ListSummary(
            list=LeadList(**row._mapping),
            leads=self._db.execute(select(func.count()).select_from(on_list.subquery())).scalar_one(),
            numbers=self._db.execute(numbers).scalar_one(),
            suppressed=self._suppressed(list_id),
            campaigns=tuple(self._db.execute(campaigns.order_by(CAMPAIGN_LIST.c.campaign_id)).scalars()),
            batches=self.batches(list_id),
        )

    def batches(self, list_id: int | None = None) -> tuple[Batch, ...]:
        """Imported files, the oldest first; of one list or of all."""
        which = () if list_id is None else (BATCH.c.list_id == list_id,)
        columns = [column for column in BATCH.c if not column.name.startswith("last_")]
        rows = self._db.execute(select(*columns).where(*which).order_by(BATCH.c.id))
        return tuple(Batch(**row._mapping) for row in rows)

    def members(self, list_id: int, after_person_id: int = 0, limit: int = 200) -> tuple[Lead, ...]:
        """A page of a list in the order of its files; the next page begins after the last person_id."""
        page = (
            select(MEMBERSHIP.c.person_id)
            .where(MEMBERSHIP.c.list_id == list_id, MEMBERSHIP.c.person_id > after_person_id)
            .order_by(MEMBERSHIP.c.person_id)
            .limit(limit)
        )
        return self.leads(self._db.execute(page).scalars().all())

    def persons_with_number(self, number: str) -> tuple[int, ...]:
        """The ids of all persons who have exactly this E.164 number."""
        which = select(CONTACT_POINT.c.person_id).where(CONTACT_POINT.c.number == number)
        return tuple(dict.fromkeys(self._db.execute(which.order_by(CONTACT_POINT.c.person_id)).scalars()))

    def _suppressed(self, list_id: int) -> int:
        """Persons on the list without a single number that anybody may call."""
        barred = select(SUPPRESSION.c.number).where(
            SUPPRESSION.c.removed_at.is_(None), SUPPRESSION.c.scope == Scope.EVERYTHING
        )
        names = names_in_sql(CONTACT_POINT.c.number, pattern_lengths(self._db))
        callable_ones = select(CONTACT_POINT.c.person_id).where(*(name.not_in(barred) for name in names))
        silent = select(func.count()).where(
            MEMBERSHIP.c.list_id == list_id, MEMBERSHIP.c.person_id.not_in(callable_ones)
        )
        return int(self._db.execute(silent).scalar_one())

    def _by_number(self, wanted: str, limit: int) -> Sequence[int]:
        digits = "".join(char for char in wanted if char in "0123456789")
        if len(digits) < 3:
            return ()
        which = (
            CONTACT_POINT.c.number == f"+{digits}"
            if wanted.startswith("+")
            else CONTACT_POINT.c.number.contains(digits, autoescape=True)
        )
        found = select(CONTACT_POINT.c.person_id).where(which).order_by(CONTACT_POINT.c.person_id).limit(limit)
        return self._db.execute(found).scalars().all()

    def _by_words(self, wanted: str, limit: int) -> Sequence[int]:
        full_name = PERSON.c.first_name + " " + PERSON.c.last_name
        columns = (full_name, PERSON.c.display_name, PERSON.c.email, PERSON.c.external_id)
        holds = or_(*(column.icontains(wanted, autoescape=True) for column in columns))
        return self._db.execute(select(PERSON.c.id).where(holds).order_by(PERSON.c.id).limit(limit)).scalars().all()

    def _lists_of(self, persons: Sequence[int]) -> dict[int, list[str]]:
        rows = self._db.execute(
            select(MEMBERSHIP.c.person_id, LEAD_LIST.c.name)
            .join(LEAD_LIST, LEAD_LIST.c.id == MEMBERSHIP.c.list_id)
            .where(MEMBERSHIP.c.person_id.in_(persons))
            .order_by(LEAD_LIST.c.name)
        )
        found: dict[int, list[str]] = {}
        for person_id, name in rows:
            found.setdefault(person_id, []).append(name)
        return found


# Built once: they are asked for every call.
_POINTS = (
    select(CONTACT_POINT.c.person_id, *_POINT_COLUMNS)
    .where(CONTACT_POINT.c.person_id.in_(bindparam("persons", expanding=True)))
    .order_by(CONTACT_POINT.c.id)
)
_PERSONS = select(PERSON).where(PERSON.c.id.in_(bindparam("persons", expanding=True)))
_POINT_IDS = (
    select(CONTACT_POINT.c.id).where(CONTACT_POINT.c.person_id == bindparam("person")).order_by(CONTACT_POINT.c.id)
)
