"""Of all leads of a campaign: how many may be called now, tomorrow morning, later or never, and what holds the rest?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.dialable import GateCode
from campaigns.funnel import FunnelAt, Held, Standing, funnel
from campaigns.model import CampaignState
from campaigns.storage.values import Campaign
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted
from dialer.use_cases.why import rules_of

MOST_INSTANTS = 8
MORNING_HOUR = 9
_LATE = timedelta(minutes=1)

NOTES = (
    "Leads are taken as they stand now: calls, promises and do-not-call entries to come are not known.",
    "Never means not by itself: a newer list, another setting or a person would have to change something. An outcome "
    "may bring a lead in a call back.",
)


def show(context: Context, args: Args) -> Done:
    """Every lead of `campaign`, or of those that came to it by `list`, at the instants `at` (ISO 8601 texts).

    Left out: now, and 09:00 tomorrow in the campaign's zone. Whether the campaign runs is left out of account.
    """
    campaign = context.campaign(args.text("campaign", longest=64))
    rules, missing = rules_of(context, campaign)
    if rules is None:
        raise Refused(f"{campaign.name} cannot dial: it needs {missing}. Nothing was counted.")
    zone = ZoneInfo(rules.settings.zone)
    instants = _instants(context, args, zone)
    lists = context.registries
    in_force = None if lists is None else lists.in_force  # one look for all: no second generation in between
    rules = replace(rules, registries=in_force)
    list_id = _list_id(context, campaign, args.optional_text("list", longest=200))
    named = frozenset(each.number for each in rules.overrides)
    alike = context.store.alike(campaign.id, rules.profile, instants, in_force, list_id, named)
    told = funnel(alike.members(), alike.numbers_of, rules, instants)
    data = {
        "campaign": campaign.name,
        "list": args.optional_text("list") or None,
        "state": campaign.state.value,
        "zone": rules.settings.zone,
        "leads": told[0].leads,
        "instants": [instant_shown(each, zone) for each in told],
        "notes": [*_notes(campaign, missing), *NOTES],
    }
    return Done(message=sentence(campaign.name, told, zone), data=data)


def tomorrow_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """The first minute of the next local day from 09:00 on. Found by walking: a local time is never turned into UTC."""
    today = now.astimezone(zone).date()
    moment = now.astimezone(UTC).replace(second=0, microsecond=0)
    while (local := moment.astimezone(zone)).date() <= today or local.hour < MORNING_HOUR:
        moment += timedelta(minutes=1)
    return moment


def _instants(context: Context, args: Args, zone: ZoneInfo) -> tuple[datetime, ...]:
    now = context.now()
    texts = args.texts("at")
    if not texts:
        return now, tomorrow_morning(now, zone)
    if len(texts) > MOST_INSTANTS:
        raise Refused(f"At most {MOST_INSTANTS} instants are told at once, {len(texts)} were given. Nothing counted.")
    found = {at for text in texts if (at := Args(command="funnel", values={"at": text}).instant("at")) is not None}
    past = next((at for at in sorted(found) if at < now - _LATE), None)
    if past is not None:
        words = f"A funnel is told for now or later; {past:%Y-%m-%d %H:%M} UTC is past"
        raise Refused(f"{words}. Nothing was counted.")
    return tuple(sorted(found)) or (now,)


def _list_id(context: Context, campaign: Campaign, name: str) -> int | None:
    if not name:
        return None
    mine = {each.id: each.name for each in context.store.campaigns.lists(campaign.id)}
    found = next((list_id for list_id, each in mine.items() if each == name), None)
    if found is None:
        known = ", ".join(sorted(mine.values())[:20]) or "none yet"
        raise Refused(f"{campaign.name} calls no list {name[:64]!r}; its lists: {known}. Nothing was counted.")
    return found


def _notes(campaign: Campaign, missing: str) -> list[str]:
    notes = []
    if campaign.state is not CampaignState.RUNNING:
        notes.append(f"The campaign is {campaign.state}: this is what would be if it ran.")
    if missing:
        notes.append(f"It cannot be started yet: it needs {missing}.")
    return notes


def instant_shown(told: FunnelAt, zone: ZoneInfo) -> dict[str, Any]:
    """One instant as plain values; `opens` counts leads by the hour from which on they may be called."""
    hours: Counter[datetime] = Counter()
    for at, leads in told.later:
        hours[at.replace(minute=0, second=0, microsecond=0)] += leads
    return {
        "at": _local(told.at, zone),
        **{standing.value: leads for standing, leads in told.counts.items()},
        "next_at": _local(told.later[0][0], zone) if told.later else None,
        "opens": [{"hour": _local(at, zone), "leads": leads} for at, leads in sorted(hours.items())],
        "held": [
            {
                "standing": held.standing.value,
                "code": held.code.value,
                "detail": held.detail,
                "words": held_words(held),
                "leads": held.leads,
                "alone": held.alone,
            }
            for held in told.held
        ],
    }


def held_words(held: Held) -> str:
    """What holds them, for people."""
    if held.standing is Standing.IN_A_CALL and held.code is GateCode.LEAD_STATE:
        return "the lead is being called or waits for its outcome"
    return f"{held.code.words} ({held.detail})" if held.detail else held.code.words


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")


def sentence(name: str, told: Sequence[FunnelAt], zone: ZoneInfo) -> str:
    """The whole of it in one sentence."""
    first = told[0]
    parts = [f"{each.counts[Standing.CALLABLE]} callable {each.at.astimezone(zone):%a %H:%M}" for each in told]
    never = first.counts[Standing.NEVER]
    return f"{name}: of {counted(first.leads, 'lead')} {', '.join(parts)}; {never} never."


HANDLERS = {"funnel": Handler(run=show, kind=Kind.READ, slow=True)}
