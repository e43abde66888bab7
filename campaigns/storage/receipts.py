"""What do the receipts say, has anybody changed them, and how are their days sealed and, years later, pruned?

Written they are with the attempt or the hold that they prove (`campaigns.storage.issuing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from campaigns.receipts import (
    Day,
    Link,
    digest_of,
    key_id,
    opening_of,
    seal_of,
)
from campaigns.storage.database import Database
from campaigns.storage.pseudonyms import is_pseudonym, pseudonym
from campaigns.storage.tables.attempts import ATTEMPT
from campaigns.storage.tables.leads import CONTACT_POINT
from campaigns.storage.tables.receipts import RECEIPT, RECEIPT_DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredReceipt:
    """One row as it stands: `body` is the receipt's text, the columns beside it repeat what it says."""

    day: date
    seq: int
    campaign_id: int
    person_id: int
    attempt_id: str | None
    body: str
    private: str
    hash: str

    @property
    def link(self) -> Link:
        return Link(day=self.day, seq=self.seq, digest=digest_of(self.body), hash=self.hash)


@dataclass(frozen=True, kw_only=True)
class AttemptOfReceipt:
    """What the table of attempts says of a call that a receipt names; all none: there is no such call."""

    attempt_id: str
    campaign_id: int | None
    person_id: int | None
    number: str | None
    trunk: str | None
    settings_version: int | None
    created_at: datetime | None


class Receipts:
    """The chain of receipts, by day. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def days(self) -> tuple[Day, ...]:
        """Every day of the chain, the oldest first."""
        return tuple(_day_of(row) for row in self._db.execute(select(RECEIPT_DAY).order_by(RECEIPT_DAY.c.day)))

    def of_day(self, day: date) -> Iterator[StoredReceipt]:
        """A day's receipts in their order."""
        for row in self._db.execute(_OF_DAY, {"day": day}):
            yield StoredReceipt(**row._mapping)

    def first(self) -> StoredReceipt | None:
        """The oldest receipt that is kept."""
        row = self._db.execute(_FIRST).first()
        return None if row is None else StoredReceipt(**row._mapping)

    def of_attempt(self, attempt_id: str) -> StoredReceipt | None:
        """The receipt of a call, or none."""
        row = self._db.execute(_OF_ATTEMPT, {"attempt": attempt_id}).first()
        return None if row is None else StoredReceipt(**row._mapping)

    def of_lead(self, campaign_id: int, person_id: int) -> tuple[StoredReceipt, ...]:
        """All receipts of a lead in a campaign, the oldest first."""
        rows = self._db.execute(_OF_LEAD, {"campaign": campaign_id, "person": person_id})
        return tuple(StoredReceipt(**row._mapping) for row in rows)

    def attempts_of_day(self, day: date) -> dict[str, AttemptOfReceipt]:
        """What is stored of each call that a day's receipts name, by its id."""
        rows = self._db.execute(_ATTEMPTS_OF_DAY, {"day": day})
        return {row.attempt_id: AttemptOfReceipt(**row._mapping) for row in rows}

    def erased_of_day(self, day: date) -> frozenset[int]:
        """Of the persons whose receipts of a day have no private part: those who were erased, number by number."""
        numbers: dict[int, list[str]] = {}
        for person_id, number in self._db.execute(_NUMBERS_OF_BLANK, {"day": day}):
            numbers.setdefault(person_id, []).append(number)
        return frozenset(person for person, theirs in numbers.items() if all(map(is_pseudonym, theirs)))

    def stands_for(self, stored: str, number: str) -> bool:
        """Whether a stored text may be what is kept of a number (E.164): a keyed hash, ours where the key is here."""
        key = self._db.erasure_key
        return is_pseudonym(stored) and (key is None or stored == pseudonym(number, key))

    def attempts_without(self, since: datetime, limit: int = 10) -> tuple[str, ...]:
        """Calls made from an instant on that have no receipt: ids, the oldest first."""
        rows = self._db.execute(_WITHOUT, {"since": since, "at_most": limit})
        return tuple(row.id for row in rows)

    def seal(self, key: bytes, installation: str, now: datetime) -> tuple[Day, ...]:
        """Close and seal every day that is over at `now` (UTC) and has no seal yet, one commit each: those sealed."""
        sealed = []
        for day in self.days():
            if day.seal is None and day.day < now.date():
                with self._db.transaction():
                    self._db.take_turn()
                    sealed.append(self._seal(day.day, key, installation, now))
        return tuple(sealed)

    def kept_from(self, today: date) -> date | None:
        """The oldest day whose own rule profiles ask to keep its records still; none when no day's do."""
        rows = self._db.execute(_KEEPS).all()
        return next((day for day, keep_days in rows if _is_kept(day, keep_days, today)), None)

    def prune(self, before: date, now: datetime, *, by_profiles: bool = True) -> tuple[date, ...]:
        """Delete the receipts of sealed days before that date, one commit a day; their heads stay: which days.

        A day whose own rule profiles ask for longer stays, unless `by_profiles` is false.
        """
        gone = []
        kept = {day for day, keep_days in self._db.execute(_KEEPS) if _is_kept(day, keep_days, now.date())}
        for day in self.days():
            if by_profiles and day.day in kept:
                continue
            if day.day < before and day.seal is not None and not day.pruned:
                with self._db.transaction():
                    self._db.take_turn()
                    self._db.execute(delete(RECEIPT).where(RECEIPT.c.day == day.day))
                    self._db.execute(update(RECEIPT_DAY).where(RECEIPT_DAY.c.day == day.day).values(pruned_at=now))
                gone.append(day.day)
        return tuple(gone)

    def _seal(self, which: date, key: bytes, installation: str, now: datetime) -> Day:
        """Read again under the turn: another connection may have closed it meanwhile."""
        day = _day_of(self._db.execute(select(RECEIPT_DAY).where(RECEIPT_DAY.c.day == which)).one())
        if day.head is None:
            rows, last = self._db.execute(_TAIL, {"day": which}).one()
            head = last or opening_of(which, day.previous_head)
            day = Day(day=which, previous_head=day.previous_head, rows=rows, head=head)
        values = {
            "row_count": day.rows,
            "head": day.head,
            "seal": seal_of(key, installation, day),
            "key_id": key_id(key),
            "sealed_at": now,
        }
        self._db.execute(update(RECEIPT_DAY).where(RECEIPT_DAY.c.day == which).values(**values))
        return Day(
            day=which,
            previous_head=day.previous_head,
            rows=day.rows,
            head=day.head,
            seal=values["seal"],  # type: ignore[arg-type]
            key_id=key_id(key),
        )


