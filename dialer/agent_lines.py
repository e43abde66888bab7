"""How many calls may campaigns have that share their agents? A call uses a part of an agent, and nobody is used twice.

With 2.0 lines per agent a call uses half of one, with 5.0 a fifth. Whatever campaigns an agent serves, the calls that
rely on him use one whole of him at most. Who serves several is shared by weight: the next call is of the campaign that
uses fewest agents for its weight, and if there is no room for it yet, the room that comes is kept for it.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import replace

from dialer.floor import WITH_LINES, Floor, Pace
from dialer.held_by import HeldBy

_LEAST = 1e-9  # parts of an agent smaller than this are none

Serves = frozenset[int]  # the campaigns that an agent serves
_Path = list[tuple[int, Serves]]  # each campaign, and the agents it is laid on; the next one makes room there


class AgentLines:
    """Which calls rely on which agents, at one instant: a greatest flow of calls to agents who serve their campaigns.

    `agents` at work by what they serve, `per_agent` lines by campaign, `calls` on the line or to be counted as such.
    """

    def __init__(self, agents: Mapping[Serves, int], per_agent: Mapping[int, float], calls: Mapping[int, int]) -> None:
        self._per_agent = per_agent
        self._free = {serves: float(count) for serves, count in agents.items() if count}
        self._serving = {each: _fewest_first(each, self._free) for each in per_agent}
        self._laid: dict[int, dict[Serves, float]] = {each: {} for each in per_agent}
        for campaign, count in sorted(calls.items()):
            self._lay(campaign, count / per_agent[campaign])

    def take(self, campaign: int, calls: int = 1) -> int:
        """Lay so many calls more: how many have room. What there is for a part of another one is kept for it."""
        per_agent = self._per_agent[campaign]
        return math.floor(self._lay(campaign, calls / per_agent) * per_agent + 1e-6)

    def _lay(self, campaign: int, need: float) -> float:
        """Lay calls that need so many agents on those who are free, moving others' to make room: how much was laid.

        Shortest paths first (Edmonds and Karp 1972), so it ends; others' calls keep as many agents as they have.
        """
        laid = 0.0
        while need - laid > _LEAST and (path := self._path(campaign)):
            laid += self._push(path, need - laid)
        return laid

    def _path(self, campaign: int) -> _Path:
        """From the campaign to an agent who is free, by way of others that might rely on somebody else; or none."""
        came: dict[int, _Path] = {campaign: []}
        todo = deque([campaign])
        while todo:
            here = todo.popleft()
            for serves in self._serving[here]:
                if self._free[serves] > _LEAST:
                    return [*came[here], (here, serves)]
            for serves in self._serving[here]:
                for other in serves:
                    if other not in came and self._laid.get(other, {}).get(serves, 0.0) > _LEAST:
                        came[other] = [*came[here], (here, serves)]
                        todo.append(other)
        return []

    def _push(self, path: _Path, need: float) -> float:
        moves = [(other, serves) for (_, serves), (other, _) in itertools.pairwise(path)]
        part = min(need, self._free[path[-1][1]], *(self._laid[other][serves] for other, serves in moves))
        for campaign, serves in path:
            self._laid[campaign][serves] = self._laid[campaign].get(serves, 0.0) + part
        for other, serves in moves:
            self._laid[other][serves] -= part
        self._free[path[-1][1]] -= part
        return part


def _fewest_first(campaign: int, agents: Iterable[Serves]) -> list[Serves]:
    """Agents who serve few others first: fewer calls are moved later."""
    return sorted((serves for serves in agents if campaign in serves), key=lambda serves: (len(serves), sorted(serves)))


def share_out_agent_lines(floor: Floor, paces: list[Pace]) -> list[Pace]:
    """Cut what is wanted to what the agents' lines leave, call by call by weight."""
    wanted = {pace.campaign_id: pace.launch for pace in paces if pace.launch}
    if len(floor.campaigns) < 2 or not wanted:
        return paces
    given = _by_weight(floor, wanted)
    return [p if p.launch == given.get(p.campaign_id, 0) else _cut(p, given[p.campaign_id]) for p in paces]


def _by_weight(floor: Floor, wanted: Mapping[int, int]) -> dict[int, int]:
    by_id = {c.campaign_id: c for c in floor.campaigns}
    calls = {c.campaign_id: c.live + c.by_hand_next for c in floor.campaigns}
    lines = AgentLines(
        agents=Counter(agent.campaigns for agent in floor.agents if agent.state in WITH_LINES),
        per_agent={c.campaign_id: c.lines_per_agent for c in floor.campaigns},
        calls=calls,
    )
    given = dict.fromkeys(wanted, 0)

    def turn(campaign_id: int) -> tuple[float, float, int]:
        c = by_id[campaign_id]
        more = given[campaign_id]
        used = (calls[campaign_id] + more) / c.lines_per_agent
        return used / c.weight, (c.started_lately + more) / c.weight, campaign_id

    hungry = set(wanted)
    while hungry:
        first = min(hungry, key=turn)
        if lines.take(first):
            given[first] += 1
        else:
            hungry.remove(first)
        if given[first] == wanted[first]:
            hungry.discard(first)
    return given


def _cut(pace: Pace, launch: int) -> Pace:
    reason = pace.reason.replace(f"launch {pace.launch}", f"launch {launch}", 1)
    words = f"{reason}, {pace.launch} wanted but by weight its agents' lines are those of other campaigns"
    return replace(pace, launch=launch, reason=words, held_by=HeldBy.AGENT_LINES_SHARE)
