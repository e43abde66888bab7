"""Days that the real engine has dialled, as a replay finds them in the store."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from campaigns.metrics import AbandonmentCount
from campaigns.storage.store import Store
from dialer.rehearsal.engine_day import EngineDay, play
from dialer.rehearsal.house import MORNING, TRUNK
from dialer.rehearsal.recorded_day import RecordedDay, recorded_day
from dialer.rehearsal.world import AnswerRate, LogNormal, Talking, World


def steady(world: World) -> World:
    """The same agents and short talks at a steady answer rate: many calls soon, and little chance in them."""
    talk, wrap_up = LogNormal(mean_s=50.0, cv=0.4), LogNormal(mean_s=8.0, cv=0.4)
    talking = Talking(refusals=0.0, talk=talk, wrap_up=wrap_up)
    return replace(world, talking=talking, answer_rate=AnswerRate(profile=((0.0, 0.3),), swing=0.0, jumps=0))


def dialled(day: EngineDay, folder: Path) -> RecordedDay:
    """Play it with the real engine in `folder` and read back what was recorded."""
    play(day, folder)
    store = Store.open(f"sqlite:///{folder / 'simulated.sqlite3'}")
    try:
        (campaign,) = store.campaigns.all()
        settings = store.campaigns.settings(campaign.id)
        attempts = tuple(store.attempts.attempts(campaign.id, MORNING.date(), MORNING.date()))
        spans = store.agents.spans(None, attempts[0].created_at, attempts[-1].created_at)
        return recorded_day(
            attempts,
            spans,
            campaign_id=campaign.id,
            settings=settings,
            trunk=store.trunks.by_name(TRUNK),
            before=AbandonmentCount(),
        )
    finally:
        store.close()
