"""How long must a number rest by its profile: for calls in a rolling window, and after an abandoned one?

Calls of every campaign count for a number, whatever the scope of the limit; those to other numbers of the person are
not added up here. Windows are exact lengths of time: a day of 23 or 25 hours changes none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.rules.duties import ABANDONED, GUARANTEED_AGENT
from campaigns.rules.profile import RuleProfile


@dataclass(frozen=True, kw_only=True)
class Rest:
    """The instant from which the number may be called again, and one phrase why not before."""

    ends_at: datetime
    reason: str


def longest_rest(
    profile: RuleProfile, called: Sequence[datetime], abandoned: Sequence[datetime], now: datetime, *, by_hand: bool
) -> Rest | None:
    """The rest that ends last, or none. `called`: when the number was called, each instant once or more often;
    `abandoned`: when abandoned calls to it ended; `by_hand`: an agent waits for every call."""
    if not profile.duties.attempts and not profile.duties.cooldowns:
        return None
    rests = (*_by_windows(profile, sorted(set(called)), now), *_by_abandoned(profile, abandoned, now, by_hand))
    return max(rests, key=lambda rest: rest.ends_at, default=None)


def _by_windows(profile: RuleProfile, called: Sequence[datetime], now: datetime) -> Iterator[Rest]:
    for limit in profile.duties.attempts:
        recent = [at for at in called if at > now - limit.window]
        if len(recent) >= limit.most:
            words = f"called {len(recent)} times in the last {length_words(limit.window)}"
            ends_at = recent[len(recent) - limit.most] + limit.window
            yield Rest(ends_at=ends_at, reason=f"{words}, {profile.name} allows {limit.most}")


def _by_abandoned(profile: RuleProfile, abandoned: Sequence[datetime], now: datetime, by_hand: bool) -> Iterator[Rest]:
    for rest in profile.duties.cooldowns:
        if rest.after != ABANDONED or (by_hand and rest.unless == GUARANTEED_AGENT):
            continue
        for ended in abandoned:
            if ended + rest.rest > now:
                words = f"a call was abandoned or lost from sight at {ended:%Y-%m-%d %H:%M} UTC"
                told = f"{words}, {profile.name} rests {length_words(rest.rest)} after one"
                yield Rest(ends_at=ended + rest.rest, reason=told)


def length_words(length: timedelta) -> str:
    """`24 h`, `30 days`, `5 years`."""
    years, rest = divmod(length, timedelta(days=366))
    if years and not rest:
        return f"{years} year{'' if years == 1 else 's'}"
    hours = length // timedelta(hours=1)
    return f"{hours // 24} days" if hours % 24 == 0 and hours > 72 else f"{hours} h"
