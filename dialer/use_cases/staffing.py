"""How many agents does a volume need, be it given or taken from a campaign's own records?"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dialer.refusal import Refused
from dialer.staffing import CannotStaff, Staffing, Workload, staff
from dialer.use_cases.arguments import Args
from dialer.use_cases.context import Context, Done, Handler, Kind
from dialer.use_cases.forecast import HISTORY, offset
from dialer.use_cases.shown import counted

HALF_HOUR = timedelta(minutes=30)
HALVES = 48
ASSUMPTION = (
    "Erlang C: calls at random at a steady rate, everybody waits and nobody hangs up, so in busy times fewer may do."
)
NO_TRANSFERS = "Transfers: none; calls cannot be transferred yet, so there is no volume of them."


def plan(**given: float) -> Done:
    """The agents for one volume, as `Workload` names it. Raises Refused for what cannot be."""
    load = _load(**given)
    found = _staffed(load)
    data = {"load": asdict(load), **_shown(found), "assumption": ASSUMPTION}
    return Done(message=_sentence(load, found), data=data)


def of_campaign(context: Context, args: Args) -> Done:
    """For each half hour of the next 24 h the agents for the calls promised for it, by the campaign's own AHT.

    Overdue promises are due in the first. `aht_s` given is taken instead of the records'.
    """
    campaign = context.campaign(args.text("campaign", longest=64))
    settings, now = context.store.campaigns.settings(campaign.id), context.now()
    history = context.store.outlook.history(campaign.id, zone=settings.zone, since=now - HISTORY, now=now)
    given = args.values.get("aht_s") is not None
    aht_s = args.number("aht_s", history.handling_s / max(history.handled, 1))
    if not given and not history.handled:
        raise Refused(
            f"{campaign.name} has no handled call since {history.since:%Y-%m-%d}, so its AHT is none; give one with "
            "--aht. Nothing was computed."
        )
    terms = {
        "service_level": args.number("service_level", 0.8),
        "within_s": args.number("within_s", 20.0),
        "max_occupancy": args.number("max_occupancy", 0.85),
        "shrinkage": args.number("shrinkage", 0.3),
    }
    load = _load(calls=0, per_s=HALF_HOUR.total_seconds(), aht_s=aht_s, **terms)
    first = _half_hour(now)
    due = _promised(context, campaign.id, first)
    zone = ZoneInfo(settings.zone)
    halves = [_half(replace(load, calls=due[n]), first + n * HALF_HOUR, zone) for n in range(HALVES)]
    data = {
        "campaign": campaign.name,
        "zone": settings.zone,
        "aht_s": round(aht_s, 1),
        "aht_from": "given" if given else "history",
        "handled": history.handled,
        "history_from": history.since.isoformat(timespec="seconds"),
        "callbacks": sum(due.values()),
        "transfers": None,
        "half_hours": halves,
        **terms,
        "notes": [NO_TRANSFERS, ASSUMPTION],
    }
    return Done(message=_peak(campaign.name, halves, aht_s), data=data)


def _promised(context: Context, campaign_id: int, first: datetime) -> Counter[int]:
    """Pending promises by half hour from the first on; what is overdue belongs to that."""
    pending = context.store.callbacks.pending(campaign_id, until=first + HALVES * HALF_HOUR)
    places = (max(0, (promise.at - first) // HALF_HOUR) for promise in pending)
    return Counter(place for place in places if place < HALVES)


def _half_hour(now: datetime) -> datetime:
    return now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)


def _half(load: Workload, begins_at: datetime, zone: ZoneInfo) -> dict[str, Any]:
    local = begins_at.astimezone(zone)
    return {
        "begins_at": local.isoformat(timespec="seconds"),
        "date": f"{local:%Y-%m-%d}",
        "time": f"{local:%H:%M}",
        "utc_offset": offset(local),
        "callbacks": int(load.calls),
        **_shown(_staffed(load)),
    }


def _load(**given: float) -> Workload:
    try:
        return Workload(**given)
    except CannotStaff as fault:
        raise Refused(str(fault), {"faults": list(fault.faults)}) from None


def _staffed(load: Workload) -> Staffing:
    try:
        return staff(load)
    except CannotStaff as fault:
        raise Refused(str(fault), {"faults": list(fault.faults)}) from None


def _shown(found: Staffing) -> dict[str, Any]:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(found).items()}


def _sentence(load: Workload, found: Staffing) -> str:
    if found.service_level is None or found.occupancy is None or found.average_speed_of_answer_s is None:
        return "No calls, so no agents are needed."
    return (
        f"{counted(found.agents, 'agent')} on the line, {found.scheduled} to schedule: "
        f"{found.service_level:.1%} within {load.within_s:g} s, average speed of answer "
        f"{found.average_speed_of_answer_s:.1f} s, occupancy {found.occupancy:.1%}."
    )


def _peak(name: str, halves: list[dict[str, Any]], aht_s: float) -> str:
    called = [half for half in halves if half["callbacks"]]
    if not called:
        return f"{name}: no call is promised for the next 24 hours, so nobody is needed for callbacks."
    most = max(called, key=lambda half: half["agents"])
    calls = sum(half["callbacks"] for half in called)
    return (
        f"{name}: {counted(calls, 'callback')} in the next 24 hours at an AHT of {aht_s:.0f} s; the most agents are "
        f"needed from {most['time']} on: {most['agents']} on the line, {most['scheduled']} to schedule."
    )


HANDLERS = {"staffing": Handler(run=of_campaign, kind=Kind.READ, slow=True)}
