"""Who writes the decision log, and when? The engine's book: open minutes in memory, closed ones stored once a minute.

Nothing here may keep calls from being placed: what goes wrong is told and logged, and dialling goes on. Minutes
that cannot be written wait in memory and are tried again a minute later.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from campaigns.lifecycle import CampaignEvent
from campaigns.model import CampaignState
from campaigns.storage.errors import StoreUnavailable
from campaigns.storage.values import DecisionMinute
from dialer.decision_log import MINUTE, Look, MinuteOfDecisions, Standing
from dialer.decision_row import minute_of, row_of
from dialer.floor import CampaignFloor, Pace
from dialer.held_by import HeldBy, cause_of
from dialer.live import CampaignRun, Live

logger = logging.getLogger(__name__)

RECENT_MINUTES = 8  # shown on the campaign's screen
MOST_WAITING = 2000  # minutes kept for a database that fails; the oldest go first
_SAID = {
    CampaignEvent.START: "started by {actor}",
    CampaignEvent.PAUSE: "paused by {actor}",
    CampaignEvent.STOP: "told to stop by {actor}",
    CampaignEvent.EMERGENCY_STOP: "stopped in an emergency by {actor}",
    CampaignEvent.QUIET: "the last live call is over",
}


class DecisionBook:
    """The minutes of all campaigns. Every method may be called at any time and never raises."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._open: dict[int, MinuteOfDecisions] = {}
        self._recent: dict[int, deque[MinuteOfDecisions]] = {}
        self._waiting: deque[DecisionMinute] = deque(maxlen=MOST_WAITING)
        self._turned_at: datetime | None = None  # the minute of the last turn; a failed one is made up in the next
        self._written: dict[int, int] = {}  # attempts written since the campaign's last look

    def start(self) -> None:
        """Go on where the store's log ends, and note which campaigns go on."""
        for run in self._live.runs.values():
            self._safely(partial(self._take_up, run))

    def close(self) -> None:
        """Store everything, the minute that is going on too."""
        self._safely(self._close)

    # --- what happens ---------------------------------------------------------------------------------

    def wrote(self, run: CampaignRun, attempts: int, *, by_hand: bool) -> None:
        """Attempts were written, by the next look or for an agent who asked."""
        if by_hand and attempts:
            self._safely(lambda: self._put(run.id, self._minute(run.id).dialled_by_hand(attempts)))
        elif attempts:
            self._written[run.id] = self._written.get(run.id, 0) + attempts

    def looked(self, run: CampaignRun, campaign: CampaignFloor | None, pace: Pace, *, cancelled: int) -> None:
        """One decision was carried out."""
        self._safely(lambda: self._looked(run, campaign, pace, cancelled))

    def moved(self, run: CampaignRun, event: CampaignEvent, actor: str) -> None:
        """The campaign's state has changed to the one it has now."""
        self._safely(lambda: self._moved(run, event, actor))

    def turn(self) -> None:
        """Store the minutes that are over, in one commit. Called at every look, it does so once a minute."""
        minute = _floor(self._live.clock.now())
        if self._turned_at is None or minute > self._turned_at:
            self._turned_at = minute
            self._safely(self._turn)

    # --- what is asked ----------------------------------------------------------------------------------

    def unwritten(self, campaign_id: int) -> tuple[MinuteOfDecisions, ...]:
        """Minutes that the store does not hold yet, the one going on last, each up to this instant."""
        waiting = [minute_of(row) for row in self._waiting if row.campaign_id == campaign_id]
        current = self._open.get(campaign_id)
        if current is None:
            return tuple(waiting)
        return (*waiting, current.until(self._live.clock.now()))

    def recent(self, campaign_id: int) -> tuple[MinuteOfDecisions, ...]:
        """The last minutes in which anything was decided, the one going on last."""
        closed = tuple(self._recent.get(campaign_id, ()))
        current = self._open.get(campaign_id)
        if current is None or current.empty:
            return closed
        return (*closed, current.until(self._live.clock.now()))[-RECENT_MINUTES:]

    # --- parts --------------------------------------------------------------------------------------------

    def _take_up(self, run: CampaignRun) -> None:
        now = self._live.clock.now()
        minute = _floor(now)
        rows = self._live.store.decisions.between(run.id, minute - RECENT_MINUTES * MINUTE, minute + MINUTE)
        known = [minute_of(row) for row in rows]
        self._recent[run.id] = deque((m for m in known if m.minute < minute), maxlen=RECENT_MINUTES)
        last = known[-1] if known else self._last_stored(run, minute)
        current = last if last is not None and last.minute == minute else MinuteOfDecisions(minute=minute)
        self._open[run.id] = replace(current, standing=_still(last, run))
        if run.state is CampaignState.RUNNING:
            self._move(run, "the dialer was started: the campaign goes on", "the start of the dialer")

    def _last_stored(self, run: CampaignRun, minute: datetime) -> MinuteOfDecisions | None:
        row = self._live.store.decisions.last_before(run.id, minute)
        return None if row is None else minute_of(row)

    def _looked(self, run: CampaignRun, campaign: CampaignFloor | None, pace: Pace, cancelled: int) -> None:
        now = self._live.clock.now()
        launched = self._written.pop(run.id, 0)
        words, cause = pace.reason, cause_of(campaign, pace) if campaign is not None else pace.held_by
        if launched < pace.launch:
            words += f"; {launched} started"
            if run.dry_until is not None and now < run.dry_until:
                words, cause = f"{words}, no other lead is due", HeldBy.NOT_DUE
        figures = _with_budget(pace, campaign)
        look = Look(words=words, cause=cause, launched=launched, cancelled=cancelled, figures=figures)
        self._put(run.id, self._minute(run.id).with_(look, now))

    def _moved(self, run: CampaignRun, event: CampaignEvent, actor: str) -> None:
        """When the engine sees a stop through, it is still the stop of the person who asked for it."""
        before = self._minute(run.id).standing
        if event is CampaignEvent.QUIET and before is not None:
            actor = before.actor
        self._move(run, f"{_SAID[event].format(actor=actor)}: the campaign is {run.state}", actor)

    def _move(self, run: CampaignRun, words: str, actor: str) -> None:
        standing = Standing(state=run.state.value, since=self._live.clock.now(), actor=actor)
        self._put(run.id, self._minute(run.id).moved(words, standing))

    def _minute(self, campaign_id: int) -> MinuteOfDecisions:
        """The minute that is going on. When the clock was set back the last one goes on: no minute is opened twice."""
        minute = _floor(self._live.clock.now())
        current = self._open.get(campaign_id)
        if current is None:
            return MinuteOfDecisions(minute=minute)
        if current.minute >= minute:
            return current
        self._shut(campaign_id, current)
        return current.ended().next(minute)

    def _put(self, campaign_id: int, minute: MinuteOfDecisions) -> None:
        self._open[campaign_id] = minute

    def _shut(self, campaign_id: int, minute: MinuteOfDecisions) -> None:
        if minute.empty:
            return
        ended = minute.ended()
        self._recent.setdefault(campaign_id, deque(maxlen=RECENT_MINUTES)).append(ended)
        self._waiting.append(row_of(campaign_id, ended))

    def _turn(self) -> None:
        for campaign_id in tuple(self._open):
            self._put(campaign_id, self._minute(campaign_id))
        self._store()

    def _store(self) -> None:
        if self._live.store_fault or not self._waiting:
            return  # what is known to fail is not tried by the log: it would only keep the loop waiting
        self._live.store.decisions.write(tuple(self._waiting))
        self._waiting.clear()

    def _close(self) -> None:
        now = self._live.clock.now()
        for campaign_id, minute in self._open.items():
            current = minute.until(now)
            if not current.empty:
                self._waiting.append(row_of(campaign_id, current))
        self._open.clear()
        self._store()

    def _safely(self, what: Callable[[], object]) -> None:
        try:
            what()
        except StoreUnavailable as fault:
            kept = f"{len(self._waiting)} minutes wait in memory"
            logger.warning("the decision log cannot be written, %s: %s", kept, fault)
            self._live.alarm(f"The decision log cannot be written: {fault} Dialling goes on as far as it may.")
        except Exception:
            logger.exception("fault in the decision log")
            self._live.alarm("Internal fault in the decision log; see the log. Dialling goes on.")


def _with_budget(pace: Pace, campaign: CampaignFloor | None) -> tuple[tuple[str, float], ...]:
    """The decision's figures; where calls may be lost, with how many, also when pacing did not need to know."""
    if campaign is None or campaign.budget is None or not campaign.mode.may_abandon or "budget" in dict(pace.figures):
        return pace.figures
    return (*pace.figures, ("budget", float(campaign.budget.more)))


def _still(last: MinuteOfDecisions | None, run: CampaignRun) -> Standing | None:
    """How the campaign was left, when it is still so."""
    standing = last.standing if last is not None else None
    return standing if standing is not None and standing.state == run.state.value else None


def _floor(at: datetime) -> datetime:
    return at - timedelta(seconds=at.second, microseconds=at.microsecond)
