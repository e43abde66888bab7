"""Was anything changed in the receipts of this database, or in what they prove? The first fault, named.

The chain is followed from its first day on, then each row's columns and its call are compared with what the receipt
says, then the seals with the key, then whether every call has its receipt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from campaigns.receipts import (
    Day,
    Fault,
    FaultKind,
    Link,
    Receipt,
    UnreadableReceipt,
    first_fault,
    receipt_from,
    seal_fault,
)
from campaigns.storage.pseudonyms import is_pseudonym
from campaigns.storage.receipts import AttemptOfReceipt, Receipts, StoredReceipt

_OF_THE_CALL = ("campaign_id", "person_id", "number", "trunk", "settings_version")


BEFORE_ALL_CALLS = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was looked at, and the first fault; none: all is whole."""

    days: int
    pruned: int
    rows: int
    sealed: int
    fault: Fault | None


def check_receipts(receipts: Receipts, key: bytes | None, installation: str) -> Checked:
    """Everything there is. Without a key the seals are not looked at. Reads all of it: for a person who asks."""
    days = receipts.days()
    looked = _Looked()
    fault = (
        first_fault(looked.links(receipts, days), days) or looked.fault or _sealed_otherwise(days, key, installation)
    )
    if fault is None:
        fault = _without_receipt(receipts, looked.first_at, days)
    return Checked(
        days=len(days),
        pruned=sum(day.pruned for day in days),
        rows=looked.rows,
        sealed=sum(day.seal is not None for day in days),
        fault=fault,
    )


class _Looked:
    """Hands out each day's links, and keeps what was seen in passing, so that every row is read once."""

    def __init__(self) -> None:
        self.rows = 0
        self.first_at: datetime | None = None
        self.fault: Fault | None = None

    def links(self, receipts: Receipts, days: Sequence[Day]) -> Iterator[list[Link]]:
        for day in days:
            calls, erased = receipts.attempts_of_day(day.day), receipts.erased_of_day(day.day)
            links: list[Link] = []
            for row in receipts.of_day(day.day):
                links.append(row.link)
                self._look(row, calls, erased, receipts)
            self.rows += len(links)
            yield links

    def _look(
        self, row: StoredReceipt, calls: dict[str, AttemptOfReceipt], erased: frozenset[int], receipts: Receipts
    ) -> None:
        if self.fault is not None:
            return
        try:
            receipt = receipt_from(row.body, row.private)
        except UnreadableReceipt as fault:
            self.fault = _changed(row, str(fault))
            return
        self.first_at = self.first_at or receipt.at
        call = calls.get(receipt.attempt_id or "")
        words = _call_words(receipt, call, receipts) or _blank_words(receipt, call, erased)
        words = _column_words(row, receipt) or words
        self.fault = _changed(row, words) if words else None


def _changed(row: StoredReceipt, words: str) -> Fault:
    return Fault(kind=FaultKind.CHANGED, day=row.day, seq=row.seq, words=f"row {row.seq} of {row.day}: {words}")


def _column_words(row: StoredReceipt, receipt: Receipt) -> str:
    for name in ("campaign_id", "person_id", "attempt_id"):
        stands, said = getattr(row, name), getattr(receipt, name)
        if stands != said:
            return f"its column {name} says {stands}, its receipt {said}: the column was changed"
    return ""


def _blank_words(receipt: Receipt, call: AttemptOfReceipt | None, erased: frozenset[int]) -> str:
    """A private part that is gone although nobody was erased: each number of an erased person is a keyed hash."""
    if not receipt.erased:
        return ""
    if receipt.person_id in erased and (call is None or is_pseudonym(call.number or "")):
        return ""
    return f"its number and reasons were taken out, and person {receipt.person_id} was not erased"


def _call_words(receipt: Receipt, call: AttemptOfReceipt | None, receipts: Receipts) -> str:
    """What the call's own row says otherwise than the receipt that was written with it."""
    if receipt.attempt_id is None:
        return ""
    if call is None or call.created_at is None:
        return f"its call {receipt.attempt_id} was removed from the calls"
    for name in (name for name in _OF_THE_CALL if not (receipt.erased and name == "number")):
        stands, said = getattr(call, name), getattr(receipt, name)
        by_age = name == "number" and receipts.stands_for(str(stands), str(said))  # by the nightly retention
        if stands != said and not by_age:
            return f"the call {receipt.attempt_id} was changed: its {name} is {stands}, the receipt says {said}"
    if call.created_at != receipt.at:
        stands, said = f"{call.created_at:%Y-%m-%d %H:%M:%S.%f}", f"{receipt.at:%Y-%m-%d %H:%M:%S.%f}"
        return f"the call {receipt.attempt_id} was changed: it was made at {stands} UTC, the receipt says {said} UTC"
    return ""


def _sealed_otherwise(days: Sequence[Day], key: bytes | None, installation: str) -> Fault | None:
    """The first day whose seal is not that of our key, or which lost its seal while a later one has it."""
    if key is None:
        return None
    for number, day in enumerate(days):
        fault = seal_fault(day, key, installation)
        if fault is not None:
            return fault
        if day.seal is None and any(later.seal is not None for later in days[number:]):
            words = f"{day.day} has no seal, a later day has one: its seal was removed"
            return Fault(kind=FaultKind.SEAL, day=day.day, seq=None, words=words)
    return None


def _without_receipt(receipts: Receipts, since: datetime | None, days: Sequence[Day]) -> Fault | None:
    """A call without a receipt, made since the first receipt that is kept."""
    if not days:
        made = receipts.attempts_without(BEFORE_ALL_CALLS, 1)
        words = f"the call {made[0] if made else ''} has no receipt, nor has any other: none was written before this "
        words += "version's first call, or all were removed"
        return Fault(kind=FaultKind.REMOVED, day=BEFORE_ALL_CALLS.date(), seq=None, words=words) if made else None
    if since is None:
        return None
    missing = receipts.attempts_without(since, 1)
    if not missing:
        return None
    words = f"the call {missing[0]} has no receipt: it was put in, or its receipt was removed"
    return Fault(kind=FaultKind.INSERTED, day=days[-1].day, seq=None, words=words)
