"""What share of calls lands now? A Bayes filter over a grid, for a rate that drifts and sometimes jumps.

Every ended call multiplies the belief by p (it landed) or 1 - p (it did not); calls still ringing count by what their
silence tells. As time passes the belief is mixed with the habitual one (a jump may have happened) and with its
neighbours (slow drift). Shares, not per cent; time in monotonic seconds.
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
STEP_S = 1.0  # time is let pass in steps of at least this
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
        """The belief after some time without news; never changes within a second."""
        if self.at_s is None:
            return replace(self, at_s=now_s)
        passed = now_s - self.at_s
        if passed < STEP_S:
            return self
        jumped = 1 - math.exp(-passed * JUMPS_PER_S)
        belief = np.array(self.belief) * (1 - jumped) + _around(self.habit, HABIT_SPREAD) * jumped
        moved = min(passed * DRIFT_PER_S, 0.2)
        drifted = belief * (1 - 2 * moved)
        drifted[1:] += moved * belief[:-1]
        drifted[:-1] += moved * belief[1:]
        drifted[0] += moved * belief[0]
        drifted[-1] += moved * belief[-1]
        return replace(self, belief=tuple(drifted.tolist()), at_s=now_s)

    def after(self, now_s: float, *, landed: bool, odds: float = 1.0) -> LandingRate:
        """The belief after one more call ended whose lead's odds were `odds` times the usual."""
        passed = self.at(now_s)
        p = GRID if odds == 1.0 else with_odds(GRID, odds)
        belief = np.array(passed.belief) * (p if landed else 1 - p)
        fade = 0.5 if self.calls > 2 * HABIT_BELIEF else 1.0
        return replace(
            passed,
            belief=tuple((belief / belief.sum()).tolist()),
            landed=self.landed * fade + landed,
            calls=self.calls * fade + 1,
        )

    def with_silence(self, still_lands: Array, still_open: Array) -> Array:
        """The belief over GRID, given calls still under way: their chances to be silent yet if they land or not."""
        belief = np.array(self.belief)
        if len(still_lands):
            silent = np.log(np.maximum(np.outer(GRID, still_lands) + np.outer(1 - GRID, still_open), 1e-9)).sum(axis=1)
            belief = belief * np.exp(silent - silent.max())
        return np.asarray(belief / belief.sum())


def with_odds(p: Array, odds: float | Array) -> Array:
    """A chance with its odds multiplied."""
    return np.asarray(p * odds / (1 - p + p * odds))


def cold() -> LandingRate:
    """Before the first call: about a quarter, and not at all sure."""
    return LandingRate(belief=tuple(_around(COLD_P, COLD_SPREAD).tolist()))


def _around(p: float, spread: float) -> Array:
    belief = np.exp(-0.5 * ((LOG_GRID - math.log(min(max(p, 0.02), 0.9))) / spread) ** 2)
    return np.asarray(belief / belief.sum())
