"""How much looser may a rule be made by name: hours of weekdays, calls in a window, the rest after an abandoned call?

Nothing else can be loosened: what is dialled at all, do-not-call, registries, consent, holidays, held zones, dates of
effect and the abandonment cap have no key here. A loosening only ever adds; what a profile allows anyway stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from campaigns.rules.duties import ABANDONED, Cooldown, Duties
from campaigns.rules.fields import length_of
from campaigns.rules.hours_reading import SPELLED
from campaigns.rules.profile import RuleProfile
from campaigns.rules.windows import Window, Windows, window_of

MOST_CALLS = 100
_QUARTER = 15  # whoever tells leads apart by the quarter of an hour must still be right
A_KEY = "hours.mon-fri (any days), attempts.24h (any window) or cooldowns.abandoned"


class Loosens(StrEnum):
    """Which question a loosening answers otherwise."""

    HOURS = "hours"
    ATTEMPTS = "attempts"


@dataclass(frozen=True, kw_only=True)
class Loosening:
    """One key and value, read. `days`: Monday is 0; `most` calls in each `window`; `rest` after an abandoned call."""

    loosens: Loosens
    days: tuple[int, ...] = ()
    windows: Windows = ()
    window: timedelta | None = None
    most: int = 0
    rest: timedelta | None = None


def loosening_of(key: str, value: str) -> Loosening:
    """What a key and its value mean. Raises ValueError saying what is allowed."""
    kind, _, which = key.partition(".")
    if kind == "hours" and which in SPELLED:
        return Loosening(loosens=Loosens.HOURS, days=SPELLED[which], windows=_windows(value))
    if kind == "attempts":
        if not (value.isascii() and value.isdecimal() and 1 <= int(value[:4]) <= MOST_CALLS and len(value) < 4):
            raise ValueError(f"value {value[:20]!r}: a whole number of calls from 1 to {MOST_CALLS} is expected")
        return Loosening(loosens=Loosens.ATTEMPTS, window=_length(which), most=int(value))
    if key == f"cooldowns.{ABANDONED}":
        return Loosening(loosens=Loosens.ATTEMPTS, rest=_length(value))
    raise ValueError(f"key {key[:40]!r} cannot be loosened; expected {A_KEY}")


@lru_cache(maxsize=512)
def loosened(profile: RuleProfile, loosenings: tuple[Loosening, ...]) -> RuleProfile:
    """The profile with all of them. Whoever keeps verdicts by profile must not mix the two: it has another name."""
    week, duties = profile.week, profile.duties
    for each in loosenings:
        if each.loosens is Loosens.HOURS:
            week = tuple(_joined(day, each.windows) if n in each.days else day for n, day in enumerate(week))
        else:
            duties = _looser(duties, each)
    return replace(profile, name=f"{profile.name} with an override", week=week, duties=duties)


def changes(profile: RuleProfile, loosening: Loosening) -> bool:
    """Whether anything is legal with it that is not without it."""
    if profile.never:
        return False
    if loosening.loosens is Loosens.HOURS:
        days = (profile.week[n] for n in loosening.days)
        return any(_joined(day, loosening.windows) != _joined(day, ()) for day in days)
    return _looser(profile.duties, loosening) != profile.duties


def _looser(duties: Duties, by: Loosening) -> Duties:
    limits = tuple(
        replace(each, most=max(each.most, by.most)) if each.window == by.window else each for each in duties.attempts
    )
    return replace(duties, attempts=limits, cooldowns=tuple(_shorter(each, by.rest) for each in duties.cooldowns))


def _shorter(rest: Cooldown, most: timedelta | None) -> Cooldown:
    return rest if most is None or rest.after != ABANDONED else replace(rest, rest=min(rest.rest, most))


def _windows(value: str) -> Windows:
    windows = tuple(window_of(part.strip()) for part in value.split(","))
    if any(edge % _QUARTER for window in windows for edge in (window.opens_min, window.closes_min)):
        raise ValueError(f"value {value[:40]!r}: windows begin and end on quarters of an hour")
    return windows


def _length(text: str) -> timedelta:
    try:
        return length_of(text)
    except ValueError as fault:
        raise ValueError(f"{text[:20]!r}: {fault}") from None


def _joined(one: Windows, other: Windows) -> Windows:
    """The minutes that stand in either, as windows that do not touch."""
    found: list[Window] = []
    for window in sorted((*one, *other), key=lambda each: each.opens_min):
        if found and window.opens_min <= found[-1].closes_min:
            opens, closes = found[-1].opens_min, max(found[-1].closes_min, window.closes_min)
            found[-1] = Window(opens_min=opens, closes_min=closes)
        else:
            found.append(window)
    return tuple(found)
