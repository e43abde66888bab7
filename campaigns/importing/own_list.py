"""What does an export of our own do-not-call list say beside the numbers, and can each row's word be taken?"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from campaigns.foreign_text import from_csv_cell, inert
from campaigns.importing.header import PHONE
from campaigns.importing.leads import Columns
from campaigns.importing.opening import Source
from campaigns.importing.records import Record
from campaigns.importing.table import Table
from campaigns.model import Scope
from campaigns.phone import NumberPattern, parse_pattern

OUR_OWN = ("number", "scope", "value", "reason", "source", "actor", "added_at", "removed_at", "erased_by")
_ONLY_EXPORTED = ("removed_by", "removed_reason")
_FIRST_YEAR = 2000
_ERASED = re.compile(r"#[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasedNumber:
    """A number that was erased: the keyed hash that our own list has in its place, and exports with it."""

    e164: str


def numbers_in(source: Source, mapping: Columns | None) -> Columns | None:
    """In an export of our own list the column `number` holds the numbers; elsewhere that name says too little."""
    peeked = source.stream.peek(len(OUR_OWN) * 4)[:100] if isinstance(source.stream, io.BufferedReader) else b""
    words = re.split(rb"[,;\t|]", peeked.removeprefix(b"\xef\xbb\xbf").replace(b'"', b""))
    ours = [word.strip().lower() for word in words[:3]] == [name.encode() for name in OUR_OWN[:3]]
    return {PHONE: ("number",), **(mapping or {})} if ours else mapping


def said_of(record: Record, table: Table) -> dict[str, str]:
    """What a row of our own export says beside its number; nothing for any other file."""
    names = [(name or "").casefold() for name in table.layout.names]
    if table.headerless or not {"scope", "value"} <= set(names):
        return {}
    cells = {name: from_csv_cell(cell.strip()) for name, cell in zip(names, record.fields, strict=False)}
    return {name: cells.get(name, "") for name in OUR_OWN[1:]}


def unused(table: Table) -> tuple[str, ...]:
    """The names of the columns that say nothing about a do-not-call entry."""
    if table.headerless:
        return ()
    names = table.layout.names
    ours = (*OUR_OWN, *_ONLY_EXPORTED) if {"scope", "value"} <= {(name or "").casefold() for name in names} else ()
    others = (name for place, name in enumerate(names) if place not in table.layout.phones)
    return tuple(name for name in others if name and name.casefold() not in ours)


def as_we_wrote_it(text: str) -> NumberPattern | ErasedNumber | None:
    """What only our own list holds: an erased number's hash, and a pattern that somebody accepted although wide."""
    return ErasedNumber(e164=text) if _ERASED.fullmatch(text) else parse_pattern(text)


def what_is_wrong(said: Mapping[str, str], now: datetime | None) -> tuple[str, str] | None:
    """Column and words for what no entry can say: whom it bars, and when it was listed; None when all can be taken."""
    scope, value, at = said.get("scope", ""), said.get("value", ""), said.get("added_at", "")
    if scope and scope not in tuple(Scope):
        return "scope", f"{inert(scope, 40)!r} is none of {', '.join(Scope)}"
    if value and scope in ("", Scope.EVERYTHING):
        return "value", f"{inert(value, 40)!r} beside scope everything; meant seller or campaign?"
    if scope and scope != Scope.EVERYTHING and not value:
        return "value", f"is empty, and scope {scope} needs the {scope}'s name"
    if not (at and said.get("actor")):
        return None
    found = instant(at)
    if found is None:
        return "added_at", f"{inert(at, 40)!r} is no time with its zone, such as 2026-11-21T09:00:00+00:00"
    return ("added_at", f"{inert(at, 40)!r} is not past") if now is not None and found > now else None


def instant(text: str) -> datetime | None:
    """When an entry was listed, as our exports write it; None when it cannot be one."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None and at.year >= _FIRST_YEAR else None
