"""How is proof handed out, checked and kept: one folder per campaign and period, sealed days, five years?"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from campaigns.evidence import (
    MANIFEST,
    EvidenceMaterial,
    FolderChecked,
    OptOut,
    ShownReceipt,
    check_folder,
    files_of,
    summary_of,
)
from campaigns.exporting import ExportFault, write_whole
from campaigns.model import EventKind, Scope, Suppression
from campaigns.receipts import Day, Receipt, UnreadableReceipt, digest_of, receipt_from
from campaigns.receipts.making import program_version
from campaigns.storage.receipt_checks import Checked, check_receipts
from campaigns.storage.receipts import StoredReceipt
from campaigns.storage.store import Store
from campaigns.storage.values import Campaign
from dialer.receipt_key import key_for_sealing, key_of
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.reports import material_of
from dialer.use_cases.shown import counted

NOTHING_WRITTEN = "Nothing was written."


# --- sealing and keeping ---------------------------------------------------------------------------------


def keep_receipts(context: Context) -> str:
    """Seal each day that is over, and prune whole sealed days beyond the years to keep. A sentence when it failed.

    A day stays as long as the rule profiles of its receipts ask, unless another law is named in the settings.
    """
    try:
        seal_due(context)
    except Refused as refused:
        return refused.message
    today = context.now().date()
    before = _years_before(today, context.settings.receipts.keep_years)
    another_law = bool(context.settings.retention.below_law_because.strip())
    context.store.receipts.prune(before, context.now(), by_profiles=not another_law)
    return ""


def seal_due(context: Context) -> tuple[Day, ...]:
    """Seal the days that are over, with the key, which is made on first use. Raises Refused."""
    days = context.store.receipts.days()
    if not any(day.seal is None and day.day < context.now().date() for day in days):
        return ()
    key = key_for_sealing(context.home, sealed_before=any(day.seal is not None for day in days))
    return context.store.receipts.seal(key, context.store.prefix, context.now())


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year - years, day=28)


# --- making a folder -------------------------------------------------------------------------------------


def make(context: Context, args: Args) -> Done:
    """Write one folder with everything about a campaign's calls in a period, or nothing."""
    campaign = context.campaign(args.text("campaign", longest=64))
    first, last = args.day("from"), args.day("to")
    folder = Path(args.text("out", longest=4000))
    if not folder.is_absolute():
        raise Refused(f"Name the folder by its whole path. {NOTHING_WRITTEN}")
    if folder.exists() or folder.is_symlink():
        raise Refused(f"{folder} is there already and was left as it is. Name another folder. {NOTHING_WRITTEN}")
    seal_due(context)
    material = _material(context, campaign, first, last)
    _must_have_a_place(folder)
    # Made now where nothing was sealed yet: a folder without a seal proves less, and looks changed later on.
    sealed = any(day.seal is not None for day in context.store.receipts.days())
    files = files_of(material, key_of(context.home) if sealed else key_for_sealing(context.home, sealed_before=False))
    sha256 = _written(folder, files)
    summary = summary_of(material)
    words = (
        f"Evidence of {campaign.name} written to {folder}: {counted(summary['calls']['made'], 'call')}, "
        f"{counted(summary['blocks']['receipts'], 'hold')}. Check it with: dialer evidence verify {folder}"
    )
    return Done(message=words, data={"folder": str(folder), "manifest_sha256": sha256, "summary": summary})


def _material(context: Context, campaign: Campaign, first: date, last: date) -> EvidenceMaterial:
    """Receipts are read before calls: a call that is made meanwhile has none among those read, and is left out."""
    store = context.store
    _must_be_a_period(first, last)
    days, shown = _chain(store, campaign, first, last)
    report = material_of(context, campaign, first, last, window_since=date.min)
    oldest = store.receipts.first()
    since = _read(oldest).at if oldest is not None else None
    known = {row.receipt.attempt_id for rows in shown.values() for row in rows if row.receipt is not None}
    calls = tuple(
        call
        for call in report.calls
        if call.attempt.id in known or not _came_meanwhile(store, call.attempt.id, call.attempt.created_at, days)
    )
    begin, end = report.period.begins_at, report.period.ends_at
    versions = {call.attempt.settings_version for call in calls}
    return EvidenceMaterial(
        installation=store.prefix,
        program=program_version(),
        report=replace(report, calls=calls),
        days=days,
        shown=shown,
        settings={version: store.campaigns.settings(campaign.id, version) for version in versions},
        messages=store.attempts.first_events(campaign.id, EventKind.SAFE_HARBOUR, begin, end),
        opt_outs=_opt_outs(store, campaign, begin, end),
        overrides=store.overrides.of_campaign(campaign.id),
        right_to_use=_rights(store, shown),
        declared=store.declarations.all(),
        since=since,
    )


