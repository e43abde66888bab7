"""What is on record of a campaign's day, so that pacing can be tried on it under other settings?

The day is read here and played by whoever asks (`replayed`): minutes of arithmetic have no place beside live calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.metrics import AbandonmentCount, total
from campaigns.model import Attempt
from campaigns.settings import CampaignSettings
from campaigns.storage.values import Campaign, Span
from dialer.abandon_window import ROLLING_DAYS
from dialer.refusal import Refused
from dialer.rehearsal.recorded_day import RecordedDay, recorded_day
from dialer.rehearsal.world import LONGEST_HOURS, MOST_AGENTS
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind

FEWEST_CALLS = 200
FEWEST_JOINED = 20
NOTHING_DONE = "Nothing was replayed."


def day(context: Context, args: Args) -> Done:
    """The calls, agents' hours, settings and figures of `campaign` on `date`, a date of its zone, as plain values.

    Raises Refused, with the reason, for a day that is too small or too large to be replayed, or was dialled by hand.
    """
    campaign = context.campaign(args.text("campaign", longest=64))
    on = args.day("date")
    attempts = tuple(context.store.attempts.attempts(campaign.id, on, on))
    if not attempts:
        raise Refused(f"No call of {campaign.name} was made on {on}. {NOTHING_DONE}")
    settings = _settings(context, campaign, attempts)
    if settings.mode.by_hand:
        words = f"{campaign.name} was in {settings.mode} mode on {on}: agents dialled themselves, so there is no pace"
        raise Refused(f"{words} to replay. {NOTHING_DONE}")
    found = recorded_day(
        attempts,
        _spans(context, campaign, attempts),
        campaign_id=campaign.id,
        settings=settings,
        trunk=context.store.trunks.by_name(settings.trunk),
        before=_before(context, campaign, on),
    )
    _must_be_enough(campaign, on, found)
    zone = ZoneInfo(settings.zone)
    shown = {"campaign": campaign.name, "date": str(on), "zone": settings.zone}
    at = {"from": attempts[0].created_at, "to": attempts[-1].created_at}
    local = {name: each.astimezone(zone).isoformat(timespec="seconds") for name, each in at.items()}
    words = f"{campaign.name} on {on}: {len(found.calls)} calls and {len(found.shifts)} shifts of agents are on record."
    return Done(message=words, data=shown | local | {"day": found.as_json()})


def _settings(context: Context, campaign: Campaign, attempts: Sequence[Attempt]) -> CampaignSettings:
    """Those that most of the day's calls were made with."""
    (version, _), *_ = Counter(attempt.settings_version for attempt in attempts).most_common(1)
    return context.store.campaigns.settings(campaign.id, version)


def _spans(context: Context, campaign: Campaign, attempts: Sequence[Attempt]) -> list[Span]:
    """The time of agents who spoke for the campaign that day, and of its agents who served no other."""
    spans = context.store.agents.spans(None, attempts[0].created_at, attempts[-1].created_at)
    members = {agent.id for agent in context.store.campaigns.agents(campaign.id)}
    others = {span.agent_id for span in spans if span.campaign_id not in (campaign.id, None)}
    spoke = {attempt.facts.agent_id for attempt in attempts}
    return [span for span in spans if span.agent_id in spoke or span.agent_id in members - others]


def _before(context: Context, campaign: Campaign, on: date) -> AbandonmentCount:
    """What the campaign's abandonment window held that morning."""
    first = on - timedelta(days=ROLLING_DAYS - 1)
    sharing = context.store.campaigns.sharing_window(campaign.id)
    days = (each for one in sharing for each in context.store.attempts.counters(one.id, first))
    return total(each.abandonment for each in days if each.report_date < on)


def _must_be_enough(campaign: Campaign, on: date, found: RecordedDay) -> None:
    why = _why_not(found)
    if why:
        raise Refused(f"{campaign.name} on {on} cannot be replayed: {why}. {NOTHING_DONE}", _counts(found))


def _why_not(found: RecordedDay) -> str:
    if len(found.calls) < FEWEST_CALLS:
        return f"{len(found.calls)} finished calls say too little, at least {FEWEST_CALLS} are needed"
    if not found.shifts or not found.figures.at_work_s:
        return "no agent's hours are on record between its first and its last call"
    if found.joined < FEWEST_JOINED:
        return f"only {found.joined} calls reached an agent; to know how long talks are takes {FEWEST_JOINED}"
    if len(found.shifts) > MOST_AGENTS or found.seconds > LONGEST_HOURS * 3600:
        return f"at most {MOST_AGENTS} log-ins and {LONGEST_HOURS:g} hours from its first to its last call can be"
    return ""


def _counts(found: RecordedDay) -> dict[str, Any]:
    return {"calls": len(found.calls), "joined": found.joined, "shifts": len(found.shifts)}


HANDLERS = {"replay.day": Handler(run=day, kind=Kind.READ, slow=True)}
