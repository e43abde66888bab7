"""Where is the header of this file, what separates its columns, and which records follow?

A file without a header is taken only when it is nothing but a column of numbers: one number a line, as
people paste them. Anything wider needs a header, else a name might be read as a number.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from campaigns.importing.encodings import text_lines
from campaigns.importing.faults import Wording
from campaigns.importing.header import PHONE, Layout, knows_a_phone, layout
from campaigns.importing.opening import Content, Source
from campaigns.importing.records import Record, RecordReader
from campaigns.importing.report import Code, Fault, ImportRefused
from campaigns.importing.xlsx import sheet
from campaigns.phone import PhoneFault, PhoneFaultKind, looks_like_pattern, parse_listed

_DELIMITERS = (",", ";", "\t", "|")
_HEAD_LINES = 50

Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A file's columns and its data rows, blank ones left out. Iterate `records` once."""

    layout: Layout
    records: Iterator[Record]
    headerless: bool = False
    warnings: tuple[Fault, ...] = ()


@contextmanager
def table_of(
    source: Source, *, encoding: str | None, mapping: Columns | None, region: str, any_width: bool = False
) -> Iterator[Table]:
    """The table in an open file. `any_width`: a wide file without a header is taken too, first column first.

    ImportRefused when there is none.
    """
    if source.content is Content.WORKBOOK:
        with sheet(source.stream, source.wording) as (records, warnings):
            yield _table(records, source.wording, mapping, region, any_width, warnings)
        return
    lines = text_lines(source.stream, encoding, source.wording)
    records = _text_records(lines, source.wording, mapping)
    yield _table(records, source.wording, mapping, region, any_width, ())


def _table(
    records: Iterator[Record],
    wording: Wording,
    mapping: Columns | None,
    region: str,
    any_width: bool,
    warnings: tuple[Fault, ...],
) -> Table:
    filled = (record for record in records if not record.blank)
    first = next(filled, None)
    if first is None:
        raise wording.refuse(Code.EMPTY, "has no header and no data rows. Nothing imported.")
    if not (mapping or {}).get(PHONE) and _is_data(first, region, any_width):
        bare = _bare_layout(len(first.fields))
        rest = itertools.chain([first], filled)
        return Table(layout=bare, records=rest, headerless=True, warnings=warnings)
    _refuse_faulty_header(first, wording)
    columns = layout(first.fields, line=first.line, mapping=mapping, wording=wording)
    return Table(layout=columns, records=filled, warnings=warnings)


def _is_data(first: Record, region: str, any_width: bool) -> bool:
    """True when the first record is a number already, not the name of a column."""
    cells = [cell.strip() for cell in first.fields]
    while cells and not cells[-1]:
        cells.pop()
    if not cells or (len(cells) > 1 and not any_width) or knows_a_phone(cells, None):
        return False
    candidate = split_number(cells) or cells[0]
    if looks_like_pattern(candidate):
        return True
    number = parse_listed(candidate, region)
    if not isinstance(number, PhoneFault):
        return True
    return number.kind not in (PhoneFaultKind.NO_DIGITS, PhoneFaultKind.EMPTY, PhoneFaultKind.LETTERS) and (
        sum(map(str.isdigit, candidate)) >= 5
    )


def split_number(cells: Sequence[str]) -> str | None:
    """The number in the FTC's flat form: area code and seven digits in two columns."""
    is_split = [len(cell) for cell in cells] == [3, 7] and all(map(str.isdigit, cells))
    return cells[0] + cells[1] if is_split else None


def _bare_layout(width: int) -> Layout:
    return Layout(names=(None,) * width, phones=(0,), fields={}, custom=())


def _refuse_faulty_header(first: Record, wording: Wording) -> None:
    for index, fault in first.faults.items():
        words = f"line {first.line}: the header's cell {index + 1} is a {fault.words}"
        raise wording.refuse(fault.code, words, line=first.line)
    for cell in first.fields:
        if "\x00" in cell:
            words = f"line {first.line}: the header contains a NUL character (shown as <00>)."
            raise wording.refuse(Code.NUL, words, line=first.line)


def _text_records(lines: Iterator[str], wording: Wording, mapping: Columns | None) -> Iterator[Record]:
    head = list(itertools.islice(lines, _HEAD_LINES))
    blank = next((place for place, line in enumerate(head) if line.strip()), len(head))
    told = _told_delimiter(head[blank]) if blank < len(head) else None
    skipped = blank + 1 if told else blank
    delimiter = told or _best_delimiter(head[skipped:], wording, mapping)
    rest = itertools.chain(head[skipped:], lines)
    return iter(RecordReader(rest, delimiter=delimiter, wording=wording, lines_before=skipped))


def _told_delimiter(line: str) -> str | None:
    """Excel's own hint `sep=;` on the first line."""
    text = line.strip().strip('"')
    return (
        text[4]
        if len(text) == 5 and text[:4].lower() == "sep=" and text[4] in _DELIMITERS
        else ("\t" if line.lower().startswith("sep=\t") else None)
    )


def _best_delimiter(head: Sequence[str], wording: Wording, mapping: Columns | None) -> str:
    """The one under which the first record has a phone column; among those the most columns."""

    def score(delimiter: str) -> tuple[bool, int]:
        cells = _first_cells(head, delimiter, wording)
        return knows_a_phone(cells, mapping), len(cells)

    return max(_DELIMITERS, key=score)


def _first_cells(head: Sequence[str], delimiter: str, wording: Wording) -> list[str]:
    try:
        first = next(iter(RecordReader(head, delimiter=delimiter, wording=wording)), None)
    except ImportRefused:
        # Broken quoting is reported when the header is read; here the first line tells the delimiter still.
        return [cell.strip('" ') for cell in next(iter(head), "").split(delimiter)]
    return [cell.strip() for cell in first.fields] if first else []