def _must_be_a_period(first: date, last: date) -> None:
    if last < first:
        raise Refused(f"The period ends on {last}, before it begins on {first}; turn them round. {NOTHING_WRITTEN}")


def _came_meanwhile(store: Store, attempt_id: str, made_at: datetime, days: tuple[Day, ...]) -> bool:
    """Whether the call's receipt was written after we had read the chain."""
    newest = days[-1].day if days else date.min
    return made_at.date() >= newest and store.receipts.of_attempt(attempt_id) is not None


def _chain(
    store: Store, campaign: Campaign, first: date, last: date
) -> tuple[tuple[Day, ...], dict[date, tuple[ShownReceipt, ...]]]:
    """The chain's days that the period may touch in any zone, each with all its rows if one of them is ours."""
    day_of = timedelta(days=1)
    low = first - day_of if first > date.min else first
    high = last + day_of if last < date.max else last
    days = tuple(day for day in store.receipts.days() if low <= day.day <= high)
    shown: dict[date, tuple[ShownReceipt, ...]] = {}
    for day in days:
        rows = [
            ShownReceipt(
                day=row.day,
                seq=row.seq,
                hash=row.hash,
                digest=digest_of(row.body),
                text=row.body if row.campaign_id == campaign.id else "",
                private=row.private if row.campaign_id == campaign.id else "",
                receipt=_read(row) if row.campaign_id == campaign.id else None,
            )
            for row in store.receipts.of_day(day.day)
        ]
        if any(row.receipt is not None for row in rows):
            shown[day.day] = tuple(rows)
    return days, shown


def _read(row: StoredReceipt) -> Receipt:
    try:
        return receipt_from(row.body, row.private)
    except UnreadableReceipt as fault:
        words = f"Row {row.seq} of {row.day} in the store's receipts was changed: {fault}"
        raise Refused(f"{words}. Look with 'dialer evidence verify'. {NOTHING_WRITTEN}") from None


def _rights(store: Store, shown: Mapping[date, tuple[ShownReceipt, ...]]) -> dict[str, str]:
    """The newest proof that was in force when a call was made, for the number that it showed."""
    known = store.caller_ids.all()
    rights: dict[str, str] = {}
    for said in (row.receipt for rows in shown.values() for row in rows if row.receipt is not None):
        for each in known:
            in_force = each.recorded_at <= said.at and (each.ended_at is None or said.at < each.ended_at)
            if said.attempt_id is not None and each.number == said.caller_id and in_force:
                rights[said.attempt_id] = each.right_to_use
    return rights


def _opt_outs(store: Store, campaign: Campaign, begin: datetime, end: datetime) -> tuple[OptOut, ...]:
    pressed = store.attempts.first_events(campaign.id, EventKind.OPT_OUT, begin, end)
    said = store.attempts.first_events(campaign.id, EventKind.DISPOSED, begin, end)
    found = []
    for entry in store.suppressions.from_calls(campaign.id, begin, end):
        call = entry.attempt_id or ""
        found.append(
            OptOut(
                number=entry.number,
                asked_at=pressed.get(call) or said.get(call) or entry.added_at,
                in_force_at=entry.added_at,
                source=entry.source,
                attempt_id=call,
                calls_after=_calls_after(store, campaign, entry),
            )
        )
    return tuple(found)


def _calls_after(store: Store, campaign: Campaign, entry: Suppression) -> int:
    """Calls to the number while the entry was in force, of those campaigns that it reaches as we know them here."""
    made = store.attempts.by_number(entry.number)
    reached = (each for each in made if entry.scope is Scope.EVERYTHING or each.campaign_id == campaign.id)
    until = entry.removed_at
    return sum(
        each.created_at > entry.added_at and (until is None or each.created_at < until)
        for each in reached
        if each.facts.network is None or each.facts.network.counts_for_limits
    )


