"""How does the product's own pacing play a store-free day? The floor as the engine shows it, `decide`, its plan.

What the launcher does around `decide` is done here in the same order with the same arithmetic: buckets filled, the
limits asked, calls cancelled, calls started, the next look named.
"""

from __future__ import annotations

import math

from campaigns.metrics import AbandonBudget, AbandonmentCount
from campaigns.model import AgentState, DialMode
from dialer.floor import WITH_LINES, AgentSeat, CallInFlight, CampaignFloor, Floor, Pace
from dialer.held_by import HeldBy
from dialer.learning import Learned, Lesson, observe
from dialer.pacing import decide, listen
from dialer.prediction.learned import warm_start
from dialer.rehearsal.floor_people import Agent, Call, Phase
from dialer.rehearsal.loop import CAMPAIGN_ID, LOOK_S, Loop, Pacer
from dialer.token_bucket import TokenBucket

_AWAY = AgentState.LOGGED_OUT
RATE = 100.0  # attempts per second of campaign and trunk in a rehearsal
LINES_PER_AGENT = 10.0  # the campaign's own limit, at its widest: a rehearsal's lines are the trunk's


def nothing_learned(*, detects: bool) -> Learned:
    """What the engine knows at the first start of a house's first campaign."""
    return Learned().with_(CAMPAIGN_ID, warm_start(detects, ()).shaped())


class ProductPacer(Pacer):
    """One dial mode of the product. `learned` is what it starts with: nothing, or what earlier days taught."""

    learns = True

    def __init__(
        self,
        mode: DialMode = DialMode.PREDICTIVE,
        *,
        ratio: float = 1.0,
        cap: float = Pacer.cap,
        detects: bool = True,
        learned: Learned | None = None,
        before: AbandonmentCount | None = None,
        rate: float = RATE,
        lines_per_agent: float = LINES_PER_AGENT,
    ) -> None:
        self.mode = mode
        self.ratio = ratio
        self.cap = cap
        self.learned = learned or nothing_learned(detects=detects)
        self.pace: Pace | None = None
        self._before = before or AbandonmentCount()  # the 29 days before this one
        self._rate, self._lines_per_agent = rate, lines_per_agent
        self._bucket = TokenBucket()

    def learn(self, lesson: Lesson) -> None:
        self.learned = observe(self.learned, lesson)

    def look(self, day: Loop) -> float:
        self._bucket.refill(self._rate, day.now_s)
        floor = self.floor(day)
        self.learned = listen(self.learned, floor)
        plan = decide(floor, self.learned)
        pace = self.pace = plan.paces[0]
        for call_id in pace.cancel:
            day.cancel(day.flight[int(call_id)])
        if pace.launch:
            self._bucket.take(day.now_s, pace.launch)
            day.launch(pace.launch)
        return min(LOOK_S, pace.look_again_s, self._bucket.opens_after_s(self._rate, LOOK_S))

    def floor(self, day: Loop) -> Floor:
        """What the engine would show pacing at this instant."""
        # Lists: generators take a third longer, and this is asked some times a second for every agent and call.
        seats = tuple([a.seen or _seat(a) for a in day.agents if a.state is not _AWAY])
        in_flight = tuple([call.seen or _in_flight(call) for call in day.flight.values()])
        may_start, limited_by = self._may_start(day, seats)
        today = AbandonmentCount(
            abandoned=day.abandoned, joined_human=day.joined_human, joined_unknown=day.joined_unknown
        )
        month = today + self._before
        waiting = sum([call.person for call in in_flight]) - len(day.crossing)  # those are counted as abandoned
        budget = AbandonBudget(today=today, thirty_days=month, cap=self.cap, waiting=waiting)
        hold = self.hold(day)
        campaign = CampaignFloor(
            campaign_id=CAMPAIGN_ID,
            mode=self.mode,
            ratio=self.ratio,
            abandon_cap=self.cap,
            today=today,
            thirty_days=month,
            in_flight=in_flight,
            may_start=may_start,
            limited_by=limited_by,
            hold=hold,
            held_by=HeldBy.NOT_RUNNING if hold else "",
            budget=budget,
        )
        return Floor(campaigns=(campaign,), agents=seats, now_s=day.now_s)

    def hold(self, day: Loop) -> str:
        """Why nothing is dialled at all now; empty when the campaign runs."""
        return "the campaign is stopping" if day.stopping else ""

    def _may_start(self, day: Loop, seats: tuple[AgentSeat, ...]) -> tuple[int, str]:
        at_work = sum([seat.state in WITH_LINES for seat in seats])
        lines = day.world.lines - day.live
        limits = (
            (lines, HeldBy.CAMPAIGN_LINES),
            (math.floor(self._lines_per_agent * at_work + 1e-9) - day.live, HeldBy.LINES_PER_AGENT),
            (self._bucket.room(self._rate), HeldBy.CAMPAIGN_RATE),
        )
        room, limited_by = min(limits, key=lambda limit: limit[0])
        return max(room, 0), limited_by


def _seat(agent: Agent) -> AgentSeat:
    agent.seen = AgentSeat(
        agent=agent.number,
        state=agent.state,
        since_s=agent.since_s,
        campaigns=_ONE,
        reserved=agent.call is not None or agent.state is AgentState.RINGING,
        leaving=agent.call is not None and (agent.leaving or agent.pause_owed_s > 0),
        talked_s=agent.talked_s if agent.state is AgentState.WRAP_UP else None,
    )
    return agent.seen


def _in_flight(call: Call) -> CallInFlight:
    call.seen = CallInFlight(
        call_id=f"{call.index:09d}",
        placed_s=call.placed_s,
        ringing_s=call.ringing_s,
        answered_s=call.answered_s,
        screened_s=call.screened_s,
        person=call.phase in (Phase.WAITING, Phase.JOINING),
        joining=call.phase is Phase.JOINING,
        lost=call.phase is Phase.MESSAGE,
    )
    return call.seen


_ONE = frozenset({CAMPAIGN_ID})
