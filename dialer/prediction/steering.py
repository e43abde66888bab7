"""How much risk is right now? The threshold of one call too many, steered by what the budget has left.

What a call may risk has an optimum that hardly changes with the hour; counts only nudge it. Slack is what the target
would have allowed so far, less what was lost, measured against the scatter such a count has by chance, so that a quiet
morning does not buy a wild afternoon and one bad minute does not stop the day. The day's count keeps a distance from
the cap that shrinks as answers come in; the last half hour's spreads losses evenly, or they would come in clusters.
Near the limit the guard takes over: nothing that may meet nobody (PACING section 3, item 4).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

from campaigns.metrics import AbandonBudget
from campaigns.metrics.abandon_budget import AT_LEAST
from dialer.prediction.recent import Lately

# By agents, and on a logarithmic scale between them. Measured: docs/decisions/0009.
TARGET_OF_CAP = ((5, 0.91), (10, 0.90), (20, 0.935), (50, 0.87), (100, 0.94), (300, 0.80))
EVENNESS = ((50, 0.85), (100, 0.3))  # e-folds of the threshold for each standard deviation of the half hour's slack
NUDGE = 0.25  # and of the day's
# What the last half hour may lose, as a multiple of the cap, by the team's size: one lost of few weighs more.
HALF_HOUR_OF_CAP = ((5, 2.45), (10, 1.9), (20, 1.65), (50, 1.4), (100, 1.17), (300, 0.9))
BRAKED = ((5, 0.006), (10, 0.004), (50, 0.002))  # the most that is risked when one more lost call would pass that
DISTANCE = 1.0  # standard deviations that the day's count keeps from the target
HABITUAL_BASE = 50  # answers of a start that say little
LEAST, MOST = 0.001, 0.3
MEASURED_CAP = 0.03  # the starts below are for this one; at a stricter cap they are so much more careful
CAREFUL = 0.002  # a risk nobody notices: the second call for one agent is above it
START_S = 900.0  # how long a start takes: agents come, and little is known of how people answer today
FIRST_ANSWERS = (25, 0.35)  # of a day, and more for each agent: one lost of so few weighs more than ever later
DOUBT = ((5, 0.0), (20, 0.7))  # standard deviations of what is not known of the rate: many calls err together
OVERDRAWN = 0.002  # the chance that the calls in flight may have to lose more than the budget has left
LAST_FEW = 2  # once no more may be lost than that,
OVERDRAWN_OF_FEW = 0.0005  # as a start comes by them in every wave
RESERVE_TEAM = 30  # agents; for so many what rings may cost more than it seems, so that calls are kept back
RESERVE, RESERVE_FROM = 2, 3.0  # so many, once so many may be lost
# The most that is risked at a start, by agents: of the very first answers, then while a lost call is not paid for yet.
# Ten agents wait half an hour for these answers, fifty some minutes; with five, two lost calls take too much of a day.
FIRST = ((5, 0.002), (10, 0.008), (50, 0.002))  # until somebody is lost; then CAREFUL
FEW = ((5, 0.012), (10, 0.025), (50, 0.012))  # before somebody was lost
FEW_LEFT = ((5, 0.003), (10, 0.008), (50, 0.003))  # and after
CANCELS_AT = 0.1  # a long-ringing call likelier than this to meet nobody is given up
QUIET = Lately()


class Caution(StrEnum):
    """What sets the threshold when it is not how the counts stand; the value is what a person reads."""

    NONE = ""
    FIRST_ANSWERS = "the day's first answers"
    START = "the first quarter of an hour"
    FEW_ANSWERS = "too few answers yet to pay for a lost call"
    HALF_HOUR = "one more lost would be too many for the last half hour"
    SPENT = "the budget is spent"
    MOST = "the most that is ever risked"


@dataclass(frozen=True, kw_only=True)
class Appetite:
    """The threshold for one more call, how many may be lost in all, and whether the guard is on.

    `caution`: the limit that sets the threshold, of a start, of a half hour that has lost its share or of the guard.
    """

    theta: float
    careful: bool
    spare: int
    caution: Caution = Caution.NONE

    @property
    def held(self) -> bool:
        """Whether a limit sets the threshold."""
        return self.caution is not Caution.NONE


def base_theta(agents: int) -> float:
    """The threshold that lands near the target with so many agents: large teams abandon in clusters. Measured."""
    return float(0.035 * (5 / max(agents, 5)) ** 0.05)


def target_of_cap(agents: int) -> float:
    """What is aimed at, as a share of the cap. Measured: goals for the worst half hour are stricter for large teams."""
    return _by_size(TARGET_OF_CAP, agents)


def doubt_of(agents: int) -> float:
    """How many standard deviations of its doubt the answer rate is taken higher. Measured."""
    return _by_size(DOUBT, agents)


def braked(agents: int) -> float:
    """The most that is risked when one more lost call would be too many for half an hour. Measured."""
    return _by_size(BRAKED, agents)


def overdrawn_at(spare: int) -> float:
    """The chance that the calls in flight may have to lose more than so many: less while they are few."""
    return OVERDRAWN if spare > LAST_FEW else OVERDRAWN_OF_FEW


@lru_cache(maxsize=4096)
def _by_size(points: tuple[tuple[int, float], ...], agents: int) -> float:
    sizes, values = zip(*points, strict=True)
    return float(np.interp(math.log(max(agents, 1)), np.log(sizes), values))


def appetite(budget: AbandonBudget, agents: int, learned: float, lately: Lately = QUIET) -> Appetite:
    """What may be risked now.

    `learned` multiplies the base, from what earlier thresholds led to; `lately` is the last half hour, or less after a
    start. A start is over by those who were answered in time: one more who is lost never makes bold.
    """
    target = target_of_cap(agents) * budget.cap
    slack_lately = _slack(target, lately.lost, lately.base, 0.0)
    nudge = min(_slack(target, period.lost, period.base, DISTANCE) for period in (budget.day, budget.month))
    theta = base_theta(agents) * learned * math.exp(NUDGE * nudge + _by_size(EVENNESS, agents) * slack_lately)
    most, caution = min(_cautions(budget, agents, lately), key=lambda each: each[0])
    keeps_back = agents >= RESERVE_TEAM and budget.cap * budget.day.base >= RESERVE_FROM
    return Appetite(
        theta=min(max(theta, LEAST), most),
        careful=not budget.more,
        spare=max(budget.more - (RESERVE if keeps_back else 0), 0),
        caution=caution if theta > most or not budget.more else Caution.NONE,
    )


def _cautions(budget: AbandonBudget, agents: int, lately: Lately) -> Iterator[tuple[float, Caution]]:
    """The most that may be risked by each limit that holds now, the gravest first."""
    first_answers, more_each = FIRST_ANSWERS
    strict = min(1.0, budget.cap / MEASURED_CAP)
    if not budget.more:
        yield CAREFUL, Caution.SPENT
    if budget.day.counted.joined_human < first_answers + more_each * agents:
        yield CAREFUL if budget.day.lost else strict * _by_size(FIRST, agents), Caution.FIRST_ANSWERS
    if _clustered(lately, agents, budget.cap):
        yield braked(agents), Caution.HALF_HOUR
    for period in (budget.day, budget.month):
        if budget.cap * period.counted.joined_human < AT_LEAST:
            yield strict * _by_size(FEW_LEFT if period.lost else FEW, agents), Caution.FEW_ANSWERS
    if lately.seconds < START_S:
        yield strict * _by_size(FEW, agents), Caution.START
    yield MOST, Caution.MOST


def _clustered(lately: Lately, agents: int, cap: float) -> bool:
    """Whether one more lost call would be too many for half an hour.

    With fewer agents than there were, at lunch, fewer people will answer: what was lost before is more of them. A pause
    of some minutes is no lunch.
    """
    if not lately.lost:
        return False
    staying = min(1.0, max(agents, lately.of_late) / lately.agents) if lately.agents else 1.0
    most = _by_size(HALF_HOUR_OF_CAP, lately.team or agents) * cap
    return lately.lost + 1 > most * (lately.base * staying + 1)


def _slack(target: float, lost: int, base: int, distance: float) -> float:
    """Calls that might have been lost and were not, in standard deviations; grows with answers, shrinks with losses."""
    allowed = target * base
    kept_off = max(allowed - distance * math.sqrt(allowed), 0.0)
    return (kept_off - lost) / math.sqrt(1 + target * (base + HABITUAL_BASE))
