"""How is a report made from what is stored, and how is it shown?"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from campaigns.exporting import as_csv, as_json
from campaigns.metrics import Call, Period, calls_of
from campaigns.model import Attempt, Disposition
from campaigns.reports import REPORTS, Material, Report, build
from campaigns.reports.report import ROLLING
from campaigns.storage.store import Store
from campaigns.storage.values import Campaign
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.report_text import as_table

FORMATS = ("json", "table", "csv")


def get(context: Context, args: Args) -> Done:
    """One report over report dates, both included, in the campaign's zone; of calls, those behind a figure."""
    kind, wanted = args.text("kind", longest=40), args.optional_text("format", "json", longest=10)
    if kind not in REPORTS:
        raise Refused(f"There is no report {kind!r}; there are {', '.join(REPORTS)}.")
    if wanted not in FORMATS:
        raise Refused(f"There is no format {wanted!r}; there are {', '.join(FORMATS)}.")
    campaign = context.campaign(args.text("campaign", longest=64))
    figure = args.optional_text("figure", longest=40)
    if figure and kind != "calls":
        raise Refused(f"A figure opens its calls: ask for the report 'calls', not {kind!r}.")
    report = make(context, campaign, kind, args.day("from"), args.day("to"), figure=figure)
    if wanted == "json":
        return Done(message=report.title, data=json.loads(as_json(report)))
    text = as_csv(report).decode() if wanted == "csv" else as_table(report)
    return Done(message=report.title, data={"text": text})


def make(context: Context, campaign: Campaign, kind: str, first: date, last: date, *, figure: str = "") -> Report:
    """The report as of now. Raises Refused for a period that ends before it begins, or a figure that does not open."""
    material = material_of(context, campaign, first, last, figure=figure)
    try:
        return build(kind, material)
    except ValueError as fault:
        raise Refused(str(fault)) from None


def material_of(
    context: Context, campaign: Campaign, first: date, last: date, *, figure: str = "", window_since: date | None = None
) -> Material:
    """What every report is made from. Raises Refused for a period that ends before it begins.

    Calls of clones are read of the last 30 days, or from `window_since` on.
    """
    settings = context.store.campaigns.settings(campaign.id)
    try:
        period = Period(first=first, last=last, zone=settings.zone)
    except ValueError as fault:
        raise Refused(str(fault)) from None
    store = context.store
    attempts = tuple(store.attempts.attempts(campaign.id, date.min, last))
    return Material(
        campaign=campaign.name,
        period=period,
        settings=settings,
        now=context.now(),
        calls=calls_of(attempts, _dispositions(store, attempts)),
        leads=store.queue.states(campaign.id),
        numbers=sum(store.leads.list_summary(each.id).numbers for each in store.campaigns.lists(campaign.id)),
        agents={agent.id: agent.name for agent in store.agents.all()},
        lists={each.id: each.name for each in store.leads.lists()},
        scripts=_scripts(store, attempts),
        spans=_spans(store, campaign, period),
        promises=store.callbacks.promised_for(campaign.id, period.begins_at, period.ends_at),
        survey=settings.survey,
        figure=figure,
        of_clones=_of_clones(store, campaign, window_since or last - ROLLING, last),
        sharing=tuple(each.name for each in _clones(store, campaign)),
    )


def _clones(store: Store, campaign: Campaign) -> tuple[Campaign, ...]:
    """The other campaigns whose abandonment is counted together with this one's."""
    return tuple(each for each in store.campaigns.sharing_window(campaign.id) if each.id != campaign.id)


def _of_clones(store: Store, campaign: Campaign, first: date, last: date) -> tuple[Call, ...]:
    made = (store.attempts.attempts(each.id, first, last) for each in _clones(store, campaign))
    attempts = tuple(attempt for of_one in made for attempt in of_one)
    return calls_of(attempts, _dispositions(store, attempts))


def _scripts(store: Store, attempts: tuple[Attempt, ...]) -> dict[int, str]:
    """The name of the script by the version of the settings that named it."""
    versions = {(attempt.campaign_id, attempt.settings_version) for attempt in attempts}
    return {version: store.campaigns.settings(campaign_id, version).script for campaign_id, version in versions}


def _spans(store: Store, campaign: Campaign, period: Period) -> Any:
    """The time of agents who serve only this campaign, and of the others what they spent on it."""
    only_here = {agent.id for agent in store.agents.all() if store.campaigns.of_agent(agent.id) == (campaign.id,)}
    spans = store.agents.spans(None, period.begins_at, period.ends_at)
    return tuple(span for span in spans if span.campaign_id == campaign.id or span.agent_id in only_here)


def _dispositions(store: Store, attempts: tuple[Attempt, ...]) -> dict[tuple[int, int], tuple[Disposition, ...]]:
    used = {(attempt.campaign_id, attempt.disposition_set) for attempt in attempts}
    return {key: store.campaigns.dispositions(*key) for key in used}


HANDLERS = {"report.get": Handler(run=get, kind=Kind.READ, slow=True)}
