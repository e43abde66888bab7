"""How likely does a person answer, by the hour and by how often the lead was tried? Shrunk to the campaign's mean."""

from __future__ import annotations

import math
from dataclasses import dataclass

from campaigns.forecast.values import MOST_ATTEMPTS_APART, History, Rate

PRIOR_CALLS = 50  # an hour, or a try, weighs as much as the campaign's mean when it has as many calls of its own
Z_95 = 1.959964


@dataclass(frozen=True, kw_only=True)
class Chance:
    """The share of calls that a person answers, and how uncertain that share itself is (standard deviation)."""

    value: float
    deviation: float


class Chances:
    """Hit rates by hour of the local day and number of the try.

    Each hour's rate is (its humans + k x mean) / (its calls + k) with k = PRIOR_CALLS, each try's likewise; for both
    together the two ratios to the mean are multiplied. So few calls say little, and none say the mean.
    """

    def __init__(self, history: History) -> None:
        self.calls, humans = history.calls, history.humans
        self._mean = humans / self.calls if self.calls else None
        self._hours: dict[int, tuple[int, int]] = {}
        self._tries: dict[int, tuple[int, int]] = {}
        for tally in history.tallies:
            for known, key in ((self._hours, tally.hour), (self._tries, min(tally.attempt, MOST_ATTEMPTS_APART))):
                calls, heard = known.get(key, (0, 0))
                known[key] = (calls + tally.calls, heard + tally.humans)

    def of(self, hour: int, attempt: int) -> Chance | None:
        """For a lead's so-manieth try (from 1) in this hour; none when there were no calls at all."""
        mean = self._mean
        if mean is None:
            return None
        value = 0.0
        if mean > 0:
            ratios = self._shrunk(self._hours, hour) * self._shrunk(self._tries, min(attempt, MOST_ATTEMPTS_APART))
            value = min(1.0, ratios / mean)
        return Chance(value=value, deviation=self._deviation(value, hour))

    def _shrunk(self, known: dict[int, tuple[int, int]], key: int) -> float:
        calls, humans = known.get(key, (0, 0))
        return (humans + PRIOR_CALLS * (self._mean or 0.0)) / (calls + PRIOR_CALLS)

    def _deviation(self, value: float, hour: int) -> float:
        """As of a share seen in the hour's own calls and those it borrows; half a call keeps 0 and 1 uncertain."""
        seen = self._hours.get(hour, (0, 0))[0] + min(PRIOR_CALLS, self.calls)
        kept = (value * seen + 0.5) / (seen + 1)
        return math.sqrt(kept * (1 - kept) / (seen + 1))


def rate(of: int, among: int) -> Rate:
    """A share with Wilson's 95 % interval (E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209)."""
    if not among:
        return Rate(of=of, among=among, value=None, low=None, high=None)
    share, z2 = of / among, Z_95 * Z_95
    middle = (share + z2 / (2 * among)) / (1 + z2 / among)
    reach = Z_95 / (1 + z2 / among) * math.sqrt(share * (1 - share) / among + z2 / (4 * among * among))
    return Rate(of=of, among=among, value=share, low=max(0.0, middle - reach), high=min(1.0, middle + reach))
