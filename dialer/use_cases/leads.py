"""How are leads checked, imported, undone, shown and found?"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from campaigns.foreign_text import inert
from campaigns.importing import (
    LEAD_FIELDS,
    NUMBER_FIELDS,
    CheckReport,
    ImportRefused,
    ImportStatus,
    RejectedFile,
    SpooledRows,
    check_leads,
    parse_mapping,
    read_leads,
    rejected_path,
)
from campaigns.model import CampaignState, Lead
from campaigns.storage.values import Batch, ImportResult, ListSummary
from dialer import progress
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.scrubbing import digits_of, scrub
from dialer.use_cases.shown import NUMBERS_SHOWN, counted, lead_name, report_shown, when

LEADS_SHOWN = 200
LEADS_SHOWN_AT_MOST = 5_000
MOST_WHILE_CALLING = 20_000  # half a second of storing, in which calls would wait


@dataclass(frozen=True, kw_only=True)
class ReadFile:
    """A file that was read: its good rows and their numbers, what is wrong with the rest, and its digest."""

    report: CheckReport
    rows: SpooledRows
    numbers: Collection[int]
    repeated: int
    sha256: str
    rejected_file: str
    not_kept: str = ""  # why there is no file of the rejected rows although there are some


def check(context: Context, args: Args) -> Done:
    """What an import would do; stores nothing."""
    report: CheckReport = args.prepared
    found = scrub(context, digits_of(report.numbers), report.repeated)
    data = {"report": report_shown(report), "do_not_call": found.as_json()}
    return Done(message=f"{report.message}{found.words}", data=data)


def look(args: Args) -> CheckReport:
    """The preview; needs no store."""
    path = args.path("path")
    return check_leads(path, **_reading(args))


def read(args: Args) -> ReadFile:
    """All rows of a file, its bad ones written beside it; needs no store. The file must not change meanwhile."""
    path = args.path("path")
    _new_name(args.text("list", longest=64))  # before anything is read or written
    before, rows = _digest(path), SpooledRows()
    with RejectedFile(rejected_path(path)) as bad:
        reading = read_leads(path, **_reading(args), on_rejected=bad.add, on_progress=partial(progress.tell, "read"))
        try:
            for row in reading:
                rows.add(row)
        except ImportRefused as refusal:
            report = reading.refused(refusal)
            return ReadFile(report=report, rows=SpooledRows(), numbers=(), repeated=0, sha256=before, rejected_file="")
        except OSError as fault:
            why = fault.strerror or fault
            raise Refused(f"There is no room to keep the rows of {path.name}: {why}. Nothing was stored.") from None
        if _digest(path) != before:
            raise Refused(f"{path.name} changed while it was read. Nothing was stored; import it again.")
        some = [f"+{number}" for number in itertools.islice(reading.numbers, NUMBERS_SHOWN)]
        rejected_file, not_kept = _kept(bad)
        return ReadFile(
            report=reading.report(some),
            rows=rows,
            numbers=reading.numbers,
            repeated=reading.repeats,
            sha256=before,
            rejected_file=rejected_file,
            not_kept=not_kept,
        )


def import_(context: Context, args: Args) -> Done:
    """Store the good rows as one batch; campaigns that call the list get them as new leads."""
    file: ReadFile = args.prepared
    data: dict[str, Any] = {"report": report_shown(file.report), "rejected_file": file.rejected_file or None}
    if file.report.status is ImportStatus.REJECT:
        raise Refused(file.report.message, data)
    _refuse_while_calling(context, len(file.rows))
    name = _new_name(args.text("list", longest=64))
    source = Path(args.text("path")).name[:200]
    campaign = args.optional_text("campaign")
    into = context.campaign(campaign) if campaign else None
    found = scrub(context, file.numbers, file.repeated, into)
    rows = progress.told("store", file.rows, len(file.rows))
    result = context.store.leads.import_batch(name, rows, source, file.sha256, context.actor, context.now())
    if into is not None:
        context.store.campaigns.attach_list(into.id, result.list_id, context.actor, context.now())
    if context.engine is not None:
        context.later(context.engine.leads_changed)
    message = f"{_imported(result, file, name, campaign)}{found.words}{file.not_kept}"
    stored = {"batch": result.batch_id, "list": name, "added": result.added, "repeated": result.repeated}
    return Done(message=message, data={**data, **stored, "do_not_call": found.as_json()})


def _new_name(name: str) -> str:
    """A list's name that can be typed and shown again."""
    if inert(name) != name:
        raise Refused("A list's name holds a control or invisible character. Use plain words; nothing was stored.")
    return name


