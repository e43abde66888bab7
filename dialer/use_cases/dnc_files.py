"""How does our own do-not-call list become a file, come from one, and how do the two differ?"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from campaigns.exporting import ExportFault, write_whole
from campaigns.foreign_text import csv_cell, inert
from campaigns.importing import (
    NOT_ACTIVE,
    CheckReport,
    Code,
    DncRow,
    ErasedNumber,
    ImportRefused,
    ImportStatus,
    read_dnc,
)
from campaigns.model import Scope, Suppression
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.dnc_words import NOTHING_STORED, hang_up_ringing, reach_words, reason_of, scope_of, shown
from dialer.use_cases.leads import columns_of
from dialer.use_cases.shown import counted, report_shown

COLUMNS = ("number", "scope", "value", "reason", "source", "actor", "added_at", "removed_at", "removed_by",
           "removed_reason", "erased_by")  # fmt: skip
DIFFERENCES_SHOWN = 1000
Key = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class ReadList:
    """A do-not-call file that was read: its rows and what is wrong with the rest."""

    report: CheckReport
    rows: tuple[DncRow, ...]


def read(args: Args) -> ReadList:
    """The numbers of a file and what is wrong with it; needs no store."""
    reading = read_dnc(
        args.path("path"),
        region=args.optional_text("region", "US"),
        encoding=args.optional_text("encoding") or None,
        mapping=columns_of(args),
    )
    try:
        rows = tuple(reading)
    except ImportRefused as refusal:
        return ReadList(report=reading.refused(refusal), rows=())
    return ReadList(report=reading.report([row.number.e164 for row in rows]), rows=rows)


def import_(context: Context, args: Args) -> Done:
    """List all numbers of a file or none; a file with a faulty row needs `accept_faults`."""
    file: ReadList = args.prepared
    data = {"report": report_shown(file.report)}
    _refuse_unless_whole(file.report, data, accepted=args.flag("accept_faults"))
    _must_recognise(context, file.rows)
    _must_be_past(file.rows, context.now(), accepted=args.flag("accept_faults"))
    data = {"report": report_shown(file.report, without=f" {NOT_ACTIVE}")}  # accepted: it is active now
    unread = sum(fault.code is Code.DNC for fault in file.report.rejected)
    reason = reason_of(context, args)
    source, now = Path(args.text("path")).name[:200], context.now()
    entries = tuple(
        Suppression(
            number=row.number.e164,
            scope=scope,
            value=value,
            reason=row.reason or reason,
            **(_listed_before(row, now) or {"source": source, "actor": context.actor, "added_at": now}),
        )
        for row, (scope, value) in _scoped(context, args, file.rows)
    )
    listed = context.store.suppressions.add_many(entries, by=context.actor, now=now)
    for each in entries:
        hang_up_ringing(context, each)
    reaches = {reach_words(each) for each in entries}
    whom = reaches.pop() if len(reaches) == 1 else f"{len(reaches)} scopes that the file names"
    message = (
        f"{counted(listed.added, 'number is', 'numbers are')} listed now as do-not-call for {whom}, "
        f"{counted(listed.known, 'was', 'were')} listed already."
    )
    if listed.voided:
        message += f" {counted(listed.voided, 'waiting request', 'waiting requests')} to take one off ended by it."
    if unread:
        message += (
            f" Of {counted(unread, 'faulty row')} every number that could be read bars, for everything where the row "
            "did not say for whom; a row without a readable number bars nobody."
        )
    before = sum(entry.added_at != now for entry in entries)
    if before:
        message += f" {counted(before, 'row says', 'rows say')} who listed the number, when and whence: that was kept."
    figures = {"added": listed.added, "known": listed.known, "requests_ended": listed.voided, "kept": before}
    return Done(message=message, data={**data, **figures, "source": source})


def diff(context: Context, args: Args) -> Done:
    """What importing a file would add, what is listed already, and what is listed and not in it; stores nothing."""
    file: ReadList = args.prepared
    data: dict[str, Any] = {"report": report_shown(file.report)}
    if file.report.status is ImportStatus.REJECT:
        raise Refused(file.report.message, data)
    wanted = {_key(row.number.e164, *reach) for row, reach in _scoped(context, args, file.rows)}
    reaches = {key[1:] for key in wanted}
    listed = (_key(entry.number, entry.scope, entry.value) for entry in context.store.suppressions.every())
    ours = {key for key in listed if key[1:] in reaches}
    new, both, missing = wanted - ours, wanted & ours, ours - wanted
    data |= {"would_add": len(new), "known": len(both), "not_in_file": len(missing)}
    data |= {"new": _keys_shown(new), "missing": _keys_shown(missing)}
    message = (
        f"The file would add {counted(len(new), 'number')}; {counted(len(both), 'is', 'are')} listed already; "
        f"{counted(len(missing), 'number is', 'numbers are')} listed and not in the file. Compared: "
        f"{'; '.join(sorted(f'{scope} {value}'.strip() for scope, value in reaches))}. Nothing was stored."
    )
    return Done(message=message, data=data)


def export(context: Context, args: Args) -> Done:
    """Write the list as CSV, whole or not at all; with `removed`, former entries too."""
    path, former = args.path("path"), args.flag("removed")
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    count, key_name = 0, context.store.erasure_key_name
    for entry in context.store.suppressions.every(removed=former):
        plain = shown(entry) | {"erased_by": key_name if entry.number.startswith("#") else ""}
        writer.writerow([csv_cell(str(plain[name] or "")) for name in COLUMNS])
        count += 1
    try:
        written = write_whole(path, text.getvalue().encode("utf-8", "replace"), rows=count)
    except ExportFault as fault:
        raise Refused(str(fault)) from None
    words = f"{counted(count, 'entry was', 'entries were')} written to {path}."
    return Done(message=words, data={"path": str(written.path), "sha256": written.sha256, "entries": count})


def _refuse_unless_whole(report: CheckReport, data: Mapping[str, Any], *, accepted: bool) -> None:
    if report.status is ImportStatus.REJECT:
        raise Refused(report.message, data)
    if report.status is ImportStatus.PARTIAL and not accepted:
        raise Refused(f"{report.message} To take its good rows as they are, say --accept-faults.", data)


def _must_be_past(rows: Iterable[DncRow], now: datetime, *, accepted: bool) -> None:
    """An entry is never younger than its file: accepted all the same, it is listed as of now. Raises Refused."""
    later = [row for row in rows if row.added_at is not None and row.actor and row.added_at > now]
    if later and not accepted:
        at = later[0].added_at
        more = f" (and {len(later) - 1} more)" if len(later) > 1 else ""
        raise Refused(
            f"Line {later[0].line}{more}: added_at {at.isoformat() if at else ''} is not past. To list such numbers as "
            f"of now, say --accept-faults. {NOTHING_STORED}"
        )


def _listed_before(row: DncRow, now: datetime) -> dict[str, Any]:
    """Who listed the number, when and whence, as an export of our own list says it; nothing of any other file."""
    if row.added_at is None or not row.actor:
        return {}
    if row.added_at > now:
        return {}
    source = inert(row.source, 200) or "a file"
    return {"source": source, "actor": inert(row.actor, 64), "added_at": row.added_at.astimezone(UTC)}


def _must_recognise(context: Context, rows: Iterable[DncRow]) -> None:
    """A hash that another key made would stand on the list and bar nobody. Raises Refused for the first such row."""
    ours = context.store.erasure_key_name
    for row in rows:
        if isinstance(row.number, ErasedNumber) and (not ours or row.erased_by != ours):
            key = f"the key {row.erased_by[:12]!r}" if row.erased_by else "a key that the file does not name"
            raise Refused(
                f"Line {row.line} stands for an erased number, hashed with {key}; here it would be recognised by "
                f"{ours or 'none'} and bar nobody. Bring secrets/erasure-key of the house that wrote the file into "
                f"this home before anybody is erased here, or leave such lines out. {NOTHING_STORED}"
            )


def _scoped(context: Context, args: Args, rows: Iterable[DncRow]) -> list[tuple[DncRow, tuple[Scope, str]]]:
    """Each row with whom it bars: as the file says, else as the command says. Raises Refused."""
    given = scope_of(context, args)
    known: dict[tuple[str, str], tuple[Scope, str]] = {("", ""): given}
    scoped = []
    for row in rows:
        said = (row.scope, row.value)
        if said not in known:
            known[said] = _said_by_the_file(context, row, given)
        scoped.append((row, known[said]))
    return scoped


def _said_by_the_file(context: Context, row: DncRow, given: tuple[Scope, str]) -> tuple[Scope, str]:
    if given != (Scope.EVERYTHING, ""):
        raise Refused(f"The file says for itself whom each number bars: leave --scope out. {NOTHING_STORED}")
    said = Args(command=f"line {row.line}", values={"scope": row.scope, "value": row.value})
    try:
        return scope_of(context, said)
    except Refused as refusal:
        raise Refused(f"Line {row.line}: {refusal.message}") from None


def _key(number: str, scope: Scope, value: str) -> Key:
    return number, scope.value, value


def _keys_shown(keys: Iterable[Key]) -> list[dict[str, str]]:
    found = sorted(keys)[:DIFFERENCES_SHOWN]
    return [{"number": number, "scope": scope, "value": value} for number, scope, value in found]


HANDLERS = {
    "dnc.import": Handler(run=import_, kind=Kind.WRITE, prepare=read),
    "dnc.diff": Handler(run=diff, kind=Kind.READ, prepare=read),
    "dnc.export": Handler(run=export, kind=Kind.JOB, slow=True),
}
