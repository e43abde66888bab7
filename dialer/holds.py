"""Why may a campaign start no call at all now, whatever its agents and its limits? One kind and one sentence."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.model import CampaignState
from dialer import zones
from dialer.held_by import HeldBy
from dialer.live import CampaignRun, Live

NO_DETECTION = (
    "clock_from = 'greeting' needs answering machine detection (app_amd), which this exchange does not have; "
    "see 'dialer doctor', or set clock_from = 'answer'"
)
DRY_LOOK_S = 30  # how long an empty queue is believed


def hold(live: Live, run: CampaignRun, now: datetime) -> tuple[str, str]:
    """Why nothing at all may be started: its kind and its words; empty ones when something may."""
    held_by, words = blocked(live, run)
    if not words and run.dry_until is not None and now < run.dry_until:
        return _dry(live, run)
    return held_by, words


def blocked(live: Live, run: CampaignRun) -> tuple[str, str]:
    """The same for a campaign whose leads are at hand."""
    line = live.trunks.get(run.settings.trunk)
    if run.state is not CampaignState.RUNNING:
        return HeldBy.NOT_RUNNING, f"the campaign is {run.state}"
    if not live.link_up:
        return HeldBy.EXCHANGE, f"the exchange cannot be reached ({live.link_words})"
    if not live.recovered:
        return HeldBy.ASKING, "asking the exchange which calls still run"
    if live.store_fault:
        return HeldBy.DATABASE, f"the database cannot be written ({live.store_fault})"
    if run.fault:
        return HeldBy.FAULT, run.fault
    stale = zones.why_stale(live.clock.now())
    if stale:
        return HeldBy.TIME_ZONES, stale
    if run.rules is None:
        return HeldBy.RULES, run.why_no_rules
    if run.settings.detects and live.detects is False:
        return HeldBy.DETECTION, NO_DETECTION
    if line is None:
        return HeldBy.NO_TRUNK, f"there is no trunk {run.settings.trunk!r}"
    if line.unusable:
        return HeldBy.TRUNK_SUSPENDED if line.trunk.suspended_reason else HeldBy.TRUNK_DOWN, line.unusable
    return "", ""


def rests(live: Live, run: CampaignRun, now: datetime) -> bool:
    """Whether it dials nothing, be it held or without a lead."""
    return bool(blocked(live, run)[1]) or (run.dry_until is not None and now < run.dry_until)


def run_dry(live: Live, run: CampaignRun) -> None:
    """Believe for a while that no lead of this campaign may be dialled now."""
    run.dry_until = _dry_until(live, run, live.clock.now())


def _dry(live: Live, run: CampaignRun) -> tuple[str, str]:
    due = live.store.queue.next_due_at(run.id)
    if due is None:
        return HeldBy.NO_LEAD, "no lead is left to dial"
    there = due.astimezone(ZoneInfo(run.settings.zone))
    return HeldBy.NOT_DUE, f"no lead may be dialled before {there:%Y-%m-%d %H:%M:%S} ({run.settings.zone})"


def _dry_until(live: Live, run: CampaignRun, now: datetime) -> datetime:
    believed = now + timedelta(seconds=DRY_LOOK_S)
    due = live.store.queue.next_due_at(run.id)
    return believed if due is None or due <= now else min(due, believed)