def _imported(result: ImportResult, file: ReadFile, name: str, campaign: str) -> str:
    for_campaign = f"; campaign {campaign} calls this list" if campaign else ""
    if result.batch_id is None:
        return (
            f"This very file is on list {name} already (batch {result.same_file_as}): nothing was added{for_campaign}."
        )
    bad = file.report.rows - file.report.accepted
    parts = [f"{counted(result.added, 'lead was', 'leads were')} stored on list {name} as batch {result.batch_id}"]
    if result.repeated:
        parts.append(f"{counted(result.repeated, 'was', 'were')} on the list already")
    if bad:
        parts.append(f"{counted(bad, 'row was', 'rows were')} not imported")
    return "; ".join(parts) + f"{for_campaign}. 'dialer leads undo {result.batch_id}' takes them back."


def undo(context: Context, args: Args) -> Done:
    """Take a batch back until its first call."""
    batch = args.integer("batch", least=1)
    gone = context.store.leads.undo_batch(batch, context.actor, context.now())
    taken = counted(gone, "lead was", "leads were")
    return Done(message=f"Batch {batch} was undone: {taken} taken out.", data={"batch": batch, "leads": gone})


def show(context: Context, args: Args) -> Done:
    """The leads of a list, or of the list a batch belongs to, a page at a time: `after` is a lead's id."""
    if args.values.get("batch") is not None:
        wanted = args.integer("batch", least=1)
        batch = next((b for b in context.store.leads.batches() if b.id == wanted), None)
        if batch is None:
            raise Refused(f"There is no batch {wanted}; 'dialer lists show' names those there are.")
        list_id, title = batch.list_id, f"Batch {wanted} ({batch.source}): {counted(batch.added, 'lead')} added"
    else:
        name = args.text("list", longest=64)
        list_id, title = _list_id(context, name), f"List {name}"
    limit = args.integer("limit", LEADS_SHOWN, least=1, most=LEADS_SHOWN_AT_MOST)
    members = context.store.leads.members(list_id, args.integer("after", 0), limit + 1)
    page, more = members[:limit], len(members) > limit
    last = page[-1].person_id if more else None
    held = counted(context.store.leads.list_summary(list_id).leads, "lead")
    message = f"{title}; the list holds {held}, {counted(len(page), 'is', 'are')} shown."
    message += f" The next ones: --after {last}." if more else ""
    return Done(message=message, data={"leads": [_shown(context, lead, ()) for lead in page], "next_after": last})


def find(context: Context, args: Args) -> Done:
    """Leads by number, name, e-mail or the id of their source."""
    found = context.store.leads.find(args.text("text", longest=200))
    data = {"leads": [_shown(context, one.lead, one.lists) for one in found]}
    return Done(
        message=f"{counted(len(found), 'lead was', 'leads were')} found." if found else "No lead was found.", data=data
    )


def lists(context: Context, args: Args) -> Done:
    """All lists in figures, or one with its batches."""
    name = args.optional_text("list", longest=64)
    wanted = [_list_id(context, name)] if name else [each.id for each in context.store.leads.lists()]
    summaries = [context.store.leads.list_summary(list_id) for list_id in wanted]
    names = {campaign.id: campaign.name for campaign in context.store.campaigns.all()}
    data: dict[str, Any] = {"lists": [_summary(summary, names) for summary in summaries]}
    if name:
        data["batches"] = [_batch(batch) for batch in summaries[0].batches]
    return Done(message=f"List {name}." if name else f"{counted(len(summaries), 'list')}.", data=data)


