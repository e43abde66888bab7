"""How are the nightly reports written: each campaign, kind and report date once, whole or not at all?"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.exporting import Exported, ExportFault, as_csv, as_json, file_name, write_whole
from campaigns.model import CampaignState
from campaigns.storage.errors import StoreError
from campaigns.storage.values import Campaign, ExportRun
from dialer.due import CATCH_UP_DAYS, Due, ExportKind, Reporting, due, is_late, latest_date
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.reports import make
from dialer.use_cases.shown import counted

log = logging.getLogger(__name__)

SHOWN = 500


def run(context: Context, args: Args) -> Done:
    """Write the reports of a date now; what was written already is not written again."""
    name = args.optional_text("campaign", longest=64)
    campaigns = (context.campaign(name),) if name else context.store.campaigns.all()
    wanted = args.optional_day("date")
    made: list[ExportRun] = []
    there = 0
    for campaign in campaigns:
        day = wanted or _yesterday(context, campaign)
        _must_be_over(context, campaign, day)
        late = is_late(day, context.now(), _zone(context, campaign), context.settings.exports.at)
        for kind in ExportKind:
            if context.store.exports.exports_done(campaign.id, day, day, kind.value):
                there += 1
            else:
                made.append(_write(context, campaign, kind, day, late=late))
    already = f"; {counted(there, 'was', 'were')} written before and not again" if there else ""
    files = [_shown(context, each) for each in made]
    return Done(message=f"{counted(len(made), 'report')} written{already}.", data={"exports": files})


def list_(context: Context, _args: Args) -> Done:
    """The exports that were made, the newest first."""
    runs = context.store.exports.exports_done(None, date.min, date.max)
    data = {"exports": [_shown(context, each) for each in reversed(runs[-SHOWN:])]}
    return Done(message=f"{counted(len(runs), 'report')} exported.", data=data)


def run_due(context: Context) -> tuple[ExportRun, ...]:
    """Write every export that is due. One that fails is logged, and is due again at the next look."""
    made = []
    for each in due_now(context):
        try:
            campaign = context.store.campaigns.get(each.campaign_id)
            made.append(_write(context, campaign, each.kind, each.report_date, late=each.late))
        except (Refused, StoreError) as fault:
            log.error("the %s report of %s for %s was not written: %s", each.kind, each.name, each.report_date, fault)
    return tuple(made)


def due_now(context: Context) -> tuple[Due, ...]:
    """What is due at this instant and was not made."""
    since = context.now().date() - timedelta(days=CATCH_UP_DAYS + 2)
    runs = context.store.exports.exports_done(None, since, date.max)
    done = {(each.campaign_id, each.kind, each.report_date) for each in runs}
    return due(context.now(), _reporting(context), done, context.settings.exports.at)


def _reporting(context: Context) -> Iterable[Reporting]:
    """Campaigns that ever ran: from the first day with a call, a stopped one to its last day with a call.

    One that goes on and never called has the report of the last day, which says so, and no older ones.
    """
    long_ago = context.now().date() - timedelta(days=CATCH_UP_DAYS + 2)
    for campaign in context.store.campaigns.all():
        if campaign.state is CampaignState.DRAFT:
            continue
        zone = context.store.campaigns.settings(campaign.id).zone
        days = [each.report_date for each in context.store.attempts.counters(campaign.id, long_ago)]
        stopped = campaign.state is CampaignState.STOPPED
        if stopped and not days:
            continue
        created = campaign.created_at.astimezone(ZoneInfo(zone)).date()
        newest = latest_date(context.now(), zone, context.settings.exports.at)
        yield Reporting(
            campaign_id=campaign.id,
            name=campaign.name,
            zone=zone,
            first=min(days) if days else max(created, newest),
            last=max(days) if stopped else None,
        )


def _yesterday(context: Context, campaign: Campaign) -> date:
    return context.now().astimezone(ZoneInfo(_zone(context, campaign))).date() - timedelta(days=1)


def _zone(context: Context, campaign: Campaign) -> str:
    return context.store.campaigns.settings(campaign.id).zone


def _must_be_over(context: Context, campaign: Campaign, day: date) -> None:
    """A day that goes on would be exported half, and only once."""
    zone = _zone(context, campaign)
    today = context.now().astimezone(ZoneInfo(zone)).date()
    if day >= today:
        raise Refused(f"{day} is not over yet in {zone}; look at it with 'dialer report'. Nothing was written.")


def _write(context: Context, campaign: Campaign, kind: ExportKind, day: date, *, late: bool) -> ExportRun:
    """Both files first, then the record: killed in between, the same bytes are written again under the same names."""
    report = make(context, campaign, kind.value, day, day)
    folder = context.home.below(context.settings.exports.folder) / day.isoformat()
    try:
        write_whole(folder / _named(campaign, file_name(report, "json")), as_json(report), rows=len(report.rows))
        table = write_whole(folder / _named(campaign, file_name(report, "csv")), as_csv(report), rows=len(report.rows))
    except ExportFault as fault:
        raise Refused(str(fault)) from fault
    done = _record(context, campaign, kind, day, table, late=late)
    log.info("wrote the %s report of %s for %s%s", kind, campaign.name, day, ", late" if late else "")
    return done


def _record(
    context: Context, campaign: Campaign, kind: ExportKind, day: date, table: Exported, *, late: bool
) -> ExportRun:
    done = ExportRun(
        campaign_id=campaign.id,
        kind=kind.value,
        report_date=day,
        path=str(table.path),
        sha256=table.sha256,
        rows=table.rows,
        made_at=context.now(),
        late=late,
    )
    context.store.exports.record_export(done)
    return done


def _named(campaign: Campaign, name: str) -> str:
    """The campaign's number in front keeps "A B" and "A-B" from sharing a file."""
    return f"{campaign.id}-{name}"


def _shown(context: Context, run: ExportRun) -> dict[str, Any]:
    path = Path(run.path)
    return {
        "campaign": context.store.campaigns.get(run.campaign_id).name,
        "kind": run.kind,
        "date": run.report_date.isoformat(),
        "path": run.path,
        "json_path": str(path.with_suffix(".json")),
        "rows": run.rows,
        "sha256": run.sha256,
        "intact": _intact(path, run.sha256),
        "made_at": run.made_at.isoformat(),
        "late": run.late,
    }


def _intact(path: Path, sha256: str) -> bool:
    """Whether the file is still there as it was written."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


HANDLERS = {
    "export.run": Handler(run=run, kind=Kind.JOB, slow=True),
    "export.list": Handler(run=list_, kind=Kind.READ, slow=True),
}
