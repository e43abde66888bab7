"""How many calls to start or cancel now, and why? Pure: the floor and what was learned in, a plan out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from campaigns.metrics import AbandonBudget, AbandonmentCount
from campaigns.model import AgentState, DialMode

LAWFUL_RING_S = 15.0


@dataclass(frozen=True, kw_only=True)
class AgentSeat:
    """One logged-in agent: his state, how long he is in it, and the campaigns he serves."""

    agent: str
    state: AgentState
    seconds: float
    campaigns: frozenset[int]
    reserved: bool = False  # a customer is on the way to him already


@dataclass(frozen=True, kw_only=True)
class CallInFlight:
    """One call not yet with an agent. `ring_s` counts from Ringing seen; None before that."""

    call_id: str
    age_s: float
    ring_s: float | None = None
    answered: bool = False
    answered_s: float | None = None  # since the answer
    screened_s: float | None = None  # since detection's verdict; None while it listens, or when it is off
    person: bool = False  # a person waits: answered, and nobody listens to it any more


@dataclass(frozen=True, kw_only=True)
class CampaignFloor:
    """What pacing may know of one running campaign. Limits are what may be started at this instant."""

    campaign_id: int
    mode: DialMode
    ratio: float
    abandon_cap: float
    today: AbandonmentCount
    thirty_days: AbandonmentCount
    in_flight: tuple[CallInFlight, ...] = ()
    may_start: int = 0  # what lines, limits and the token bucket leave
    limited_by: str = ""  # what that limit is, for the sentence
    hold: str = ""  # a reason to start nothing at all: link down, trunk suspended, no lead due
    held_by: str = ""  # the kind of that hold, one of HeldBy, without its numbers
    budget: AbandonBudget | None = None  # of the window, whose counts `today` and `thirty_days` are


@dataclass(frozen=True, kw_only=True)
class Floor:
    """Everything in sight at one instant; holds nothing of the future."""

    campaigns: tuple[CampaignFloor, ...]
    agents: tuple[AgentSeat, ...]

    def of(self, campaign_id: int) -> CampaignFloor | None:
        """One campaign's part; none when it is not in sight."""
        return next((c for c in self.campaigns if c.campaign_id == campaign_id), None)


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What past calls taught about each campaign: (campaign id, attempts ended, answered), saved and restored."""

    tallies: tuple[tuple[int, int, int], ...] = ()

    def answer_rate(self, campaign_id: int) -> float | None:
        """Share of ended attempts that were answered; None before the first."""
        ended, answered = self._tally(campaign_id)
        return answered / ended if ended else None

    def _tally(self, campaign_id: int) -> tuple[int, int]:
        return next(((e, a) for c, e, a in self.tallies if c == campaign_id), (0, 0))


@dataclass(frozen=True, kw_only=True)
class AttemptOver:
    """What pacing learns from: one attempt ended."""

    campaign_id: int
    answered: bool


def observe(learned: Learned, event: AttemptOver) -> Learned:
    """What is known after one more event."""
    ended, answered = learned._tally(event.campaign_id)
    others = tuple(t for t in learned.tallies if t[0] != event.campaign_id)
    return replace(learned, tallies=(*others, (event.campaign_id, ended + 1, answered + event.answered)))


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The decision for one campaign: calls to start, calls to cancel, one sentence why, when to look again."""

    campaign_id: int
    launch: int
    reason: str
    cancel: tuple[str, ...] = ()
    look_again_s: float = 1.0
    figures: tuple[tuple[str, float], ...] = ()  # the sentence's numbers by name: idle, ringing, risk, budget ...
    held_by: str = ""  # what kept it from starting more, one of HeldBy; empty: see dialer.held_by.cause_of


@dataclass(frozen=True, kw_only=True)
class Plan:
    paces: tuple[Pace, ...]

    def for_campaign(self, campaign_id: int) -> Pace | None:
        return next((p for p in self.paces if p.campaign_id == campaign_id), None)


def decide(floor: Floor, learned: Learned) -> Plan:
    """The plan for this instant. More ready agents never mean fewer calls, all else equal."""
    ready = _share_out_ready_agents(floor)
    return Plan(paces=tuple(_pace(c, ready[c.campaign_id], floor.agents, learned) for c in floor.campaigns))


