"""What share of calls lands now? A Bayes filter over a grid, for a rate that drifts and sometimes jumps.

News is told when it happens: a call that rings on without an answer makes a low rate a little likelier every second,
one that lands makes a high rate likelier, one that ends otherwise takes back what its end no longer leaves open. Told
at the end of calls only, a hundred calls dialled at once would look like a jump up, since answers come first. As time
passes the belief is mixed with the habitual one (a jump may have happened) and with its neighbours (slow drift).
Shares, not per cent; time in monotonic seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from dialer.prediction.histogram import Array

GRID = np.exp(np.linspace(math.log(0.02), math.log(0.9), 40))
LOG_GRID = np.log(GRID)
JUMPS_PER_S = 1 / 4000
DRIFT_PER_S = 1 / 3600  # share of the belief that moves to a neighbour
HABIT_SPREAD = 0.7
COLD_P, COLD_SPREAD = 0.25, 0.7
HABIT_BELIEF = 400.0  # calls until the habitual rate is believed fully


@dataclass(frozen=True, kw_only=True)
class LandingRate:
    """The belief about the rate at `at_s`, and how often calls landed until now, which is where jumps lead back to."""

    belief: tuple[float, ...]
    at_s: float | None = None
    landed: float = 2.0
    calls: float = 8.0

    @property
    def habit(self) -> float:
        return self.landed / self.calls

    def at(self, now_s: float) -> LandingRate:
        """The belief after some time, before what was heard meanwhile is told."""
        if self.at_s is None:
            return replace(self, at_s=now_s)
        passed = max(now_s - self.at_s, 0.0)
        jumped = 1 - math.exp(-passed * JUMPS_PER_S)
        belief = np.array(self.belief) * (1 - jumped) + _around(self.habit, HABIT_SPREAD) * jumped
        moved = min(passed * DRIFT_PER_S, 0.2)
        drifted = belief * (1 - 2 * moved)
        drifted[1:] += moved * belief[:-1]
        drifted[:-1] += moved * belief[1:]
        drifted[0] += moved * belief[0]
        drifted[-1] += moved * belief[-1]
        return replace(self, belief=tuple(drifted.tolist()), at_s=now_s)

    def silent(self, before: Open, now: Open) -> LandingRate:
        """The belief after calls rang on: how open their answer was before, and is now."""
        news = np.log(now.chance()).sum(axis=1) - np.log(before.chance()).sum(axis=1)
        belief = np.array(self.belief) * np.exp(news - news.max())
        return replace(self, belief=tuple((belief / belief.sum()).tolist()))

    def after(self, *, landed: bool, was: Open, odds: float = 1.0) -> LandingRate:
        """The belief after one more call ended; `was` is how open its answer was when silence was last told."""
        p = GRID if odds == 1.0 else with_odds(GRID, odds)
        belief = np.array(self.belief) * (p if landed else 1 - p) / was.chance()[:, 0]
        fade = 0.5 if self.calls > 2 * HABIT_BELIEF else 1.0
        return replace(
            self,
            belief=tuple((belief / belief.sum()).tolist()),
            landed=self.landed * fade + landed,
            calls=self.calls * fade + 1,
        )

    @property
    def mean(self) -> float:
        """The rate to reckon with."""
        return float(np.array(self.belief) @ GRID)


@dataclass(frozen=True)
class Open:
    """Of calls that ring, each a column: the chance to be silent yet if it lands at all, and if it does not."""

    if_landing: Array
    if_not: Array

    def chance(self) -> Array:
        """P(silent yet) for each rate of the grid."""
        return np.asarray(np.maximum(np.outer(GRID, self.if_landing) + np.outer(1 - GRID, self.if_not), 1e-9))


NOT_RINGING = Open(np.ones(1), np.ones(1))


def with_odds(p: Array, odds: float | Array) -> Array:
    """A chance with its odds multiplied."""
    return np.asarray(p * odds / (1 - p + p * odds))


def cold() -> LandingRate:
    """Before the first call: about a quarter, and not at all sure."""
    return LandingRate(belief=tuple(_around(COLD_P, COLD_SPREAD).tolist()))


def _around(p: float, spread: float) -> Array:
    belief = np.exp(-0.5 * ((LOG_GRID - math.log(min(max(p, 0.02), 0.9))) / spread) ** 2)
    return np.asarray(belief / belief.sum())
