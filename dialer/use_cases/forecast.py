"""What do the next 24 hours of a campaign bring: leads to call, answers, and when the list runs dry?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.dialable import Rules
from campaigns.forecast import Crew, DrySpell, Forecast, Group, History, Hour, forecast
from campaigns.model import CampaignState
from campaigns.storage.values import Campaign
from dialer.refusal import Refused
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.shown import counted
from dialer.use_cases.why import rules_of

HISTORY = timedelta(days=28)
MOST_AGENTS = 10_000
_LATE = timedelta(minutes=1)

UNKNOWN = (
    "Not known and left out: do-not-call entries to come, promises agents will make, other numbers of a person, leads "
    "in a call now.",
    "Leads are looked at every quarter of an hour. The intervals (95 %) hold chance and how few the past calls are, "
    "not that a day may differ from those before it.",
)


def show(context: Context, args: Args) -> Done:
    """24 hours of the clock in the campaign's zone, from an instant on (now when left out), by so many agents.

    The leads are taken as they stand now. Agents left out: those logged in; when there are none, what agents would do
    is none.
    """
    campaign = context.campaign(args.text("campaign", longest=64))
    now = context.now()
    at = args.instant("at") or now
    if at < now - _LATE:
        raise Refused(f"A forecast begins now or later; {at:%Y-%m-%d %H:%M} UTC is past. Nothing was forecast.")
    rules, missing = rules_of(context, campaign)
    if rules is None:
        raise Refused(f"{campaign.name} cannot dial: it needs {missing}. Nothing was forecast.")
    outlook = context.store.outlook
    history = outlook.history(campaign.id, zone=rules.settings.zone, since=now - HISTORY, now=now)
    crew, whence = _crew(context, campaign, args)
    rules, waiting = _waiting(context, campaign, rules, at)
    told = forecast(waiting, rules, crew, history, at=at)
    notes = (*_notes(campaign, rules, missing, told, history), *UNKNOWN)
    data = shown(told, history) | {
        "campaign": campaign.name,
        "state": campaign.state.value,
        "agents_from": whence,
        "notes": list(notes),
    }
    return Done(message=sentence(campaign.name, told), data=data)


def _waiting(context: Context, campaign: Campaign, rules: Rules, at: datetime) -> tuple[Rules, Sequence[Group]]:
    """The leads in groups. What registries, erased entries, consents, answers, overrides and calls of weeks ago say is
    nothing a database can group by; the calls are looked at where the campaign's own profile does."""
    lists, duties = context.registries, rules.profile.duties
    rests = bool(duties.attempts or duties.cooldowns)
    by_number = context.store.any_erased or context.store.consents.any or context.store.number_answers.any
    if lists is None and not rests and not rules.overrides and not by_number:
        return rules, context.store.outlook.waiting(campaign.id, at, rules.profile.denied_numbers)
    in_force = None if lists is None else lists.in_force
    named = frozenset(each.number for each in rules.overrides)
    groups = context.store.alike(campaign.id, rules.profile, (at,), in_force, named=named).groups()
    return replace(rules, registries=in_force), groups


def _crew(context: Context, campaign: Campaign, args: Args) -> tuple[Crew, str]:
    if args.values.get("agents") is not None:
        return Crew(agents=args.integer("agents", most=MOST_AGENTS)), "given"
    here = context.store.outlook.agents_at_work(campaign.id)
    return Crew(agents=here or None), "logged in"


def _notes(campaign: Campaign, rules: Rules, missing: str, told: Forecast, history: History) -> list[str]:
    """What the figures stand on, and what they do not know."""
    notes = []
    if campaign.state is not CampaignState.RUNNING:
        notes.append(f"The campaign is {campaign.state}: this is what would be if it ran.")
    if missing:
        notes.append(f"It cannot be started yet: it needs {missing}.")
    if told.agents is None:
        notes.append(
            "Nobody is logged in: attempts, answers and the end of the list are none; name a number of agents."
        )
    if told.rate_is_own:
        made, hours = history.attempts_at_work, history.hours_at_work
        notes.append(f"Attempts per agent hour are the campaign's own: {made} in {hours:.1f} h since {_day(history)}.")
    else:
        notes.append(
            f"Attempts per agent hour are the setting's {rules.settings.attempts_per_agent_hour:g}: no agent's time "
            f"with attempts is on record since {_day(history)}."
        )
    if not history.calls:
        notes.append(
            f"No call has ended since {_day(history)}: who will answer is none, and for the list's sake each call is "
            "taken for one that nobody answers."
        )
    return notes


