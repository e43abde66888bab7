"""Which numbers does this do-not-call file block, and is it whole enough to be put in force?

A row that cannot be read is a person who asked not to be called: so a file with one faulty row is reported
PARTIAL and is *not active* until it is mended or accepted by name. One number a line, with or without a
header; a CSV or workbook with a phone column; or the FTC's flat form (area code, seven digits).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from campaigns.foreign_text import from_csv_cell, mask_digits
from campaigns.importing.faults import FaultList, Wording, many, wording_for
from campaigns.importing.leads import Columns, Path
from campaigns.importing.opening import opened
from campaigns.importing.own_list import (
    ErasedNumber,
    as_we_wrote_it,
    instant,
    numbers_in,
    said_of,
    unused,
    what_is_wrong,
)
from campaigns.importing.records import Record
from campaigns.importing.report import CheckReport, Code, Fault, ImportRefused, ImportStatus
from campaigns.importing.rows import RowReader
from campaigns.importing.table import Table, split_number, table_of
from campaigns.phone import (
    EXTENSION_MARK,
    NumberPattern,
    PhoneFault,
    PhoneFaultKind,
    PhoneNumber,
    looks_like_pattern,
    parse_listed,
    parse_pattern,
)

# "Not active" is the file, never what is listed already: see docs/decisions/0003.
NOT_ACTIVE = "The list is NOT active until fixed or accepted; earlier entries stay in force and dialling goes on."
_MOST_NAMED = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class DncRow:
    """One blocked number or pattern, and the line it stands on. An extension is dropped: the whole line is blocked.

    `scope`, `value`, `reason`, and who listed it when (with its zone) and whence: as an export of our own list has
    them; empty where the file does not say. So has `erased_by`: which key made the hash of an erased number.
    """

    line: int
    number: PhoneNumber | NumberPattern | ErasedNumber
    scope: str = ""
    value: str = ""
    reason: str = ""
    source: str = ""
    actor: str = ""
    added_at: datetime | None = None
    erased_by: str = ""


class DncReading:
    """One pass over a do-not-call file: iterate for the numbers, then ask for `rejected` and `warnings`.

    `complete` is True only when the pass ended and every row was understood; a list that is not complete
    must not be put in force without a person's word. ImportRefused: nothing of the file may be used.
    """

    def __init__(
        self,
        path: Path,
        *,
        region: str = "US",
        encoding: str | None = None,
        mapping: Columns | None = None,
        now: datetime | None = None,
    ) -> None:
        self._path = path
        self._region = region
        self._encoding = encoding
        self._mapping = mapping
        self._now = now
        self._seen: dict[tuple[str, str, str], int] = {}
        self._faults = FaultList()
        self._warnings = FaultList()
        self._file = ""
        self._ended = False
        self.rows = 0
        self.accepted = 0
        self._unused: tuple[str, ...] = ()
        self.former = 0  # rows of our own export whose entry was taken out of force

    @property
    def rejected(self) -> tuple[Fault, ...]:
        return self._faults.as_tuple()

    @property
    def warnings(self) -> tuple[Fault, ...]:
        return self._warnings.as_tuple()

    @property
    def complete(self) -> bool:
        return self._ended and self._faults.total == 0

    def __iter__(self) -> Iterator[DncRow]:
        try:
            yield from self._rows()
        except ImportRefused as refusal:
            if refusal.fault.code is Code.EMPTY:
                raise self._empty() from None
            raise
        if self.rows == 0:
            raise self._empty()
        self._ended = True

    def _rows(self) -> Iterator[DncRow]:
        with opened(self._path) as source:
            self._file = source.wording.file
            region = source.wording.region(self._region)
            mapping = numbers_in(source, self._mapping)
            with table_of(source, encoding=self._encoding, mapping=mapping, region=region, any_width=True) as table:
                self._warnings.add(table.warnings)
                self._unused = unused(table)
                reader = RowReader(layout=table.layout, region=region, wording=source.wording)
                for record in table.records:
                    yield from self._row(record, table, reader)

    def _row(self, record: Record, table: Table, reader: RowReader) -> Iterator[DncRow]:
        self.rows += 1
        faults = () if table.headerless else reader.broken(record)
        numbers: list[PhoneNumber | NumberPattern | ErasedNumber] = []
        said = said_of(record, table)
        if not faults:
            for column, text in _phone_cells(record, table):
                own = as_we_wrote_it(text) if said else None
                judged = _judged(text, reader.region) if own is None else own
                if isinstance(judged, PhoneFault):
                    faults = (*faults, _fault(record.line, column, text, judged, reader.wording))
                    numbers += _whole_line(text, judged, reader.region)
                else:
                    numbers.append(judged)
        former = said.pop("removed_at", "")
        odd = None if former else what_is_wrong(said, self._now)
        if odd is not None:
            # Whom it bars is not known, so the row bars everywhere when it is taken all the same.
            said |= dict.fromkeys(("scope", "value", "added_at"), "")
            faults = (*faults, _odd(record.line, *odd, reader.wording))
        self._faults.add(faults)
        if former and not faults:
            self.former += 1
            return
        at = instant(said.pop("added_at", ""))
        rows = [DncRow(line=record.line, number=number, added_at=at, **said) for number in numbers]
        yield from self._fresh(record.line, rows, reader, whole=not faults)

    def _fresh(self, line: int, rows: list[DncRow], reader: RowReader, *, whole: bool) -> Iterator[DncRow]:
        """The numbers that no earlier line had. Those of a faulty row count too: blocking is the safe side."""
        fresh = 0
        for row in rows:
            first = self._seen.setdefault((row.number.e164, row.scope, row.value), line)
            if first != line:
                repeat = reader.wording.repeats(line, first, reader.layout.only_phone)
                self._warnings.add([repeat])
                continue
            fresh += 1
            yield row
        self.accepted += bool(fresh) and whole

    def _empty(self) -> ImportRefused:
        wording = wording_for(self._file) if self._file else wording_for(str(self._path).rpartition("/")[2])
        reason = f"{wording.file}: The file holds no number; nothing was added. Earlier entries stay in force."
        return ImportRefused(Fault(line=None, column=None, code=Code.DNC_EMPTY, reason=reason))

    def report(self, numbers: list[str]) -> CheckReport:
        """The summary of a finished pass."""
        status = ImportStatus.OK_WARN if self._warnings.total else ImportStatus.OK
        if self._faults.total:
            status = ImportStatus.PARTIAL if numbers else ImportStatus.REJECT
        return CheckReport(
            status=status,
            rows=self.rows,
            accepted=self.accepted if numbers else 0,
            numbers=tuple(numbers),
            rejected=self.rejected,
            warnings=self.warnings,
            message=self._message(len(numbers)),
        )

    def refused(self, refusal: ImportRefused) -> CheckReport:
        """The summary when the pass ended in ImportRefused."""
        fault = refusal.fault
        return CheckReport(
            status=ImportStatus.REJECT,
            rows=self.rows,
            accepted=0,
            numbers=(),
            rejected=(*self.rejected, fault),
            warnings=self.warnings,
            message=fault.reason if fault.code is Code.DNC_EMPTY else f"{fault.reason} {NOT_ACTIVE}",
        )

    def _message(self, count: int) -> str:
        start = f"{self._file}: {many(count, 'number')} in {many(self.rows, 'row')}"
        start += f", {self.former} of them removed entries that are left out" if self.former else ""
        if self._faults.total:
            return f"{start}; {many(self._faults.total, 'fault')}. {NOT_ACTIVE}"
        warned = f"; {many(self._warnings.total, 'warning')}" if self._warnings.total else ""
        passed = f" Columns that were passed over: {', '.join(self._unused[:_MOST_NAMED])}." if self._unused else ""
        return f"{start}{warned}. Every row was understood.{passed}"


def read_dnc(
    path: Path,
    *,
    region: str = "US",
    encoding: str | None = None,
    mapping: Columns | None = None,
    now: datetime | None = None,
) -> DncReading:
    """A pass over the do-not-call file at `path`; nothing is opened before it is iterated.

    With `now`, an entry that says it was listed after it is a fault.
    """
    return DncReading(path, region=region, encoding=encoding, mapping=mapping, now=now)


def check_dnc_file(
    path: Path,
    *,
    region: str = "US",
    encoding: str | None = None,
    mapping: Columns | None = None,
    now: datetime | None = None,
) -> CheckReport:
    """What putting this list in force would do. PARTIAL means **not active**. Never raises for bad input."""
    reading = read_dnc(path, region=region, encoding=encoding, mapping=mapping, now=now)
    try:
        numbers = [row.number.e164 for row in reading]
    except ImportRefused as refusal:
        return reading.refused(refusal)
    return reading.report(numbers)


def _phone_cells(record: Record, table: Table) -> list[tuple[str | None, str]]:
    """Name and text of the number's cells; never empty, so that a row without a number is a fault."""
    cells = [from_csv_cell(cell.strip()) for cell in record.fields]
    if table.headerless and (joined := split_number(cells)) is not None:
        return [(None, joined)]
    layout = table.layout
    filled = [(layout.name(index), cells[index]) for index in layout.phones if index < len(cells) and cells[index]]
    return filled or [(layout.name(layout.phones[0]), "")]


