"""Who answers the k-th call, and when are the agents there? Draws that depend on the seed and the index alone.

What a call meets does not depend on who placed it or why, so every policy meets the same people; only the probability
of an answer is taken at the instant of the launch.
"""

from __future__ import annotations

import bisect
import math
import random
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from dialer.rehearsal.world import AnswerRate, World

BLOCK = 1024
MOST_LIKELY = 0.9  # an answer rate is never higher, whatever swing and jumps make of it


class Kind(Enum):
    """What a call meets."""

    PERSON = "person"
    MACHINE = "machine"
    BUSY = "busy"
    FAILED = "failed"
    NOBODY = "nobody"

    @property
    def answers(self) -> bool:
        return self is Kind.PERSON or self is Kind.MACHINE


class Fate(NamedTuple):
    """What one call meets, in seconds. `set_up_s` from the INVITE to ringing, or to the end of one that never rings;
    `answer_s` from the INVITE to the answer; `heard_s` from the answer to detection's verdict; `passes`: an agent is
    to take it. Talk and wrap-up are the agent's, if he does."""

    kind: Kind
    set_up_s: float
    answer_s: float
    heard_s: float
    passes: bool
    talk_s: float
    wrap_up_s: float


@dataclass(frozen=True, kw_only=True)
class Shift:
    """One agent's day: from, until, and pauses as (from, length). `None`: until the campaign stops."""

    begins_s: float
    ends_s: float | None
    pauses: tuple[tuple[float, float], ...]


class RateCourse:
    """The answer rate's course over one day, drawn once."""

    def __init__(self, rate: AnswerRate, seed: int, seconds: float) -> None:
        dice = random.Random(f"answer rate/{seed}")
        self._rate = rate
        self._phase = dice.uniform(0.0, 2 * math.pi)
        self._jumps_at = sorted(dice.uniform(0.0, seconds) for _ in range(rate.jumps))
        low, high = (math.log(level) for level in rate.levels)
        self._levels = [1.0, *(math.exp(dice.uniform(low, high)) for _ in range(rate.jumps))]
        self._from_s = [hour * 3600.0 for hour, _ in rate.profile]

    def at(self, at_s: float) -> float:
        """The probability that a call launched at this second of the day is answered by a person, if he is in time."""
        rate = self._rate
        base = rate.profile[bisect.bisect_right(self._from_s, at_s) - 1][1] if at_s >= 0 else rate.profile[0][1]
        level = self._levels[bisect.bisect_right(self._jumps_at, at_s)]
        swing = 1.0 + rate.swing * math.sin(2 * math.pi * at_s / rate.swing_s + self._phase)
        dip = rate.dip.factor(at_s) if rate.dip is not None else 1.0
        return min(base * level * swing * dip, MOST_LIKELY)


class Population(Protocol):
    """Who is there to be called, and who calls: made up, or drawn from a recorded day."""

    @property
    def shifts(self) -> tuple[Shift, ...]: ...

    def fate(self, index: int, at_s: float) -> Fate:
        """What the call of this index meets when it is launched at this second."""


