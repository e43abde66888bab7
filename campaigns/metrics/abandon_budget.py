"""How many more calls may be abandoned, today and in 30 days, and how surely is the limit kept?

Whatever is not known counts against us: calls answered and with nobody yet, and calls of which nobody knows whether
they were answered, are taken as abandoned until they turn out otherwise; joined calls without a verdict are no answers.
Where the campaign has an estimate of how many persons its detector takes for machines, they are abandoned too.

A share of few answers says little, so it is neither divided by nothing nor ignored. Up to AT_LEAST calls may be lost in
each period whatever the share, and no more until the answers pay for them: in a new campaign at a cap of 3 % the third
lost call needs 99 answers before it. As the 30 days are one period, that is 2 calls in 30 days and not 2 each morning.
Beside the share stands the bound that the true share does not exceed with 95 % confidence (see confidence); while that
is over the cap, chance alone may hide that we are over, and the budget is called tight.

The cap itself: 16 CFR 310.4(b)(4)(i), at most 3 % of calls answered by a person over 30 days, per campaign; to keep it
on each day as well is our own, stricter rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from campaigns.metrics.abandonment import AbandonmentCount, budget, exact, persons_taken_for_machines
from campaigns.metrics.confidence import CONFIDENCE, chance_of_at_most, upper_bound

AT_LEAST = 2
"""Calls that may be lost in a period before its share is judged."""


class BudgetStage(StrEnum):
    """How freely calls may be placed ahead of agents."""

    FREE = "free"  # the limit is kept with 95 % confidence
    TIGHT = "tight"  # something is left, but chance alone may carry it over the limit
    SPENT = "spent"  # not one more call than free agents


@dataclass(frozen=True, kw_only=True)
class PeriodBudget:
    """One period's part. `waiting`: calls answered and with nobody yet, which its counts do not hold.

    `false_positives`: the share (0..1) of the calls taken for machines that were persons, 0 without an estimate.
    """

    counted: AbandonmentCount
    cap: float
    words: str  # "today", "in 30 days"
    waiting: int = 0
    false_positives: float = 0.0

    @cached_property
    def lost(self) -> int:
        """Calls abandoned, or taken as such."""
        return self.counted.abandoned + self.counted.unknown + self.waiting + self.taken_for_machines

    @cached_property
    def taken_for_machines(self) -> int:
        """How many persons detection is taken to have hung up."""
        return persons_taken_for_machines(self.counted.heard_machine, self.false_positives)

    @cached_property
    def base(self) -> int:
        """These and the calls joined in time with a person: what the share is of."""
        return self.lost + self.counted.joined_human

    @property
    def share(self) -> float | None:
        """0..1, none when nobody answered yet."""
        return self.lost / self.base if self.base else None

    @property
    def bound(self) -> float:
        """The share that the true one does not exceed with 95 % confidence; 1 when nobody answered yet."""
        return upper_bound(self.lost, self.base)

    @cached_property
    def more(self) -> int:
        """How many of the next answered calls may be abandoned, if nothing else happens."""
        return max(AT_LEAST - self.lost, budget(self.lost, self.base, self.cap))

    @cached_property
    def answers_needed(self) -> int:
        """How many more people must be answered in time until one call may be abandoned; 0 when one may be now."""
        if self.more:
            return 0
        part, whole = exact(self.cap)
        return -(-whole * (self.lost + 1) // part) - self.base - 1

    @property
    def stage(self) -> BudgetStage:
        if not self.more:
            return BudgetStage.SPENT
        surely = chance_of_at_most(self.lost, self.base, self.cap) <= 1 - CONFIDENCE
        return BudgetStage.FREE if surely else BudgetStage.TIGHT


@dataclass(frozen=True, kw_only=True)
class AbandonBudget:
    """What one campaign's window may still lose: the smaller of today and of 30 days, in calls.

    `today` and `thirty_days` are the counts of all campaigns that share the window; `waiting` are their calls that were
    answered and are with nobody yet, those being hung up by us among them.
    """

    today: AbandonmentCount
    thirty_days: AbandonmentCount
    cap: float
    waiting: int = 0
    false_positives: float = 0.0  # see PeriodBudget

    @cached_property
    def day(self) -> PeriodBudget:
        return self._of(self.today, "today")

    @cached_property
    def month(self) -> PeriodBudget:
        return self._of(self.thirty_days, "in 30 days")

    @property
    def more_today(self) -> int:
        """What today's own share leaves, in calls; the 30 days may leave less."""
        return self.day.more

    @property
    def more_30_days(self) -> int:
        """What the 30 days leave, in calls."""
        return self.month.more

    @property
    def more(self) -> int:
        """How many more calls may be abandoned now: what both periods leave."""
        return min(self.day.more, self.month.more)

    @property
    def share_today(self) -> float | None:
        return self.day.share

    @property
    def share_30_days(self) -> float | None:
        return self.month.share

    @property
    def undecided(self) -> int:
        """Today's calls joined in time of which nobody has said yet whether a person was there: in no share."""
        return self.today.joined_unknown

    @property
    def answers_needed(self) -> int:
        """How many more people must be answered in time until one more call may be abandoned; 0 when one may be now."""
        return max(self.day.answers_needed, self.month.answers_needed)

    @property
    def binding(self) -> PeriodBudget:
        """The period that leaves less; of two that leave as little, the one that needs more answers."""
        return min((self.day, self.month), key=lambda each: (each.more, -each.answers_needed, -_rank(each.stage)))

    @cached_property
    def stage(self) -> BudgetStage:
        """The worse of both periods' stages."""
        return max((self.day.stage, self.month.stage), key=_rank)

    def _of(self, counted: AbandonmentCount, words: str) -> PeriodBudget:
        errs = self.false_positives
        return PeriodBudget(counted=counted, cap=self.cap, words=words, waiting=self.waiting, false_positives=errs)

    @property
    def sentence(self) -> str:
        """How the budget stands and what follows from it, with its numbers."""
        period = self.binding
        told = f"{_counts(period)}: "
        if self.stage is BudgetStage.SPENT:
            more = "1 more person was" if self.answers_needed == 1 else f"{self.answers_needed} more people were"
            return f"{told}no more calls than free agents until {more} answered in time"
        if period.share is None:
            return f"{told}{self.more} may be abandoned until answers pay for more"
        told += f"{self.more} more may be"
        if self.stage is BudgetStage.TIGHT:
            unsure = max((self.day, self.month), key=lambda each: each.bound)
            told += f", though the true share may be up to {_percent(unsure.bound)} {unsure.words}"
        return told


def _rank(stage: BudgetStage) -> int:
    return tuple(BudgetStage).index(stage)


def _counts(period: PeriodBudget) -> str:
    if period.share is None:
        return f"nobody answered {period.words} yet"
    parts = (
        (period.waiting, "still waiting"),
        (period.counted.unknown, "of unknown end"),
        (period.taken_for_machines, "taken for machines by estimate"),
    )
    among = " and ".join(f"{number} {words}" for number, words in parts if number)
    told = f"{period.lost} of {period.base} abandoned {period.words}" + (f" ({among} among them)" if among else "")
    return f"{told}, {_percent(period.share)} of at most {period.cap * 100:g} %"


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("%", " %")
