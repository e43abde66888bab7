"""How is proof handed out and kept: one folder per campaign and period, sealed days, five years?"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from campaigns.evidence import MANIFEST, files_of, summary_of
from campaigns.exporting import ExportFault, write_whole
from campaigns.receipts import Day
from campaigns.storage.receipt_checks import check_receipts
from dialer.receipt_key import key_for_sealing, key_of
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.evidence_checking import verify
from dialer.use_cases.evidence_material import NOTHING_WRITTEN, gathered
from dialer.use_cases.shown import counted

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
    material = gathered(context, campaign, first, last)
    _must_have_a_place(folder)
    # Made now where nothing was sealed yet: a folder without a seal proves less, and looks changed later on.
    sealed = any(day.seal is not None for day in context.store.receipts.days())
    files = files_of(material, key_of(context.home) if sealed else key_for_sealing(context.home, sealed_before=False))
    sha256 = _written(folder, files)
    summary = summary_of(material)
    broken = check_receipts(context.store.receipts, key_of(context.home), context.store.prefix).fault
    words = (
        f"Evidence of {campaign.name} written to {folder}: {counted(summary['calls']['made'], 'call')}, "
        f"{counted(summary['blocks']['receipts'], 'hold')}. Check it with: dialer evidence verify {folder}"
    )
    if last >= context.now().date():
        words += f". The period is not over: what is dialled from now to {last} is not in it"
    if broken is not None:
        words += (
            f". WARNING: the store's receipts were changed before this was written: {broken.words}. What the folder"
            " says of that day proves nothing"
        )
    data = {"folder": str(folder), "manifest_sha256": sha256, "summary": summary}
    return Done(message=words, data=data | {"changed_before": broken.words if broken is not None else None})


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


HANDLERS = {
    "evidence.make": Handler(run=make, kind=Kind.JOB, slow=True),
    "evidence.verify": Handler(run=verify, kind=Kind.READ, slow=True),
}