class People:
    """Everybody in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rate = RateCourse(world.answer_rate, world.seed, world.seconds)
        self.shifts = tuple(_shift(world, index) for index in range(world.agents))
        self._blocks: dict[int, list[tuple[float, ...]]] = {}
        wired = world.answering
        self._machine, self._busy = wired.machine, wired.machine + wired.busy
        self._failed = self._busy + wired.failed

    def fate(self, index: int, at_s: float, odds: float = 1.0) -> Fate:
        """What the call of this index meets when it is launched at this second; `odds`: its lead's to answer."""
        u = self._draws(index)
        wired = self.world.answering
        set_up_s = min(wired.set_up.at(u[5]), wired.longest_set_up_s)
        likely = self.rate.at(at_s)
        if odds != 1.0:
            likely = min(likely * odds / (1 - likely + likely * odds), MOST_LIKELY)
        if u[0] < likely:
            return self._person(u, set_up_s)
        share = (u[0] - likely) / (1.0 - likely)
        if share < self._machine:
            return self._answering_machine(u, set_up_s)
        kind = Kind.BUSY if share < self._busy else Kind.FAILED if share < self._failed else Kind.NOBODY
        return Fate(kind, set_up_s, 0.0, 0.0, False, 0.0, 0.0)

    def _person(self, u: tuple[float, ...], set_up_s: float) -> Fate:
        world, talking = self.world, self.world.talking
        answer_s = set_up_s + world.answering.person_ring.at(u[6])
        if answer_s >= world.answering.ring_timeout_s:
            return Fate(Kind.NOBODY, set_up_s, 0.0, 0.0, False, 0.0, 0.0)
        short = u[2] < talking.refusals
        talk, wrap_up = (talking.refusal, talking.refusal_wrap_up) if short else (talking.talk, talking.wrap_up)
        ear = world.detector
        heard_s = ear.person.at(u[7]) if ear is not None else 0.0
        passes = ear is None or u[1] >= ear.person_lost
        return Fate(Kind.PERSON, set_up_s, answer_s, heard_s, passes, talk.at(u[8]), wrap_up.at(u[9]))

    def _answering_machine(self, u: tuple[float, ...], set_up_s: float) -> Fate:
        world, wired = self.world, self.world.answering
        ring = wired.quick_machine_ring if u[3] < wired.quick_machines else wired.machine_ring
        answer_s = set_up_s + ring.at(u[6])
        if answer_s >= wired.ring_timeout_s:
            return Fate(Kind.NOBODY, set_up_s, 0.0, 0.0, False, 0.0, 0.0)
        ear, talking = world.detector, world.talking
        heard_s = ear.machine.at(u[7]) if ear is not None else 0.0
        passes = ear is None or u[1] < ear.machine_passes
        return Fate(Kind.MACHINE, set_up_s, answer_s, heard_s, passes, talking.machine_s, talking.machine_wrap_up_s)

    def _draws(self, index: int) -> tuple[float, ...]:
        """Five uniform draws, then five standard normal ones."""
        block, place = divmod(index, BLOCK)
        if block not in self._blocks:
            dice = random.Random(f"people/{self.world.seed}/{block}")
            uniform, normal = dice.random, dice.gauss
            self._blocks[block] = [
                (*(uniform() for _ in range(5)), *(normal(0.0, 1.0) for _ in range(5))) for _ in range(BLOCK)
            ]
        return self._blocks[block][place]


EARLIEST_S = 2.0  # the campaign is started first


def _shift(world: World, index: int) -> Shift:
    working, day_s = world.working, world.seconds
    dice = random.Random(f"agent/{world.seed}/{index}")
    late, early = dice.random() < working.late, dice.random() < working.leave_early
    begins_s = dice.uniform(working.log_in_within_s, working.latest_s) if late else dice.uniform(0, 1)
    begins_s = begins_s if late else EARLIEST_S + begins_s * max(working.log_in_within_s - EARLIEST_S, 0.0)
    ends_s = day_s - dice.uniform(0.0, working.earliest_s) if early else None
    if working.half_leave_s is not None and index % 2:
        ends_s = min(ends_s or day_s, working.half_leave_s)
    begins_s = min(begins_s, day_s / 4)  # short days too have agents
    pauses = tuple(_pauses(world, dice, begins_s, day_s if ends_s is None else ends_s))
    return Shift(begins_s=begins_s, ends_s=ends_s if ends_s is None else max(ends_s, begins_s + 60.0), pauses=pauses)


def _pauses(world: World, dice: random.Random, begins_s: float, ends_s: float) -> list[tuple[float, float]]:
    working, found = world.working, []
    lunch_at_s, eaten = dice.uniform(*working.lunch_at_s), False
    at_s = begins_s + dice.uniform(0.5, 1.5) * working.pause_every_s
    while at_s < ends_s:
        lunch = not eaten and at_s > lunch_at_s
        length_s = working.lunch_s if lunch else dice.uniform(*working.pause_s)
        eaten |= lunch
        found.append((at_s, length_s))
        at_s += length_s + dice.uniform(0.8, 1.2) * working.pause_every_s
    return found
