"""How many people answered and met nobody, and how many more may before the cap is reached?

Numerator: answered calls not with an agent in time, system losses and unknown fates included, unless a
detector or an agent proved a machine. Denominator: the numerator plus calls joined in time and marked human.
Joined calls without a verdict and calls hung up early are in neither and shown apart; so are calls of which nobody
knows whether they were answered, but they count against the budget (campaigns.metrics.abandon_budget).

A detector errs: of the calls that it took for machines and that were hung up, some were persons whom nobody spoke with.
Who has a reasoned estimate of their share adds it on both sides (Ofcom, "Persistent misuse: a statement of Ofcom's
general policy", 20 December 2016, annex 3; before it, revised statement of 1 October 2010): a figure of its own, since
an estimate is no count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from campaigns.metrics.figure import Call, Figure, Period, figure
from campaigns.model import AnsweredBy, Facts, Network, Routing


class Fate(StrEnum):
    """What one attempt is for the abandonment figure."""

    ABANDONED = "abandoned"
    JOINED_HUMAN = "joined_human"
    JOINED_UNKNOWN = "joined_unknown"
    HUNG_UP_EARLY = "hung_up_early"
    UNKNOWN = "unknown"  # lost from sight: nobody knows whether it was answered
    HEARD_MACHINE = "heard_machine"  # taken for a machine by the detector and hung up; some were persons
    OUTSIDE = "outside"  # not answered, or a machine


def fate_of(facts: Facts) -> Fate:
    """The place of one attempt's facts in the figure; it changes when the agent's word comes."""
    if facts.answered_by in (AnsweredBy.MACHINE, AnsweredBy.FAX):
        unheard = facts.network is Network.ANSWERED and facts.routing is Routing.NOT_ROUTED
        return Fate.HEARD_MACHINE if unheard else Fate.OUTSIDE
    if facts.routing.abandoned:
        return Fate.ABANDONED
    if facts.routing is Routing.HUNG_UP_EARLY:
        return Fate.HUNG_UP_EARLY
    if facts.routing is Routing.AGENT:
        return Fate.JOINED_HUMAN if facts.answered_by is AnsweredBy.HUMAN else Fate.JOINED_UNKNOWN
    return Fate.UNKNOWN if facts.network is Network.UNKNOWN else Fate.OUTSIDE


@dataclass(frozen=True, kw_only=True)
class AbandonmentCount:
    """The counts of one campaign over a period. An engine keeps it current with `moved`, call by call."""

    abandoned: int = 0
    joined_human: int = 0
    joined_unknown: int = 0
    hung_up_early: int = 0
    unknown: int = 0
    heard_machine: int = 0

    @property
    def base(self) -> int:
        """The denominator."""
        return self.abandoned + self.joined_human

    @property
    def share(self) -> float | None:
        """0..1, or none when nobody answered yet."""
        return abandonment_share(self.abandoned, self.joined_human)

    def moved(self, before: Facts | None, after: Facts | None) -> AbandonmentCount:
        """The count after one attempt's facts changed. None: the attempt was not counted, or leaves the period."""
        changed = self._plus(fate_of(before), -1) if before is not None else self
        return changed._plus(fate_of(after), 1) if after is not None else changed

    def __add__(self, other: AbandonmentCount) -> AbandonmentCount:
        return AbandonmentCount(
            abandoned=self.abandoned + other.abandoned,
            joined_human=self.joined_human + other.joined_human,
            joined_unknown=self.joined_unknown + other.joined_unknown,
            hung_up_early=self.hung_up_early + other.hung_up_early,
            unknown=self.unknown + other.unknown,
            heard_machine=self.heard_machine + other.heard_machine,
        )

    def _plus(self, fate: Fate, number: int) -> AbandonmentCount:
        return self if fate is Fate.OUTSIDE else self + _one(fate, number)


def _one(fate: Fate, number: int) -> AbandonmentCount:
    return AbandonmentCount(**{fate.value: number})


def abandonment_share(numerator: int, joined_human: int) -> float | None:
    """Abandoned / (abandoned + joined in time and human), none when both are 0."""
    base = numerator + joined_human
    return numerator / base if base else None


def total(counts: Iterable[AbandonmentCount]) -> AbandonmentCount:
    """The sum of many counts; quicker than adding them one by one."""
    sums = dict.fromkeys(_NAMES, 0)
    for count in counts:
        for name in _NAMES:
            sums[name] += getattr(count, name)
    return AbandonmentCount(**sums)


_NAMES = tuple(field.name for field in fields(AbandonmentCount))


def budget(numerator: int, denominator: int, cap: float) -> int:
    """How many of the next answered calls may be abandoned, if nothing else happens, without passing the cap.

    The largest k >= 0 with (numerator + k) / (denominator + k) <= cap: every call abandoned is in both. Exactly
    the cap is allowed. With no calls yet it is 0, since the first abandoned call alone would be 100 %.
    """
    part, whole = exact(cap)
    return max(0, (part * denominator - whole * numerator) // (whole - part)) if part < whole else denominator


@lru_cache(maxsize=64)
def exact(cap: float) -> tuple[int, int]:
    """A cap as it is written in decimals, 0.03 as 3 of 100, so that exactly the cap is neither over nor under it."""
    written = Fraction(str(cap))
    return written.numerator, written.denominator


def persons_taken_for_machines(heard_machine: int, false_positives: float) -> int:
    """How many of the calls taken for machines were persons by this share (0..1), a part of one as one."""
    part, whole = exact(false_positives)
    return -(-part * heard_machine // whole)


def count_abandonment(calls: Iterable[Call], period: Period) -> AbandonmentCount:
    """The counts over the calls whose report date lies in the period."""
    total = AbandonmentCount()
    for call in calls:
        if period.holds(call.attempt.report_date):
            total = total.moved(None, call.attempt.facts)
    return total


def abandonment(calls: Iterable[Call], period: Period) -> Figure:
    """The figure over a period: today, or 30 days up to today, both of which are always shown."""
    counted = count_abandonment(calls, period)
    return figure(
        "abandonment",
        "Abandonment",
        "answered calls not with an agent in time, machines apart / (those + calls joined in time and marked human)",
        period,
        of=counted.abandoned,
        among=counted.base,
    )


def estimated_abandonment(calls: Iterable[Call], period: Period, false_positives: float) -> Figure:
    """The same with an estimate of the persons whom the detector took for machines, as abandoned calls."""
    counted = count_abandonment(calls, period)
    persons = persons_taken_for_machines(counted.heard_machine, false_positives)
    return figure(
        "abandonment_estimated",
        "Abandonment, with persons taken for machines",
        "(abandoned + estimate) / (abandoned + estimate + calls joined in time and marked human); estimate: "
        "machine_false_positives x calls that detection took for machines and hung up, rounded up",
        period,
        of=counted.abandoned + persons,
        among=counted.base + persons,
    )
