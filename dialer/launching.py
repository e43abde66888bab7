"""Which calls are started now? The floor goes to pacing; what it wants is judged, written and only then dialled."""

from __future__ import annotations

import logging
from collections.abc import Callable

from campaigns.model import AgentState, CampaignState
from campaigns.storage.errors import StoreUnavailable
from dialer import holds, room
from dialer.abandon_window import budget_of
from dialer.decision_book import DecisionBook
from dialer.live import CampaignRun, Live, LiveCall, Seat, Stage
from dialer.pacing import LAWFUL_RING_S, AgentSeat, CallInFlight, CampaignFloor, Floor, Pace, Plan, decide, listen
from dialer.placing import Placing
from dialer.sharing import caught_up

logger = logging.getLogger(__name__)

NOBODY_FREE = "nobody_free"  # why a ringing call is hung up when its agents have left
LOOK_S = 1.0  # the slowest look at the floor; events ask for earlier ones


class Launcher:
    """Looks at the floor, asks pacing, and places what it says, each call written before it is dialled."""

    def __init__(
        self, live: Live, cancel: Callable[[LiveCall, str], None], placing: Placing, book: DecisionBook
    ) -> None:
        self._live = live
        self._placing = placing
        self._cancel = cancel
        self._book = book
        self._dialled: frozenset[int] = frozenset()  # campaigns that might dial when we looked last

    def look(self) -> Plan:
        """One look: decide for every campaign with work, and start and cancel what was decided. Returns the plan."""
        with_calls = {c.run.id for c in self._live.calls.values()}
        running = [r for r in self._live.runs.values() if r.state is CampaignState.RUNNING or r.id in with_calls]
        for run in running:
            room.refill(self._live, run)
        self._catch_up(running)
        if self._live.link_up:
            self._cancel_forsaken()
        floor = self.floor(running)
        self._live.learned = listen(self._live.learned, floor)
        plan = decide(floor, self._live.learned)
        for pace in plan.paces:
            run = self._live.runs[pace.campaign_id]
            run.pace, run.paced_at = pace, self._live.clock.now()
            cancelled = self._cancel_all(pace)
            # Another campaign may have taken lines of the trunk or of its agents meanwhile.
            launch = min(pace.launch, room.may_start(self._live, run)[0])
            if launch:
                self._launch_guarded(run, launch)
            self._book.looked(run, floor.of(run.id), pace, cancelled=cancelled)
        self._book.turn()
        tokens_s = (room.next_token_s(self._live, run, LOOK_S) for run in running)
        self._live.wake(min([LOOK_S, *(p.look_again_s for p in plan.paces), *tokens_s]))
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
        may_start, limited_by = room.may_want(self._live, run)
        held_by, hold = holds.hold(self._live, run, now)
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
            trunk_room=room.trunk_room(self._live, run),
            live=sum(c.run is run and c.stage is not Stage.WRAP_UP for c in self._live.calls.values()),
            lines_per_agent=run.settings.max_lines_per_agent,
            by_hand_next=room.by_hand_next(self._live, run),
            started_lately=run.started_lately,
            next_odds=run.next_odds,
        )

    def _catch_up(self, running: list[CampaignRun]) -> None:
        """A campaign that begins, or was held, gets its share from now on, not what it has missed."""
        now = self._live.clock.now()
        dialling = [run for run in running if not holds.rests(self._live, run, now)]
        for run in dialling:
            if run.id not in self._dialled:
                others = [r for r in dialling if r.id in self._dialled and r.settings.trunk == run.settings.trunk]
                by_weight = [(r.started_lately, r.settings.weight) for r in others]
                run.started_lately = caught_up(run.started_lately, run.settings.weight, by_weight)
        self._dialled = frozenset(run.id for run in dialling)

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

    def _launch(self, run: CampaignRun, wanted: int) -> None:
        for call in self._placing.claim(run, wanted):
            self._placing.place(call)


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
