"""What did past calls teach about one campaign? One frozen value: how calls end, how agents get free, how many land."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from dialer.prediction import leads
from dialer.prediction.answering import AnsweringSeen, AnswerTables
from dialer.prediction.freeing import FreeingSeen, FreeTables
from dialer.prediction.histogram import FADE_ABOVE, Histogram
from dialer.prediction.leads import LeadOdds
from dialer.prediction.rate import LandingRate, cold
from dialer.prediction.recent import WINDOW_S, Recent, recent_of

REBUILD_GROWTH = 1.1  # tables are made anew when a tenth more was seen
REBUILD_STEP = 20.0
CORRECTION_STEP = 0.01  # how much one lost call moves the learned threshold
CORRECTION_STEP_BUSY = 0.05  # and from so many answers in the last half hour on: about those of 80 agents
BUSY_FROM = 1000
CORRECTION_OF_CAP = 0.94  # where losses leave it as it is; steering aims lower for small teams on top of it
CORRECTION_LIMIT = math.log(3)
WARM_CALLS = 300.0  # what similar campaigns' past is worth to a new one
FORMAT = 2


@dataclass(frozen=True, eq=False)
class Shape:
    """What was seen at the last rebuild, with its tables made once. Compared by identity."""

    answering: AnsweringSeen
    freeing: FreeingSeen
    screened: bool

    @cached_property
    def answers(self) -> AnswerTables:
        return AnswerTables(self.answering, screened=self.screened)

    @cached_property
    def frees(self) -> FreeTables:
        return FreeTables(self.freeing)


@dataclass(frozen=True, kw_only=True)
class CampaignLearned:
    """Everything learned about one campaign. `screened`: detection listens first, so only persons land.

    `taught`: by a call of its own, be it one; else all it knows was lent by similar campaigns, or is nothing.
    """

    taught: bool = False
    screened: bool = False
    answering: AnsweringSeen = field(default_factory=AnsweringSeen)
    freeing: FreeingSeen = field(default_factory=FreeingSeen)
    rate: LandingRate = field(default_factory=cold)
    log_correction: float = 0.0  # of the risk threshold
    lead_odds: LeadOdds = field(default_factory=LeadOdds)
    recent: Recent = field(default_factory=Recent)
    shape: Shape | None = None

    @property
    def correction(self) -> float:
        return math.exp(self.log_correction)

    @property
    def seen(self) -> float:
        """Ended calls and talks, all told."""
        return self.answering.calls + self.freeing.talks

    def shaped(self) -> CampaignLearned:
        """With tables that are not too old; the same value when they are good still."""
        if self.shape is not None and self.shape.screened == self.screened:
            before = self.shape.answering.calls + self.shape.freeing.talks
            if before <= self.seen < before * REBUILD_GROWTH + REBUILD_STEP:
                return self
        answering, freeing = self.answering, self.freeing
        if answering.calls > FADE_ABOVE:
            answering = answering.scaled(0.5)
        if freeing.talks > FADE_ABOVE:
            freeing = freeing.scaled(0.5)
        shape = Shape(answering, freeing, self.screened)
        return replace(self, answering=answering, freeing=freeing, shape=shape)

    def as_plain(self, now_s: float) -> dict[str, object]:
        """Everything but the tables, for JSON; `now_s` is the monotonic second at which it is kept."""
        answering = {name: _plain(getattr(self.answering, name)) for name in _ANSWERING}
        freeing = {name: _plain(getattr(self.freeing, name)) for name in _FREEING}
        return {
            "format": FORMAT,
            "taught": self.taught,
            "screened": self.screened,
            "answering": answering | {"refused": self.answering.refused},
            "freeing": freeing,
            "landed": self.rate.landed,
            "calls": self.rate.calls,
            "log_correction": self.log_correction,
            "lead_odds": self.lead_odds.as_plain(),
            "lately": self._lately(now_s),
        }

    def _lately(self, now_s: float) -> dict[str, object] | None:
        """What is true of this half hour only: how many answer now, and who was lost of late."""
        if self.rate.at_s is None:
            return None
        settled = self.rate.at(now_s).settled()
        return {"belief": [round(each, 6) for each in settled.belief]} | self.recent.as_plain(now_s)


def from_plain(
    stored: Mapping[str, object], *, now_s: float = 0.0, ago_s: float | None = None
) -> CampaignLearned | None:
    """What `as_plain` gave; none for an older format or a damaged value: then pacing starts without history.

    It was kept `ago_s` before the monotonic second `now_s`. After half an hour, or when that is not known or damaged,
    the belief about the answer rate and the half hour's losses are not taken: then the start is a careful one.
    An older version did not write down who was taught by its own calls: there whoever knows anything counts as such.
    """
    try:
        if stored["format"] != FORMAT:
            return None
        answering, freeing = dict(stored["answering"]), dict(stored["freeing"])  # type: ignore[call-overload]
        seen = AnsweringSeen(
            refused=_number(answering["refused"]),
            **{name: _histogram(answering[name], getattr(AnsweringSeen(), name)) for name in _ANSWERING},
        )
        freed = FreeingSeen(**{name: _histogram(freeing[name], getattr(FreeingSeen(), name)) for name in _FREEING})
        landed, calls = _number(stored["landed"]), _number(stored["calls"])
        correction = min(max(float(str(stored["log_correction"])), -CORRECTION_LIMIT), CORRECTION_LIMIT)
        if not 0 < landed < calls:
            return None
        anything = seen != AnsweringSeen() or freed != FreeingSeen()
        known = CampaignLearned(
            taught=bool(stored.get("taught", anything)),
            screened=bool(stored["screened"]),
            answering=seen,
            freeing=freed,
            rate=habitual(landed, calls),
            log_correction=correction,
            lead_odds=leads.from_plain(stored.get("lead_odds")),
        )
    except (KeyError, TypeError, ValueError):
        return None
    if ago_s is None or not 0 <= ago_s <= WINDOW_S:
        return known
    try:
        return _resumed(known, stored.get("lately"), now_s, ago_s)
    except (KeyError, TypeError, ValueError):
        return known


def _resumed(known: CampaignLearned, lately: object, now_s: float, ago_s: float) -> CampaignLearned:
    """With what was true so short a time ago. Raises KeyError, TypeError or ValueError when it is damaged."""
    if not isinstance(lately, Mapping):
        raise TypeError("no half hour")
    belief = [_number(each) for each in lately["belief"]]
    marks = [[_number(each) for each in mark] for mark in lately["marks"]]
    recent = recent_of(marks, int(_number(lately["team"])), _number(lately["goes_on_s"]), now_s, ago_s)
    return replace(known, rate=known.rate.believing(belief, now_s - ago_s), recent=recent)


def habitual(landed: float, calls: float) -> LandingRate:
    """A belief that starts at a known habit, as wide as a day's swing."""
    jumped = replace(cold(), landed=landed, calls=calls, at_s=0.0).at(1e9)
    return replace(jumped, at_s=None)


