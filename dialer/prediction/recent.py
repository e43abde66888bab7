"""How did the last half hour go? The day's count, remembered every minute for half an hour."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_S = 1800.0  # the half hour that figures judge (worst half hour)
MARK_EVERY_S = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A campaign's count at one instant (monotonic): people lost, and lost or joined, since the day began."""

    at_s: float
    lost: int
    base: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Lately:
    """People lost, and lost or joined, in the last `seconds`: half an hour, or since the campaign began to dial."""

    lost: int = 0
    base: int = 0
    seconds: float = WINDOW_S


@dataclass(frozen=True, kw_only=True, slots=True)
class Recent:
    """The marks, the oldest first. Empty at a start: what was before it is not held against the campaign."""

    marks: tuple[Mark, ...] = ()

    def noted(self, now_s: float, lost: int, base: int) -> Recent:
        """With the count of now, when the last mark is a minute old; marks that the window has left are dropped."""
        if self.marks and now_s - self.marks[-1].at_s < MARK_EVERY_S:
            return self
        first = sum(mark.at_s < now_s - WINDOW_S for mark in self.marks)
        kept = self.marks[max(first - 1, 0) :]
        return Recent(marks=(*kept, Mark(at_s=now_s, lost=lost, base=base)))

    @property
    def answers(self) -> int:
        """People lost or joined between the first and the last mark: in the last half hour, or since a start."""
        return max(self.marks[-1].base - self.marks[0].base, 0) if self.marks else 0

    def since(self, now_s: float, lost: int, base: int) -> Lately:
        """The last half hour, a minute more or less; nothing lost and nobody met when a new day began meanwhile."""
        if not self.marks:
            return Lately(seconds=0.0)
        first = self.marks[0]
        return Lately(lost=max(lost - first.lost, 0), base=max(base - first.base, 0), seconds=now_s - first.at_s)
