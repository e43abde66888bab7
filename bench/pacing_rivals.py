"""Which policies is the pacer compared with? Those of today's dialers, and one that knows who will answer and when.

All of them play the same store-free days (dialer.rehearsal.loop). What the market leader's dialer does is as PACING
section 1 read it in its source; where two of its settings are possible, the stock one is taken.
"""

from __future__ import annotations

import math
from collections import deque
from enum import StrEnum

import numpy as np

from campaigns.metrics import AbandonBudget, AbandonmentCount
from campaigns.model import AgentState
from dialer.prediction.answering import HORIZON_S
from dialer.prediction.outlook import WAITS_S
from dialer.prediction.risk import Crowd, normal_tail
from dialer.prediction.steering import appetite
from dialer.rehearsal.floor_people import Call, Phase
from dialer.rehearsal.loop import LOOK_S, Loop, Pacer
from dialer.rehearsal.pacer import ProductPacer

LIMIT = 0.03
_READY, _TALK, _WRAP_UP = AgentState.READY, AgentState.TALK, AgentState.WRAP_UP  # asked of every agent at every look


def coming(day: Loop) -> int:
    """Calls that may still need an agent."""
    return sum(call.phase <= Phase.WAITING for call in day.flight.values())


def room(day: Loop) -> int:
    """Lines that are free."""
    return 0 if day.stopping else day.world.lines - day.live


class Progressive(Pacer):
    """One call for each idle agent. Nobody is dialled ahead of anybody."""

    ratio = 1.0

    def look(self, day: Loop) -> float:
        wanted = math.floor(len(day.ready) * self.ratio + 1e-9) - coming(day)
        day.launch(max(0, min(wanted, room(day))))
        return LOOK_S


class FixedRatio(Progressive):
    """So many calls for each idle agent, whatever comes of it."""

    def __init__(self, ratio: float = 2.0) -> None:
        self.ratio = ratio


class RatioByDrops(Progressive):
    """A ratio for each idle agent that settles where the day loses what it may; 1 while the day is over the limit.

    Every answer makes it a little larger, every lost call smaller (the feedback of PACING section 3, item 4), by less
    in large teams. Its steps are those with about the most talk at under 3 %, measured for 5, 20, 100 and 300 agents.
    """

    step, step_of_team, aim, most, answers = 0.1, 8.0, 0.97 * LIMIT, 20.0, 50

    def __init__(self) -> None:
        self.ratio = self._settled = 1.5
        self._met = self._lost = 0

    def look(self, day: Loop) -> float:
        met, lost = day.abandoned + day.joined_human + day.joined_unknown, day.abandoned
        news = self.aim * (met - self._met) - (lost - self._lost)
        step = min(self.step, self.step_of_team / len(day.agents))
        self._settled = min(max(self._settled * math.exp(step * news), 1.0), self.most)
        self._met, self._lost = met, lost
        self.ratio = 1.0 if met >= self.answers and lost > LIMIT * met else self._settled
        return super().look(day)


class Brake(StrEnum):
    """What the market leader's adaptive dialing does while the day's drops are over the limit."""

    HARD_LIMIT = "hard limit"
    AVERAGE = "average"
    TAPERED = "tapered"


