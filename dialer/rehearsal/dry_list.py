"""Did the list run dry? From then on agents waited for leads, and the day's figures say little about its settings."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.model import CampaignState
from dialer.engine import Engine
from dialer.live import CampaignRun
from telephony.clock import ManualClock

LOOK_S = 5.0


class DryList:
    """Dry is a running campaign of which no lead may be dialled now while an agent of it is free.

    Leads may come back when their rest is over: `at` is when it was dry first, in the campaign's zone, and `seconds`
    how long in all.
    """

    def __init__(self) -> None:
        self.at: datetime | None = None
        self.seconds = 0.0

    @property
    def since(self) -> str | None:
        """That first instant with its offset, ISO 8601."""
        return None if self.at is None else self.at.isoformat(timespec="seconds")

    def watch(self, engine: Engine, clock: ManualClock, campaign: str) -> None:
        """Look at it now and every few seconds from now on."""
        run = engine._live.run_named(campaign)
        if run is not None and _dry(engine, run, clock.now()):
            self.at = self.at or clock.now().astimezone(ZoneInfo(run.settings.zone))
            self.seconds += LOOK_S
        clock.call_later(LOOK_S, lambda: self.watch(engine, clock, campaign))


def _dry(engine: Engine, run: CampaignRun, now: datetime) -> bool:
    if run.state is not CampaignState.RUNNING or run.dry_until is None or now >= run.dry_until:
        return False
    return any(seat.free and run.id in seat.campaigns for seat in engine._live.seats.values())