def _judged(text: str, region: str) -> PhoneNumber | NumberPattern | PhoneFault:
    pattern = parse_pattern(text) if looks_like_pattern(text) else None
    return pattern if pattern is not None and not pattern.wide else parse_listed(text, region)


def _whole_line(text: str, fault: PhoneFault, region: str) -> list[PhoneNumber | NumberPattern | ErasedNumber]:
    """The number before an extension that cannot be read: whatever it is, the whole line is blocked."""
    if fault.kind is not PhoneFaultKind.EXTENSION:
        return []
    line = parse_listed(re.split(EXTENSION_MARK, text, maxsplit=1, flags=re.IGNORECASE)[0], region)
    return [] if isinstance(line, PhoneFault) else [line]


def _fault(line: int, column: str | None, text: str, fault: PhoneFault, wording: Wording) -> Fault:
    place = f"{wording.file} line {line}" + (f", {column}" if column else "")
    reason = f"{place}: {_found(text, fault)}. {NOT_ACTIVE}"
    return Fault(line=line, column=column, code=Code.DNC, reason=reason)


def _odd(line: int, column: str, words: str, wording: Wording) -> Fault:
    reason = f"{wording.file} line {line}, {column}: {words}. {NOT_ACTIVE}"
    return Fault(line=line, column=column, code=Code.DNC, reason=reason)


def _found(text: str, fault: PhoneFault) -> str:
    if fault.kind is PhoneFaultKind.EMPTY:
        return "has no number"
    if "*" in text and any(map(str.isdigit, text)) and not text.lstrip().startswith(("*", "#")):
        shown, pattern = mask_digits(text), parse_pattern(text)
        if pattern is not None:
            words = "bars a whole country or a good part of one; list it by itself with 'dialer dnc add --accept-wide'"
            return f"'{shown}' {words}"
        words = "is no pattern that we know; write + and country code, the first digits and one star, such as +4930*"
        return f"'{shown}' {words}"
    why = "" if fault.kind is PhoneFaultKind.NO_DIGITS else f" ({fault.words})"
    return f"'{fault.shown}' is not a phone number{why}"
