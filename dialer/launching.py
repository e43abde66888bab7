"""Which calls are started now? The floor goes to pacing; what it wants is judged, written and only then dialled."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from campaigns.dialable import Candidate, Rules, Verdict, judge
from campaigns.model import AgentState, Attempt, AttemptEvent, CampaignState, EventKind, Facts
from campaigns.storage.claims import Terms
from campaigns.storage.errors import StoreUnavailable
from campaigns.storage.values import LeadHistory
from dialer import tallies
from dialer.abandon_window import budget_of
from dialer.decision_book import DecisionBook
from dialer.held_by import HeldBy
from dialer.live import CampaignRun, Live, LiveCall, Seat, Stage, TrunkLine
from dialer.pacing import LAWFUL_RING_S, AgentSeat, CallInFlight, CampaignFloor, Floor, Pace, Plan, decide, listen
from dialer.prediction.leads import LeadTraits, hour_band, lately
from dialer.sharing import caught_up, faded
from dialer.token_bucket import filled, whole_token_after_s
from telephony.port import CustomerCall

logger = logging.getLogger(__name__)

# Who can take a customer now or after his call; not those on pause, logging in, or without a line.
AT_WORK = frozenset(AgentState) - {AgentState.LOGGED_OUT, AgentState.RINGING, AgentState.PAUSE, AgentState.SYSTEM}
NO_DETECTION = (
    "clock_from = 'greeting' needs answering machine detection (app_amd), which this exchange does not have; "
    "see 'dialer doctor', or set clock_from = 'answer'"
)
NOBODY_FREE = "nobody_free"  # why a ringing call is hung up when its agents have left
LOOK_S = 1.0  # the slowest look at the floor; events ask for earlier ones
LOOK_AT_MOST = 200  # candidates judged in one transaction
FIXED, MOBILE = "fixed", "mobile"  # kinds of number that answer differently; others are not told apart
DRY_LOOK_S = 30  # how long an empty queue is believed


class Launcher:
    """Looks at the floor, asks pacing, and places what it says, each call written before it is dialled."""

    def __init__(self, live: Live, cancel: Callable[[LiveCall, str], None], book: DecisionBook) -> None:
        self._live = live
        self._cancel = cancel
        self._book = book
        self._dialled: frozenset[int] = frozenset()  # campaigns that might dial when we looked last

    def look(self) -> Plan:
        """One look: decide for every campaign with work, and start and cancel what was decided. Returns the plan."""
        with_calls = {c.run.id for c in self._live.calls.values()}
        running = [r for r in self._live.runs.values() if r.state is CampaignState.RUNNING or r.id in with_calls]
        for run in running:
            self._refill(run)
        self._catch_up(running)
        if self._live.link_up:
            self._cancel_forsaken()
        floor = self.floor(running)
        self._live.learned = listen(self._live.learned, floor)
        plan = decide(floor, self._live.learned)
        for pace in plan.paces:
            run = self._live.runs[pace.campaign_id]
            run.pace = pace
            cancelled = self._cancel_all(pace)
            launch = min(pace.launch, self._may_start(run)[0])  # another campaign may have taken lines of the trunk
            if launch:
                self._launch_guarded(run, launch)
            self._book.looked(run, floor.of(run.id), pace, cancelled=cancelled)
        self._book.turn()
        self._live.wake(min([LOOK_S, *(p.look_again_s for p in plan.paces), *map(self._next_token_s, running)]))
        return plan

    def _cancel_all(self, pace: Pace) -> int:
        """Cancel what pacing says: how many there were."""
        found = [self._live.calls.get(call_id) for call_id in (pace.cancel if self._live.link_up else ())]
        calls = [call for call in found if call is not None]
        for call in calls:
            self._cancel(call, NOBODY_FREE)
        return len(calls)

    def _cancel_forsaken(self) -> None:
        """A call dialled by hand whose agent has left the line; one that rings only when it has rung long enough."""
        now_s = self._live.clock.monotonic()
        for call in tuple(self._live.calls.values()):
            seat = self._live.seats.get(call.for_agent)
            waits = seat is not None and seat.state is AgentState.PREVIEW
            ringing_early = call.ringing_s is not None and now_s - call.ringing_s < LAWFUL_RING_S
            if call.for_agent and not waits and not ringing_early and call.stage in (Stage.DIALLING, Stage.RINGING):
                self._cancel(call, NOBODY_FREE)

    def _next_token_s(self, run: CampaignRun) -> float:
        """How long until both buckets hold a whole token again; the slowest look when they do already."""
        line = self._live.trunks.get(run.settings.trunk)
        buckets = [(run.tokens, run.settings.attempts_per_second)]
        if line is not None:
            buckets.append((line.tokens, line.trunk.attempts_per_second))
        return whole_token_after_s(buckets, LOOK_S)

    # --- what pacing may know -----------------------------------------------------------------------

    def floor(self, running: list[CampaignRun]) -> Floor:
        return Floor(
            campaigns=tuple(self._campaign_floor(r) for r in running),
            agents=tuple(self._seat(s) for s in self._live.seats.values() if s.state.logged_in),
            now_s=self._live.clock.monotonic(),
        )

    def _seat(self, seat: Seat) -> AgentSeat:
        return AgentSeat(
            agent=seat.agent.number,
            state=seat.state,
            since_s=seat.since_s,
            campaigns=seat.campaigns,
            reserved=bool(seat.call_id) or not seat.leg_up,
            leaving=seat.after_call is not None,
            talked_s=seat.talked_s,
        )

    def _campaign_floor(self, run: CampaignRun) -> CampaignFloor:
        now = self._live.clock.now()
        may_start, limited_by = self._may_start(run)
        held_by, hold = self._hold(run, now)
        budget = budget_of(self._live, run, now)
        return CampaignFloor(
            campaign_id=run.id,
            mode=run.settings.mode,
            ratio=run.settings.ratio,
            abandon_cap=run.settings.abandon_cap,
            today=budget.today,
            thirty_days=budget.thirty_days,
            in_flight=tuple(_in_flight(c) for c in self._live.calls.values() if _not_yet_joined(c, run)),
            may_start=may_start,
            limited_by=limited_by,
            hold=hold,
            held_by=held_by,
            budget=budget,
            weight=run.settings.weight,
            trunk=run.settings.trunk,
            trunk_room=self._trunk_room(run),
            live=sum(c.run is run and c.stage is not Stage.WRAP_UP for c in self._live.calls.values()),
            started_lately=run.started_lately,
            next_odds=run.next_odds,
        )

    def hold(self, run: CampaignRun, now: datetime) -> str:
        """Why nothing at all may be started for this campaign; empty when something may."""
        return self._hold(run, now)[1]

    def blocked(self, run: CampaignRun) -> str:
        """Why nothing may be dialled for it although leads are at hand; empty when something may."""
        return self._blocked(run)[1]

    def _hold(self, run: CampaignRun, now: datetime) -> tuple[str, str]:
        """The same with its kind before it."""
        held_by, words = self._blocked(run)
        if not words and run.dry_until is not None and now < run.dry_until:
            return self._dry(run)
        return held_by, words

    def _blocked(self, run: CampaignRun) -> tuple[str, str]:
        line = self._live.trunks.get(run.settings.trunk)
        if run.state is not CampaignState.RUNNING:
            return HeldBy.NOT_RUNNING, f"the campaign is {run.state}"
        if not self._live.link_up:
            return HeldBy.EXCHANGE, f"the exchange cannot be reached ({self._live.link_words})"
        if not self._live.recovered:
            return HeldBy.ASKING, "asking the exchange which calls still run"
        if self._live.store_fault:
            return HeldBy.DATABASE, f"the database cannot be written ({self._live.store_fault})"
        if run.fault:
            return HeldBy.FAULT, run.fault
        if run.rules is None:
            return HeldBy.RULES, run.why_no_rules
        if run.settings.detects and self._live.detects is False:
            return HeldBy.DETECTION, NO_DETECTION
        if line is None:
            return HeldBy.NO_TRUNK, f"there is no trunk {run.settings.trunk!r}"
        if line.unusable:
            return HeldBy.TRUNK_SUSPENDED if line.trunk.suspended_reason else HeldBy.TRUNK_DOWN, line.unusable
        return "", ""

    def _dry(self, run: CampaignRun) -> tuple[str, str]:
        due = self._live.store.queue.next_due_at(run.id)
        if due is None:
            return HeldBy.NO_LEAD, "no lead is left to dial"
        return HeldBy.NOT_DUE, f"no lead may be dialled before {due:%Y-%m-%d %H:%M} UTC"

    def _may_start(self, run: CampaignRun) -> tuple[int, str]:
        line = self._live.trunks.get(run.settings.trunk)
        if line is None:
            return 0, HeldBy.NO_TRUNK
        live = [c for c in self._live.calls.values() if c.stage is not Stage.WRAP_UP]
        limits = (
            (run.settings.max_calls - sum(c.run is run for c in live), HeldBy.CAMPAIGN_LINES),
            (line.trunk.max_calls - sum(c.attempt.trunk == line.trunk.name for c in live), HeldBy.TRUNK_LINES),
            (self._most_lines(run) - sum(c.run is run for c in live), HeldBy.LINES_PER_AGENT),
            (int(run.tokens), HeldBy.CAMPAIGN_RATE),
            (int(line.tokens), HeldBy.TRUNK_RATE),
        )
        room, limited_by = min(limits, key=lambda x: x[0])
        return max(room, 0), limited_by

    def _trunk_room(self, run: CampaignRun) -> int | None:
        """What the trunk leaves for all its campaigns together: free lines, and whole tokens of its rate."""
        line = self._live.trunks.get(run.settings.trunk)
        if line is None:
            return None
        live = sum(
            c.attempt.trunk == line.trunk.name and c.stage is not Stage.WRAP_UP for c in self._live.calls.values()
        )
        return max(min(line.trunk.max_calls - live, int(line.tokens)), 0)

    def _catch_up(self, running: list[CampaignRun]) -> None:
        """A campaign that begins, or was held, gets its share from now on, not what it has missed."""
        now = self._live.clock.now()
        dialling = [run for run in running if not self._rests(run, now)]
        for run in dialling:
            if run.id not in self._dialled:
                others = [r for r in dialling if r.id in self._dialled and r.settings.trunk == run.settings.trunk]
                by_weight = [(r.started_lately, r.settings.weight) for r in others]
                run.started_lately = caught_up(run.started_lately, run.settings.weight, by_weight)
        self._dialled = frozenset(run.id for run in dialling)

    def _rests(self, run: CampaignRun, now: datetime) -> bool:
        return bool(self._blocked(run)[1]) or (run.dry_until is not None and now < run.dry_until)

    def _most_lines(self, run: CampaignRun) -> int:
        """max_lines_per_agent times the campaign's agents who can work now: those on pause or without a line are none.

        Who serves several campaigns is counted in each of them.
        """
        at_work = sum(s.state in AT_WORK and run.id in s.campaigns for s in self._live.seats.values())
        return math.floor(run.settings.max_lines_per_agent * at_work + 1e-9)

    def no_room(self, run: CampaignRun) -> str:
        """Which limit leaves no room for one more call; empty when there is room. For calls dialled by hand."""
        self._refill(run)
        room, limited_by = self._may_start(run)
        return "" if room else f"{limited_by} leaves no room at this moment"

    # --- token buckets ------------------------------------------------------------------------------

    def _refill(self, run: CampaignRun) -> None:
        now_s = self._live.clock.monotonic()
        run.tokens = filled(run.tokens, run.settings.attempts_per_second, now_s - run.filled_s)
        run.started_lately = faded(run.started_lately, now_s - run.filled_s)
        run.filled_s = now_s
        line = self._live.trunks.get(run.settings.trunk)
        if line is not None:
            line.tokens = filled(line.tokens, line.trunk.attempts_per_second, now_s - line.filled_s)
            line.filled_s = now_s

    def _launch_guarded(self, run: CampaignRun, wanted: int) -> None:
        """A fault of ours holds this campaign and no other; a database that fails holds until it can be written."""
        try:
            self._launch(run, wanted)
        except StoreUnavailable as fault:
            self._live.store_failed(fault)
        except Exception:
            logger.exception("fault while launching calls of %s", run.name)
            run.fault = "a fault of the dialer, see the log; start it again when it is mended"
            self._live.alarm(f"Campaign {run.name} is held by {run.fault}.")

    # --- placing ------------------------------------------------------------------------------------

    def _launch(self, run: CampaignRun, wanted: int) -> None:
        for call in self.claim(run, wanted):
            self.place(call)

    def claim(self, run: CampaignRun, wanted: int, for_agent: str = "") -> list[LiveCall]:
        """Judge and durably write up to `wanted` attempts; what comes back must be placed or closed."""
        now = self._live.clock.now()
        if run.rules is None:
            return []
        claimed = self._live.store.attempts.claim(
            run.id,
            partial(verdict_of, rules=run.rules, now=now),
            wanted=wanted,
            now=now,
            new_id=self._live.attempt_id,
            look_at_most=LOOK_AT_MOST,
            trunk=run.settings.trunk,
            settings_version=run.settings_version,
            script_version=run.script_version,
            disposition_set=run.disposition_set,
            report_date=run.local_date(now),
        )
        self._book.wrote(run, len(claimed.intents), by_hand=bool(for_agent))
        if not claimed.intents and len(claimed.held) < LOOK_AT_MOST:
            self.run_dry(run)
        taken = zip(claimed.intents, claimed.owners, claimed.histories, strict=True)
        calls = []
        for attempt, owner_id, history in taken:
            call = self._live_call(run, attempt, owner_id, for_agent)
            if self._live.tells_leads_apart and not for_agent:
                self._know_lead(call, history)
            calls.append(call)
        return calls

    def _know_lead(self, call: LiveCall, history: LeadHistory) -> None:
        """Keep with the call what tells its lead's odds to be reached, and the odds as they are known now."""
        zone = ZoneInfo(history.zone or call.settings.zone)
        call.traits = LeadTraits(
            attempt=history.attempts + 1,
            kind=history.kind if history.kind in (FIXED, MOBILE) else "unknown",
            hour=hour_band(call.attempt.created_at.astimezone(zone).hour),
            answered_before=history.answered_before,
        )
        call.odds = self._live.learned.of(call.run.id).lead_odds.of(call.traits)
        call.run.next_odds = lately(call.run.next_odds, call.odds)

    def claim_previewed(self, run: CampaignRun, preview_id: int, for_agent: str) -> tuple[LiveCall | None, str]:
        """Judge the lead on a desk again and durably write its attempt, to be placed; or none, and why not."""
        now = self._live.clock.now()
        assert run.rules is not None, "a campaign without rules is on hold"
        terms = Terms(
            campaign_id=run.id,
            trunk=run.settings.trunk,
            settings_version=run.settings_version,
            script_version=run.script_version,
            disposition_set=run.disposition_set,
            report_date=run.local_date(now),
            now=now,
        )
        judged = partial(verdict_of, rules=run.rules, now=now)
        dialled = self._live.store.previews.dial(preview_id, judged, terms, self._live.attempt_id)
        if dialled.attempt is None:
            return None, dialled.why_not
        self._book.wrote(run, 1, by_hand=True)
        return self._live_call(run, dialled.attempt, dialled.owner_id, for_agent), ""

    def run_dry(self, run: CampaignRun) -> None:
        """Believe for a while that no lead of this campaign may be dialled now."""
        run.dry_until = self._dry_until(run, self._live.clock.now())

    def _dry_until(self, run: CampaignRun, now: datetime) -> datetime:
        believed = now + timedelta(seconds=DRY_LOOK_S)
        due = self._live.store.queue.next_due_at(run.id)
        return believed if due is None or due <= now else min(due, believed)

    def _live_call(self, run: CampaignRun, attempt: Attempt, owner_id: int | None, for_agent: str) -> LiveCall:
        now_s = self._live.clock.monotonic()
        intent = AttemptEvent(attempt_id=attempt.id, seq=1, kind=EventKind.INTENT, at=attempt.created_at)
        call = LiveCall(
            attempt=attempt,
            run=run,
            settings=run.settings,
            placed_s=now_s,
            since_s=now_s,
            for_agent=for_agent,
            owner_id=owner_id,
            script=run.script,
            events=[intent],  # what the claim has just written; reading it back would cost a query per call
        )
        self._live.calls[attempt.id] = call
        tallies.count(call, Facts())
        return call

    def place(self, call: LiveCall) -> None:
        """Send one written attempt to the trunk. It is never sent again, whatever happens."""
        settings = call.settings
        line = self._live.trunks[call.attempt.trunk]
        call.run.tokens -= 1
        call.run.started_lately += 1
        line.tokens -= 1
        self._live.telephony.originate(
            CustomerCall(
                id=call.attempt.id,
                number=call.attempt.number,
                trunk=call.attempt.trunk,
                caller_id=settings.caller_id or line.trunk.caller_id,
                ring_timeout_s=settings.ring_timeout_s,
                safe_harbour_ms=settings.message_starts_ms,
                message=settings.message,
                opt_out_key=settings.opt_out_key,
                talk_limit_s=settings.talk_limit_s,
                # A call dialled by hand has its agent waiting for it: he hears who answers.
                detect=settings.clock_from.detects and not call.for_agent,
            )
        )


