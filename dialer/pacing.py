"""How many calls to start or cancel now, and why? Pure: the floor and what was learned in, a plan out.

Each mode is one rule. Whatever the mode, ready agents, the trunk's lines and its rate (dialer/sharing.py) and the lines
that each agent may have (dialer/agent_lines.py) are shared out by weight among the campaigns that want them, and
nothing passes a limit of the floor.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from campaigns.model import DialMode
from dialer.agent_lines import share_out_agent_lines
from dialer.by_ratio import by_ratio, claim
from dialer.floor import LAWFUL_RING_S, AgentSeat, CallInFlight, CampaignFloor, Floor, Pace, Plan
from dialer.learning import (
    CallLost,
    CallMissed,
    CallOffered,
    CallRang,
    Learned,
    TalkEnded,
    WrapUpEnded,
    listen,
    observe,
)
from dialer.predictive import predicted
from dialer.sharing import ready_agents, share_out_trunks

__all__ = [
    "LAWFUL_RING_S",
    "AgentSeat",
    "CallInFlight",
    "CallLost",
    "CallMissed",
    "CallOffered",
    "CallRang",
    "CampaignFloor",
    "Floor",
    "Learned",
    "Pace",
    "Plan",
    "TalkEnded",
    "WrapUpEnded",
    "decide",
    "listen",
    "next_look_s",
    "observe",
]

LOOK_GAP_S, LOOK_GAP_GROWTH = 0.1, 1500.0  # a small floor is looked at nine times a second, 300 agents three times


def next_look_s(wish_s: float, last_look_s: float, agents: int) -> float:
    """When the floor is looked at next, if something asks for a look at `wish_s`: events come in crowds."""
    return max(wish_s, last_look_s + LOOK_GAP_S + agents / LOOK_GAP_GROWTH)


def decide(floor: Floor, learned: Learned) -> Plan:
    """The plan for this instant. More ready agents or more budget never mean fewer calls, all else equal.

    But for one exception: predictive campaigns that share their agents start others' calls less freely when they join
    or leave a team (dialer/predictive.py).
    """
    ready = ready_agents(floor, {c.campaign_id: claim(c) for c in floor.campaigns})
    foreseen = predicted(floor, [c for c in floor.campaigns if _predictive(c)], ready, learned)
    paces = [_pace(floor, c, ready[c.campaign_id], learned, foreseen) for c in floor.campaigns]
    return Plan(paces=tuple(share_out_trunks(floor, share_out_agent_lines(floor, paces))))


def _predictive(c: CampaignFloor) -> bool:
    return c.mode is DialMode.PREDICTIVE and not c.hold


# --- one campaign ----------------------------------------------------------------------------------------


def _pace(floor: Floor, c: CampaignFloor, ready: int, learned: Learned, foreseen: Mapping[int, Pace]) -> Pace:
    if c.hold:
        return _forsaken(floor, c, Pace(campaign_id=c.campaign_id, launch=0, reason=f"launch 0: {c.hold}"))
    if c.mode.by_hand:
        words = f"launch 0: {c.mode} mode, agents dial themselves"
        return _forsaken(floor, c, Pace(campaign_id=c.campaign_id, launch=0, reason=words))
    if c.mode is DialMode.PREDICTIVE:
        pace = foreseen[c.campaign_id]
        return pace if floor.at_work(c.campaign_id) else _forsaken(floor, c, pace)
    return _forsaken(floor, c, by_ratio(floor, c, ready, learned.of(c.campaign_id)))


# --- calls nobody is left for ----------------------------------------------------------------------------


def _forsaken(floor: Floor, c: CampaignFloor, pace: Pace) -> Pace:
    cancel, look_again_s = _too_many(floor, c)
    if cancel:
        pace = replace(pace, cancel=cancel, reason=f"{pace.reason}; cancel {len(cancel)}: nobody will be free for them")
    return replace(pace, look_again_s=min(pace.look_again_s, look_again_s))


def _too_many(floor: Floor, c: CampaignFloor) -> tuple[tuple[str, ...], float]:
    """Calls that nobody will be free for because agents left, and when to look again.

    One that does not ring yet may be cancelled at once; one that rings only after LAWFUL_RING_S (16 CFR
    310.4(b)(4)(ii)). Agents in talk or wrap-up are counted: they may be free when it is answered.
    """
    takers = len(floor.at_work(c.campaign_id))
    ratio = c.ratio if c.mode is DialMode.POWER else 1.0
    open_ = [f for f in c.in_flight if not f.answered]
    excess = len(c.in_flight) - math.floor(takers * ratio + 1e-9)
    silent = sorted((f for f in open_ if f.ringing_s is None), key=lambda f: -f.placed_s)
    rings = {f.call_id: floor.now_s - f.ringing_s for f in open_ if f.ringing_s is not None}
    long_rung = sorted((i for i, ring_s in rings.items() if ring_s >= LAWFUL_RING_S), key=lambda i: -rings[i])
    cancel = (*(f.call_id for f in silent), *long_rung)[: max(excess, 0)]
    waits = [LAWFUL_RING_S - ring_s for ring_s in rings.values() if ring_s < LAWFUL_RING_S]
    return cancel, min(waits, default=1.0) if excess > len(cancel) else 1.0
