"""Was the evidence in a folder, or a receipt in the store, changed since it was written?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from campaigns.evidence import FolderChecked, check_folder
from campaigns.storage.receipt_checks import Checked, check_receipts
from campaigns.storage.store import Store
from dialer.receipt_key import key_of
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done
from dialer.use_cases.shown import counted


def verify(context: Context, args: Args) -> Done:
    """Check a folder, if one is named, and then the store. Raises Refused naming the first change."""
    named = args.optional_text("folder", longest=4000)
    key, prefix = key_of(context.home), context.store.prefix
    words, data = [], {}
    if named:
        _must_be_a_folder(named)
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
    _must_be_a_folder(named)
    folder = check_folder(Path(named), None)
    _no_fault_in(folder, named)
    return Done(message=folder_words(folder, named), data={"folder": folder_data(folder)})


def _must_be_a_folder(named: str) -> None:
    if not Path(named).is_dir():
        what = "is a file" if Path(named).exists() else "is not there"
        raise Refused(f"{named} {what}: name the folder that 'dialer evidence' wrote. Nothing was checked.")


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
