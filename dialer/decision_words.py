"""How is a minute of decisions, or a longer stretch, told in words? The same words for shell, screen and answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dialer.decision_log import MINUTE, MinuteOfDecisions, Said, Spread, Telling
from dialer.held_by import HeldBy

_FIGURES = {
    "idle": ("agents idle", 1.0, ""),
    "busy": ("agents busy", 1.0, ""),
    "expected_free": ("agents expected free", 1.0, ""),
    "ringing": ("calls ringing", 1.0, ""),
    "expected_answers": ("answers expected of them", 1.0, ""),
    "risk": ("risk of one too many", 100.0, " %"),
    "budget": ("budget", 1.0, ""),
}
_LONGEST_FIRST = 4  # causes named one by one


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What the minutes of a stretch of time add up to. `end` is not in it; `minutes` are those with decisions."""

    begin: datetime
    end: datetime
    minutes: tuple[MinuteOfDecisions, ...]

    @property
    def looks(self) -> int:
        return sum(each.looks for each in self.minutes)

    @property
    def launched(self) -> int:
        return sum(each.launched for each in self.minutes)

    @property
    def by_hand(self) -> int:
        return sum(each.by_hand for each in self.minutes)

    @property
    def cancelled(self) -> int:
        return sum(each.cancelled for each in self.minutes)

    @property
    def held(self) -> tuple[tuple[str, float], ...]:
        """Each cause with its share of the minutes in which anything was decided, the longest first."""
        ms: dict[str, int] = {}
        for each in self.minutes:
            for cause, held_ms in each.held_ms:
                ms[cause] = ms.get(cause, 0) + held_ms
        lengths = (min(each.minute + MINUTE, self.end) - each.minute for each in self.minutes)
        whole = sum(lengths, timedelta()) / timedelta(milliseconds=1)
        longest = sorted(ms.items(), key=lambda found: (-found[1], found[0]))
        return tuple((cause, min(held_ms / whole, 1.0)) for cause, held_ms in longest) if whole > 0 else ()

    @property
    def held_most(self) -> tuple[str, float]:
        """What held it back longest, with its share; nothing when it was never held back."""
        found = [(cause, share) for cause, share in self.held if cause != HeldBy.NOTHING]
        return found[0] if found else ("", 0.0)

    @property
    def figures(self) -> tuple[tuple[str, Spread], ...]:
        """The spread of each key figure over all looks of the stretch."""
        found: dict[str, Spread] = {}
        for each in self.minutes:
            for name, spread in each.figures:
                found[name] = _joined(found[name], spread) if name in found else spread
        return tuple((name, found[name]) for name in _FIGURES if name in found)


def _joined(one: Spread, other: Spread) -> Spread:
    return Spread(
        looks=one.looks + other.looks,
        least=min(one.least, other.least),
        total=one.total + other.total,
        most=max(one.most, other.most),
    )


def stretch_shown(stretch: Stretch, zone: ZoneInfo) -> dict[str, Any]:
    """A stretch as plain values, its times in this zone."""
    cause, share = stretch.held_most
    return {
        "time": between(stretch.begin, stretch.end, zone),
        "from": local(stretch.begin, zone),
        "to": local(stretch.end, zone),
        "looks": stretch.looks,
        "launched": stretch.launched,
        "by_hand": stretch.by_hand,
        "cancelled": stretch.cancelled,
        "held_by": cause,
        "share": round(share, 4),
        "held": [{"cause": cause, "share": round(share, 4)} for cause, share in stretch.held],
        "figures": {
            name: {"least": spread.least, "mean": round(spread.mean, 4), "most": spread.most}
            for name, spread in stretch.figures
        },
    }


def recent_shown(minute: MinuteOfDecisions) -> dict[str, Any]:
    """A minute as the campaign's screen shows it: what was done, by what it was held, the sentence that tells most."""
    stretch = Stretch(begin=minute.minute, end=minute.minute + MINUTE, minutes=(minute,))
    cause, share = stretch.held_most
    return {
        "minute": minute.minute.isoformat(),
        "launched": minute.attempts,
        "cancelled": minute.cancelled,
        "held_by": cause,
        "share": round(share, 4),
        "said": _telling_most(minute.said),
    }


def _telling_most(said: Iterable[Said]) -> str:
    """A move of the campaign before a change, that before the largest launch, that before the first."""
    order = (Telling.MOVE, Telling.CHANGE, Telling.LARGEST, Telling.FIRST)
    found = sorted(said, key=lambda each: (order.index(each.telling), -each.second))
    return found[0].words if found else ""


def in_words(stretch: Stretch, zone: ZoneInfo) -> str:
    """`10:40-10:41: 2 calls launched in 58 looks. For 71 % of the minute held by: the trunk's lines.`"""
    calls = f"{stretch.launched} {_plural(stretch.launched, 'call')} launched in {stretch.looks} "
    done = [calls + _plural(stretch.looks, "look")]
    done += [f"{stretch.by_hand} dialled by agents"] if stretch.by_hand else []
    done += [f"{stretch.cancelled} cancelled"] if stretch.cancelled else []
    return f"{between(stretch.begin, stretch.end, zone)}: {', '.join(done)}. {_held_words(stretch)}"


def _held_words(stretch: Stretch) -> str:
    of = "of the minute" if stretch.end - stretch.begin == MINUTE else "of the time"
    held = [(cause, share) for cause, share in stretch.held if cause != HeldBy.NOTHING and share >= 0.005]
    if not held:
        return "Nothing held it back."
    (cause, share), *others = held[:_LONGEST_FIRST]
    more = "".join(f"; for {_percent(s)} by: {c}" for c, s in others)
    return f"For {_percent(share)} {of} held by: {cause}{more}."


def figures_in_words(stretch: Stretch) -> str:
    """`Least, mean and most: agents idle 0, 1.2, 3; budget 14.` Empty when no figure was told."""
    told = [f"{_FIGURES[name][0]} {_spread_words(spread, *_FIGURES[name][1:])}" for name, spread in stretch.figures]
    return f"Least, mean, most: {'; '.join(told)}." if told else ""


def _spread_words(spread: Spread, times: float, unit: str) -> str:
    if spread.least == spread.most:
        return f"always {spread.most * times:.3g}{unit}"
    return ", ".join(f"{value * times:.3g}" for value in (spread.least, spread.mean, spread.most)) + unit


def what_it_means(stretch: Stretch) -> str:
    """What the longest cause means, and what may be done about it; empty when nothing held it back."""
    cause, _ = stretch.held_most
    return HeldBy(cause).meaning if cause in _KNOWN else ""


_KNOWN = frozenset(each.value for each in HeldBy)


def local(at: datetime, zone: ZoneInfo) -> str:
    """An instant in this zone, ISO 8601 with its offset."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def clock(at: datetime, zone: ZoneInfo) -> str:
    """The time of day there."""
    return f"{at.astimezone(zone):%H:%M}"


def between(begin: datetime, end: datetime, zone: ZoneInfo) -> str:
    """`10:40-10:41`; the end of a day is 24:00."""
    until = clock(end, zone)
    return f"{clock(begin, zone)}-{'24:00' if until == '00:00' and end > begin else until}"


def day_and_time(at: datetime, zone: ZoneInfo) -> str:
    """The day and the time of day there."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _plural(number: int, one: str) -> str:
    return one if number == 1 else f"{one}s"
