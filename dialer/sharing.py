"""Who gets the agents and the trunk's lines that several campaigns want? Each by its weight, and none is left idle.

A ready agent is counted for one campaign only. Calls in flight that an agent was there for keep one; who is left goes
to the campaign with fewest for its weight, and where that is open, to one drawn by weight. The draw holds for as long
as he is ready, else two campaigns would dial for the same person in turn. On a trunk the next call is that of the
campaign with the fewest attempts of late for its weight.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from campaigns.model import AgentState, DialMode
from dialer.floor import AgentSeat, CampaignFloor, Floor, Pace
from dialer.held_by import HeldBy

_READY = AgentState.READY  # asked of every agent at every look: looked up once
LINES = frozenset({HeldBy.CAMPAIGN_LINES, HeldBy.LINES_PER_AGENT, HeldBy.TRUNK_LINES})


def takes_agents(campaign: CampaignFloor) -> bool:
    """Whether it calls people for whoever is ready."""
    return not campaign.hold and not campaign.mode.by_hand


def _engages(campaign: CampaignFloor) -> bool:
    """Whether agents who become ready may be its: to be called for, or to look at a lead (dialer/previews.py)."""
    return not campaign.hold and campaign.mode is not DialMode.MANUAL


# --- agents ----------------------------------------------------------------------------------------------


def ready_agents(floor: Floor, claims: Mapping[int, int]) -> dict[int, int]:
    """How many ready agents each campaign may count; `claims`: how many its calls in flight were placed for."""
    counts = {c.campaign_id: 0 for c in floor.campaigns}
    rivals = {c.campaign_id: c for c in floor.campaigns if takes_agents(c)}
    free = [a for a in floor.agents if a.state is _READY and not a.reserved]
    if len(counts) == len(rivals) == 1:
        (only,) = rivals  # nobody to share with, which is the usual day
        return {only: sum([only in agent.campaigns for agent in free])}
    left = []
    for agent in sorted(free, key=lambda a: (len(a.campaigns), a.agent)):
        short = [c for c in claims if c in agent.campaigns and counts[c] < claims[c]]
        if short:
            counts[max(short, key=lambda c: (claims[c] - counts[c], -c))] += 1
        else:
            left.append(agent)
    for agent in left:
        serves = [c for each, c in rivals.items() if each in agent.campaigns]
        if serves:
            counts[_dealt(agent, serves, counts).campaign_id] += 1
    return counts


def _dealt(agent: AgentSeat, serves: list[CampaignFloor], counts: Mapping[int, int]) -> CampaignFloor:
    """One of those that would not have more for its weight than another with one agent more."""
    hungry = [c for c in serves if c.may_start > 0 or c.limited_by not in LINES] or serves
    least = min((counts[c.campaign_id] + 1) / c.weight for c in hungry)
    short = [c for c in hungry if counts[c.campaign_id] / c.weight < least]
    return short[0] if len(short) == 1 else min(short, key=lambda c: (_lot(agent, c) / c.weight, c.campaign_id))


def _lot(agent: AgentSeat, campaign: CampaignFloor) -> float:
    """An exponential draw, the same for as long as the agent is ready: the least by weight wins in its proportion."""
    told = f"{agent.agent} {agent.since_s:.3f} {campaign.campaign_id}".encode()
    drawn = int.from_bytes(hashlib.blake2b(told, digest_size=6).digest())
    return -math.log((drawn + 1) / 2**48)


def busy_agents(
    floor: Floor, campaigns: Iterable[CampaignFloor], busy: Iterable[AgentSeat]
) -> tuple[tuple[AgentSeat, float], ...]:
    """Busy agents, each with the part by weight that these campaigns have among those he serves."""
    weights = {each.campaign_id: each.weight for each in floor.campaigns if _engages(each)}
    if len(weights) == 1:
        return tuple([(seat, 1.0) for seat in busy])
    own = sum(weights.get(each.campaign_id, 0.0) for each in campaigns)
    wholes = ((seat, sum(weights.get(each, 0.0) for each in seat.campaigns)) for seat in busy)
    return tuple((seat, own / whole) for seat, whole in wholes if whole)


# --- trunks ----------------------------------------------------------------------------------------------


def share_out_trunks(floor: Floor, paces: list[Pace]) -> list[Pace]:
    """Cut what is wanted of each trunk to what it leaves, call by call by weight."""
    launches = {p.campaign_id: p.launch for p in paces}
    for trunk in {c.trunk for c in floor.campaigns if c.trunk_room is not None}:
        on_it = [c for c in floor.campaigns if c.trunk == trunk and c.trunk_room is not None]
        if len(on_it) > 1:
            launches |= _fair(on_it, launches)
    return [p if p.launch == launches[p.campaign_id] else _cut(p, launches[p.campaign_id]) for p in paces]


def _fair(on_it: list[CampaignFloor], wanted: Mapping[int, int]) -> dict[int, int]:
    room = min(c.trunk_room or 0 for c in on_it)
    given = {c.campaign_id: 0 for c in on_it}
    while room > 0:
        hungry = [c for c in on_it if given[c.campaign_id] < wanted[c.campaign_id]]
        if not hungry:
            break
        given[min(hungry, key=lambda c: _turn(c, given[c.campaign_id])).campaign_id] += 1
        room -= 1
    return given


def _turn(campaign: CampaignFloor, given: int) -> tuple[float, float, int]:
    """Whose turn is it? The least; lines that are live now decide between those with the same attempts."""
    started, live = campaign.started_lately + given, campaign.live + given
    return started / campaign.weight, live / campaign.weight, campaign.campaign_id


def _cut(pace: Pace, launch: int) -> Pace:
    reason = pace.reason.replace(f"launch {pace.launch}", f"launch {launch}", 1)
    words = f"{reason}, {pace.launch} wanted but the next calls on the trunk are those of other campaigns by weight"
    return replace(pace, launch=launch, reason=words, held_by=HeldBy.TRUNK_SHARE)


# --- attempts of late ------------------------------------------------------------------------------------

LATELY_S = 300.0  # an attempt counts e times less after so long


def faded(started: float, elapsed_s: float) -> float:
    """Attempts of late, so many seconds later."""
    return started * math.exp(-elapsed_s / LATELY_S)


def caught_up(started: float, weight: float, others: Iterable[tuple[float, float]]) -> float:
    """For one that did not dial until now: level with the one of the others, (attempts, weight), that has most."""
    return max(started, weight * max((theirs / their_weight for theirs, their_weight in others), default=0.0))
