"""Is this row a lead, and if not, what is wrong with each of its cells?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from campaigns.foreign_text import from_csv_cell, inert, show_character
from campaigns.importing.faults import Wording
from campaigns.importing.header import Layout
from campaigns.importing.records import MAX_FIELD_CHARACTERS, Record
from campaigns.importing.report import Code, Fault
from campaigns.person_key import person_key
from campaigns.phone import PhoneFault, PhoneFaultKind, PhoneNumber, parse, region_of_country
from campaigns.place import ClueKind, read_beside

# Line breaks and tabs may stand in a cell (a note of several lines); no other control may.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Names that mean "five hours behind, all year": taken at their word they would call an hour too late.
_AMBIGUOUS_ZONES = frozenset({"est", "mst"})


class LeadRow(NamedTuple):
    """One lead as the file has it. Texts are stripped but otherwise as written: foreign text.

    `contact_points`: at least one, each once, in column order. `timezone`: an IANA name or None. `person_key`: as
    `campaigns.person_key` makes it, empty for none. `custom`: the columns that mean nothing to us, as (header, value),
    empty values left out. A tuple, because a million of them are made for one file.
    """

    line: int
    contact_points: tuple[PhoneNumber, ...]
    first_name: str = ""
    last_name: str = ""
    display_name: str = ""
    external_id: str | None = None
    timezone: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    email: str | None = None
    language: str | None = None
    note: str = ""
    person_key: str = ""
    debt: str = ""
    custom: tuple[tuple[str, str], ...] = ()


class RowResult(NamedTuple):
    """`lead` is None when the row is rejected; then `faults` says why. A lead may carry `warnings`."""

    lead: LeadRow | None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RowReader:
    """Reads the rows of one file. `region` is used where the row names no country that we understand."""

    layout: Layout
    region: str
    wording: Wording

    def read(self, record: Record) -> RowResult:
        faults = self.broken(record)
        if faults and any(fault.code is Code.COLUMNS for fault in faults):
            return RowResult(lead=None, faults=faults)
        cells = [from_csv_cell(cell) if cell[:1] == "'" else cell for cell in map(str.strip, record.fields)]
        if len(cells) < self.layout.width:
            cells.extend("" for _ in range(self.layout.width - len(cells)))
        zone, zone_faults = self._zone(record, cells)
        numbers, phone_faults = self._numbers(record, cells)
        hard = (*faults, *zone_faults, *(() if numbers else phone_faults))
        if hard:
            rest = phone_faults if numbers else ()
            return RowResult(lead=None, faults=(*hard, *rest))
        lead = self._lead(record.line, cells, numbers, zone)
        return RowResult(lead=lead, warnings=(*phone_faults, *self._unclear_place(lead)))

    def broken(self, record: Record) -> tuple[Fault, ...]:
        """What is wrong with the row before one asks what it means: width, controls, lengths, formulas."""
        count, width = len(record.fields), self.layout.width
        surplus = record.fields[width:]
        short = count < width and not record.open_ended
        if short or any(map(str.strip, surplus)):
            words = f"{count} value{'s' if count != 1 else ''}, header has {width}. Not imported."
            return (self.wording.in_row(record.line, Code.COLUMNS, words),)
        # One look at the whole row is enough for nearly every row.
        whole = "".join(record.fields)
        if not record.faults and whole.isprintable() and len(whole) <= MAX_FIELD_CHARACTERS:
            return ()
        return tuple(self._bad_cells(record))

    def _bad_cells(self, record: Record) -> Iterator[Fault]:
        for index, cell in enumerate(record.fields):
            name, known = self._name(index), record.faults.get(index)
            if known is not None:
                yield self.wording.in_row(record.line, known.code, known.words, column=name, sheet=known.cell)
                continue
            length = record.lengths.get(index, len(cell))
            if length > MAX_FIELD_CHARACTERS:
                words = f"{length} characters, limit {MAX_FIELD_CHARACTERS}. Not imported."
                yield self.wording.in_row(record.line, Code.LONG, words, column=name)
            elif (not cell.isprintable()) and (control := _CONTROL.search(cell)):
                yield self._control(record.line, name, control.group())

    def _control(self, line: int, name: str | None, character: str) -> Fault:
        code, kind = (Code.NUL, "NUL") if character == "\x00" else (Code.CONTROL, "control")
        words = f"contains a {kind} character (shown as {show_character(character)}). Not imported."
        return self.wording.in_row(line, code, words, column=name)

    def _zone(self, record: Record, cells: list[str]) -> tuple[str | None, tuple[Fault, ...]]:
        index = self.layout.fields.get("timezone")
        text = cells[index] if index is not None else ""
        if index is None or not text or index in record.faults:
            return None, ()
        zone = known_zone(text)
        if zone is not None:
            return zone, ()
        words = "unknown zone. Write an IANA name such as America/New_York. Not imported."
        shown = inert(text, 40)
        return None, (self.wording.in_row(record.line, Code.TIMEZONE, words, column=self._name(index), shown=shown),)

    def _numbers(self, record: Record, cells: list[str]) -> tuple[tuple[PhoneNumber, ...], tuple[Fault, ...]]:
        region = self._region(cells)
        found: dict[tuple[str, str | None], PhoneNumber] = {}
        faults: list[Fault] = []
        for index in self.layout.phones:
            if not cells[index] or index in record.faults:
                continue
            number = parse(cells[index], region)
            if isinstance(number, PhoneNumber):
                found.setdefault((number.e164, number.extension), number)
            else:
                faults.append(self._phone_fault(record.line, index, number))
        if not found and not faults and not any(index in record.faults for index in self.layout.phones):
            empty = PhoneFault(kind=PhoneFaultKind.EMPTY, shown="", region=region)
            faults.append(self._phone_fault(record.line, self.layout.phones[0], empty))
        return tuple(found.values()), tuple(faults)

    def _phone_fault(self, line: int, index: int, fault: PhoneFault) -> Fault:
        words = f"{fault.words}. Not imported."
        return self.wording.in_row(line, Code.PHONE, words, column=self._name(index), shown=fault.shown)

    def _region(self, cells: list[str]) -> str:
        index = self.layout.fields.get("country")
        return (_country(cells[index]) if index is not None and cells[index] else None) or self.region

    def _unclear_place(self, lead: LeadRow) -> tuple[Fault, ...]:
        """An address that cannot be read: the lead is taken, and the dialer will hold him for it.

        A state that is not known holds nobody, for that column has sales areas as often; it is told all the same.
        """
        if not (lead.country or lead.region or lead.postal_code):
            return ()
        address, number = (lead.country or "", lead.region or "", lead.postal_code or ""), lead.contact_points[0]
        found = read_beside(number=number.e164, kind=number.kind.value, region=number.region, address=address)
        if not found.unclear:
            unknown = next((clue for clue in found.clues if clue.kind is ClueKind.REGION and not clue.regions), None)
            if unknown is None:
                return ()
            words = f"{unknown.note}. Imported; he is judged by his number and the rest of his address."
            column, shown = self._column_of("region"), unknown.written
            return (self.wording.in_row(lead.line, Code.PLACE, words, column=column, shown=shown),)
        words = f"{found.unclear}. Imported, but held until the list is mended."
        return (self.wording.in_row(lead.line, Code.PLACE, words),)

    def _column_of(self, field: str) -> str | None:
        index = self.layout.fields.get(field)
        return None if index is None else self._name(index)

    def _name(self, index: int) -> str | None:
        return self.layout.name(index)

    def _lead(self, line: int, cells: list[str], numbers: tuple[PhoneNumber, ...], zone: str | None) -> LeadRow:
        values = {name: cells[index] for name, index in self.layout.fields.items() if cells[index]}
        first, last = _one_line(values.get("first_name", "")), _one_line(values.get("last_name", ""))
        return LeadRow(
            line=line,
            contact_points=numbers,
            first_name=first,
            last_name=last,
            display_name=_one_line(values.get("display_name", "")) or f"{first} {last}".strip(),
            external_id=values.get("external_id"),
            timezone=zone,
            region=values.get("region"),
            postal_code=values.get("postal_code"),
            country=values.get("country"),
            email=values.get("email"),
            language=values.get("language"),
            note=values.get("note", ""),
            person_key=person_key(values.get("person_key", "")),
            debt=_one_line(values.get("debt", "")),
            custom=tuple((name, cells[index]) for index, name in self.layout.custom if cells[index]),
        )


def known_zone(text: str) -> str | None:
    """The IANA name in its own spelling (`america/new_york` is known), None for any other text."""
    key = text.strip().replace(" ", "_").casefold()
    return None if key in _AMBIGUOUS_ZONES else _zones().get(key)


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """From PyPI's tzdata, the data that calling hours are judged by; the system's may be older."""
    names = resources.files("tzdata").joinpath("zones").read_text("ascii").split()
    return {name.casefold(): name for name in names if name != "Factory"}


@lru_cache(maxsize=1024)
def _country(text: str) -> str | None:
    return region_of_country(text)


def _one_line(name: str) -> str:
    return name if name.isprintable() else " ".join(name.split())
