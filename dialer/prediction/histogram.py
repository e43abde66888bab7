"""How long do such things take? Counts of durations in equal steps, as a frozen value that grows by one."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

FADE_ABOVE = 4000.0  # so many observed durations and the old ones count half: habits change within weeks


@dataclass(frozen=True, kw_only=True, slots=True)
class Histogram:
    """Observed durations: `counts[i]` of those from i to i + 1 steps of `step_s`; the last holds all longer ones."""

    step_s: float
    counts: tuple[float, ...]

    @property
    def total(self) -> float:
        return sum(self.counts)

    def with_(self, duration_s: float, weight: float = 1.0) -> Histogram:
        """The counts after one more duration; a negative one counts as 0 (clocks of two events may cross)."""
        at = min(max(int(duration_s / self.step_s), 0), len(self.counts) - 1)
        counts = (*self.counts[:at], self.counts[at] + weight, *self.counts[at + 1 :])
        return Histogram(step_s=self.step_s, counts=counts)

    def scaled(self, factor: float) -> Histogram:
        """The same habits, believed more or less."""
        return replace(self, counts=tuple(count * factor for count in self.counts))

    def plus(self, other: Histogram) -> Histogram:
        """Both together; they must have the same steps."""
        return replace(self, counts=tuple(a + b for a, b in zip(self.counts, other.counts, strict=True)))


def empty(bins: int, step_s: float) -> Histogram:
    return Histogram(step_s=step_s, counts=(0.0,) * bins)


def lognormal_mass(bins: int, step_s: float, mean_s: float, spread: float) -> Array:
    """The share of each step under a log-normal of this mean and coefficient of variation; sums to 1."""
    sigma = math.sqrt(math.log(1 + spread * spread))
    mu = math.log(mean_s) - sigma * sigma / 2
    edges = [step_s * i for i in range(bins)]
    below = [0.0, *(0.5 * math.erfc(-(math.log(edge) - mu) / sigma / math.sqrt(2)) for edge in edges[1:]), 1.0]
    return np.diff(np.array(below))


def mass(histogram: Histogram, prior: Array, weight: float) -> Array:
    """The share of each step: what was seen, mixed with `weight` seen durations of the prior; sums to 1."""
    counts = np.array(histogram.counts) + weight * prior
    total: float = counts.sum()
    return counts / total


def within(shares: Array, horizon: int) -> Array:
    """P(over within h steps) for h = 0..horizon from a residual's shares; half of a step's share by its middle."""
    padded = np.zeros(horizon + 1)
    used = shares[: horizon + 1]
    padded[: len(used)] = used
    return np.asarray(np.cumsum(padded) - padded / 2)
