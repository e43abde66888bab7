"""When will a call in flight reach a person? Competing exits by ring age, learned from the campaign's own calls.

A call is in one of three phases: dialled (no ringing yet), ringing, listened to by answering machine detection. Each
phase ends in the next one or in an exit. What matters to agents is *landing*: the instant somebody has to be there for
the person. With detection off a call lands when it is answered, whoever answers.

The chance that a call lands at all is a number of its own (rate.py), because it swings within the day; the shapes here
are conditional on landing or not landing and change slowly. Source of the idea: PACING section 3, item 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from dialer.prediction.histogram import Array, Histogram, Ints, empty, lognormal_mass, mass
from dialer.prediction.rate import Open

HORIZON_S = 30
RING_BINS = 130  # ring time-outs reach 120 s
LAG_BINS, LAG_STEP_S = 40, 0.5
SCREEN_BINS, SCREEN_STEP_S = 40, 0.25
TINY = 1e-9


@dataclass(frozen=True, kw_only=True)
class AnsweringSeen:
    """What was seen of ended calls. Ring ages are at the answer, or at the end for those nobody answered."""

    lag: Histogram = field(default_factory=lambda: empty(LAG_BINS, LAG_STEP_S))
    landed: Histogram = field(default_factory=lambda: empty(RING_BINS, 1.0))
    machine: Histogram = field(default_factory=lambda: empty(RING_BINS, 1.0))
    unanswered: Histogram = field(default_factory=lambda: empty(RING_BINS, 1.0))
    cancelled: Histogram = field(default_factory=lambda: empty(RING_BINS, 1.0))
    person_heard: Histogram = field(default_factory=lambda: empty(SCREEN_BINS, SCREEN_STEP_S))
    machine_heard: Histogram = field(default_factory=lambda: empty(SCREEN_BINS, SCREEN_STEP_S))
    refused: float = 0.0  # ended before anything rang

    @cached_property
    def calls(self) -> float:
        return self.landed.total + self.machine.total + self.unanswered.total + self.refused

    def scaled(self, factor: float) -> AnsweringSeen:
        """The same habits, believed more or less."""
        return self._each(lambda mine, _other: mine.scaled(factor), self, self.refused * factor)

    def plus(self, other: AnsweringSeen) -> AnsweringSeen:
        """Both together."""
        return self._each(lambda mine, theirs: mine.plus(theirs), other, self.refused + other.refused)

    def _each(self, how, other: AnsweringSeen, refused: float) -> AnsweringSeen:  # type: ignore[no-untyped-def]
        names = ("lag", "landed", "machine", "unanswered", "cancelled", "person_heard", "machine_heard")
        made = {name: how(getattr(self, name), getattr(other, name)) for name in names}
        return replace(self, refused=refused, **made)


# Of the phases ringing, dialled, listened to: a step of age, the oldest told apart, the first row of the tables.
_STEP_S = np.array([1.0, LAG_STEP_S, SCREEN_STEP_S])
_LAST = np.array([RING_BINS, LAG_BINS, SCREEN_BINS]) - 1
_FIRST = np.array([0, RING_BINS, RING_BINS + LAG_BINS])


def rows_of(ages_s: Array, ringing: int, dialled: int, heard: int) -> Ints:
    """The tables' rows of calls by their ages in their phase: so many ring, then so many dialled, then listened to."""
    phase = np.repeat(np.arange(3), (ringing, dialled, heard))
    steps = (ages_s / _STEP_S[phase]).astype(np.int64)
    return np.asarray(np.minimum(np.maximum(steps, 0), _LAST[phase]) + _FIRST[phase])


PRIOR_LANDED = lognormal_mass(RING_BINS, 1.0, 11.0, 0.6)
PRIOR_MACHINE = lognormal_mass(RING_BINS, 1.0, 17.0, 0.5)
PRIOR_LAG = lognormal_mass(LAG_BINS, LAG_STEP_S, 2.5, 0.6)
PRIOR_PERSON_HEARD = lognormal_mass(SCREEN_BINS, SCREEN_STEP_S, 1.8, 0.4)
PRIOR_MACHINE_HEARD = lognormal_mass(SCREEN_BINS, SCREEN_STEP_S, 2.6, 0.4)
PRIOR_UNANSWERED_AT_S = 24
PRIOR_CALLS = 10.0  # how many calls the priors are worth


