"""Which column holds what, by the names that people give their columns?"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.foreign_text import inert, mask_digits
from campaigns.importing.column_names import (
    ALONE_A_PHONE,
    FIELD_NAMES,
    PHONE_PHRASES,
    PHONE_QUALIFIERS,
    PHONE_WORDS,
    SECOND_CHOICE,
)
from campaigns.importing.faults import Wording
from campaigns.importing.report import Code, Fault, ImportRefused

MAX_COLUMNS = 1_000
PHONE = "phone"

LEAD_FIELDS = (PHONE, *FIELD_NAMES)
NUMBER_FIELDS = (PHONE,)  # of files about numbers: their other columns go by their names


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """What each column means. `names` are the header's names, inert; None for a column without a name."""

    names: tuple[str | None, ...]
    phones: tuple[int, ...]
    fields: Mapping[str, int]
    custom: tuple[tuple[int, str], ...]

    @property
    def width(self) -> int:
        return len(self.names)

    @property
    def only_phone(self) -> str | None:
        """The name of the phone column where there is exactly one."""
        return self.names[self.phones[0]] if len(self.phones) == 1 else None

    def name(self, index: int) -> str | None:
        return self.names[index] if index < len(self.names) else None


def normalised(name: str) -> str:
    """A column's name as the tables above have it: `  Phone_Number (Home)` is `phone number home`."""
    text = unicodedata.normalize("NFKC", name).casefold()
    spaced = re.sub(r"[\s_\-.:#()\[\]*\ufeff]+", " ", text)
    return spaced.strip()


def is_phone_name(name: str) -> bool:
    """True for `phone`, `Phone 2`, `mobile number`, `Telefon privat`; false for `phone type`, `fax`."""
    text = normalised(name)
    if text in PHONE_PHRASES:
        return True
    words = [word.rstrip("0123456789") or word for word in text.replace("/", " ").split()]
    known = PHONE_WORDS | PHONE_QUALIFIERS
    return any(word in PHONE_WORDS for word in words) and all(word in known for word in words)


def knows_a_phone(columns: Sequence[str], mapping: Mapping[str, Sequence[str]] | None) -> bool:
    """True when these columns can be a list's header: by name, or by the mapping the user gave."""
    wanted = {normalised(name) for name in (mapping or {}).get(PHONE, ())}
    if wanted:
        return any(normalised(column) in wanted for column in columns)
    return bool(phone_columns(columns))


def phone_columns(columns: Sequence[str]) -> list[int]:
    """The places of the columns that hold phone numbers, by their names."""
    if len(columns) == 1 and normalised(columns[0]) in ALONE_A_PHONE:
        return [0]
    return [index for index, name in enumerate(columns) if is_phone_name(name)]


def layout(
    columns: Sequence[str], *, line: int, mapping: Mapping[str, Sequence[str]] | None, wording: Wording
) -> Layout:
    """What the columns of this header mean; ImportRefused when there is no phone column or one twice."""
    cells = [column.strip() for column in columns]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MAX_COLUMNS:
        words = f"line {line}: {len(cells)} columns, limit {MAX_COLUMNS}. Nothing imported."
        raise wording.refuse(Code.COLUMNS, words, line=line)
    names = tuple(inert(cell, 100).strip() or None for cell in cells)
    _refuse_duplicates(names, line, wording)
    chosen = _mapped(names, mapping or {}, line, wording)
    phones = chosen.pop(PHONE, None) or phone_columns(cells)
    if not phones:
        raise _no_phone(names, line, wording)
    fields = _fields(cells, {name: indexes[0] for name, indexes in chosen.items()}, set(phones))
    used = set(phones) | set(fields.values())
    custom = tuple((index, name or f"column {index + 1}") for index, name in enumerate(names) if index not in used)
    return Layout(names=names, phones=tuple(phones), fields=fields, custom=custom)


def parse_mapping(options: Sequence[str], known: Sequence[str] = LEAD_FIELDS) -> dict[str, tuple[str, ...]]:
    """`["phone=Mobil,Festnetz", "note=Info"]` as a mapping of `known` fields; ValueError with words for people."""
    found: dict[str, tuple[str, ...]] = {}
    for option in options:
        field, sign, columns = option.partition("=")
        names = tuple(name.strip() for name in columns.split(",") if name.strip())
        if not sign or not names:
            raise ValueError(f"--map {inert(option, 60)!r}: write FIELD=COLUMN, such as phone=Mobile")
        key = field.strip().lower().replace("-", "_").replace(" ", "_")
        if key not in known:
            raise ValueError(f"--map: unknown field {inert(field, 40)!r}; known: {', '.join(known)}")
        found[key] = found.get(key, ()) + names
    return found


def _refuse_duplicates(names: Sequence[str | None], line: int, wording: Wording) -> None:
    seen: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        if name is None:
            continue
        first = seen.setdefault(name.casefold(), place)
        if first != place:
            reason = f"{wording.file} line {line}: column '{name}' appears twice ({first} and {place})."
            raise ImportRefused(Fault(line=line, column=name, code=Code.DUPLICATE_COLUMN, reason=reason))


def _mapped(
    names: Sequence[str | None], mapping: Mapping[str, Sequence[str]], line: int, wording: Wording
) -> dict[str, list[int]]:
    places = {normalised(name): index for index, name in enumerate(names) if name is not None}
    found: dict[str, list[int]] = {}
    for field, columns in mapping.items():
        for column in columns:
            index = places.get(normalised(column))
            if field not in LEAD_FIELDS or index is None:
                raise _bad_mapping(field, column, names, line, wording)
            found.setdefault(field, []).append(index)
    return found


def _fields(cells: Sequence[str], chosen: dict[str, int], phones: set[int]) -> dict[str, int]:
    """The mapping's columns first, then the first column of each known name, doubtful names last."""
    found = dict(chosen)
    taken = phones | set(found.values())
    named = [(index, normalised(cell)) for index, cell in enumerate(cells)]
    for index, name in sorted(named, key=lambda column: column[1] in SECOND_CHOICE):
        field = next((field for field, known in FIELD_NAMES.items() if name in known), None)
        if field is not None and field not in found and index not in taken:
            found[field] = index
            taken.add(index)
    return found


def _bad_mapping(field: str, column: str, names: Sequence[str | None], line: int, wording: Wording) -> ImportRefused:
    if field not in LEAD_FIELDS:
        words = f"line {line}: --map names no known field '{inert(field, 40)}'. Known: {', '.join(LEAD_FIELDS)}."
    else:
        words = f"line {line}: no column '{inert(column, 60)}'. Columns found: {_listed(names)}."
    return wording.refuse(Code.HEADER, words, line=line)


def _no_phone(names: Sequence[str | None], line: int, wording: Wording) -> ImportRefused:
    words = f"line {line}: no phone column. Columns found: {_listed(names)}. Use --map phone=COLUMN."
    if any(name is not None and sum(map(str.isdigit, name)) >= 7 for name in names):
        words += " This line looks like data; the first line must name the columns."
    return wording.refuse(Code.HEADER, words, line=line)


def _listed(names: Sequence[str | None]) -> str:
    shown = [mask_digits(name or "(no name)") for name in names[:20]]
    return ", ".join(shown) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
