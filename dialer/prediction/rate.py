"""What share of calls lands now? A Bayes filter over a grid, for a rate that drifts and sometimes jumps.

A call's chance is that of the moment it was placed: what rings now was dialled up to half a minute ago, perhaps before
a jump. So news is kept by when its call was placed, in cohorts of some seconds, until all of a cohort's calls have
ended; the belief is over all cohorts together: no jump among them, or one before this or that cohort (Chib 1998, with
one change point at most in so short a time).

News is told when it happens: a call that rings on without an answer makes a low rate a little likelier every second,
one that lands makes a high rate likelier, one that ends otherwise takes back what its end no longer leaves open. Told
at the end of calls only, a hundred calls dialled at once would look like a jump up, since answers come first. As time
passes the belief is mixed with the habitual one (a jump may have happened) and with its neighbours (slow drift).
Shares, not per cent; time in monotonic seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from dialer.prediction.histogram import Array, Ints

GRID = np.exp(np.linspace(math.log(0.02), math.log(0.9), 40))
LOG_GRID = np.log(GRID)
_POWERS = np.stack([GRID, GRID**2], axis=1)
_HIT, _MISS = GRID[:, None], 1 - GRID[:, None]
JUMPS_PER_S = 1 / 4000
DRIFT_PER_S = 1 / 3600  # share of the belief that moves to a neighbour
HABIT_SPREAD = 0.7
COLD_P, COLD_SPREAD = 0.25, 0.7
HABIT_BELIEF = 400.0  # calls until the habitual rate is believed fully
COHORT_S = 3.0
COHORTS = 12  # of them are told apart: longer than a call takes from placing to its end


_NO_NEWS = np.zeros((COHORTS, len(GRID)))


@dataclass(frozen=True, kw_only=True)
class LandingRate:
    """The belief about the rate at `at_s`, and how often calls landed until now, which is where jumps lead back to.

    `belief` is of the time before the first cohort; `news` has the log likelihood of what its calls did for each
    cohort (rows, the newest last) and rate of the grid. `newest` is the number of the last cohort since the clock's
    start.
    """

    belief: tuple[float, ...]
    at_s: float | None = None
    landed: float = 2.0
    calls: float = 8.0
    newest: int = 0
    news: Array = field(default_factory=lambda: _NO_NEWS, compare=False, repr=False)

    @property
    def habit(self) -> float:
        return self.landed / self.calls

    def at(self, now_s: float) -> LandingRate:
        """The belief after some time, before what was heard meanwhile is told."""
        newest = int(now_s // COHORT_S)
        if self.at_s is None:
            return replace(self, at_s=now_s, newest=newest)
        moved = self
        for _ in range(min(newest - self.newest, COHORTS)):
            moved = moved._with_another_cohort()
        if newest > moved.newest:
            settled = moved._passed((newest - moved.newest) * COHORT_S)
            moved = replace(moved, belief=tuple(settled.tolist()), newest=newest)
        return replace(moved, at_s=max(now_s, self.at_s))

    def _with_another_cohort(self) -> LandingRate:
        first = self.news[0]
        belief = self._passed(COHORT_S) * np.exp(first - first.max())
        news = np.concatenate([self.news[1:], np.zeros((1, len(GRID)))])
        return replace(self, belief=tuple((belief / belief.sum()).tolist()), news=news, newest=self.newest + 1)

    def _passed(self, seconds: float) -> Array:
        """The belief of before the first cohort, after so long."""
        jumped = 1 - math.exp(-seconds * JUMPS_PER_S)
        belief = np.array(self.belief) * (1 - jumped) + self._elsewhere * jumped
        moved = min(seconds * DRIFT_PER_S, 0.2)
        drifted = belief * (1 - 2 * moved)
        drifted[1:] += moved * belief[:-1]
        drifted[:-1] += moved * belief[1:]
        drifted[0] += moved * belief[0]
        drifted[-1] += moved * belief[-1]
        return np.asarray(drifted)

    @cached_property
    def _elsewhere(self) -> Array:
        """Where a jump leads to."""
        return _around(self.habit, HABIT_SPREAD)

    def settled(self) -> LandingRate:
        """The belief with all news in it, as it is when the calls in flight are over: what may be kept for later."""
        return self if self.at_s is None else self.at(self.at_s + COHORTS * COHORT_S)

    def believing(self, belief: Sequence[float], at_s: float) -> LandingRate:
        """The same habit with this belief of that instant. Raises ValueError when it is none."""
        whole = sum(belief)
        if len(belief) != len(GRID) or not (0 < whole < math.inf and min(belief) >= 0):
            raise ValueError("no belief about a rate")
        told = tuple(each / whole for each in belief)
        return replace(self, belief=told, at_s=at_s, newest=int(at_s // COHORT_S), news=_NO_NEWS)

    def cohorts_of(self, placed_s: Sequence[float]) -> Ints:
        """Rows of `means` for calls placed then; 0 is before the first cohort."""
        numbers = np.array(placed_s) // COHORT_S + (COHORTS - self.newest)
        return np.asarray(np.minimum(np.maximum(numbers, 0), COHORTS).astype(np.int64))

    def silent(self, before: Open, now: Open, placed_s: Sequence[float]) -> LandingRate:
        """The belief after calls rang on: how open their answer was before, and is now."""
        news = np.log(now.chance()) - np.log(before.chance())
        by_cohort = np.zeros((COHORTS + 1, len(GRID)))
        np.add.at(by_cohort, self.cohorts_of(placed_s), news.T)
        return self._told(by_cohort[0], self.news + by_cohort[1:])

    def after(self, *, landed: bool, was: Open, placed_s: float, odds: float = 1.0) -> LandingRate:
        """The belief after one more call ended; `was` is how open its answer was when silence was last told."""
        p = GRID if odds == 1.0 else with_odds(GRID, odds)
        told = np.log((p if landed else 1 - p) / was.chance()[:, 0])
        row = 0 if self.at_s is None else int(self.cohorts_of([placed_s])[0])
        fade = 0.5 if self.calls > 2 * HABIT_BELIEF else 1.0
        counted = replace(self, landed=self.landed * fade + landed, calls=self.calls * fade + 1)
        if not row:
            return counted._told(told, self.news)
        news = self.news.copy()
        news[row - 1] += told
        return replace(counted, news=news)

    def _told(self, older: Array, news: Array) -> LandingRate:
        if not older.any():
            return replace(self, news=news)
        belief = np.array(self.belief) * np.exp(older - older.max())
        return replace(self, belief=tuple((belief / belief.sum()).tolist()), news=news)

    @cached_property
    def _believed(self) -> tuple[Array, Array]:
        """Mean and variance of the rate of calls placed before the first cohort, and in each cohort."""
        jump = 1 - math.exp(-COHORT_S * JUMPS_PER_S)
        until = np.zeros((COHORTS + 1, len(GRID)))
        np.cumsum(self.news, axis=0, out=until[1:])
        stayed, old = _weighed(np.array(self.belief), until)
        jumped, new = _weighed(self._elsewhere, until[-1] - until[:-1])
        # A jump before each cohort, and none at all.
        logs = stayed + math.log(jump)
        logs[:-1] += jumped
        logs[-1] = stayed[-1] + math.log1p(-jump)
        weights = np.exp(logs - logs.max())[:, None]
        weights /= weights.sum()
        moments = (weights * old)[::-1].cumsum(axis=0)[::-1]
        moments[1:] += (weights[:-1] * new).cumsum(axis=0)
        mean, square = moments.T
        return mean, np.maximum(square - mean * mean, 0.0)

    @property
    def means(self) -> Array:
        """The rate expected of calls placed before the first cohort, and in each cohort."""
        return self._believed[0]

    def reckoned(self, doubt: float) -> Array:
        """The same with so many standard deviations added: what is not known of the rate is the same for all calls."""
        mean, variance = self._believed
        return np.asarray(np.minimum(mean + doubt * np.sqrt(variance), GRID[-1]))

    @property
    def mean(self) -> float:
        """The rate expected of a call placed now."""
        return float(self.means[-1])


def _weighed(belief: Array, news: Array) -> tuple[Array, Array]:
    """For each row of news: the log of its chance under the belief; then the mean of the rate and of its square."""
    highest = np.maximum.reduce(news, axis=1)
    weights = belief * np.exp(news - highest[:, None])
    total = np.add.reduce(weights, axis=1)
    return np.log(total) + highest, weights @ _POWERS / total[:, None]


@dataclass(frozen=True)
class Open:
    """Of calls that ring, each a column: the chance to be silent yet if it lands at all, and if it does not."""

    if_landing: Array
    if_not: Array

    def chance(self) -> Array:
        """P(silent yet) for each rate of the grid."""
        return np.asarray(np.maximum(_HIT * self.if_landing + _MISS * self.if_not, 1e-9))


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
