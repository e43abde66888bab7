"""How does a receipt come into the chain? With the attempt or the hold that it proves, in one transaction, one by one.

The chain's day is the UTC date of writing, never an earlier one than its newest day and never a closed one. A hold
that says nothing new of its lead is not repeated on the same day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from campaigns.dialable import Candidate, Verdict
from campaigns.receipts import (
    BEFORE_ALL,
    Issue,
    Receipt,
    canonical,
    digest_of,
    link,
    mark_of,
    opening_of,
    private,
    receipt_of,
)
from campaigns.storage.database import Database
from campaigns.storage.tables.agents import TRUNK
from campaigns.storage.tables.campaigns import CAMPAIGN
from campaigns.storage.tables.receipts import RECEIPT, RECEIPT_DAY

ONE_DAY = timedelta(days=1)
_AT_ONCE = 500  # persons asked for in one statement


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What was judged and what followed; `attempt_id` none: the lead was held."""

    candidate: Candidate
    verdict: Verdict
    attempt_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class _End:
    """The chain's newest day and what stands last in it."""

    day: date
    seq: int
    hash: str
    keep_days: int = 0


class Issuing:
    """Writes receipts. Call it in the transaction of what they prove, after `Database.take_turn`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def write(
        self,
        proofs: Sequence[Proof],
        at: datetime,
        campaign_id: int,
        trunk: str = "",
        settings_version: int | None = None,
    ) -> None:
        """Chain a receipt for each proof that says something new. `settings_version` none: the one in force now."""
        if not proofs:
            return
        issue = self._issue(proofs, at, campaign_id, trunk, settings_version)
        receipts = [receipt_of(each.candidate, each.verdict, issue, each.attempt_id, token_hex(16)) for each in proofs]
        end = self._end_for(at.date())
        rows: list[dict[str, Any]] = []
        said = self._said_today(receipts, end.day)
        seq, hash_before = end.seq, end.hash
        for receipt in receipts:
            mark = "" if receipt.attempt_id else mark_of(receipt)
            if mark and said.get(receipt.person_id) == mark:
                continue
            said[receipt.person_id] = mark
            body = canonical(receipt)
            seq, hash_before = seq + 1, link(hash_before, digest_of(body))
            rows.append(_row(receipt, end.day, seq, mark, body, hash_before))
        if rows:
            self._db.execute(_ADD, rows)
            keep_days = max(_keep_days(each.verdict) for each in proofs)
            if keep_days > end.keep_days:
                self._db.execute(_KEEP, {"kept_day": end.day, "new_keep_days": keep_days})

    def _issue(
        self, proofs: Sequence[Proof], at: datetime, campaign_id: int, trunk: str, settings_version: int | None
    ) -> Issue:
        basis = proofs[0].verdict.basis
        asked = {"campaign": campaign_id, "trunk": trunk or (basis.trunk if basis else "")}
        name, version, caller_id = self._db.execute(_CAMPAIGN, asked).one()
        return Issue(
            at=at,
            campaign_id=campaign_id,
            campaign=name,
            settings_version=version if settings_version is None else settings_version,
            trunk=trunk,
            trunk_caller_id=caller_id or "",
        )

    def _end_for(self, today: date) -> _End:
        """Where the next receipt is chained; a new day is begun, and the one before it closed, when it is time."""
        newest = self._db.execute(_NEWEST).first()
        if newest is None:
            return self._begin(today, BEFORE_ALL)
        day, previous_head, head, seq, last, keep_days = newest
        if head is None and day >= today:
            start = last or opening_of(day, previous_head)
            return _End(day=day, seq=seq or 0, hash=start, keep_days=keep_days or 0)
        if head is None:
            head = last or opening_of(day, previous_head)
            self._db.execute(_CLOSE, {"closed_day": day, "new_count": seq or 0, "new_head": head})
        return self._begin(max(today, day + ONE_DAY), head)

    def _begin(self, day: date, previous_head: str) -> _End:
        self._db.execute(_BEGIN, {"day": day, "previous_head": previous_head, "key_id": ""})
        return _End(day=day, seq=0, hash=opening_of(day, previous_head))

    def _said_today(self, receipts: Sequence[Receipt], day: date) -> dict[int, str]:
        """The mark of each held lead's last receipt of this day; an attempt's is empty."""
        held = list({each.person_id for each in receipts if each.attempt_id is None})
        found: dict[int, str] = {}
        for start in range(0, len(held), _AT_ONCE):
            some = {"campaign": receipts[0].campaign_id, "day": day, "persons": held[start : start + _AT_ONCE]}
            found |= {row.person_id: row.mark for row in self._db.execute(_SAID, some)}  # the last one stays
        return found


def _row(receipt: Receipt, day: date, seq: int, mark: str, body: str, hash_: str) -> dict[str, Any]:
    return {
        "day": day,
        "seq": seq,
        "campaign_id": receipt.campaign_id,
        "person_id": receipt.person_id,
        "attempt_id": receipt.attempt_id,
        "mark": mark,
        "body": body,
        "private": private(receipt),
        "hash": hash_,
    }


def _keep_days(verdict: Verdict) -> int:
    """How long the profiles by which it was judged ask to keep the record of it, in whole days."""
    return 0 if verdict.basis is None else verdict.basis.profile.duties.keep_records.days


_ADD = insert(RECEIPT)
_KEEP = (
    update(RECEIPT_DAY).where(RECEIPT_DAY.c.day == bindparam("kept_day")).values(keep_days=bindparam("new_keep_days"))
)
_BEGIN = insert(RECEIPT_DAY)
_CLOSE = (
    update(RECEIPT_DAY)
    .where(RECEIPT_DAY.c.day == bindparam("closed_day"))
    .values(row_count=bindparam("new_count"), head=bindparam("new_head"))
)
_CAMPAIGN = select(
    CAMPAIGN.c.name,
    CAMPAIGN.c.settings_version,
    select(TRUNK.c.caller_id).where(TRUNK.c.name == bindparam("trunk")).scalar_subquery(),
).where(CAMPAIGN.c.id == bindparam("campaign"))
_NEWEST = (
    select(
        RECEIPT_DAY.c.day,
        RECEIPT_DAY.c.previous_head,
        RECEIPT_DAY.c.head,
        RECEIPT.c.seq,
        RECEIPT.c.hash,
        RECEIPT_DAY.c.keep_days,
    )
    .outerjoin(RECEIPT, RECEIPT.c.day == RECEIPT_DAY.c.day)
    .where(RECEIPT_DAY.c.day == select(func.max(RECEIPT_DAY.c.day)).scalar_subquery())
    .order_by(RECEIPT.c.seq.desc())
    .limit(1)
)
_SAID = (
    select(RECEIPT.c.person_id, RECEIPT.c.mark)
    .where(RECEIPT.c.campaign_id == bindparam("campaign"), RECEIPT.c.day == bindparam("day"))
    .where(RECEIPT.c.person_id.in_(bindparam("persons", expanding=True)))
    .order_by(RECEIPT.c.seq)
)