def warm_start(screened: bool, similar: Iterable[CampaignLearned]) -> CampaignLearned:
    """A new campaign's start from similar past ones: their habits, worth at most WARM_CALLS calls.

    Who only knows what was lent is left out: else the lender would count twice.
    """
    alike = [each for each in similar if each.taught and each.screened == screened and each.answering.calls > 0]
    if not alike:
        return CampaignLearned(screened=screened)
    answering, freeing, odds = AnsweringSeen(), FreeingSeen(), LeadOdds()
    landed = calls = 0.0
    for each in alike:
        answering, freeing = answering.plus(each.answering), freeing.plus(each.freeing)
        odds = odds.and_(each.lead_odds)
        landed, calls = landed + each.rate.landed, calls + each.rate.calls
    factor = min(1.0, WARM_CALLS / answering.calls)
    shrink = min(1.0, WARM_CALLS / calls)
    return CampaignLearned(
        screened=screened,
        answering=answering.scaled(factor),
        freeing=freeing.scaled(min(1.0, WARM_CALLS / max(freeing.talks, 1.0))),
        rate=habitual(landed * shrink, calls * shrink),
        lead_odds=odds.scaled(min(1.0, WARM_CALLS / max(odds.whole.calls, 1.0))),
    )


_ANSWERING = ("lag", "landed", "machine", "unanswered", "cancelled", "person_heard", "machine_heard")
_FREEING = ("talk", "wrap_short", "wrap_long")


def _plain(histogram: Histogram) -> dict[str, object]:
    """Only the steps that were seen: most of a day's histogram is empty."""
    return {str(i): round(count, 4) for i, count in enumerate(histogram.counts) if count}


def _histogram(stored: object, like: Histogram) -> Histogram:
    if not isinstance(stored, Mapping):
        raise ValueError("no counts")
    counts = [0.0] * len(like.counts)
    for at, count in stored.items():
        where = int(at)
        if not 0 <= where < len(counts):
            raise ValueError("a step beyond the last")
        counts[where] = _number(count)
    return replace(like, counts=tuple(counts))


def _number(value: object) -> float:
    number = float(str(value))
    if not (math.isfinite(number) and number >= 0):
        raise ValueError("not a count")
    return number
