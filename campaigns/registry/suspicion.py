"""What about a new list is so odd that a person must look before it comes into force?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.registry.faults import FORMER_STAYS, RegistryCode, RegistryFault
from campaigns.registry.freshness import shown
from campaigns.registry.manifest import Manifest
from campaigns.registry.values import Kind, ListImport

LEAST_SHARE = 0.9
_MANY = 1_000  # a prefix that lost fewer numbers than that is no sign of a cut file


@dataclass(frozen=True, kw_only=True, slots=True)
class Stray:
    """Numbers outside what the list covers: how many, and where the first one stands. `prefix` has four digits."""

    prefix: str
    rows: int
    file: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What reading the files brought. `counts`: numbers by covered prefix, of a change list after the changes."""

    rows: int
    faulty_rows: int
    counts: Mapping[str, int]
    strays: tuple[Stray, ...] = ()
    order: tuple[RegistryFault, ...] = ()
    newest_change: datetime | None = None
    same_sources: bool = False
    twice: tuple[str, ...] = ()  # names of files with the very same contents

    @property
    def count(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """`refusals` keep the list out of force."""

    refusals: tuple[RegistryFault, ...] = field(default=())
    warnings: tuple[RegistryFault, ...] = field(default=())


def suspicious_dates(order: ListImport, before: Manifest | None, now: datetime) -> tuple[RegistryFault, ...]:
    """What can be said before any file is read: dates, sequence, and whether there is a list to change."""
    return tuple(_dates(order, before, now))


def judge(order: ListImport, found: Found, before: Manifest | None) -> Judgement:
    """What is odd about the contents."""
    refusals = (*_rows(order, found), *_areas(order, found), *_size(order, found, before), *_order(order, found))
    refusals = (*refusals, *_twice(found))
    return Judgement(refusals=refusals, warnings=tuple(_warnings(found, before)))


def _dates(order: ListImport, before: Manifest | None, now: datetime) -> Iterator[RegistryFault]:
    name = order.registry.id
    if order.list_date > now:
        yield _fault(RegistryCode.FUTURE, f"{name} is dated {shown(order.list_date)}, which has not come yet.")
    if before is not None and order.list_date < before.list_date:
        words = f"{name} of {shown(order.list_date)} is older than the one in force, of {shown(before.list_date)}."
        yield _fault(RegistryCode.OLD, words)
    if order.kind is Kind.CHANGES:
        yield from _continues(order, before)


def _continues(order: ListImport, before: Manifest | None) -> Iterator[RegistryFault]:
    if before is None or order.since is None:
        words = f"There is no list {order.registry.id} in force that could be changed. Import a full list first."
        yield _fault(RegistryCode.BASE, words)
        return
    if order.since > before.list_date:
        words = f"The changes begin at {shown(order.since)}, the list in force is of {shown(before.list_date)}:"
        yield _fault(
            RegistryCode.GAP, f"{words} what changed between is missing. Import the list between or a full one."
        )
    if order.since > order.list_date:
        yield _fault(RegistryCode.ORDER, "The changes end before they begin; look at the two dates.")
    if order.sequence is not None and before.sequence is not None:
        yield from _follows(order.sequence, before.sequence)
    new = sorted(set(order.registry.covered or ()) - set(before.covered))
    if new:
        words = f"{_plus(new)} came into the subscription, and a change list does not hold what was there before."
        yield _fault(RegistryCode.BASE, f"{words} Import a full list.")


def _follows(sequence: int, before: int) -> Iterator[RegistryFault]:
    if sequence > before + 1:
        words = (
            f"The list has number {sequence}, the one in force {before}: {sequence - before - 1} between are missing."
        )
        yield _fault(RegistryCode.GAP, words)
    if sequence < before:
        yield _fault(RegistryCode.ORDER, f"The list has number {sequence}, a later one ({before}) is in force already.")


def _rows(order: ListImport, found: Found) -> Iterator[RegistryFault]:
    if found.faulty_rows and found.faulty_rows != order.accept.faulty_rows:
        accepted = order.accept.faulty_rows
        other = f" {accepted:,} were accepted." if accepted else ""
        words = f"{found.faulty_rows:,} of {found.rows + found.faulty_rows:,} rows cannot be read.{other}"
        yield _fault(RegistryCode.ROW, f"{words} The list is NOT active until they are fixed or accepted.")


def _areas(order: ListImport, found: Found) -> Iterator[RegistryFault]:
    for stray in found.strays:
        words = f"{stray.file} line {stray.line}: +{stray.prefix} is not covered by {order.registry.id}"
        yield _fault(RegistryCode.AREA, f"{words} ({stray.rows:,} rows). Is it the right file?", stray.line)
    if order.kind is Kind.FULL:
        empty = [prefix for prefix, count in found.counts.items() if not count and prefix not in order.accept.empty]
        if empty and found.count:
            words = f"No file has a number of {_plus(empty)}, which the subscription covers. Is a file missing?"
            yield _fault(RegistryCode.NO_AREA, words)


def _size(order: ListImport, found: Found, before: Manifest | None) -> Iterator[RegistryFault]:
    if order.kind is Kind.FULL and not found.count:
        yield _fault(RegistryCode.EMPTY, "The files hold no number.")
    elif found.count != order.accept.count:
        for what, now, then in _shrunk(found, before):
            words = f"{what} has {now:,} numbers, before it had {then:,}: less than {LEAST_SHARE:.0%}."
            mend = f"If that is right, accept a list of {found.count:,} numbers."
            yield _fault(RegistryCode.SMALL, f"{words} {mend}")


def _shrunk(found: Found, before: Manifest | None) -> Iterator[tuple[str, int, int]]:
    if before is None:
        return
    if found.count < LEAST_SHARE * before.count:
        yield "The list", found.count, before.count
        return
    for prefix, then in before.counts.items():
        now = found.counts.get(prefix)
        if now is not None and now < LEAST_SHARE * then and then - now > _MANY:
            yield f"+{prefix}", now, then


def _order(order: ListImport, found: Found) -> Iterator[RegistryFault]:
    yield from found.order
    if found.newest_change is not None and found.newest_change > order.list_date:
        words = f"A change is dated {shown(found.newest_change)}, the list itself {shown(order.list_date)}."
        yield _fault(RegistryCode.ORDER, f"{words} Look at the list's date.")
    if order.kind is Kind.CHANGES and not found.rows and not found.faulty_rows:
        yield _fault(RegistryCode.EMPTY, "The files hold no change.")


def _twice(found: Found) -> Iterator[RegistryFault]:
    """One file given twice brings nothing by itself; but the one that was meant instead is missing."""
    if found.twice:
        words = f"{' and '.join(found.twice)} are the very same file. Is another one missing?"
        yield _fault(RegistryCode.TWICE, f"{words} Give each file once.")


def _warnings(found: Found, before: Manifest | None) -> Iterator[RegistryFault]:
    dropped = sorted(set(before.covered) - set(found.counts)) if before else []
    if dropped:
        words = f"{_plus(dropped)} is not covered any more: numbers there can no longer be dialled."
        yield RegistryFault(code=RegistryCode.DROPPED, reason=words)
    if found.same_sources:
        words = "The very same files made the generation in force; the numbers stay as they are."
        yield RegistryFault(code=RegistryCode.REPEAT, reason=words)


def _plus(prefixes: list[str]) -> str:
    shown_ones = ", ".join(f"+{prefix}" for prefix in prefixes[:8])
    return f"{shown_ones} and {len(prefixes) - 8} more" if len(prefixes) > 8 else shown_ones


def _fault(code: RegistryCode, words: str, line: int | None = None) -> RegistryFault:
    return RegistryFault(code=code, reason=f"{words} {FORMER_STAYS}", line=line)