def _day(history: History) -> str:
    return f"{history.since:%Y-%m-%d}"


def shown(told: Forecast, history: History) -> dict[str, Any]:
    """A forecast as plain values, its instants in the campaign's zone with their offsets."""
    zone = ZoneInfo(told.zone)
    spells = [_spell(spell, zone) for spell in told.dry_spells]
    hit = told.hit_rate
    return {
        "at": told.at.astimezone(zone).isoformat(timespec="seconds"),
        "zone": told.zone,
        "agents": told.agents,
        "attempts_per_agent_hour": round(told.attempts_per_agent_hour, 1),
        "attempts_per_agent_hour_from": "history" if told.rate_is_own else "settings",
        "history_from": history.since.isoformat(timespec="seconds"),
        "waiting": told.waiting,
        "barred": [{"code": code, "leads": leads} for code, leads in told.barred],
        "hit_rate": {
            "numerator": hit.of,
            "denominator": hit.among,
            "value": _part(hit.value, 4),
            "low": _part(hit.low, 4),
            "high": _part(hit.high, 4),
        },
        "hours": [_hour(hour, zone) for hour in told.hours],
        "totals": {
            "attempts": _part(told.totals.attempts),
            "humans": _part(told.totals.humans),
            "humans_low": _part(told.totals.humans_low),
            "humans_high": _part(told.totals.humans_high),
            "used_up": _part(told.totals.used_up),
        },
        "runs_dry": spells[0] if spells else None,
        "dry_spells": spells,
    }


def _hour(hour: Hour, zone: ZoneInfo) -> dict[str, Any]:
    local = hour.begins_at.astimezone(zone)
    return {
        "begins_at": local.isoformat(timespec="seconds"),
        "ends_at": hour.ends_at.astimezone(zone).isoformat(timespec="seconds"),
        "date": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M}",
        "utc_offset": offset(local),
        "dialable_untouched": hour.dialable_untouched,
        "dialable": _part(hour.dialable),
        "attempts": _part(hour.attempts),
        "hit_rate": _part(hour.hit_rate, 4),
        "humans": _part(hour.humans),
        "humans_low": _part(hour.humans_low),
        "humans_high": _part(hour.humans_high),
        "used_up": _part(hour.used_up),
        "left": _part(hour.left),
    }


def _spell(spell: DrySpell, zone: ZoneInfo) -> dict[str, Any]:
    def local(at: datetime | None) -> str | None:
        return at.astimezone(zone).isoformat(timespec="seconds") if at is not None else None

    return {
        "begins_at": local(spell.begins_at),
        "ends_at": local(spell.ends_at),
        "reason": spell.reason.value,
        "waiting": {reason.value: round(leads, 1) for reason, leads in spell.waiting},
        "next_at": local(spell.next_at),
    }


def offset(local: datetime) -> str:
    """`-05:00`, so that an hour that comes twice has two names."""
    return local.isoformat()[-6:]


def _part(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)


def sentence(name: str, told: Forecast) -> str:
    """The whole of it in one or two sentences."""
    zone = ZoneInfo(told.zone)
    until = f"{told.hours[-1].ends_at.astimezone(zone):%a %H:%M}"
    words = f"{name}: {counted(told.waiting, 'lead waits', 'leads wait')}"
    totals = told.totals
    if told.agents is None or totals.attempts is None:
        return f"{words}; what agents make of them is none, for none is logged in."
    words += f"; {counted(told.agents, 'agent')} can make {totals.attempts:.0f} attempts until {until}"
    if totals.humans is not None:
        low, high = totals.humans_low or 0.0, totals.humans_high or 0.0
        words += f", {totals.humans:.0f} answered by people ({low:.0f} to {high:.0f})"
    return f"{words}. {_dry_words(told, zone)}"


def _dry_words(told: Forecast, zone: ZoneInfo) -> str:
    if not told.agents:
        return "Without agents it never runs dry."
    if not told.dry_spells:
        return "The list does not run dry."
    first = told.dry_spells[0]
    at = f"{first.begins_at.astimezone(zone):%a %H:%M}"
    next_ = f"; the next lead {first.next_at.astimezone(zone):%a %d %b %H:%M}" if first.next_at else ""
    return f"It runs dry {at}: {first.reason}{next_}."


HANDLERS = {"forecast": Handler(run=show, kind=Kind.READ, slow=True)}
