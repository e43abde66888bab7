"""How likely do more people come than there will be agents? The tail of a sum of independent yes-or-no events.

Exact (Poisson-binomial, from its characteristic function, Hong 2013) while few events are in sight; beyond that a
normal tail with Edgeworth's correction for skewness (Hall 1992, section 2.4) and for continuity, which is within a few
per mille there. All arrays have one column for each horizon.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dialer.prediction.histogram import Array, Ints

EXACT_UP_TO = 40
TAILS_AT_ONCE = 3
_X = np.arange(-600, 601) / 100
_TAIL = np.array([0.5 * math.erfc(x / math.sqrt(2)) for x in _X])
_ROOT_2_PI = math.sqrt(2 * math.pi)
_MORE = np.arange(float(TAILS_AT_ONCE))[:, None]


@dataclass(frozen=True)
class Crowd:
    """How many of some independent events will have happened, by horizon. Adding one gives a new value."""

    mean: Array
    variance: Array
    skew: Array  # third central moment
    exact: Array | None  # P(k happened) in row k, or None when there are too many events

    @staticmethod
    def of(chances: Array) -> Crowd:
        """From a matrix of chances: an event for each row, a horizon for each column."""
        spread = chances * (1 - chances)
        return Crowd(
            mean=np.add.reduce(chances),
            variance=np.add.reduce(spread),
            skew=np.add.reduce(spread * (1 - 2 * chances)),
            exact=_poisson_binomial(chances) if len(chances) <= EXACT_UP_TO else None,
        )

    def plus(self, chance: Array, times: int = 1) -> Crowd:
        """With `times` more events of this chance."""
        spread = chance * (1 - chance)
        exact = self.exact
        for _ in range(times if exact is not None else 0):
            exact = None if exact is None or len(exact) > 2 * EXACT_UP_TO else _one_more(exact, chance)
        return Crowd(
            mean=self.mean + times * chance,
            variance=self.variance + times * spread,
            skew=self.skew + times * spread * (1 - 2 * chance),
            exact=exact,
        )

    def minus(self, chance: Array) -> Crowd:
        """Without one of its events; no longer exact, so only for a crowd that is not."""
        spread = chance * (1 - chance)
        return Crowd(
            mean=self.mean - chance,
            variance=np.maximum(self.variance - spread, 0.0),
            skew=self.skew - spread * (1 - 2 * chance),
            exact=None,
        )

    def tails(self, chance: Array, number: int) -> Iterator[Array]:
        """P(at least `number` happen), by horizon, with 0, 1, 2 ... more events of this chance."""
        exact, more = self.exact, 0
        while exact is not None:
            yield np.ones_like(self.mean) if number <= 0 else np.add.reduce(exact[number:])
            exact, more = (None if len(exact) > 2 * EXACT_UP_TO else _one_more(exact, chance)), more + 1
        spread = chance * (1 - chance)
        lean = 1 - 2 * chance
        while True:
            times = _MORE + more
            spreads = times * spread
            mean, variance, skew = self.mean + times * chance, self.variance + spreads, self.skew + spreads * lean
            yield from normal_tail(mean, variance, skew, number) if number > 0 else np.ones_like(mean)
            more += TAILS_AT_ONCE

    def at_least(self, number: int) -> Array:
        """P(at least `number` happen), by horizon."""
        if number <= 0:
            return np.ones_like(self.mean)
        if self.exact is not None:
            return np.asarray(np.add.reduce(self.exact[number:]))
        return normal_tail(self.mean, self.variance, self.skew, number)


def normal_tail(mean: Array, variance: Array, skew: Array, number: int | Ints) -> Array:
    """P(at least `number` happen) of many events, from the moments of their sum; arrays go element by element."""
    sd = np.sqrt(np.maximum(variance, 1e-9))
    x = (number - 0.5 - mean) / sd
    square = x * x
    gamma = skew / (sd * sd * sd)
    density = np.exp(square * -0.5) / _ROOT_2_PI
    tail = np.interp(x, _X, _TAIL) + density * gamma * (square - 1) / 6
    return np.asarray(np.minimum(np.maximum(tail, 0.0), 1.0))


def _poisson_binomial(chances: Array) -> Array:
    """P(k happened) in row k, to 1e-15: the product of the events' characteristic functions, transformed back."""
    outcomes = len(chances) + 1
    each = chances * _turned(outcomes)
    each += 1
    return np.fft.irfft(np.multiply.reduce(each, axis=1), outcomes, axis=0)


@lru_cache(maxsize=EXACT_UP_TO + 1)
def _turned(outcomes: int) -> NDArray[np.complex128]:
    """The roots of unity that a real transform of so many asks for, less one."""
    roots = np.exp(-2j * np.pi * np.arange(outcomes // 2 + 1) / outcomes)
    return np.asarray(roots - 1)[:, None, None]


def _one_more(exact: Array, p: Array) -> Array:
    grown = np.zeros((exact.shape[0] + 1, exact.shape[1]))
    grown[:-1] = exact * (1 - p)
    grown[1:] += exact * p
    return grown
