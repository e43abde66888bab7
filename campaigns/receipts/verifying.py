"""Which is the first row of the chain that was changed, removed, put in or moved?"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from campaigns.receipts.chain import Day, Link, key_id, link, opening_of, seal_of


class FaultKind(StrEnum):
    """What was done to the chain."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    HEAD = "head"  # of a day: it does not fit its rows or the day before
    SEAL = "seal"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The first place where the chain is broken. `seq` none: the day as a whole. `words` is one sentence."""

    kind: FaultKind
    day: date
    seq: int | None
    words: str


def first_fault(rows: Iterable[Sequence[Link]], days: Sequence[Day]) -> Fault | None:
    """The first fault of successive days, each with its rows in the order in which they stand; none: all is whole.

    `rows` are asked for one day after the other, so that one day at a time is in memory. The first day's
    `previous_head` is taken as given; that of a later one must be the head before it.
    """
    before: Day | None = None
    for day, links in zip(days, rows, strict=True):
        fault = _follows(day, before) or first_of_day(day, links)
        if fault is not None:
            return fault
        head = day.head or (links[-1].hash if links else opening_of(day.day, day.previous_head))
        before = Day(day=day.day, previous_head=day.previous_head, head=head, rows=len(links))
    return None


def _follows(day: Day, before: Day | None) -> Fault | None:
    if before is None or (day.day > before.day and day.previous_head == before.head):
        return None
    words = (
        f"{day.day} does not begin with the head of {before.day}: a day between them was removed, or one of the two "
        "was changed"
    )
    return Fault(kind=FaultKind.HEAD, day=day.day, seq=None, words=words)


def first_of_day(day: Day, links: Sequence[Link]) -> Fault | None:
    """The first fault among one day's rows, or between them and its head."""
    if day.pruned and not links:
        return None
    hash_before = opening_of(day.day, day.previous_head)
    for expected, row in enumerate(links, start=1):
        if row.seq != expected or row.day != day.day:
            return _out_of_place(day, expected, row, links)
        if row.hash != link(hash_before, row.digest):
            return _broken(day, row)
        hash_before = row.hash
    return _at_the_end(day, len(links), hash_before)


def _out_of_place(day: Day, expected: int, row: Link, links: Sequence[Link]) -> Fault:
    def fault(kind: FaultKind, seq: int, words: str) -> Fault:
        return Fault(kind=kind, day=day.day, seq=seq, words=words)

    numbers = [each.seq for each in links]
    if row.day != day.day:
        return fault(FaultKind.INSERTED, row.seq, f"a row of {row.day} stands among those of {day.day}: it was put in")
    if len(set(numbers)) < len(numbers):
        twice = next(seq for place, seq in enumerate(numbers) if seq in numbers[:place])
        return fault(FaultKind.INSERTED, twice, f"row {twice} of {day.day} is there twice: one of them was put in")
    if sorted(numbers) == list(range(1, len(numbers) + 1)):
        words = f"row {row.seq} of {day.day} stands where row {expected} belongs: rows were moved"
        return fault(FaultKind.REORDERED, expected, words)
    if row.seq < expected or expected in numbers:
        return fault(FaultKind.INSERTED, row.seq, f"row {row.seq} of {day.day} does not belong here: it was put in")
    return fault(FaultKind.REMOVED, expected, f"row {expected} of {day.day} was removed: row {row.seq} comes next")


def _broken(day: Day, row: Link) -> Fault:
    words = f"row {row.seq} of {day.day} was changed: its content does not give its hash"
    if row.seq > 1:
        words += f" (or row {row.seq - 1} was changed together with its own hash)"
    return Fault(kind=FaultKind.CHANGED, day=day.day, seq=row.seq, words=words)


def _at_the_end(day: Day, rows: int, head: str) -> Fault | None:
    if day.rows is not None and rows < day.rows:
        words = f"{day.rows - rows} rows at the end of {day.day} were removed, from row {rows + 1} on"
        return Fault(kind=FaultKind.REMOVED, day=day.day, seq=rows + 1, words=words)
    if day.rows is not None and rows > day.rows:
        words = f"row {day.rows + 1} of {day.day} was put in: the day was closed with {day.rows} rows"
        return Fault(kind=FaultKind.INSERTED, day=day.day, seq=day.rows + 1, words=words)
    if day.head is not None and head != day.head:
        words = f"the head of {day.day} is not that of its last row: one of the two was changed"
        return Fault(kind=FaultKind.HEAD, day=day.day, seq=None, words=words)
    return None


def seal_fault(day: Day, key: bytes, installation: str) -> Fault | None:
    """Whether a sealed day has the seal that this key gives it; a day without a seal has no fault here."""
    if day.seal is None:
        return None
    if day.head is not None and day.rows is not None:
        if hmac.compare_digest(day.seal, seal_of(key, installation, day)):
            return None
        if day.key_id != key_id(key):
            words = f"{day.day} was sealed with another key ({day.key_id}) than the one here ({key_id(key)})"
            return Fault(kind=FaultKind.SEAL, day=day.day, seq=None, words=words)
    words = f"the seal of {day.day} does not fit its head: the day was changed after it was sealed"
    return Fault(kind=FaultKind.SEAL, day=day.day, seq=None, words=words)