class AnswerTables:
    """Chances made from what was seen, by age in each phase; made anew only when enough new calls were seen.

    Arrays of cumulated chances have one column for each second h = 0..HORIZON_S: landed within h seconds.
    """

    def __init__(self, seen: AnsweringSeen, *, screened: bool) -> None:
        self.screened = screened
        self._when: Array | None = None
        self._at: Array | None = None
        self._landed, self._machine, self._unanswered = _uncensored(seen)
        others = self._machine + self._unanswered
        refused = seen.refused + 0.1 * PRIOR_CALLS
        all_others = float(others.sum()) + refused
        self.landing = self._landed / self._landed.sum()
        self.still_lands = 1 - _middle(self.landing)  # P(not landed by this ring age | lands)
        self.still_open = 1 - refused / all_others - _middle(others / all_others)
        self.machine_density = self._machine / all_others + 1e-6
        lag = mass(seen.lag, PRIOR_LAG, PRIOR_CALLS)
        self._person_heard = mass(seen.person_heard, PRIOR_PERSON_HEARD, PRIOR_CALLS)
        self._machine_heard = mass(seen.machine_heard, PRIOR_MACHINE_HEARD, PRIOR_CALLS)
        self._listening = _by_second(self._person_heard, SCREEN_STEP_S) if screened else _at_once()
        self.ringing = self._of_ringing()
        self.dialled = self._of_dialled(lag)

    @cached_property
    def fresh(self) -> Array:
        """Of a call dialled now, given that it lands at all."""
        return np.asarray(self.dialled[0])

    def open_at(self, ring_ages: Sequence[float]) -> Open:
        """How open the answers of calls are that have rung so long; a negative age does not ring yet."""
        ages = np.array(ring_ages)
        rows = np.minimum(np.maximum(ages, 0), RING_BINS - 1).astype(np.int64)
        unborn = ages < 0
        return Open(np.where(unborn, 1.0, self.still_lands[rows]), np.where(unborn, 1.0, self.still_open[rows]))

    def at(self, horizons: Ints) -> Array:
        """Rows as `rows_of` names them, columns for these horizons only; always asked for the same."""
        if self._at is None:
            self._at = np.concatenate([self.ringing, self.dialled, self.heard])[:, horizons]
        return self._at

    @cached_property
    def silence(self) -> Array:
        """By rows as `rows_of` names them: P(nothing told yet | lands) first, and if it does not land."""
        person, machine = self.still_heard if self.screened else (np.zeros(SCREEN_BINS), np.ones(SCREEN_BINS))
        unborn = np.ones(LAG_BINS)
        lands = np.concatenate([self.still_lands, unborn, person])
        return np.array([lands, np.concatenate([self.still_open, unborn, machine])])

    def when(self, horizons: Ints) -> Array:
        """Weights of the horizons at which a call dialled now lands, if it does; sums to 1."""
        if self._when is None:
            weights = np.diff(self.fresh[horizons], prepend=0.0)
            self._when = weights / max(weights.sum(), TINY)
        return self._when

    @cached_property
    def heard(self) -> Array:
        """By steps listened to: a person's chance to be found out within h seconds."""
        rows = []
        for age in range(SCREEN_BINS):
            left = self._person_heard[age:]
            rows.append(_cumulated(_by_second(left / max(left.sum(), TINY), SCREEN_STEP_S)))
        return np.array(rows)

    @cached_property
    def still_heard(self) -> tuple[Array, Array]:
        """P(no verdict by this step) of a person and of a machine."""
        person = np.cumsum(self._person_heard[::-1])[::-1]
        machine = np.cumsum(self._machine_heard[::-1])[::-1]
        return np.maximum(person, 1e-6), np.maximum(machine, 1e-6)

    def person_odds(self, ring_age: Array) -> Array:
        """Density of landing against machines at the ring age of an answer, neighbours included."""
        at = np.minimum(np.maximum(ring_age, 0), RING_BINS - 1).astype(int)
        low, high = np.maximum(at - 1, 0), np.minimum(at + 1, RING_BINS - 1)
        landing = self.landing[low] + self.landing[at] + self.landing[high]
        machine = self.machine_density[low] + self.machine_density[at] + self.machine_density[high]
        return np.asarray(landing / machine)

    def _of_ringing(self) -> Array:
        rows = np.zeros((RING_BINS, HORIZON_S + 1))
        for age in range(RING_BINS):
            left = self.landing[age : age + HORIZON_S + 1]
            all_left = self.landing[age:].sum()
            if all_left > TINY:
                rows[age] = _cumulated(np.convolve(left / all_left, self._listening))
        return rows

    def _of_dialled(self, lag: Array) -> Array:
        whole = np.convolve(self.landing[: HORIZON_S + 1], self._listening)[: HORIZON_S + 1]
        rows = []
        for age in range(LAG_BINS):
            left = lag[age:]
            total = left.sum()
            to_ring = _by_second(left / total, LAG_STEP_S) if total > TINY else _at_once()
            rows.append(_cumulated(np.convolve(to_ring, whole)))
        return np.array(rows)


def _uncensored(seen: AnsweringSeen) -> tuple[Array, Array, Array]:
    """Exits by ring age as if nothing had been cancelled: hazards over those still ringing (Kaplan and Meier 1958).

    A call that we cancelled says that nothing had happened by its age, and no more.
    """
    landed = np.array(seen.landed.counts) + PRIOR_CALLS * 0.3 * PRIOR_LANDED
    machine = np.array(seen.machine.counts) + PRIOR_CALLS * 0.3 * PRIOR_MACHINE
    unanswered = np.array(seen.unanswered.counts)
    unanswered[PRIOR_UNANSWERED_AT_S] += PRIOR_CALLS * 0.4
    cancelled = np.array(seen.cancelled.counts)
    if not cancelled.any():
        return landed, machine, unanswered
    exits = landed + machine + unanswered
    at_risk = np.cumsum((exits + cancelled)[::-1])[::-1]
    hazard = np.divide(exits, at_risk, out=np.zeros_like(exits), where=at_risk > TINY)
    still = np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]])
    grown = np.divide(still * hazard * at_risk[0], exits, out=np.zeros_like(exits), where=exits > TINY)
    return landed * grown, machine * grown, unanswered * grown


def _middle(shares: Array) -> Array:
    return np.asarray(np.cumsum(shares) - shares / 2)


def _at_once() -> Array:
    return np.array([1.0])


def _by_second(shares: Array, step_s: float) -> Array:
    """Shares by whole seconds of shares in finer steps."""
    seconds = np.minimum(((np.arange(len(shares)) + 0.5) * step_s).astype(int), HORIZON_S)
    return np.bincount(seconds, weights=shares, minlength=HORIZON_S + 1).astype(float)


def _cumulated(shares: Array) -> Array:
    cut = np.zeros(HORIZON_S + 1)
    used = shares[: HORIZON_S + 1]
    cut[: len(used)] = used
    return np.minimum(np.cumsum(cut), 1.0)
