"""How many calls may a campaign still lose? The counts of every campaign that shares its window, and who waits now.

A clone shares the window of its origin. Each campaign's own counts are kept by dialer.tallies; here they are added up.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.metrics import AbandonBudget, AbandonmentCount, Fate, fate_of, total
from campaigns.settings import CampaignSettings
from campaigns.storage.store import Store
from campaigns.storage.values import Campaign
from dialer.live import CampaignRun, Live, LiveCall, Stage

ROLLING_DAYS = 30


def budget_of(live: Live, run: CampaignRun, now: datetime) -> AbandonBudget:
    """What this campaign's window may still lose today and in the 30 report dates that end today, under its own cap."""
    sharing, today = sharing_window(live, run), run.local_date(now)
    return AbandonBudget(
        today=_since(sharing, today),
        thirty_days=_since(sharing, today - timedelta(days=ROLLING_DAYS - 1)),
        cap=run.settings.abandon_cap,
        false_positives=run.settings.machine_false_positives,
        waiting=sum(call.run.window_id == run.window_id and _waits(call) for call in live.calls.values()),
    )


def stored_budget(store: Store, campaign: Campaign, settings: CampaignSettings, now: datetime) -> AbandonBudget:
    """The same from what is stored, while no engine runs. Calls that may be running are of unknown fate."""
    today = now.astimezone(ZoneInfo(settings.zone)).date()
    first = today - timedelta(days=ROLLING_DAYS - 1)
    days: list[tuple[date, AbandonmentCount]] = []
    for each in store.campaigns.sharing_window(campaign.id):
        days += [(c.report_date, c.abandonment) for c in store.attempts.counters(each.id, first)]
        live = (a for a in store.attempts.open(each.id) if a.facts.network is None)
        days += [(a.report_date, AbandonmentCount(unknown=1)) for a in live]
    return AbandonBudget(
        today=total(count for day, count in days if day >= today),
        thirty_days=total(count for _, count in days),
        cap=settings.abandon_cap,
        false_positives=settings.machine_false_positives,
    )


def sharing_window(live: Live, run: CampaignRun) -> tuple[CampaignRun, ...]:
    """The campaigns whose abandoned calls are counted together, this one among them."""
    return tuple(other for other in live.runs.values() if other.window_id == run.window_id)


def _since(runs: tuple[CampaignRun, ...], first: date) -> AbandonmentCount:
    """A campaign further east may be a day ahead: its calls count for today rather than for none."""
    return total(count for run in runs for day, count in run.by_date.items() if day >= first)


def _waits(call: LiveCall) -> bool:
    """Whether a person answered and is with nobody yet, be it that we are hanging him up; not once he is counted.

    Who is still listened to may be a machine, and his time has not begun, unless our hang-up is on its way to him.
    """
    crossed = call.stage is Stage.SCREENING and bool(call.cancel_reason) and not call.machine
    if call.stage not in (Stage.WAITING, Stage.JOINING) and not crossed:
        return False
    return call.counted is None or fate_of(call.counted) is Fate.OUTSIDE
