"""How much likelier than the others is this lead to be reached? Learned from the campaign's calls to such leads.

Four traits are told apart: how often he was called, the kind of his number, his local hour, whether he answered before.
For each value of a trait, landings are held against those that were to be expected at that time with the lead's other
traits, so that the hour's own swing, which the landing rate follows anyhow, is not counted twice. Values with few
calls are drawn to the middle: observed and expected landings with pseudo landings of both, the gamma-Poisson estimate
of Clayton and Kaldor 1987 (Biometrics 43: 671). The middle of all calls is 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

PSEUDO_LANDINGS = 5.0  # that speak for the middle
LEAST_ODDS, MOST_ODDS = 0.25, 4.0
FADE_ABOVE = 8000.0  # calls; then all counts are halved
MOST_ATTEMPTS = 4  # later attempts count as this one
MOST_CHANCE = 0.95
LATELY = 1 / 20  # how much one lead moves the middle of those called lately


@dataclass(frozen=True, kw_only=True, slots=True)
class LeadTraits:
    """What is known of a lead before he is called. `attempt` counts this call: 1 is the first."""

    attempt: int
    kind: str  # mobile, fixed or unknown
    hour: str  # of his own zone, see hour_band
    answered_before: bool

    @property
    def names(self) -> tuple[str, str, str, str]:
        """Each trait with its value, as it is counted."""
        attempt = min(max(self.attempt, 1), MOST_ATTEMPTS)
        return f"attempt {attempt}", f"kind {self.kind}", f"hour {self.hour}", f"before {self.answered_before}"


@dataclass(frozen=True, slots=True)
class Landings:
    """Of ended calls with one trait: how many, how many landed, how many were to be expected."""

    calls: float = 0.0
    landed: float = 0.0
    expected: float = 0.0

    def plus(self, landed: bool, expected: float) -> Landings:
        return Landings(self.calls + 1, self.landed + landed, self.expected + expected)

    def and_(self, other: Landings) -> Landings:
        return Landings(self.calls + other.calls, self.landed + other.landed, self.expected + other.expected)

    def scaled(self, factor: float) -> Landings:
        return Landings(self.calls * factor, self.landed * factor, self.expected * factor)

    @property
    def ratio(self) -> float:
        """Observed for expected landings, drawn to 1 while there are few."""
        return (self.landed + PSEUDO_LANDINGS) / (self.expected + PSEUDO_LANDINGS)


@dataclass(frozen=True)
class LeadOdds:
    """The odds of leads by their traits, learned; a value that changes by making a new one."""

    seen: Mapping[str, Landings] = field(default_factory=dict)
    whole: Landings = field(default_factory=Landings)

    def of(self, traits: LeadTraits | None) -> float:
        """The odds of this lead to be reached against the campaign's middle, LEAST_ODDS to MOST_ODDS; 1 if unknown."""
        if traits is None:
            return 1.0
        return _capped(math.prod(self._one(name) for name in traits.names))

    def after(self, traits: LeadTraits | None, *, landed: bool, chance: float) -> LeadOdds:
        """With one more ended call; `chance` is what calls in the middle were given then."""
        if traits is None:
            return self
        seen = dict(self.seen)
        each = {name: self._one(name) for name in traits.names}
        product = math.prod(each.values())
        for name, own in each.items():
            expected = _with_odds(chance, _capped(product / own))
            seen[name] = seen.get(name, Landings()).plus(landed, expected)
        whole = self.whole.plus(landed, _with_odds(chance, _capped(product)))
        if whole.calls > FADE_ABOVE:
            return LeadOdds(seen, whole).scaled(0.5)
        return LeadOdds(seen, whole)

    def and_(self, other: LeadOdds) -> LeadOdds:
        """With what another campaign learned of its leads, call by call."""
        names = {**self.seen, **other.seen}
        both = {name: self.seen.get(name, Landings()).and_(other.seen.get(name, Landings())) for name in names}
        return LeadOdds(both, self.whole.and_(other.whole))

    def scaled(self, factor: float) -> LeadOdds:
        """The same odds, seen in so many times as many calls."""
        return LeadOdds({name: count.scaled(factor) for name, count in self.seen.items()}, self.whole.scaled(factor))

    def _one(self, name: str) -> float:
        """The odds of one trait's value, against the middle of the values of that trait."""
        own = self.seen.get(name)
        if own is None or not self.whole.calls:
            return 1.0
        trait = name.partition(" ")[0]
        alike = [count for each, count in self.seen.items() if each.partition(" ")[0] == trait]
        if len(alike) == 1:
            return 1.0
        middle = sum(count.calls * count.ratio for count in alike) / sum(count.calls for count in alike)
        usual = min(max(self.whole.landed / self.whole.calls, 0.01), 0.9)
        share = min(own.ratio / middle * usual, MOST_CHANCE)
        return _capped(share / (1 - share) * (1 - usual) / usual)

    def as_plain(self) -> dict[str, list[float]]:
        """For JSON: name to calls, landings, expected landings; the whole under its own name."""
        named = {**self.seen, "": self.whole}
        return {name: [round(n, 4) for n in (c.calls, c.landed, c.expected)] for name, c in named.items()}


def from_plain(stored: object) -> LeadOdds:
    """What `as_plain` gave; nothing learned when there is none yet. Raises ValueError for a damaged value."""
    if stored is None:
        return LeadOdds()
    if not isinstance(stored, Mapping):
        raise ValueError("no counts of leads")
    seen = {str(name): _landings(counts) for name, counts in stored.items()}
    whole = seen.pop("", Landings())
    return LeadOdds(seen, whole)


def hour_band(hour: int) -> str:
    """The part of the day of a local hour, 0 to 23."""
    return "morning" if hour < 12 else "noon" if hour < 14 else "afternoon" if hour < 17 else "evening"


def lately(middle: float, odds: float) -> float:
    """The middle odds of leads called of late, after one more of these odds: a guess for those that come next."""
    return _capped(math.exp((1 - LATELY) * math.log(middle) + LATELY * math.log(odds)))


def _landings(counts: object) -> Landings:
    if not isinstance(counts, list | tuple) or len(counts) != 3:
        raise ValueError("not three counts")
    calls, landed, expected = (float(str(each)) for each in counts)
    if not all(math.isfinite(each) and each >= 0 for each in (calls, landed, expected)) or landed > calls:
        raise ValueError("not a count")
    return Landings(calls, landed, expected)


def _with_odds(chance: float, odds: float) -> float:
    return chance * odds / (1 - chance + chance * odds)


def _capped(odds: float) -> float:
    return min(max(odds, LEAST_ODDS), MOST_ODDS)
