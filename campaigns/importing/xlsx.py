"""Which rows has the first sheet of this workbook?

The only place that uses openpyxl. A workbook is a ZIP of XML from a stranger, so sizes, document type
definitions and damage are checked on the packed parts before openpyxl sees them. Formulas are refused: the
number that a formula shows today is not what stands in the file.
"""

import datetime
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from campaigns.foreign_text import inert
from campaigns.importing.faults import Wording
from campaigns.importing.header import MAX_COLUMNS
from campaigns.importing.records import CellFault, Record
from campaigns.importing.report import Code, Fault, ImportRefused

MAX_UNPACKED = 200 * 1024 * 1024
# openpyxl keeps all shared strings in memory, at about five times their packed XML's unpacked size.
MAX_SHARED_STRINGS = 32 * 1024 * 1024
MAX_PARTS = 2_000
MAX_ROWS = 1_048_576
MAX_BLANK_RUN = 100_000
_DTD = (b"<!DOCTYPE", b"<!ENTITY")
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@contextmanager
def sheet(stream: BinaryIO, wording: Wording) -> Iterator[tuple[Iterator[Record], tuple[Fault, ...]]]:
    """The rows of the first visible sheet and warnings; ImportRefused (E-XLSX, E-SIZE) when not readable."""
    import openpyxl  # a fifth of a second with what it imports, which no other file has to wait for

    _check_parts(stream, wording)
    with _worded(wording):
        workbook = openpyxl.load_workbook(stream, read_only=True, data_only=False, keep_links=False)
    try:
        visible = [found for found in workbook.worksheets if found.sheet_state == "visible"]
        if not visible:
            raise wording.refuse(Code.XLSX, "has no visible worksheet; not read.")
        yield _records(visible[0], wording), _other_sheets(visible, wording)
    finally:
        workbook.close()


@contextmanager
def _worded(wording: Wording) -> Iterator[None]:
    """Whatever a damaged workbook makes openpyxl raise becomes one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ImportRefused:
        raise
    except Exception as error:
        kind = type(error).__name__
        words = "uses a DTD" if kind in ("DTDForbidden", "EntitiesForbidden") else "is damaged"
        raise wording.refuse(Code.XLSX, f"{words}; not read.") from None


def _check_parts(stream: BinaryIO, wording: Wording) -> None:
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            _check_sizes(parts, wording)
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _check_part(archive, part, wording)
    except _BROKEN_ZIP:
        raise wording.refuse(Code.XLSX, "is damaged; not read.") from None
    stream.seek(0)


def _check_sizes(parts: list[zipfile.ZipInfo], wording: Wording) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise wording.refuse(Code.XLSX, "is password protected; not read.")
    total = sum(part.file_size for part in parts)
    strings = sum(part.file_size for part in parts if "sharedstrings" in part.filename.lower())
    if total > MAX_UNPACKED or strings > MAX_SHARED_STRINGS or len(parts) > MAX_PARTS:
        limit = MAX_UNPACKED // (1024 * 1024)
        words = f"would unpack to more than {limit} MB (limit). Refused; save it as CSV."
        raise wording.refuse(Code.SIZE, words)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, wording: Wording) -> None:
    """Reads the part once to its end: this proves its checksum and finds a document type definition."""
    tail = b""
    with archive.open(part) as source:
        while chunk := source.read(1024 * 1024):
            window = (tail + chunk).replace(b"\x00", b"")  # UTF-16 parts look alike without zero bytes
            if any(mark in window for mark in _DTD):
                raise wording.refuse(Code.XLSX, "uses a DTD; not read.")
            tail = chunk[-32:]


def _other_sheets(visible: list[Any], wording: Wording) -> tuple[Fault, ...]:
    filled = []
    for other in visible[1:]:
        with _worded(wording):
            other.reset_dimensions()
            if any(any(cell.value is not None for cell in row) for row in other.iter_rows(max_row=1)):
                filled.append(other.title)
    if not filled:
        return ()
    words = f"only the sheet '{_title(visible[0])}' was read, not {len(filled)} other sheets with data."
    return (wording.of_file(Code.SHEET, f": {words}"),)


def _records(worksheet: Any, wording: Wording) -> Iterator[Record]:
    rows = _rows(worksheet, wording)
    title = _title(worksheet)
    last_filled = 0
    for number, cells in enumerate(rows, start=1):
        last_filled = number if cells else last_filled
        if number - last_filled > MAX_BLANK_RUN:
            words = f"has more than {MAX_BLANK_RUN} blank rows in a row; not read. Delete them."
            raise wording.refuse(Code.XLSX, words)
        if number > MAX_ROWS:
            raise wording.refuse(Code.XLSX, f"has more than {MAX_ROWS} rows; not read.")
        if len(cells) > MAX_COLUMNS:
            cells = _without_empty_tail(cells, number, wording)
        yield _record(number, cells, title)


def _rows(worksheet: Any, wording: Wording) -> Iterator[tuple[Any, ...]]:
    with _worded(wording):
        worksheet.reset_dimensions()
        rows = iter(worksheet.iter_rows(min_row=1))
    while True:
        with _worded(wording):
            row = next(rows, None)
        if row is None:
            return
        yield tuple(row)


def _without_empty_tail(cells: tuple[Any, ...], number: int, wording: Wording) -> tuple[Any, ...]:
    width = max((place for place, cell in enumerate(cells, 1) if cell.value is not None), default=0)
    if width > MAX_COLUMNS:
        words = f"line {number}: {width} columns, limit {MAX_COLUMNS}. Nothing imported."
        raise wording.refuse(Code.COLUMNS, words, line=number)
    return cells[:width]


def _record(number: int, cells: Iterable[Any], title: str) -> Record:
    fields: list[str] = []
    faults: dict[int, CellFault] = {}
    for index, cell in enumerate(cells):
        value = cell.value
        if value is not None and cell.data_type == "f":
            place = f"{title}!{cell.coordinate}"
            faults[index] = CellFault(code=Code.XLSX, words="formula; paste values. Not imported.", cell=place)
            value = None
        fields.append("" if value is None else _text(value))
    return Record(line=number, fields=fields, faults=faults, open_ended=True)


def _text(value: object) -> str:
    """A cell as a person would type it: a number without a decimal tail, a date as ISO 8601."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _title(worksheet: Any) -> str:
    return inert(str(worksheet.title), 40)
