"""What may pacing know, and what does it answer? The floor at one instant in, a plan out; plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.metrics import AbandonBudget, AbandonmentCount
from campaigns.model import AgentState, DialMode

AT_WORK = frozenset({AgentState.READY, AgentState.TALK, AgentState.HOLD, AgentState.WRAP_UP})
# Whose lines may be used: who takes calls, now or later, or dials himself; not those on pause or without a phone.
WITH_LINES = AT_WORK | {AgentState.PREVIEW}
LAWFUL_RING_S = 15.0  # 16 CFR 310.4(b)(4)(ii): an unanswered call rings at least 15 s (or four times)


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentSeat:
    """One logged-in agent. `since_s` is the monotonic second at which his state began."""

    agent: str
    state: AgentState
    since_s: float
    campaigns: frozenset[int]
    reserved: bool = False  # a customer is on the way to him already, or his line is not up
    leaving: bool = False  # pauses or logs out after this call
    talked_s: float | None = None  # in wrap-up: how long the call was that he writes up


@dataclass(frozen=True, kw_only=True, slots=True)
class CallInFlight:
    """One call not yet with an agent. Instants are monotonic seconds, None for what was not seen yet.

    `ringing_s` is when Ringing was told, not when it was sent; `screened_s` is detection's verdict, None while it
    listens or when it is off. `odds` are its lead's odds of being reached against the campaign's middle (1.0).
    """

    call_id: str
    placed_s: float
    ringing_s: float | None = None
    answered_s: float | None = None
    screened_s: float | None = None
    person: bool = False  # a person waits: answered, and nobody listens to it any more
    joining: bool = False  # an agent is reserved for it already
    lost: bool = False  # it hears the message: abandoned, but its line is still up
    odds: float = 1.0

    @property
    def answered(self) -> bool:
        return self.answered_s is not None

    @property
    def waiting(self) -> bool:
        """Whether a person waits for an agent, and may still get one in time."""
        return self.person and not self.joining and not self.lost


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
    weight: float = 1.0  # its share of agents and lines that several campaigns want
    trunk: str = ""
    trunk_room: int | None = None  # what the trunk leaves for all its campaigns together; None: as `may_start`
    live: int = 0  # its calls on the trunk now, talking ones included
    lines_per_agent: float = 10.0  # the most calls for each agent at work, talking ones included
    by_hand_next: int = 0  # calls that agents are about to dial themselves: their lines are kept
    started_lately: float = 0.0  # its attempts, older ones counted less: see dialer.sharing.faded
    next_odds: float = 1.0  # the odds of the leads that come next, in the middle

    @property
    def kept_budget(self) -> AbandonBudget:
        """What may still be lost: by its window, or by the counts alone where no window is told."""
        return self.budget or AbandonBudget(today=self.today, thirty_days=self.thirty_days, cap=self.abandon_cap)


@dataclass(frozen=True, kw_only=True)
class Floor:
    """Everything in sight at one instant, `now_s` by the monotonic clock; holds nothing of the future."""

    campaigns: tuple[CampaignFloor, ...]
    agents: tuple[AgentSeat, ...]
    now_s: float = 0.0

    def of(self, campaign_id: int) -> CampaignFloor | None:
        """One campaign's part; none when it is not in sight."""
        return next((c for c in self.campaigns if c.campaign_id == campaign_id), None)

    def at_work(self, campaign_id: int) -> list[AgentSeat]:
        """Agents who serve this campaign and take calls, now or when they are done with the one they have."""
        return [a for a in self.agents if a.state in AT_WORK and campaign_id in a.campaigns]


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
    """The decisions of one look."""

    paces: tuple[Pace, ...]

    def for_campaign(self, campaign_id: int) -> Pace | None:
        return next((p for p in self.paces if p.campaign_id == campaign_id), None)