class MarketLeader(Pacer):
    """A level times all active agents, every 2.5 s; the level follows idle agents every 15 s and brakes on the day.

    `available_only`: ready agents only are multiplied, and connected lines added. Drop figures are a minute old.
    """

    loop_s, sample_s, level_s, drops_s = 2.5, 1.0, 15.0, 60.0
    most_level, samples, spacing_s = 3.0, 15, 0.025
    opens_hhmm_h, latest_hhmm = 9.0, 2100

    def __init__(self, brake: Brake = Brake.HARD_LIMIT, *, available_only: bool = False, intensity: int = 0) -> None:
        self.brake = brake
        self.available_only = available_only
        self.intensity = intensity
        self.level = 1.0
        self._idle: deque[float] = deque(maxlen=self.samples)
        self._logged_in: deque[int] = deque(maxlen=self.samples)
        self._dial_s = self._sampled_s = self._counted_s = 0.0
        self._levelled_s = self.level_s
        self._drops, self._answered, self._calls = 0, 0, 0
        self._minute: deque[tuple[float, int, int]] = deque()  # (when, calls, drops) of the day until then

    def look(self, day: Loop) -> float:
        now_s = day.now_s
        if now_s >= self._sampled_s:
            self._sampled_s = now_s + self.sample_s
            self._idle.append(len(day.ready) - len(day.waiting))
            self._logged_in.append(sum(a.state is not AgentState.LOGGED_OUT for a in day.agents))
        if now_s >= self._counted_s:
            self._counted_s = now_s + self.drops_s
            self._count(day)
        if now_s >= self._levelled_s:
            self._levelled_s = now_s + self.level_s
            self._set_level(now_s)
        if now_s >= self._dial_s:
            self._dial_s = now_s + self.loop_s
            self._dial(day)
        return max(min(self._dial_s, self._sampled_s) - now_s, 0.0)

    def _count(self, day: Loop) -> None:
        self._minute.append((day.now_s, day.placed, day.abandoned))
        while self._minute[0][0] < day.now_s - 60.0:
            self._minute.popleft()
        self._calls, self._drops = day.placed, day.abandoned
        self._answered = day.abandoned + day.joined_human + day.joined_unknown

    def _set_level(self, now_s: float) -> None:
        logged_in = sum(self._logged_in) / len(self._logged_in)
        share = sum(self._idle) / len(self._idle) / logged_in if logged_in else 0.0
        times = 1 + self.intensity / 100 if share > 0 else abs(self.intensity / 100 - 1)
        self._clamp(self.level * (1 + share * times))
        before, after = self._minute[0], self._minute[-1]
        calls, drops = after[1] - before[1], after[2] - before[2]
        if calls > 20 and drops > calls / 2:
            self._clamp(self.level / 2)
        if self._calls > 50 and self._answered and self._drops / self._answered > LIMIT:
            self._clamp(self._braked(now_s))

    def _clamp(self, level: float) -> None:
        self.level = min(max(level, 1.0), self.most_level)

    def _braked(self, now_s: float) -> float:
        if self.brake is Brake.HARD_LIMIT:
            return 1.0
        if self.brake is Brake.AVERAGE:
            return self.level / 2
        minutes = int(self.opens_hhmm_h * 60 + now_s / 60)
        gap = self.latest_hhmm - (minutes // 60 * 100 + minutes % 60)
        return self.level * min(gap / 1000, 1.0) if gap > 0 else 1.0

    def _dial(self, day: Loop) -> None:
        connected = sum(a.state is AgentState.TALK for a in day.agents)
        queued = sum(a.call is not None and a.state is AgentState.READY for a in day.agents)
        if self.available_only:
            goal = round(self.level * len(day.ready)) + connected
        else:
            goal = round(self.level * (len(day.ready) + queued + connected))
        in_one_loop = int(self.loop_s / self.spacing_s)
        day.launch(max(0, min(goal - day.live, room(day), in_one_loop)))


class Free:
    """How many agents will be free for those who land: idle ones, less those who wait, and busy ones by chance."""

    def __init__(self, now_s: float, idle: int, busy: int, still_busy: Crowd) -> None:
        self._now_s = now_s
        self._agents = idle + busy
        self._still_busy = still_busy
        self._tails: dict[int, list[float]] = {}

    def losses(self, landings: list[float]) -> float:
        """How many of those who land at these instants, in order, are expected to meet nobody in time.

        Each does when so many are still busy that those free are not more than the people who landed before.
        """
        if self._still_busy.exact is None:
            return self._of_many(landings)
        return sum([self._of_few(at_s - self._now_s, ahead) for ahead, at_s in enumerate(landings)])

    def _of_few(self, in_s: float, ahead: int) -> float:
        number = self._agents - ahead
        if number not in self._tails:
            self._tails[number] = self._still_busy.at_least(number).tolist()
        return self._tails[number][min(max(int(in_s), 0) + WAITS_S, HORIZON_S)]

    def _of_many(self, landings: list[float]) -> float:
        seconds = np.maximum(np.array(landings) - self._now_s, 0).astype(int)
        column = np.minimum(seconds + WAITS_S, HORIZON_S)
        number = self._agents - np.arange(len(landings))
        crowd = self._still_busy
        lost = normal_tail(crowd.mean[column], crowd.variance[column], crowd.skew[column], number)
        return float(np.where(number <= 0, 1.0, lost).sum())


class Clairvoyant(ProductPacer):
    """Knows of every call whether and when a person will land, but not when agents get free.

    The rule is the product's: how many people more will meet nobody if this call is started, against the same threshold
    steered by the day. Only the landings are not guessed. A call that will not land costs nothing but its line.
    """

    boldness = 1.5  # measured: the most talk at the same abandonment

    def look(self, day: Loop) -> float:
        if day.stopping:
            return LOOK_S
        known = self.learned.campaigns[0][1]
        staying = [agent for agent in day.agents if not (agent.leaving or agent.pause_owed_s)]
        assert known.shape is not None, "what was learned has its tables"
        tables = known.shape.frees
        talking = [agent for agent in staying if agent.state is _TALK]
        writing = [agent for agent in staying if agent.state is _WRAP_UP]
        rows = tables.rows(
            [day.now_s - agent.since_s for agent in talking],
            [day.now_s - agent.since_s for agent in writing],
            [agent.talked_s for agent in writing],
        )
        busy = Crowd.of(1 - tables.within[rows])
        landings = sorted([at for call in day.flight.values() if (at := self._lands_s(call)) is not None])
        theta = self.boldness * appetite(self._budget(day), self._at_work(day), known.correction).theta
        free = Free(day.now_s, len(day.ready) - len(day.waiting), len(talking) + len(writing), busy)
        self._start(day, landings, free, theta)
        return LOOK_S

    def _start(self, day: Loop, landings: list[float], free: Free, theta: float) -> None:
        left = min(room(day), 50)
        losses = free.losses(landings)
        while left > 0:
            fate = day.people.fate(day.placed, day.now_s)
            if fate.passes:
                with_it = sorted([*landings, day.now_s + fate.answer_s + fate.heard_s])
                more = free.losses(with_it)
                if more - losses > theta:
                    return
                landings, losses = with_it, more
            day.launch(1)
            left -= 1

    @staticmethod
    def _lands_s(call: Call) -> float | None:
        if call.phase > Phase.SCREENING or not call.fate.passes:
            return None
        return call.placed_s + call.fate.answer_s + call.fate.heard_s

    def _at_work(self, day: Loop) -> int:
        return sum([a.state is _READY or a.state is _TALK or a.state is _WRAP_UP for a in day.agents])

    def _budget(self, day: Loop) -> AbandonBudget:
        today = AbandonmentCount(abandoned=day.abandoned, joined_human=day.joined_human)
        return AbandonBudget(today=today, thirty_days=today, cap=self.cap, waiting=len(day.waiting))
