"""What kind of day is rehearsed? People, lines and agents' shifts as frozen parameters; `people` draws from them.

World A and B are those of PACING: A listens to every answer first and counts from the end of the greeting, in B every
answer goes to an agent at once. The hard worlds change one thing each. Lengths are in seconds, shares 0..1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

LONGEST_HOURS = 15.0  # a day that begins at nine ends before the date changes
MOST_AGENTS = 500


@dataclass(frozen=True, kw_only=True)
class LogNormal:
    """A length by its mean and coefficient of variation. Raises ValueError for a mean that is no length."""

    mean_s: float
    cv: float

    def __post_init__(self) -> None:
        if not (0 < self.mean_s <= 86_400 and 0 <= self.cv <= 10):
            raise ValueError(f"A length of {self.mean_s:g} s on average cannot be: above 0, at most a day.")

    @cached_property
    def _parts(self) -> tuple[float, float]:
        spread = math.sqrt(math.log1p(self.cv * self.cv))
        return math.log(self.mean_s) - spread * spread / 2, spread

    def at(self, z: float) -> float:
        """The length at this standard normal draw."""
        middle, spread = self._parts
        return math.exp(middle + spread * z)


@dataclass(frozen=True, kw_only=True)
class Dip:
    """The answer rate falls to `to` of itself within `over_s`, and rises again in the same way."""

    from_s: float
    until_s: float
    to: float = 1 / 3
    over_s: float = 60.0

    def factor(self, at_s: float) -> float:
        """What the answer rate is multiplied with at this second of the day."""
        if at_s <= self.from_s or at_s >= self.until_s + self.over_s:
            return 1.0
        down = min((at_s - self.from_s) / self.over_s, 1.0)
        up = min(max((at_s - self.until_s) / self.over_s, 0.0), 1.0)
        return 1.0 - (1.0 - self.to) * (down - up)


@dataclass(frozen=True, kw_only=True)
class AnswerRate:
    """The probability that a person answers, over the day.

    `profile`: (hour of the day's course, base) in steps, the first from 0. It swings slowly by `swing` with the period
    `swing_s`, and jumps `jumps` times, each time to a level of its base that is log-uniform within `levels`.
    """

    profile: tuple[tuple[float, float], ...] = ((0.0, 0.25),)
    swing: float = 0.3
    swing_s: float = 6 * 3600.0
    jumps: int = 6
    levels: tuple[float, float] = (0.45, 1.9)
    dip: Dip | None = None

    def __post_init__(self) -> None:
        hours = [hour for hour, _ in self.profile]
        if not hours or hours[0] != 0.0 or hours != sorted(set(hours)):
            raise ValueError("The answer rate's profile begins at hour 0 and goes on in order of time.")
        if not all(0 <= rate <= 1 for _, rate in self.profile):
            raise ValueError("An answer rate is a share from 0 to 1.")


@dataclass(frozen=True, kw_only=True)
class Talking:
    """How long an agent is busy with those who answer: `refusals` of them are short.

    A machine that passes as a person costs an agent `machine_s` in all in world A of PACING, and a wrap-up as well in
    world B.
    """

    refusals: float = 0.35
    refusal: LogNormal = LogNormal(mean_s=18.0, cv=0.7)
    refusal_wrap_up: LogNormal = LogNormal(mean_s=6.0, cv=0.6)
    talk: LogNormal = LogNormal(mean_s=180.0, cv=0.8)
    wrap_up: LogNormal = LogNormal(mean_s=20.0, cv=0.6)
    machine_s: float = 7.0  # until the agent has found out and hung up
    machine_wrap_up_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Answering:
    """What a call meets when no person answers, and how long everything takes.

    Shares are of the calls that no person answers; the rest rings until the time-out, `ring_timeout_s` after the
    INVITE as the engine counts it (PACING: 24 s of ringing, after a set-up of 2.4 s).
    """

    machine: float = 0.38
    busy: float = 0.05
    failed: float = 0.07
    set_up: LogNormal = LogNormal(mean_s=2.4, cv=0.5)
    longest_set_up_s: float = 20.0
    person_ring: LogNormal = LogNormal(mean_s=11.0, cv=0.55)
    machine_ring: LogNormal = LogNormal(mean_s=19.0, cv=0.15)
    quick_machines: float = 0.25
    quick_machine_ring: LogNormal = LogNormal(mean_s=3.0, cv=0.05)
    ring_timeout_s: int = 26


@dataclass(frozen=True, kw_only=True)
class Detecting:
    """How answering machine detection does; in a world without it every answer goes to an agent at once."""

    person: LogNormal = LogNormal(mean_s=1.8, cv=0.4)
    machine: LogNormal = LogNormal(mean_s=2.6, cv=0.3)
    machine_passes: float = 0.05
    person_lost: float = 0.01


@dataclass(frozen=True, kw_only=True)
class Working:
    """When agents are there. A pause is taken after the call that runs; `half_leave_s`: every second one goes then."""

    log_in_within_s: float = 600.0
    late: float = 0.15
    latest_s: float = 7200.0
    leave_early: float = 0.15
    earliest_s: float = 7200.0
    pause_every_s: float = 2700.0
    pause_s: tuple[float, float] = (120.0, 360.0)
    lunch_s: float = 1800.0
    lunch_at_s: tuple[float, float] = (3 * 3600.0, 5 * 3600.0)
    half_leave_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class World:
    """One day to rehearse: the same value and seed give every policy the same people. Raises ValueError.

    `lines_per_agent` are the trunk's lines; `message_starts_ms` is when a person nobody is free for hears the message,
    just before the two seconds of PACING are over, so that a join that began in time also ends in time.
    """

    name: str
    agents: int
    seed: int
    hours: float = 8.0
    detector: Detecting | None = Detecting()
    answer_rate: AnswerRate = AnswerRate()
    answering: Answering = Answering()
    talking: Talking = Talking()
    working: Working = Working()
    lines_per_agent: float = 5.0
    message_starts_ms: int = 1950
    message_s: float = 8.0
    join_s: float = 0.025
    phone_s: float = 0.5  # an agent's phone is picked up so long after it was rung

    def __post_init__(self) -> None:
        if not 1 <= self.agents <= MOST_AGENTS:
            raise ValueError(f"--agents {self.agents}: 1 to {MOST_AGENTS} agents. Nothing was simulated.")
        if not 0 < self.hours <= LONGEST_HOURS:
            words = f"--hours {self.hours:g}: in a made-up world above 0, at most {LONGEST_HOURS:g} hours"
            raise ValueError(f"{words}. Nothing was simulated.")

    @property
    def seconds(self) -> float:
        return self.hours * 3600.0

    @property
    def lines(self) -> int:
        """Calls the trunk carries at a time."""
        return max(int(self.agents * self.lines_per_agent), 1)


def world_a(agents: int, seed: int, hours: float = 8.0) -> World:
    """World A of PACING: detection on, the clock starts at the end of the greeting."""
    return World(name="a", agents=agents, seed=seed, hours=hours)


def world_b(agents: int, seed: int, hours: float = 8.0) -> World:
    """World B of PACING: no detection, machines reach agents, the limit counts from the answer."""
    talking = Talking(machine_wrap_up_s=6.0)
    return World(name="b", agents=agents, seed=seed, hours=hours, detector=None, talking=talking)


def few_answers(agents: int, seed: int, hours: float = 8.0) -> World:
    """9 % answer, and who answers talks long: every lost moment of an agent is dear."""
    talking = Talking(refusals=0.2, talk=LogNormal(mean_s=300.0, cv=0.8), wrap_up=LogNormal(mean_s=30.0, cv=0.6))
    rate = AnswerRate(profile=((0.0, 0.09),))
    world = world_a(agents, seed, hours)
    return replace(world, name="few-answers", answer_rate=rate, talking=talking, lines_per_agent=10.0)


def short_refusals(agents: int, seed: int, hours: float = 8.0) -> World:
    """35 % answer, and most refuse at once: agents are free again before what rings is answered."""
    rate = AnswerRate(profile=((0.0, 0.35),))
    world = world_a(agents, seed, hours)
    return replace(world, name="short-refusals", answer_rate=rate, talking=Talking(refusals=0.8))


def few_trunks(agents: int, seed: int, hours: float = 8.0) -> World:
    """Lines for one and a half calls an agent, talks included: the limit decides, not the risk."""
    return replace(world_a(agents, seed, hours), name="few-trunks", lines_per_agent=1.5)


def half_leave(agents: int, seed: int, hours: float = 8.0) -> World:
    """Every second agent goes in the middle of the day, while calls for all of them ring."""
    world = world_a(agents, seed, hours)
    return replace(world, name="half-leave", working=replace(world.working, half_leave_s=world.seconds / 2))


def rate_dip(agents: int, seed: int, hours: float = 8.0) -> World:
    """The answer rate falls to a third within a minute, stays there half an hour, and rises as fast; 0.25 otherwise."""
    world = world_a(agents, seed, hours)
    middle = world.seconds / 2
    rate = AnswerRate(jumps=0, dip=Dip(from_s=middle, until_s=middle + 1800.0))
    return replace(world, name="rate-dip", answer_rate=rate)


def cold_start(agents: int, seed: int, hours: float = 2.0) -> World:
    """A campaign unlike others: hardly any ringing before the answer, short talks, many answers; nothing is known."""
    rate = AnswerRate(profile=((0.0, 0.5),), jumps=2)
    answering = Answering(person_ring=LogNormal(mean_s=6.0, cv=0.4), set_up=LogNormal(mean_s=1.2, cv=0.3))
    talking = Talking(refusals=0.1, talk=LogNormal(mean_s=420.0, cv=0.6))
    world = world_a(agents, seed, hours)
    return replace(world, name="cold-start", answer_rate=rate, answering=answering, talking=talking)


Maker = Callable[[int, int, float], World]
HARD: dict[str, Maker] = {
    "few-answers": few_answers,
    "short-refusals": short_refusals,
    "few-trunks": few_trunks,
    "half-leave": half_leave,
    "rate-dip": rate_dip,
    "cold-start": cold_start,
}
WORLDS: dict[str, Maker] = {"a": world_a, "b": world_b} | HARD