def _share_out_ready_agents(floor: Floor) -> dict[int, int]:
    """Each ready agent is counted for one campaign only, else two campaigns would dial for the same person."""
    counts = {c.campaign_id: 0 for c in floor.campaigns}
    free = [a for a in floor.agents if a.state is AgentState.READY and not a.reserved]
    for agent in sorted(free, key=lambda a: (len(a.campaigns), a.agent)):
        serves = [c for c in counts if c in agent.campaigns and _takes_agents(floor, c)]
        if serves:
            counts[min(serves, key=lambda c: (counts[c], c))] += 1
    return counts


def _takes_agents(floor: Floor, campaign_id: int) -> bool:
    campaign = next(c for c in floor.campaigns if c.campaign_id == campaign_id)
    return not campaign.hold and not campaign.mode.by_hand


def _pace(c: CampaignFloor, ready: int, agents: tuple[AgentSeat, ...], learned: Learned) -> Pace:
    pace = _launching(c, ready, learned)
    cancel, look_again_s = _too_many(c, agents)
    if cancel:
        pace = replace(pace, cancel=cancel, reason=f"{pace.reason}; cancel {len(cancel)}: nobody will be free for them")
    return replace(pace, look_again_s=min(pace.look_again_s, look_again_s))


def _too_many(c: CampaignFloor, agents: tuple[AgentSeat, ...]) -> tuple[tuple[str, ...], float]:
    """Calls that nobody will be free for because agents left, and when to look again.

    One that does not ring yet may be cancelled at once; one that rings only after LAWFUL_RING_S (16 CFR
    310.4(b)(4)(ii)). Agents in talk or wrap-up are counted: they may be free when it is answered.
    """
    staying = (AgentState.READY, AgentState.TALK, AgentState.WRAP_UP)
    takers = sum(a.state in staying and c.campaign_id in a.campaigns for a in agents)
    ratio = c.ratio if c.mode is DialMode.POWER else 1.0
    open_ = [f for f in c.in_flight if not f.answered]
    excess = len(c.in_flight) - math.floor(takers * ratio + 1e-9)
    silent = sorted((f for f in open_ if f.ring_s is None), key=lambda f: f.age_s)
    long_rung = sorted((f for f in open_ if f.ring_s is not None and f.ring_s >= LAWFUL_RING_S), key=lambda f: -f.age_s)
    cancel = tuple(f.call_id for f in (*silent, *long_rung))[: max(excess, 0)]
    waits = [LAWFUL_RING_S - f.ring_s for f in open_ if f.ring_s is not None and f.ring_s < LAWFUL_RING_S]
    return cancel, min(waits, default=1.0) if excess > len(cancel) else 1.0


def _launching(c: CampaignFloor, ready: int, learned: Learned) -> Pace:
    if c.hold:
        return Pace(campaign_id=c.campaign_id, launch=0, reason=f"launch 0: {c.hold}")
    if c.mode is DialMode.MANUAL:
        return Pace(campaign_id=c.campaign_id, launch=0, reason="launch 0: manual mode, agents dial themselves")
    if c.mode is DialMode.PREVIEW:
        return Pace(campaign_id=c.campaign_id, launch=0, reason="launch 0: preview mode, agents see each lead first")
    ratio, fallback = _ratio_in_force(c)
    in_flight = len(c.in_flight)
    wanted = max(math.floor(ready * ratio + 1e-9) - in_flight, 0)
    launch = min(wanted, c.may_start)
    words = f"launch {launch}: {ready} ready x {ratio:.1f}, {in_flight} in flight"
    if launch < wanted:
        words += f", {wanted} wanted but {c.limited_by or 'a limit'} leaves {c.may_start}"
    reason = words + _answer_words(c, learned) + fallback
    figures = (("idle", float(ready)), ("ringing", float(in_flight)))
    held_by = c.limited_by if launch < wanted else ""
    return Pace(campaign_id=c.campaign_id, launch=launch, reason=reason, figures=figures, held_by=held_by)


def _answer_words(c: CampaignFloor, learned: Learned) -> str:
    rate = learned.answer_rate(c.campaign_id)
    return "" if rate is None else f", {rate:.0%} answer"


def _ratio_in_force(c: CampaignFloor) -> tuple[float, str]:
    """Power mode falls to progressive when today or 30 days reaches the cap, counted per call."""
    if c.mode is not DialMode.POWER:
        return 1.0, ""
    for period, figures in (("today", c.today), ("30 days", c.thirty_days)):
        if figures.share is not None and figures.share >= c.abandon_cap:
            return 1.0, f"; ratio {c.ratio:.1f} is off: {figures.abandoned} of {figures.base} abandoned {period}"
    return c.ratio, ""
