"""How did the last half hour go? The day's count, remembered every minute for half an hour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WINDOW_S = 1800.0  # the half hour that figures judge (worst half hour)
MARK_EVERY_S = 60.0
GAP_S = 300.0  # who did not dial for so long begins anew: other agents are there, and people may answer otherwise
PAUSED_MARKS = 5  # minutes that whoever pauses is counted on still: he will be back before the half hour is over


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A campaign's count at one instant (monotonic): people lost, and lost or joined, since the day began.

    `agents` are those at work for it.
    """

    at_s: float
    lost: int
    base: int
    agents: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Lately:
    """People lost, and lost or joined, in the last half hour, of which it was dialled for the last `seconds` on end.

    `agents` were at work meanwhile, on average, `of_late` in its last five minutes, and `team` were the most since it
    began; 0 when that is not known.
    """

    lost: int = 0
    base: int = 0
    seconds: float = WINDOW_S
    agents: float = 0.0
    of_late: float = 0.0
    team: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Recent:
    """The marks, the oldest first. Empty when dialling begins: what was before is not held against the campaign.

    Since `began_s` (monotonic) it goes on without a gap; who was lost before a gap stays in the half hour.
    """

    marks: tuple[Mark, ...] = ()
    team: int = 0
    began_s: float = -math.inf

    def due(self, now_s: float) -> bool:
        """Whether the last mark is a minute old."""
        return not self.marks or now_s - self.marks[-1].at_s >= MARK_EVERY_S

    def noted(self, now_s: float, lost: int, base: int, agents: int) -> Recent:
        """With the count of now; marks that the window has left are dropped."""
        first = sum(mark.at_s < now_s - WINDOW_S for mark in self.marks)
        kept = self.marks[max(first - 1, 0) :]
        mark = Mark(at_s=now_s, lost=lost, base=base, agents=agents)
        goes_on = self.marks and now_s - self.marks[-1].at_s <= GAP_S
        began_s = self.began_s if goes_on else now_s
        return Recent(marks=(*kept, mark), team=max(self.team, agents), began_s=began_s)

    @property
    def answers(self) -> int:
        """People lost or joined between the first and the last mark: in the last half hour, or since a start."""
        return max(self.marks[-1].base - self.marks[0].base, 0) if self.marks else 0

    def as_plain(self, now_s: float) -> dict[str, object]:
        """For JSON: how old each mark is, since instants mean nothing to another run."""
        marks = [[round(now_s - m.at_s, 1), m.lost, m.base, m.agents] for m in self.marks]
        return {"team": self.team, "goes_on_s": min(round(now_s - self.began_s, 1), WINDOW_S), "marks": marks}

    def since(self, now_s: float, lost: int, base: int) -> Lately:
        """The last half hour, a minute more or less; nothing lost and nobody met when a new day began meanwhile."""
        if not self.marks:
            return Lately(seconds=0.0)
        first = self.marks[0]
        return Lately(
            lost=max(lost - first.lost, 0),
            base=max(base - first.base, 0),
            seconds=now_s - max(first.at_s, self.began_s),
            agents=_at_work(self.marks),
            of_late=_at_work(self.marks[-PAUSED_MARKS:]),
            team=self.team,
        )


def recent_of(marks: Sequence[Sequence[float]], team: int, goes_on_s: float, now_s: float, ago_s: float) -> Recent:
    """What `as_plain` told so long ago. Raises ValueError for what cannot be."""
    kept = [(age_s + ago_s, int(lost), int(base), int(agents)) for age_s, lost, base, agents in marks]
    ages = [age_s for age_s, *_ in kept]
    if ages != sorted(ages, reverse=True) or any(not 0 <= lost <= base or agents < 0 for _, lost, base, agents in kept):
        raise ValueError("no marks of half an hour")
    within = [
        Mark(at_s=now_s - age_s, lost=lost, base=base, agents=agents)
        for age_s, lost, base, agents in kept
        if 0 <= age_s <= WINDOW_S
    ]
    return Recent(marks=tuple(within), team=team, began_s=now_s - ago_s - goes_on_s)


def _at_work(marks: tuple[Mark, ...]) -> float:
    return sum([mark.agents for mark in marks]) / len(marks)
