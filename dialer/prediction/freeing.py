"""When will a busy agent be free? From how long he talks or writes already, learned from the campaign's own calls.

Talks are a mixture of short refusals and long conversations, so wrap-up after a short talk is learned apart.
Source of the idea: PACING section 3, item 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from dialer.prediction.answering import HORIZON_S, TINY
from dialer.prediction.histogram import Array, Histogram, Ints, empty, lognormal_mass, mass

TALK_BINS = 1200
WRAP_BINS = 120
SHORT_TALK_S = 45
SMOOTH_FROM_S, SMOOTH_OVER_S = 60, 60  # long talks are rare: their end is believed equally likely over a minute
HAZARD_LEAST, HAZARD_MOST = 1e-4, 0.2


@dataclass(frozen=True, kw_only=True)
class FreeingSeen:
    """Talks and wrap-ups that were seen to end."""

    talk: Histogram = field(default_factory=lambda: empty(TALK_BINS, 1.0))
    wrap_short: Histogram = field(default_factory=lambda: empty(WRAP_BINS, 1.0))
    wrap_long: Histogram = field(default_factory=lambda: empty(WRAP_BINS, 1.0))

    @cached_property
    def talks(self) -> float:
        return self.talk.total

    def scaled(self, factor: float) -> FreeingSeen:
        """The same habits, believed more or less."""
        return FreeingSeen(
            talk=self.talk.scaled(factor),
            wrap_short=self.wrap_short.scaled(factor),
            wrap_long=self.wrap_long.scaled(factor),
        )

    def plus(self, other: FreeingSeen) -> FreeingSeen:
        """Both together."""
        return FreeingSeen(
            talk=self.talk.plus(other.talk),
            wrap_short=self.wrap_short.plus(other.wrap_short),
            wrap_long=self.wrap_long.plus(other.wrap_long),
        )

    def with_wrap_up(self, wrap_s: float, talked_s: float) -> FreeingSeen:
        """After one more wrap-up of a call that long."""
        if talked_s < SHORT_TALK_S:
            return replace(self, wrap_short=self.wrap_short.with_(wrap_s))
        return replace(self, wrap_long=self.wrap_long.with_(wrap_s))


PRIOR_TALK = lognormal_mass(TALK_BINS, 1.0, 150.0, 1.2)
PRIOR_WRAP_SHORT = lognormal_mass(WRAP_BINS, 1.0, 10.0, 0.8)
PRIOR_WRAP_LONG = lognormal_mass(WRAP_BINS, 1.0, 20.0, 0.7)
PRIOR_TALKS, PRIOR_WRAPS = 8.0, 4.0
AGES = np.array([*range(60), *range(60, 300, 4), *range(300, TALK_BINS - 60, 15)])  # talk ages with a row of their own
WRAP_AGES = WRAP_BINS - 20
_SHORT, _LONG = len(AGES), len(AGES) + WRAP_AGES  # first rows of wrap-up after short talks, and after long ones


class FreeTables:
    """P(free within h seconds), a column for each h = 0..HORIZON_S, by the seconds already talked or written."""

    def __init__(self, seen: FreeingSeen) -> None:
        talk = mass(seen.talk, PRIOR_TALK, PRIOR_TALKS)
        short = mass(seen.wrap_short, PRIOR_WRAP_SHORT, PRIOR_WRAPS)
        long = mass(seen.wrap_long, PRIOR_WRAP_LONG, PRIOR_WRAPS)
        done = (np.cumsum(short)[: HORIZON_S + 1], np.cumsum(long)[: HORIZON_S + 1])
        left = np.cumsum(talk[::-1])[::-1]
        talking = np.array([_after_talk(int(age), talk, left, done) for age in AGES])
        self.within: Array = np.concatenate([talking, _by_age(short), _by_age(long)])
        self._at: Array | None = None

    def rows(self, talking_s: Sequence[float], writing_s: Sequence[float], talked_s: Sequence[float | None]) -> Ints:
        """Rows of agents who have talked so long, then of those in wrap-up for so long after calls of `talked_s`."""
        talks = np.maximum(AGES.searchsorted(talking_s, side="right") - 1, 0)
        if not writing_s:
            return np.asarray(talks)
        first = [_SHORT if talked is not None and talked < SHORT_TALK_S else _LONG for talked in talked_s]
        ages = [min(max(int(each), 0), WRAP_AGES - 1) for each in writing_s]
        return np.concatenate([talks, np.array(first) + ages])

    def at(self, horizons: Ints) -> Array:
        """The chances for these horizons only; always asked for the same."""
        if self._at is None:
            self._at = self.within[:, horizons]
        return self._at


def _by_age(shares: Array) -> Array:
    rows = np.zeros((WRAP_AGES, HORIZON_S + 1))
    left = np.cumsum(shares[::-1])[::-1]
    for age in range(len(rows)):
        used = shares[age : age + HORIZON_S + 1]
        rows[age, : len(used)] = np.cumsum(used) / max(left[age], TINY)
        rows[age, len(used) :] = 1.0
    return np.minimum(rows, 1.0)


def _after_talk(age: int, talk: Array, left: Array, done: tuple[Array, Array]) -> Array:
    """Talk still to come, then wrap-up by how long the talk was when it ended."""
    ends = _smooth(age, left) if age >= SMOOTH_FROM_S else talk[age : age + HORIZON_S + 1] / max(left[age], TINY)
    until_long = max(SHORT_TALK_S - age, 0)
    short, long = ends.copy(), ends.copy()
    short[until_long:], long[:until_long] = 0.0, 0.0
    both = np.convolve(short, done[0])[: HORIZON_S + 1] + np.convolve(long, done[1])[: HORIZON_S + 1]
    return np.asarray(np.minimum(both, 1.0))


def _smooth(age: int, left: Array) -> Array:
    later = min(age + SMOOTH_OVER_S, TALK_BINS - 1)
    ratio = max(left[later], TINY) / max(left[age], TINY)
    hazard = min(max(-np.log(ratio) / max(later - age, 1), HAZARD_LEAST), HAZARD_MOST)
    return np.asarray(hazard * np.exp(-hazard * np.arange(HORIZON_S + 1)))
