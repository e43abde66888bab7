"""Which values does a forecast begin with, and which does it end with? Numbers or none; no data is never zero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaigns.dialable import Candidate
from campaigns.model import Disposition, Facts

MOST_ATTEMPTS_APART = 4  # a lead's fourth try and all later ones are one kind


@dataclass(frozen=True, kw_only=True)
class Group:
    """Leads whom every gate judges alike at the beginning: one of them, and how many they are."""

    candidate: Candidate
    leads: int


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Past calls sent in one hour of the local day, being a lead's first, second, third, or a later try (4)."""

    hour: int
    attempt: int
    calls: int
    humans: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Past calls that ended alike, as `campaigns.retry` asks about it."""

    facts: Facts
    disposition: Disposition | None
    calls: int


@dataclass(frozen=True, kw_only=True)
class History:
    """What the campaign's own calls tell, from `since` on.

    `attempts_at_work` were made while agents spent `hours_at_work` on it, logged in and not in a pause; hours of the
    clock without any attempt are left out of both. `handled` calls took `handling_s` in all.
    """

    since: datetime
    tallies: tuple[Tally, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    attempts_at_work: int = 0
    hours_at_work: float = 0.0
    handled: int = 0
    handling_s: float = 0.0

    @property
    def calls(self) -> int:
        return sum(tally.calls for tally in self.tallies)

    @property
    def humans(self) -> int:
        return sum(tally.humans for tally in self.tallies)

    @property
    def attempts_per_agent_hour(self) -> float | None:
        """None when no agent's time with attempts is on record."""
        if not self.attempts_at_work or self.hours_at_work <= 0:
            return None
        return self.attempts_at_work / self.hours_at_work


@dataclass(frozen=True, kw_only=True)
class Crew:
    """How many agents dial. None: it is not known, so nothing that agents do is forecast."""

    agents: int | None


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A share with what it is made of and its 95 % interval; all none but the counts when there were no calls."""

    of: int
    among: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Hour:
    """One hour of the clock in the campaign's zone; the first begins at the forecast's instant.

    `dialable_untouched`: leads that may be called at some time of the hour if nobody is called before. `dialable`: the
    same after the attempts of the hours before; one that comes back within the hour counts again. `left` may still be
    called when it ends. `used_up` are closed by the hour's attempts. `humans` has its 95 % interval. All but the first
    are none when the agents are not known, `humans` and `hit_rate` when there are no past calls either.
    """

    begins_at: datetime
    ends_at: datetime
    dialable_untouched: int
    dialable: float | None = None
    attempts: float | None = None
    hit_rate: float | None = None
    humans: float | None = None
    humans_low: float | None = None
    humans_high: float | None = None
    used_up: float | None = None
    left: float | None = None


class DryReason(StrEnum):
    """Why nobody is left to be called although agents wait."""

    CLOSED_HOURS = "closed hours"
    RESTING = "resting until their next try"
    NUMBER_LIMIT = "called as often in 24 h as a number may be"
    OTHER = "held for another reason"
    ALL_TRIED = "all tried"
    NOBODY = "no lead may be called at all"


@dataclass(frozen=True, kw_only=True)
class DrySpell:
    """A time in which agents wait for leads. `ends_at` none: it lasts beyond the forecast.

    `waiting`: the leads that are kept back when it begins, by reason, the largest first; `reason` is the first.
    `next_at`: when one of them may be called; none when nobody waits any more.
    """

    begins_at: datetime
    ends_at: datetime | None
    reason: DryReason
    waiting: tuple[tuple[DryReason, float], ...]
    next_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The sums over all hours; the interval of `humans` takes the hours' errors for one and the same."""

    attempts: float | None
    humans: float | None
    humans_low: float | None
    humans_high: float | None
    used_up: float | None


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """24 hours from `at` on. `barred`: leads that a gate holds for good, by its code, not counted as waiting.

    `attempts_per_agent_hour` is the campaign's own when `rate_is_own`, else the one in its settings.
    """

    at: datetime
    zone: str
    agents: int | None
    attempts_per_agent_hour: float
    rate_is_own: bool
    waiting: int
    barred: tuple[tuple[str, int], ...]
    hit_rate: Rate
    hours: tuple[Hour, ...]
    totals: Totals
    dry_spells: tuple[DrySpell, ...]