def _is_kept(day: date, keep_days: int, today: date) -> bool:
    return day + timedelta(days=keep_days) >= today


def _day_of(row: Any) -> Day:
    return Day(
        day=row.day,
        previous_head=row.previous_head,
        rows=row.row_count,
        head=row.head,
        seal=row.seal,
        key_id=row.key_id,
        pruned=row.pruned_at is not None,
    )


_COLUMNS = tuple(column for column in RECEIPT.c if column.name != "mark")
_OF_DAY = select(*_COLUMNS).where(RECEIPT.c.day == bindparam("day")).order_by(RECEIPT.c.seq)
_KEEPS = (
    select(RECEIPT_DAY.c.day, RECEIPT_DAY.c.keep_days).where(RECEIPT_DAY.c.keep_days > 0).order_by(RECEIPT_DAY.c.day)
)
_FIRST = select(*_COLUMNS).order_by(RECEIPT.c.day, RECEIPT.c.seq).limit(1)
_OF_ATTEMPT = select(*_COLUMNS).where(RECEIPT.c.attempt_id == bindparam("attempt"))
_OF_LEAD = (
    select(*_COLUMNS)
    .where(RECEIPT.c.campaign_id == bindparam("campaign"), RECEIPT.c.person_id == bindparam("person"))
    .order_by(RECEIPT.c.day, RECEIPT.c.seq)
)
_NUMBERS_OF_BLANK = (
    select(RECEIPT.c.person_id, CONTACT_POINT.c.number)
    .join(CONTACT_POINT, CONTACT_POINT.c.person_id == RECEIPT.c.person_id)
    .where(RECEIPT.c.day == bindparam("day"), RECEIPT.c.private == "")
    .distinct()
)
_ATTEMPTS_OF_DAY = (
    select(
        RECEIPT.c.attempt_id,
        ATTEMPT.c.campaign_id,
        ATTEMPT.c.person_id,
        ATTEMPT.c.number,
        ATTEMPT.c.trunk,
        ATTEMPT.c.settings_version,
        ATTEMPT.c.created_at,
    )
    .outerjoin(ATTEMPT, ATTEMPT.c.id == RECEIPT.c.attempt_id)
    .where(RECEIPT.c.day == bindparam("day"), RECEIPT.c.attempt_id.is_not(None))
)
_WITHOUT = (
    select(ATTEMPT.c.id)
    .outerjoin(RECEIPT, RECEIPT.c.attempt_id == ATTEMPT.c.id)
    .where(ATTEMPT.c.created_at >= bindparam("since"), RECEIPT.c.seq.is_(None))
    .order_by(ATTEMPT.c.created_at, ATTEMPT.c.id)
    .limit(bindparam("at_most"))
)
_TAIL = select(
    func.count(),
    select(RECEIPT.c.hash)
    .where(RECEIPT.c.day == bindparam("day"))
    .order_by(RECEIPT.c.seq.desc())
    .limit(1)
    .scalar_subquery(),
).where(RECEIPT.c.day == bindparam("day"))
