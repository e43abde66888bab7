"""Was anything in a folder of evidence changed? The first change, named by file and line.

Compared are: each file with the manifest, the chain of receipts with itself and its heads, calls.csv and blocks.csv
with the receipts; and, where the key is at hand, the seals. Foreign files: nothing in them is believed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from campaigns.evidence.files import (
    BLOCKS,
    CALLS,
    FILES,
    HEADS,
    MANIFEST,
    RECEIPTS,
    line_digests,
    manifest_seal,
)
from campaigns.evidence.material import shown_at
from campaigns.evidence.reading import (
    Changed,
    FolderFault,
    Rows,
    days_of,
    json_object,
    read_file,
    rows_of,
    table_of,
)
from campaigns.evidence.tables import answers_words, consents_words, overrides_words, verified_words
from campaigns.foreign_text import inert
from campaigns.metrics import Period
from campaigns.receipts import Day, FaultKind, Link, Receipt, first_fault, seal_fault


@dataclass(frozen=True, kw_only=True)
class FolderChecked:
    """What a folder holds, and the first fault; none: it is as it was written. `days` and `last` are for the store."""

    calls: int = 0
    receipts: int = 0
    days: tuple[Day, ...] = ()
    last: tuple[Link, ...] = ()
    installation: str = ""
    seals_checked: bool = False
    fault: FolderFault | None = None


def check_folder(folder: Path, key: bytes | None, installation: str = "") -> FolderChecked:
    """Look at all of it. `key` and `installation` are those of the store at hand, if there is one. Never raises."""
    try:
        return _checked(folder, key, installation)
    except Changed as found:
        return FolderChecked(fault=found.fault)
    except (ValueError, TypeError, KeyError, AttributeError, OSError) as fault:
        words = f"does not hold what was written there ({type(fault).__name__}): it was changed"
        return FolderChecked(fault=FolderFault(file=HEADS, line=None, words=words))


def _checked(folder: Path, key: bytes | None, installation: str) -> FolderChecked:
    contents = {name: read_file(folder, name) for name in (MANIFEST, *FILES)}
    heads = json_object(HEADS, contents[HEADS])
    ours = key is not None and heads.get("installation") == installation
    rows = rows_of(contents[RECEIPTS])
    _compare_with_manifest(contents, rows, key if ours else None)
    _no_stranger(folder)
    days = days_of(heads)
    _follow(rows, days)
    if ours and key is not None:
        for day in days:
            fault = seal_fault(day, key, installation)
            if fault is not None:
                raise Changed(HEADS, None, fault.words)
    calls = _compare_calls(contents[CALLS], rows, heads)
    _compare_blocks(contents[BLOCKS], rows)
    newest = {link.day: link for link, _ in rows.links}
    return FolderChecked(
        calls=calls,
        receipts=len(rows.receipts),
        days=days,
        last=tuple(newest.values()),
        installation=str(heads.get("installation")),
        seals_checked=ours,
    )


# --- the manifest --------------------------------------------------------------------------------------


def _compare_with_manifest(contents: Mapping[str, bytes], rows: Rows, key: bytes | None) -> None:
    manifest = json_object(MANIFEST, contents[MANIFEST])
    told = manifest.get("files")
    if not isinstance(told, dict) or set(told) != set(FILES):
        raise Changed(MANIFEST, None, "was changed: it does not name the files that were written")
    for name in FILES:
        _compare_file(name, contents[name], told[name], rows)
    seal = manifest.get("seal")
    if key is not None and (not isinstance(seal, str) or not hmac.compare_digest(seal, manifest_seal(key, told))):
        raise Changed(MANIFEST, None, "was changed: its seal does not fit the files that it names")


def _compare_file(name: str, content: bytes, told: object, rows: Rows) -> None:
    if not isinstance(told, dict) or not isinstance(told.get("sha256"), str):
        raise Changed(MANIFEST, None, f"was changed: it does not tell of {name}")
    if told["sha256"] == hashlib.sha256(content).hexdigest():
        return
    before, now = told.get("lines"), line_digests(content)
    if not isinstance(before, list):
        raise Changed(name, None, "was changed")
    for number, (was, is_) in enumerate(zip(before, now, strict=False), start=1):
        if was != is_:
            raise Changed(name, number, _what_changed(name, content, number, before, now, rows))
    if len(now) < len(before):
        raise Changed(name, len(now) + 1, f"{len(before) - len(now)} lines were removed from here on")
    if len(now) > len(before):
        raise Changed(name, len(before) + 1, "a line was put in")
    raise Changed(name, len(now) or None, "was changed: its last line end is missing or another one")


def _what_changed(name: str, content: bytes, number: int, before: list[Any], now: list[str], rows: Rows) -> str:
    at = number - 1
    if before[at] in now[at + 1 : at + 50] and before[at] not in now[:at]:
        return "a line was put in here"
    if now[at] in before[at + 1 : at + 50]:
        return "a line was removed here"
    field = _changed_field(name, content, number, rows) if name in (CALLS, BLOCKS) else ""
    return f"was changed{field}"


def _changed_field(name: str, content: bytes, number: int, rows: Rows) -> str:
    """Which cell says otherwise than the receipt; empty when no receipt tells, or the row cannot be read any more."""
    try:
        table = table_of(name, content)
    except Changed:
        return ""
    row = next((row for line, row in table if line >= number), {})
    said = rows.receipts.get(row.get("receipt", ""))
    return "" if said is None else _otherwise(row, said)


def _otherwise(row: Mapping[str, str], said: Receipt) -> str:
    expected = {
        "call_id": said.attempt_id or "",
        "called_number": said.number,
        "number": said.number,
        "calling_number": said.caller_id,
        "caller_id_number": said.caller_id,
        "made_at": shown_at(said.at),
        "at": shown_at(said.at),
        "trunk": said.trunk,
        "settings_version": str(said.settings_version),
        "rule_profile": f"{said.profile} {said.profile_version}",
        "held_by": said.hold,
        "person": str(said.person_id),
        "consents": consents_words(said),
        "verified_by": verified_words(said),
        "answers": answers_words(said),
        "overrides": overrides_words(said),
    }
    if said.erased:  # the call has a keyed hash for its number now
        del expected["called_number"], expected["number"]
    for name, value in expected.items():
        if name in row and row[name] != value:
            return f": its {name} is {inert(row[name], 60)!r}, the receipt says {value!r}"
    return ""


def _no_stranger(folder: Path) -> None:
    known = {MANIFEST, *FILES}
    stranger = next((path.name for path in sorted(folder.iterdir()) if path.name not in known), None)
    if stranger is not None:
        raise Changed(inert(stranger, 60), None, "was put into the folder: it is no file of the evidence")


# --- the chain -----------------------------------------------------------------------------------------


def _follow(rows: Rows, days: tuple[Day, ...]) -> None:
    by_day: dict[date, list[Link]] = {day.day: [] for day in days}
    lines = {(link.day, link.seq): number for link, number in rows.links}
    for link, number in rows.links:
        if link.day not in by_day:
            raise Changed(RECEIPTS, number, f"was put in: {HEADS} knows no {link.day}")
        by_day[link.day].append(link)
    fault = first_fault([by_day[day.day] for day in days], days)
    if fault is None:
        return
    if fault.kind in (FaultKind.HEAD, FaultKind.SEAL):
        raise Changed(HEADS, None, fault.words)
    raise Changed(RECEIPTS, lines.get((fault.day, fault.seq or 0)), fault.words)


# --- the tables ----------------------------------------------------------------------------------------


def _compare_calls(content: bytes, rows: Rows, heads: Mapping[str, Any]) -> int:
    """Each row with its receipt, and each receipt of a call in the period with its row: how many calls."""
    since = heads.get("receipts_since")
    seen: set[str] = set()
    table = table_of(CALLS, content)
    for line, row in table:
        place = row.get("receipt", "")
        if not place:
            if since and datetime.fromisoformat(row["made_at"]) >= datetime.fromisoformat(since):
                raise Changed(CALLS, line, "was put in: a call without a receipt, made when calls had receipts")
            continue
        said = rows.receipts.get(place)
        if said is None or place in seen:
            raise Changed(CALLS, line, f"was put in or changed: {RECEIPTS} has no (other) receipt {inert(place, 40)!r}")
        seen.add(place)
        words = _otherwise(row, said)
        if words:
            raise Changed(CALLS, line, f"was changed{words}")
    calls = {place for place, said in rows.receipts.items() if said.attempt_id is not None}
    missing = sorted(place for place in calls - seen if _in_period(rows.receipts[place], heads))
    if missing:
        raise Changed(CALLS, None, f"a row was removed: the call of receipt {missing[0]} is not in it")
    return len(table)


def _compare_blocks(content: bytes, rows: Rows) -> None:
    for line, row in table_of(BLOCKS, content):
        said = rows.receipts.get(row.get("receipt", ""))
        words = ": it has no receipt" if said is None else _otherwise(row, said)
        if words:
            raise Changed(BLOCKS, line, f"was changed{words}")


def _in_period(said: Receipt, heads: Mapping[str, Any]) -> bool:
    period = Period(
        first=date.fromisoformat(heads["from"]), last=date.fromisoformat(heads["to"]), zone=str(heads["zone"])
    )
    return period.begins_at <= said.at < period.ends_at
