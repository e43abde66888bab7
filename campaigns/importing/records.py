"""Where does each record of this CSV text begin and end, and which fields has it?

Python's csv module reads only lines that are a whole record by themselves: alone it swallows the rows after
an unclosed quote, knows only the line where a record ended, and stops at long fields. This reader is strict
(RFC 4180), knows the physical line of every record and of every opening quote, and keeps memory bounded.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from campaigns.importing.faults import Wording
from campaigns.importing.report import Code, Fault, ImportRefused

MAX_FIELD_CHARACTERS = 10_000
_KEPT_CHARACTERS = MAX_FIELD_CHARACTERS + 1
_NONE: Mapping[int, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class CellFault:
    """A fault that the reader itself found in one cell, before anybody asked what the cell means."""

    code: Code
    words: str
    cell: str = ""


class Record(NamedTuple):
    """One data row. `line` is the physical line where it starts, or the sheet row.

    `lengths`: true length of fields that were cut, by index. `faults`: faulty cells, by index.
    `open_ended`: empty cells at the end are left out, as workbooks do; in text a short row is a fault.
    A tuple, because a million of them are made for one file.
    """

    line: int
    fields: list[str]
    lengths: Mapping[int, int] = _NONE
    faults: Mapping[int, CellFault] = _NONE
    open_ended: bool = False

    @property
    def blank(self) -> bool:
        return not self.faults and not any(map(str.strip, self.fields))


class RecordReader:
    """Splits physical lines into records. Iterate once; ImportRefused (E-QUOTE) when the quoting is broken.

    Broken quoting refuses the whole file: nobody can say any more where the next record starts.
    """

    def __init__(self, lines: Iterable[str], *, delimiter: str, wording: Wording, lines_before: int = 0) -> None:
        self._lines = iter(lines)
        self._delimiter = delimiter
        self._wording = wording
        self._line = lines_before
        self._lengths: dict[int, int] = {}
        # One reader for all lines, fed with one at a time: to make one for each takes as long as to read the line.
        self._whole_line: list[str] = []
        self._short_way = csv.reader(iter(self._whole_line.pop, None), delimiter=delimiter, strict=True)

    def __iter__(self) -> Iterator[Record]:
        delimiter = self._delimiter
        for line in self._lines:
            self._line += 1
            if '"' not in line:
                yield Record(self._line, line.split(delimiter))
            else:
                whole = self._one_line_record(line)
                yield whole if whole is not None else self._record_with_quotes(line)

    def _one_line_record(self, line: str) -> Record | None:
        """The short way, in C, for most lines with quotes; None when the line may not be a whole record."""
        if len(line) > MAX_FIELD_CHARACTERS or ' "' in line or line.count('"') % 2:
            return None
        self._whole_line.append(line)
        try:
            fields = next(self._short_way)
        except (csv.Error, IndexError):  # IndexError: it asks for another line, so a quote is open
            return None
        return Record(self._line, fields)

    def _record_with_quotes(self, text: str) -> Record:
        start, fields, position = self._line, list[str](), 0
        self._lengths = {}
        while True:
            opening = _opening_quote(text, position)
            if opening is None:
                end = text.find(self._delimiter, position)
                fields.append(text[position:] if end < 0 else text[position:end])
                if end < 0:
                    break
            else:
                value, text, end = self._quoted(text, opening + 1, index=len(fields))
                fields.append(value)
                if end == len(text):
                    break
            position = end + 1
        return Record(line=start, fields=fields, lengths=self._lengths)

    def _quoted(self, text: str, position: int, *, index: int) -> tuple[str, str, int]:
        """The field's value, the line on which it ended, and the place after its closing quote."""
        opened_on, parts, length = self._line, list[str](), 0
        while True:
            end = text.find('"', position)
            piece = text[position:] + "\n" if end < 0 else text[position:end]
            if length < _KEPT_CHARACTERS:
                parts.append(piece[:_KEPT_CHARACTERS])
            length += len(piece)
            if end < 0:
                text, position = self._next_line(opened_on), 0
            elif text.startswith('""', end):
                parts.append('"')
                length, position = length + 1, end + 2
            else:
                break
        if length > MAX_FIELD_CHARACTERS:
            self._lengths[index] = length
        return "".join(parts), text, self._checked_end(text, end + 1, opened_on)

    def _next_line(self, opened_on: int) -> str:
        line = next(self._lines, None)
        if line is None:
            raise self._broken(opened_on, "a quoted field is never closed (file ends inside it)")
        self._line += 1
        return line

    def _checked_end(self, text: str, end: int, opened_on: int) -> int:
        if end == len(text) or text[end] == self._delimiter:
            return end
        where = "" if self._line == opened_on else f" on line {self._line}"
        words = f'a quoted field that opens here is closed{where} in the middle of text; write "" for a quote'
        raise self._broken(opened_on, words)

    def _broken(self, line: int, words: str) -> ImportRefused:
        reason = f"{self._wording.file} line {line}: {words}. Nothing imported."
        return ImportRefused(Fault(line=line, column=None, code=Code.QUOTE, reason=reason))


def _opening_quote(text: str, position: int) -> int | None:
    """The place of the quote that opens a field at `position`; spaces before it do not count."""
    if text.startswith('"', position):
        return position
    if not text.startswith(" ", position):
        return None
    end = len(text) - len(text[position:].lstrip(" "))
    return end if text.startswith('"', end) else None