def verdict_of(candidate: Candidate, *, rules: Rules, now: datetime) -> Verdict:
    """`judge` with the candidate alone left to be given."""
    return judge(candidate, rules, now)


def _not_yet_joined(call: LiveCall, run: CampaignRun) -> bool:
    wanted = not call.for_agent and not call.cancel_reason and not call.machine
    return call.run is run and call.stage.with_nobody and wanted


def _in_flight(call: LiveCall) -> CallInFlight:
    return CallInFlight(
        call_id=call.attempt.id,
        placed_s=call.placed_s,
        ringing_s=call.ringing_s,
        answered_s=call.answered_s,
        screened_s=call.screened_s,
        person=call.stage in (Stage.WAITING, Stage.JOINING),
        joining=call.stage is Stage.JOINING,
        lost=call.stage is Stage.MESSAGE,
        odds=call.odds,
    )


def restart_empty(live: Live) -> None:
    """After a lost link every bucket restarts empty: work that piled up makes no burst."""
    now_s = live.clock.monotonic()
    for run in live.runs.values():
        run.tokens, run.filled_s = 0.0, now_s
    for line in live.trunks.values():
        _empty(line, now_s)


def _empty(line: TrunkLine, now_s: float) -> None:
    line.tokens, line.filled_s = 0.0, now_s
