"""What do these files add up to when they are read into a set?"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from campaigns.registry.answers import Digits, Mask
from campaigns.registry.changes import (
    CHANGE_ROW,
    PLAIN_CHANGE_ROW,
    UNDATED,
    ChangeBatch,
    joined,
    last_of_each,
    out_of_order,
    read_flat_changes,
)
from campaigns.registry.faults import FORMER_STAYS, RegistryCode, RegistryFault, RowFaults, shown_name
from campaigns.registry.ftc_xml import read_xml
from campaigns.registry.full_lists import plain_line, reader_of
from campaigns.registry.manifest import SourceFile
from campaigns.registry.nanp_bits import NanpBits, NanpBitsBuilder
from campaigns.registry.open_list import OpenList
from campaigns.registry.opening import ForeignFile, opened
from campaigns.registry.report import Progress
from campaigns.registry.roaring import RoaringBuilder, RoaringSet
from campaigns.registry.suspicion import Found, Stray
from campaigns.registry.values import Form, Kind, ListImport, RegistryList, Source

Tell = Callable[[Progress], None]
Builder = NanpBitsBuilder | RoaringBuilder
_MOST_STRAYS = 20
_MOST_DISORDER = 100


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Gathered:
    """The new set, what was found on the way, and the files it came from."""

    builder: Builder
    found: Found
    row_faults: tuple[RegistryFault, ...]
    sources: tuple[SourceFile, ...]
    added: int
    removed: int

    @property
    def form(self) -> Form:
        """Changes keep the form of the list that they change."""
        return Form.NANP_BITS if isinstance(self.builder, NanpBitsBuilder) else Form.ROARING


def gather(order: ListImport, before: OpenList, tell: Tell) -> Gathered:
    """Reads every file into a set; nothing is stored. RegistryRefused when a file may not be used at all."""
    gathering = _Gathering(order=order, builder=_builder(order, before), tell=tell)
    gathering.total = sum(map(_size, order.files))
    if order.kind is Kind.FULL:
        gathering.read_full()
    else:
        gathering.read_changes()
    found = gathering.found()
    if before.manifest is not None:
        found = replace(found, same_sources=_digests(gathering.sources) == _digests(before.manifest.sources))
    added, removed = _difference(gathering.builder, before)
    return Gathered(
        builder=gathering.builder,
        found=found,
        row_faults=tuple(fault for faults in gathering.faults for fault in faults.listed),
        sources=tuple(gathering.sources),
        added=added,
        removed=removed,
    )


@dataclass(slots=True, kw_only=True)
class _Gathering:
    order: ListImport
    builder: Builder
    tell: Tell
    total: int = 0
    done: int = 0
    rows: int = 0
    faults: list[RowFaults] = field(default_factory=list)
    sources: list[SourceFile] = field(default_factory=list)
    disorder: list[RegistryFault] = field(default_factory=list)
    newest_change: datetime | None = None
    _strays: dict[str, Stray] = field(default_factory=dict)

    def found(self) -> Found:
        strays = sorted(self._strays.values(), key=lambda stray: -stray.rows)
        return Found(
            rows=self.rows,
            faulty_rows=sum(faults.total for faults in self.faults),
            counts=self.builder.counts(),
            strays=tuple(strays[:_MOST_STRAYS]),
            order=tuple(self.disorder[:_MOST_DISORDER]),
            newest_change=self.newest_change,
            twice=_twice(self.sources),
        )

    def read_full(self) -> None:
        read, row = reader_of(self.order.registry)
        for path in self.order.files:
            with self._opened(path, row) as (file, faults):
                for batch in read(file, faults):
                    outside = self.builder.add(batch.numbers)
                    self._note_strays(file.name, batch.numbers, batch.lines, outside)
                    self._tell(file, len(batch.numbers))

    def read_changes(self) -> None:
        """All files are one list of changes, in the order in which they were given."""
        batches: list[ChangeBatch] = []
        names: list[str] = []
        for path in self.order.files:
            with self._opened(path, _change_row(self.order.registry)) as (file, faults):
                for batch in _changes_of(self.order.registry, file, faults):
                    batches.append(batch)
                    names.append(file.name)
                    self._tell(file, len(batch.numbers))
        owner = np.repeat(np.arange(len(batches)), [len(batch.numbers) for batch in batches])
        everything = joined(batches)
        self._note_disorder(everything, [names[place] for place in owner[out_of_order(everything)].tolist()])
        for number, batch in enumerate(batches):
            self._note_strays(names[number], batch.numbers, batch.lines, self.builder.outside(batch.numbers))
        self._apply(last_of_each(everything))

    @contextmanager
    def _opened(self, path: Path, row: str) -> Iterator[tuple[ForeignFile, RowFaults]]:
        """A file and its list of faults; noted with its checksum when it was read to its end."""
        faults = RowFaults(file=shown_name(path.name), expected=row)
        self.faults.append(faults)
        with opened(path, markup=self.order.registry.source is Source.FTC_XML) as file:
            yield file, faults
            source = SourceFile(name=file.name, size=file.size, sha256=file.digest(), rows=faults.read)
            self.sources.append(source)
            self.done += file.size

    def _apply(self, changes: ChangeBatch) -> None:
        self.builder.add(changes.numbers[changes.adds])
        self.builder.remove(changes.numbers[~changes.adds])

    def _note_disorder(self, changes: ChangeBatch, names: list[str]) -> None:
        for place, name in zip(out_of_order(changes), names, strict=True):
            line = int(changes.lines[place])
            words = f"{name} line {line} is dated before an earlier row of the same number."
            reason = f"{words} Which came last cannot be told. {FORMER_STAYS}"
            self.disorder.append(RegistryFault(code=RegistryCode.ORDER, reason=reason, line=line))
        dated = changes.moments[changes.moments != UNDATED]
        if len(dated):
            self.newest_change = datetime.fromtimestamp(int(dated.max()), UTC)

    def _note_strays(self, file: str, numbers: Digits, lines: Digits, outside: Mask) -> None:
        if not outside.any():
            return
        numbers, lines = numbers[outside], lines[outside]
        _, firsts, counts = np.unique(numbers // 10_000_000, return_index=True, return_counts=True)
        for first, count in zip(firsts.tolist(), counts.tolist(), strict=True):
            prefix = str(numbers[first])[:4]
            known = self._strays.get(prefix) or Stray(prefix=prefix, rows=0, file=file, line=int(lines[first]))
            self._strays[prefix] = replace(known, rows=known.rows + count)

    def _tell(self, file: ForeignFile, rows: int) -> None:
        self.rows += rows
        self.tell(Progress(file=file.name, done=self.done + file.done, total=self.total, rows=self.rows))


def _builder(order: ListImport, before: OpenList) -> Builder:
    registry = order.registry
    if order.kind is Kind.FULL:
        return NanpBitsBuilder(registry.covered) if registry.form is Form.NANP_BITS else _roaring(registry)
    # What left the subscription is not kept up to date by changes any more, so it is no longer covered.
    still = before.numbers.covered if registry.covered is None else set(registry.covered) & set(before.numbers.covered)
    if isinstance(before.numbers, NanpBits):
        return NanpBitsBuilder.copy_of(before.numbers, still)
    if isinstance(before.numbers, RoaringSet):
        return RoaringBuilder.copy_of(before.numbers, still)
    raise ValueError(f"no list {registry.id} to change")


def _roaring(registry: RegistryList) -> RoaringBuilder:
    return RoaringBuilder(registry.covered or ())


def _difference(builder: Builder, before: OpenList) -> tuple[int, int]:
    """Added and removed; a list that has changed its form has new numbers only."""
    if isinstance(builder, NanpBitsBuilder):
        return builder.difference(before.numbers if isinstance(before.numbers, NanpBits) else None)
    return builder.difference(before.numbers if isinstance(before.numbers, RoaringSet) else None)


def _change_row(registry: RegistryList) -> str:
    return PLAIN_CHANGE_ROW if registry.source is Source.PLAIN else CHANGE_ROW


def _changes_of(registry: RegistryList, file: ForeignFile, faults: RowFaults) -> Iterator[ChangeBatch]:
    if registry.source is Source.FTC_XML:
        return read_xml(file, faults, changes=True)
    plain = plain_line(registry.region) if registry.source is Source.PLAIN else None
    return read_flat_changes(file, faults, plain)


def _twice(sources: Sequence[SourceFile]) -> tuple[str, ...]:
    """The names of the first files that have the same contents; empty files are told as such elsewhere."""
    for place, source in enumerate(sources):
        same = tuple(other.name for other in sources[place:] if other.sha256 == source.sha256 and other.size)
        if len(same) > 1:
            return same
    return ()


def _digests(sources: Iterable[SourceFile]) -> list[str]:
    return [source.sha256 for source in sources]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0
