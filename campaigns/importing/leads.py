"""Which leads has this file, and what is wrong with the rest?

Preview and import are the same pass: `check_leads` is `read_leads` with nobody storing the rows.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from campaigns.importing.faults import FaultList, many
from campaigns.importing.opening import Source, opened
from campaigns.importing.records import Record
from campaigns.importing.report import CheckReport, Code, Fault, ImportRefused, ImportStatus
from campaigns.importing.rows import LeadRow, RowReader, RowResult
from campaigns.importing.table import table_of
from campaigns.phone import PhoneNumber

Path = str | os.PathLike[str]
Columns = Mapping[str, Sequence[str]]
Progress = Callable[[int, float], None]

_TOLD_EACH = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectedRow:
    """A row as it stood in the file, with all its faults. `header` is None for a file without one."""

    line: int
    header: tuple[str | None, ...]
    fields: tuple[str, ...]
    faults: tuple[Fault, ...]


class LeadReading:
    """One pass over a file: iterate for the good rows, then ask for the rest.

    Rows are given as they are read, so memory does not grow with the file. A fault of the whole file may
    show late (a quote that is never closed, a file that changes): then the iteration raises ImportRefused
    and **nothing of the file may be kept**; store the rows in one transaction and roll it back.
    """

    def __init__(
        self,
        path: Path,
        *,
        region: str = "US",
        encoding: str | None = None,
        mapping: Columns | None = None,
        on_rejected: Callable[[RejectedRow], None] | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        self._path = path
        self._region = region
        self._encoding = encoding
        self._mapping = mapping
        self._on_rejected = on_rejected
        self._on_progress = on_progress
        self._seen: dict[int, int] = {}
        self._switchboards: set[int] = set()  # numbers that were seen with an extension only
        self._extensions: dict[tuple[int, str], int] = {}
        self._faults = FaultList()
        self._warnings = FaultList()
        self._file = ""
        self.rows = 0
        self.accepted = 0
        self.rejected_rows = 0
        self.repeats = 0

    @property
    def numbers(self) -> Collection[int]:
        """The different numbers of the good rows so far, in file order: E.164 without the plus sign."""
        return self._seen.keys()

    @property
    def rejected(self) -> tuple[Fault, ...]:
        """Every fault of every rejected row, in file order (the first `faults.MAX_LISTED`)."""
        return self._faults.as_tuple()

    @property
    def warnings(self) -> tuple[Fault, ...]:
        return self._warnings.as_tuple()

    def __iter__(self) -> Iterator[LeadRow]:
        with opened(self._path) as source:
            self._file = source.wording.file
            region = source.wording.region(self._region)
            with table_of(source, encoding=self._encoding, mapping=self._mapping, region=region) as table:
                self._warnings.add(table.warnings)
                reader = RowReader(layout=table.layout, region=region, wording=source.wording)
                for record in table.records:
                    lead = self._judged(record, reader)
                    if self._on_progress is not None and self.rows % _TOLD_EACH == 0:
                        self._on_progress(self.rows, source.share())
                    if lead is not None:
                        yield lead
            self._refuse_if_empty(source)

    def _judged(self, record: Record, reader: RowReader) -> LeadRow | None:
        self.rows += 1
        result = reader.read(record)
        if result.lead is None:
            self._reject(record, reader, result)
            return None
        lead, repeats = self._without_repeats(result.lead, reader)
        self._warnings.add(result.warnings)
        self._warnings.add(repeats)
        if lead is not None:
            self.accepted += 1
        return lead

    def _reject(self, record: Record, reader: RowReader, result: RowResult) -> None:
        self.rejected_rows += 1
        self._faults.add(result.faults)
        if self._on_rejected is not None:
            fields = tuple(record.fields)
            row = RejectedRow(line=record.line, header=reader.layout.names, fields=fields, faults=result.faults)
            self._on_rejected(row)

    def _without_repeats(self, lead: LeadRow, reader: RowReader) -> tuple[LeadRow | None, list[Fault]]:
        """The lead with the numbers that no earlier row had; None when all of them were repeated."""
        fresh: list[PhoneNumber] = []
        repeats: list[Fault] = []
        for number in lead.contact_points:
            first = self._first_line(number, lead.line)
            if first == lead.line:
                fresh.append(number)
            else:
                self.repeats += 1
                repeats.append(reader.wording.repeats(lead.line, first, reader.layout.only_phone))
        if not repeats:
            return lead, repeats
        return (lead._replace(contact_points=tuple(fresh)) if fresh else None), repeats

    def _first_line(self, number: PhoneNumber, line: int) -> int:
        """Where it stood first: people behind one switchboard share its number, each has an extension of his own."""
        digits = int(number.e164)
        if number.extension:
            if digits not in self._seen:
                self._seen[digits] = line
                self._switchboards.add(digits)
            return self._extensions.setdefault((digits, number.extension), line)
        if digits in self._switchboards:
            self._switchboards.remove(digits)
            self._seen[digits] = line
        return self._seen.setdefault(digits, line)

    def _refuse_if_empty(self, source: Source) -> None:
        if self.rows == 0:
            raise source.wording.refuse(Code.EMPTY, "has a header but no data rows. Nothing imported.")

    def report(self, numbers: Sequence[str] = ()) -> CheckReport:
        """The summary of a finished pass; `numbers` are those of the rows that were given out."""
        if self.accepted == 0:
            return self._nothing_accepted()
        status = ImportStatus.OK_WARN if self._warnings.total else ImportStatus.OK
        status = ImportStatus.PARTIAL if self.rejected_rows else status
        return CheckReport(
            status=status,
            rows=self.rows,
            accepted=self.accepted,
            numbers=tuple(numbers),
            rejected=self.rejected,
            warnings=self.warnings,
            message=self._message(),
            repeated=self.repeats,
        )

    def refused(self, refusal: ImportRefused) -> CheckReport:
        """The summary when the pass ended in ImportRefused."""
        return CheckReport(
            status=ImportStatus.REJECT,
            rows=self.rows,
            accepted=0,
            numbers=(),
            rejected=(*self.rejected, refusal.fault),
            warnings=self.warnings,
            message=_ended(refusal.fault.reason),
        )

    def _nothing_accepted(self) -> CheckReport:
        first = self._faults.listed[0].reason if self._faults.listed else ""
        message = f"{self._file}: none of {many(self.rows, 'row')} can be imported. First fault: {first}"
        return CheckReport(
            status=ImportStatus.REJECT,
            rows=self.rows,
            accepted=0,
            numbers=(),
            rejected=self.rejected,
            warnings=self.warnings,
            message=_ended(message),
        )

    def _message(self) -> str:
        parts = [f"{self._file}: {self.accepted} of {many(self.rows, 'row')} can be imported"]
        if self.rejected_rows:
            parts.append(f"{self.rejected_rows} rejected with {many(self._faults.total, 'fault')}")
        if self._warnings.total:
            parts.append(many(self._warnings.total, "warning"))
        left_out = self._faults.total - len(self.rejected) + self._warnings.total - len(self.warnings)
        if left_out:
            parts.append(f"{left_out} more faults and warnings are not listed here")
        return "; ".join(parts) + "."


def read_leads(
    path: Path,
    *,
    region: str = "US",
    encoding: str | None = None,
    mapping: Columns | None = None,
    on_rejected: Callable[[RejectedRow], None] | None = None,
    on_progress: Progress | None = None,
) -> LeadReading:
    """A pass over the leads of `path`; nothing is opened before it is iterated.

    `region`: two-letter code for numbers without a country code. `encoding`: overrides the detection.
    `mapping`: field to columns, as `header.parse_mapping` makes it. `on_progress`: told the rows and the share of the
    file (0 to 1) read, every few thousand rows. See LeadReading for ImportRefused.
    """
    return LeadReading(
        path, region=region, encoding=encoding, mapping=mapping, on_rejected=on_rejected, on_progress=on_progress
    )


def check_leads(
    path: Path,
    *,
    region: str = "US",
    encoding: str | None = None,
    mapping: Columns | None = None,
    on_progress: Progress | None = None,
) -> CheckReport:
    """What an import of `path` would do. Never raises for bad input; needs no database and stores nothing."""
    reading = read_leads(path, region=region, encoding=encoding, mapping=mapping, on_progress=on_progress)
    try:
        for _lead in reading:
            pass
    except ImportRefused as refusal:
        return reading.refused(refusal)
    return reading.report([f"+{number}" for number in reading.numbers])


def _ended(message: str) -> str:
    return message if "othing " in message or "Not " in message else f"{message} Nothing imported."
