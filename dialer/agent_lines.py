"""How many calls may campaigns have that share their agents? A call uses a part of an agent, and nobody is used twice.

With 2.0 lines per agent a call uses half of one, with 5.0 a fifth. Whatever campaigns an agent serves, the calls that
rely on him use one whole of him at most. Who serves several is shared by weight: the next call is of the campaign that
uses fewest agents for its weight, and if there is no room for it yet, the room that comes is kept for it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dialer.floor import WITH_LINES, Floor, Pace
from dialer.held_by import HeldBy

_EPSILON = 1e-9


@dataclass(frozen=True)
class AgentLines:
    """Agents at work by the campaigns they serve, and each campaign's lines per agent and calls on the line."""

    agents: Mapping[frozenset[int], int]
    per_agent: Mapping[int, float]
    calls: Mapping[int, int]

    def used(self, campaign_id: int) -> float:
        """How many agents its calls use up."""
        return self.calls[campaign_id] / self.per_agent[campaign_id]

    def with_call(self, campaign_id: int) -> AgentLines:
        """The same with one call more."""
        return replace(self, calls={**self.calls, campaign_id: self.calls[campaign_id] + 1})

    def room(self, campaign_id: int) -> int:
        """How many calls more it may have; never more than there are agents for, whatever others' calls rely on.

        Others' calls are laid on agents who do not serve it first. With three campaigns or more that share some of
        their agents and not all, this may find a call too few.
        """
        free = {serves: float(count) for serves, count in self.agents.items()}
        others = [each for each, calls in self.calls.items() if calls and each != campaign_id]
        for other in sorted(others, key=lambda each: (self._serving(each), each)):
            self._lay(other, campaign_id, free)
        left = sum(part for serves, part in free.items() if campaign_id in serves)
        return max(math.floor(self.per_agent[campaign_id] * left + _EPSILON) - self.calls[campaign_id], 0)

    def _serving(self, campaign_id: int) -> int:
        return sum(count for serves, count in self.agents.items() if campaign_id in serves)

    def _lay(self, other: int, but: int, free: dict[frozenset[int], float]) -> None:
        """Take from `free` what the other campaign's calls use, where it hurts this one least."""
        need = self.used(other)
        for serves in sorted((s for s in free if other in s), key=lambda s: (but in s, len(s), sorted(s))):
            part = min(need, free[serves])
            free[serves] -= part
            need -= part


def share_out_agent_lines(floor: Floor, paces: list[Pace]) -> list[Pace]:
    """Cut what is wanted to what the agents' lines leave, call by call by weight."""
    wanted = {pace.campaign_id: pace.launch for pace in paces if pace.launch}
    if len(floor.campaigns) < 2 or not wanted:
        return paces
    given = _by_weight(floor, wanted)
    return [p if p.launch == given.get(p.campaign_id, 0) else _cut(p, given[p.campaign_id]) for p in paces]


def lines_of(floor: Floor) -> AgentLines:
    """The lines of a floor. Calls that agents are about to dial themselves have theirs kept."""
    at_work = Counter(agent.campaigns for agent in floor.agents if agent.state in WITH_LINES)
    return AgentLines(
        agents=at_work,
        per_agent={c.campaign_id: c.lines_per_agent for c in floor.campaigns},
        calls={c.campaign_id: c.live + c.by_hand_next for c in floor.campaigns},
    )


def _by_weight(floor: Floor, wanted: Mapping[int, int]) -> dict[int, int]:
    lines, given = lines_of(floor), dict.fromkeys(wanted, 0)
    by_id = {c.campaign_id: c for c in floor.campaigns}

    def turn(campaign_id: int) -> tuple[float, float, int]:
        c = by_id[campaign_id]
        lately = c.started_lately + given[campaign_id]
        return lines.used(campaign_id) / c.weight, lately / c.weight, campaign_id

    hungry = set(wanted)
    while hungry:
        first = min(hungry, key=turn)
        if lines.room(first):
            given[first] += 1
        else:
            hungry.remove(first)  # the call that has no room yet is counted below: others leave it what gets free
        lines = lines.with_call(first)
        if given[first] == wanted[first]:
            hungry.discard(first)
    return given


def _cut(pace: Pace, launch: int) -> Pace:
    reason = pace.reason.replace(f"launch {pace.launch}", f"launch {launch}", 1)
    words = f"{reason}, {pace.launch} wanted but by weight its agents' lines are those of other campaigns"
    return replace(pace, launch=launch, reason=words, held_by=HeldBy.AGENT_LINES_SHARE)
