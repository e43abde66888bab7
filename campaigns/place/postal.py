"""Which ZIP code does this cell mean, and where does it lie? Spreadsheets lose leading zeros, lists lose digits.

Nothing is guessed: what may mean two codes is read as both, and what cannot be read says why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from campaigns.foreign_text import inert
from campaigns.place.tables import Part, all_of, zip_codes

_ZIP = re.compile(r"([0-9]{5})(?:[-+ ]?[0-9]{4}|-)?")  # some exports write 02134-
_SHORT = re.compile(r"([0-9]{3,4})(?:-[0-9]{4})?")
_WHOLE_NUMBER = re.compile(r"([0-9]+)\.0+")  # a spreadsheet's column of numbers
_CANADIAN = re.compile(r"[ABCEGHJ-NPRSTVXY][0-9][A-Z] ?[0-9][A-Z][0-9]")


@dataclass(frozen=True, kw_only=True)
class ZipReading:
    """What a cell says as a ZIP code: a part of the country, or why it says none. `note`: how it was read."""

    part: Part | None = None
    unclear: str = ""
    note: str = ""


def read_zip(text: str, *, says_us: bool, state: str) -> ZipReading:
    """Where this ZIP lies. `says_us`: the list names the USA; `state`: ISO 3166-2 of the state beside it, or empty.

    Five digits, with or without four more. Four digits have lost a zero only when the list says USA or names the state
    in which the ZIP then lies, and no other state; three are read as the first three, and as two lost zeros.
    """
    cleaned = text.strip()
    number = _WHOLE_NUMBER.fullmatch(cleaned)
    cleaned = number.group(1) if number else cleaned
    shown = inert(text.strip(), 20)
    full = _ZIP.fullmatch(cleaned)
    if full is not None:
        return _five(int(full.group(1)), shown)
    short = _SHORT.fullmatch(cleaned)
    if short is None:
        return ZipReading(unclear=f"the postal code {shown!r} on the list is no ZIP code; write five digits")
    digits = short.group(1)
    return _four(int(digits), shown, says_us, state) if len(digits) == 4 else _three(int(digits), shown)


def is_canadian(text: str) -> bool:
    """Whether it is written as Canada writes postal codes, which no other country does."""
    return _CANADIAN.fullmatch(text.strip().upper()) is not None


def _five(number: int, shown: str) -> ZipReading:
    part = zip_codes()[number]
    if part is not None:
        return _judged(part, shown, "")
    near = zip_codes().beginning_with(number // 100)
    if near is not None:
        return _judged(near, shown, f"{number:05d} is not known; read as all that begin with {number // 100:03d}")
    return ZipReading(unclear=f"the ZIP code {shown!r} on the list is not known, nor any that begins like it")


def _four(number: int, shown: str, says_us: bool, state: str) -> ZipReading:
    """A lost zero is certain only when something else says so and nothing speaks against it."""
    part = zip_codes()[number]
    if part is not None and (state in part.regions if state else says_us):
        return _judged(part, shown, f"read as {number:05d}: the leading zero was lost")
    return ZipReading(
        unclear=f"the postal code {shown!r} on the list has four digits; write the ZIP code with its leading zero"
    )


def _three(number: int, shown: str) -> ZipReading:
    found = [part for part in (zip_codes().beginning_with(number), zip_codes()[number]) if part is not None]
    if not found:
        return ZipReading(unclear=f"the ZIP code {shown!r} on the list is not known; write five digits")
    return _judged(all_of(found), shown, f"read as all that begin with {number:03d}, and as {number:05d}")


def _judged(part: Part, shown: str, note: str) -> ZipReading:
    if part.military:
        return ZipReading(unclear=f"ZIP code {shown!r} is military post (APO, FPO, DPO): no time zone is known for it")
    return ZipReading(part=part, note=note)
