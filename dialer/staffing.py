"""How many agents does a volume of calls need? Erlang C: everybody waits, nobody hangs up.

Calls arrive at random at a steady rate, handling times are exponential, the queue is served in its order and
has no limit. Nobody gives up waiting, so in busy hours the figures are on the safe side. Formulas: A. K. Erlang,
"Solution of some problems in the theory of probabilities of significance in automatic telephone exchanges",
Elektroteknikeren 13 (1917); the recursion B(n) = A B(n-1) / (n + A B(n-1)), which neither overflows nor cancels, and
C = n B / (n - A (1 - B)) as in R. B. Cooper, "Introduction to Queueing Theory", 2nd ed. (1981), sections 3.3 and 3.4.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

MOST_AGENTS = 20_000
_ROUNDING = 1e-9  # 17 agents at 85 % carry 14.45 erlangs, whatever the last binary digit says


class CannotStaff(ValueError):
    """The question has no answer; `faults` names everything that is wrong with it. Nothing was computed."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__(f"{'; '.join(faults)}. Nothing was computed.")
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What is to be handled, and how well. Shares are 0..1. Raises CannotStaff naming every fault at once.

    `calls` arrive in `per_s` seconds and take `aht_s` each; `service_level` of them are to be answered within
    `within_s`. No agent is to be busy for more than `max_occupancy` of his time. `shrinkage`: the share of paid
    time in which an agent is not on the line (breaks, training, absence).
    """

    calls: float
    per_s: float
    aht_s: float
    service_level: float = 0.8
    within_s: float = 20.0
    max_occupancy: float = 0.85
    shrinkage: float = 0.3

    def __post_init__(self) -> None:
        faults = tuple(words for broken, words in _checks(self) if broken)
        if faults:
            raise CannotStaff(faults)

    @property
    def erlangs(self) -> float:
        """The load: calls that would be in progress at once, on average, if nobody had to wait."""
        return self.calls * self.aht_s / self.per_s


@dataclass(frozen=True, kw_only=True)
class Staffing:
    """The answer. `agents` are on the line, `scheduled` are on the roster. Shares 0..1, times in seconds.

    Without calls nobody is needed, and what calls would meet is none.
    """

    erlangs: float
    agents: int
    scheduled: int
    service_level: float | None
    average_speed_of_answer_s: float | None
    occupancy: float | None
    probability_of_waiting: float | None
    decided_by: str  # "service level" or "occupancy": which of the two asked for this many


def staff(load: Workload) -> Staffing:
    """The fewest agents that reach the service level without passing the occupancy. Raises CannotStaff."""
    if load.calls == 0:
        return Staffing(
            erlangs=0.0,
            agents=0,
            scheduled=0,
            service_level=None,
            average_speed_of_answer_s=None,
            occupancy=None,
            probability_of_waiting=None,
            decided_by="no calls",
        )
    least = _agents_for_occupancy(load)
    for agents, waiting in _waiting_by_agents(load.erlangs):
        if agents > MOST_AGENTS:
            raise CannotStaff((f"{load.erlangs:,.0f} erlangs need more than {MOST_AGENTS:,} agents",))
        if agents < least or _service_level(load, agents, waiting) < load.service_level:
            continue
        return _staffing(load, agents, waiting)
    raise AssertionError("the agents are counted without end")


def service_level(load: Workload, agents: int) -> float:
    """Share of calls answered within `within_s` by so many agents on the line; 0 when the queue only grows."""
    waiting = probability_of_waiting(load.erlangs, agents)
    return 0.0 if waiting >= 1 else _service_level(load, agents, waiting)


def probability_of_waiting(erlangs: float, agents: int) -> float:
    """Erlang C: the share of calls that find every agent busy. 1 when the load is as many as the agents, or more."""
    if agents <= erlangs:
        return 1.0
    return next(waiting for count, waiting in _waiting_by_agents(erlangs) if count == agents)


def _waiting_by_agents(erlangs: float) -> Iterator[tuple[int, float]]:
    """(agents, probability of waiting) from the fewest agents under which the queue does not grow for ever."""
    blocked, agents = 1.0, 0  # Erlang B of no agents: every call is blocked
    while True:
        agents += 1
        blocked = erlangs * blocked / (agents + erlangs * blocked)
        if agents > erlangs:
            yield agents, agents * blocked / (agents - erlangs * (1.0 - blocked))


def _service_level(load: Workload, agents: int, waiting: float) -> float:
    return 1.0 - waiting * math.exp(-(agents - load.erlangs) * load.within_s / load.aht_s)


def _agents_for_occupancy(load: Workload) -> int:
    return math.ceil(load.erlangs / load.max_occupancy - _ROUNDING)


def _staffing(load: Workload, agents: int, waiting: float) -> Staffing:
    fewer = agents - 1
    missed = fewer <= load.erlangs or service_level(load, fewer) < load.service_level
    return Staffing(
        erlangs=load.erlangs,
        agents=agents,
        scheduled=math.ceil(agents / (1.0 - load.shrinkage) - _ROUNDING),
        service_level=_service_level(load, agents, waiting),
        average_speed_of_answer_s=waiting * load.aht_s / (agents - load.erlangs),
        occupancy=load.erlangs / agents,
        probability_of_waiting=waiting,
        decided_by="service level" if missed else "occupancy",
    )


def _checks(load: Workload) -> Iterator[tuple[bool, str]]:
    for name, value, least, words in (
        ("calls", load.calls, 0.0, "a number of calls, 0 or more"),
        ("within", load.within_s, 0.0, "0 seconds or more"),
    ):
        yield not (math.isfinite(value) and value >= least), f"{name} = {value:g}: {words}"
    for name, value in (("per", load.per_s), ("aht", load.aht_s)):
        yield not (math.isfinite(value) and value > 0), f"{name} = {value:g} s: more than 0 seconds"
    level = load.service_level
    beyond = "; without anybody hanging up 100 % is never reached" if level == 1 else ""
    yield not 0 < level < 1, f"service level = {level:g}: a share above 0 and below 1, such as 80 of 100{beyond}"
    yield not 0 < load.max_occupancy <= 1, f"max occupancy = {load.max_occupancy:g}: a share above 0, at most 1"
    yield not 0 <= load.shrinkage < 1, f"shrinkage = {load.shrinkage:g}: a share from 0 to below 1"
    if load.per_s > 0 and all(map(math.isfinite, (load.calls, load.aht_s, load.per_s))):
        erlangs = load.calls * load.aht_s / load.per_s
        yield erlangs > MOST_AGENTS, f"{erlangs:,.0f} erlangs need more than {MOST_AGENTS:,} agents"
