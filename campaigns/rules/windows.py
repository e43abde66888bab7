"""Which minutes of a local day are meant, and which do two sets of them share?"""

from __future__ import annotations

import re
from dataclasses import dataclass

DAY_MIN = 24 * 60
_SPAN = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
A_WINDOW = 'a text such as "08:00-21:00", rising, at most to 24:00'


@dataclass(frozen=True, kw_only=True)
class Window:
    """Minutes of the local day, the end not included: 21:00 means that 20:59:59 is the last second."""

    opens_min: int
    closes_min: int

    def __post_init__(self) -> None:
        if not 0 <= self.opens_min < self.closes_min <= DAY_MIN:
            raise ValueError(f"Window {self.opens_min}..{self.closes_min}: must rise within one day of 1440 minutes.")

    def __str__(self) -> str:
        return f"{_clock(self.opens_min)}-{_clock(self.closes_min)}"


Windows = tuple[Window, ...]
ALL_DAY: Windows = (Window(opens_min=0, closes_min=DAY_MIN),)
ALL_WEEK: tuple[Windows, ...] = (ALL_DAY,) * 7


def window_of(text: str) -> Window:
    """The window written as `08:00-21:00`. Raises ValueError saying what is allowed."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"expected {A_WINDOW}")
    hour, minute, end_hour, end_minute = (int(part) for part in found.groups())
    try:
        return Window(opens_min=hour * 60 + minute, closes_min=end_hour * 60 + end_minute)
    except ValueError:
        raise ValueError(f"expected {A_WINDOW}") from None


def shared_windows(one: Windows, other: Windows) -> Windows:
    """The minutes that stand in both, in the order of the day."""
    spans = [(max(a.opens_min, b.opens_min), min(a.closes_min, b.closes_min)) for a in one for b in other]
    return tuple(Window(opens_min=opens, closes_min=closes) for opens, closes in sorted(spans) if opens < closes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