def _must_have_a_place(folder: Path) -> None:
    """Raises Refused before a key is made for a folder that cannot be written."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        Path(tempfile.mkdtemp(prefix=".", suffix=".part", dir=folder.parent)).rmdir()
    except OSError as fault:
        raise _not_written(folder, fault.strerror or type(fault).__name__) from None


def _not_written(folder: Path, why: str) -> Refused:
    return Refused(f"{folder} cannot be written: {why}. {NOTHING_WRITTEN}")


def _written(folder: Path, files: Mapping[str, bytes]) -> str:
    """All files in a folder made aside and moved into place; the manifest's SHA-256. Raises Refused."""
    aside: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name[:40]}.", suffix=".part", dir=folder.parent))
        written = {name: write_whole(aside / name, content) for name, content in files.items()}
        aside.chmod(0o750)
        os.rename(aside, folder)  # noqa: PTH104 - Path.rename is the same; an empty folder made meanwhile is replaced
    except (OSError, ExportFault) as fault:
        why = fault.strerror or type(fault).__name__ if isinstance(fault, OSError) else str(fault)
        raise _not_written(folder, why) from None
    finally:
        if aside is not None and aside.exists():
            shutil.rmtree(aside, ignore_errors=True)
    return written[MANIFEST].sha256


# --- verifying -------------------------------------------------------------------------------------------


def verify(context: Context, args: Args) -> Done:
    """Check a folder, if one is named, and then the store. Raises Refused naming the first change."""
    named = args.optional_text("folder", longest=4000)
    key, prefix = key_of(context.home), context.store.prefix
    words, data = [], {}
    if named:
        folder = check_folder(Path(named), key, prefix)
        _no_fault_in(folder, named)
        _same_as_store(context.store, folder, prefix)
        words.append(folder_words(folder, named))
        data["folder"] = folder_data(folder)
    found = check_receipts(context.store.receipts, key, prefix)
    if found.fault is not None:
        where = {"day": found.fault.day.isoformat(), "row": found.fault.seq, "kind": found.fault.kind.value}
        raise Refused(f"The store's receipts were changed: {found.fault.words}.", {"fault": where})
    words.append(_store_words(found, key))
    shown = {"days": found.days, "pruned": found.pruned, "sealed": found.sealed, "receipts": found.rows}
    return Done(message=" ".join(words), data=data | {"store": shown})


def verify_alone(named: str) -> Done:
    """Check a folder where there is no store. Raises Refused naming the first change."""
    folder = check_folder(Path(named), None)
    _no_fault_in(folder, named)
    return Done(message=folder_words(folder, named), data={"folder": folder_data(folder)})


def _no_fault_in(folder: FolderChecked, named: str) -> None:
    fault = folder.fault
    if fault is not None:
        data = {"fault": {"file": fault.file, "line": fault.line, "what": fault.words}}
        raise Refused(f"The evidence in {named} was changed. {fault.message}.", data)


def _same_as_store(store: Store, folder: FolderChecked, prefix: str) -> None:
    """Evidence of this installation must hold the heads that the store holds, and the rows of a day then open."""
    if folder.installation != prefix:
        return
    stored = {day.day: day for day in store.receipts.days()}
    last = {link.day: link for link in folder.last}
    for day in folder.days:
        here = stored.get(day.day)
        if here is None:
            raise Refused(f"The store has no receipts of {day.day} any more, the folder has: days were removed there.")
        if day.head is not None and (here.head, here.rows) != (day.head, day.rows):
            raise Refused(f"The store's head of {day.day} is not the one in the folder: one of the two was changed.")
        link = last.get(day.day)
        if day.head is None and link is not None and not here.pruned:
            row = next((row for row in store.receipts.of_day(day.day) if row.seq == link.seq), None)
            if row is None or row.hash != link.hash:
                raise Refused(
                    f"Row {link.seq} of {day.day} in the store is not the one in the folder: one was changed."
                )


def folder_words(folder: FolderChecked, named: str) -> str:
    seals = "its seals fit" if folder.seals_checked else "seals were not checked: the key is where the dialer runs"
    days = counted(len(folder.days), "day")
    return f"{named} is as it was written: {counted(folder.calls, 'call')}, {days} of the chain; {seals}."


def folder_data(folder: FolderChecked) -> dict[str, Any]:
    return {
        "calls": folder.calls,
        "receipts": folder.receipts,
        "days": len(folder.days),
        "seals_checked": folder.seals_checked,
    }


def _store_words(found: Checked, key: bytes | None) -> str:
    seals = f"{found.sealed} sealed" if key is not None else "none sealed yet"
    pruned = f", {found.pruned} of them pruned" if found.pruned else ""
    days = counted(found.days, "day")
    return f"The store's receipts are whole: {counted(found.rows, 'receipt')}, {days} ({seals}{pruned})."


HANDLERS = {
    "evidence.make": Handler(run=make, kind=Kind.JOB, slow=True),
    "evidence.verify": Handler(run=verify, kind=Kind.READ, slow=True),
}