def columns_of(args: Args, known: Sequence[str] = NUMBER_FIELDS) -> Mapping[str, tuple[str, ...]]:
    """Which column is which of the `known` fields, such as `phone` to its columns. Raises Refused in words."""
    options = [f"{field}={columns}" for field, columns in _spelled(args.table("map"))]
    try:
        return parse_mapping(options, known)
    except ValueError as fault:
        raise Refused(f"{fault}. Nothing was stored.") from None


def _spelled(table: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key, ",".join(map(str, v)) if isinstance(v, list | tuple) else str(v)) for key, v in table.items()]


def _reading(args: Args) -> dict[str, Any]:
    return {
        "region": args.optional_text("region", "US", longest=20),
        "encoding": args.optional_text("encoding", longest=40) or None,
        "mapping": columns_of(args, LEAD_FIELDS),
    }


def _digest(path: Path) -> str:
    """The file's SHA-256; empty when it cannot be read, which reading it will tell. Never waits for a pipe."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if stat.S_ISREG(os.fstat(handle).st_mode):
                return hashlib.file_digest(file, "sha256").hexdigest()
    return ""


def _kept(bad: RejectedFile) -> tuple[str, str]:
    """The file with the bad rows, beside the original, and why there is none although there should be."""
    try:
        return str(bad.keep() or ""), ""
    except OSError as fault:
        return "", f" The rejected rows could not be written beside the file: {fault.strerror or type(fault).__name__}."


def _refuse_while_calling(context: Context, rows: int) -> None:
    if context.engine is None or rows <= MOST_WHILE_CALLING:
        return
    running = [c.name for c in context.store.campaigns.all() if c.state is CampaignState.RUNNING]
    if running:
        raise Refused(
            f"{rows} leads are too many to store while {', '.join(running[:5])} calls: the calls would wait. Pause, or "
            f"import at most {MOST_WHILE_CALLING} at a time. Nothing was stored."
        )


def _list_id(context: Context, name: str) -> int:
    found = context.store.leads.list_by_name(name)
    if found is None:
        known = ", ".join(each.name for each in context.store.leads.lists()[:20]) or "none yet"
        raise Refused(f"There is no list {name[:64]!r}; known: {known}.")
    return found.id


def _shown(context: Context, lead: Lead, lists: tuple[str, ...]) -> dict[str, Any]:
    names = {campaign.id: campaign.name for campaign in context.store.campaigns.all()}
    states = {
        names.get(state.campaign_id, str(state.campaign_id)): state.state.value
        + (f" ({state.close_reason.value})" if state.close_reason else "")
        for state in context.store.queue.states_of(lead.person_id)
    }
    return {
        "id": lead.person_id,
        "name": lead_name(lead),
        "numbers": [point.shown for point in lead.contact_points],
        "lists": list(lists),
        "states": states,
        "external_id": lead.external_id,
        "person_key": lead.person_key,
        "debt": lead.debt,
        "timezone": lead.timezone,
        "email": lead.email,
        "note": lead.note,
        "custom": dict(lead.custom),
    }


def _summary(summary: ListSummary, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "name": summary.list.name,
        "leads": summary.leads,
        "numbers": summary.numbers,
        "suppressed": summary.suppressed,
        "campaigns": [names.get(campaign_id, str(campaign_id)) for campaign_id in summary.campaigns],
        "created_at": when(summary.list.created_at),
    }


def _batch(batch: Batch) -> dict[str, Any]:
    return {
        "batch": batch.id,
        "source": batch.source,
        "imported_at": when(batch.imported_at),
        "actor": batch.actor,
        "added": batch.added,
        "repeated": batch.repeated,
        "undone_at": when(batch.undone_at),
    }


HANDLERS = {
    "leads.check": Handler(run=check, kind=Kind.READ, prepare=look),
    "leads.import": Handler(run=import_, kind=Kind.WRITE, prepare=read),
    "leads.undo": Handler(run=undo, kind=Kind.WRITE),
    "leads.show": Handler(run=show, kind=Kind.READ),
    "leads.find": Handler(run=find, kind=Kind.READ),
    "lists.show": Handler(run=lists, kind=Kind.READ),
}
