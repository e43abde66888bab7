"""How long must a person be left alone by a profile: for calls in a rolling window, and after an outcome?

Windows and rests in hours are exact lengths of time: a day of 23 or 25 hours changes none. Rests in calendar days end
when the last day is over in every zone in which the person may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from campaigns.rules.duties import (
    ABANDONED,
    ATTEMPTS,
    CALENDAR_DAYS,
    CONNECTED,
    CONVERSATION,
    CONVERSATIONS,
    GUARANTEED_AGENT,
    MACHINE,
    REFUSAL,
    RINGING_OR_CONNECTED,
    Cooldown,
)
from campaigns.rules.past_calls import ANYTHING, About, PastCall, concerns, counted
from campaigns.rules.profile import RuleProfile

LOOK_AGAIN_AFTER_A_CALL = timedelta(seconds=60)
_DAY, _QUARTER = timedelta(days=1), timedelta(minutes=15)
_EARLIEST_ZONE = timedelta(hours=14)  # a day begins in UTC+14 first

Zones = Callable[[], Iterable[tzinfo]]
_WORDS = {
    ABANDONED: "a call was abandoned or lost from sight",
    REFUSAL: "a call was refused",
    CONVERSATION: "a conversation ended",
    MACHINE: "a machine answered",
}
_COUNTED = {
    ATTEMPTS: "called",
    RINGING_OR_CONNECTED: "rang or was answered",
    CONNECTED: "called and answered",
    CONVERSATIONS: "called and spoken with",
}
_DOUBTFUL = "a call with an outcome that nobody knows ended"


@dataclass(frozen=True, kw_only=True)
class Rest:
    """The instant from which the person may be called again, and one phrase why not before."""

    ends_at: datetime
    reason: str


def longest_rest(
    profile: RuleProfile,
    calls: Sequence[PastCall],
    now: datetime,
    *,
    by_hand: bool,
    about: About = ANYTHING,
    zones: Zones = tuple,
) -> Rest | None:
    """The rest that ends last, or none. `calls`: all that are known to the number and the person; `by_hand`: an agent
    waits for every call; `zones`: where the person may be, asked only when days are counted."""
    if not profile.duties.attempts and not profile.duties.cooldowns:
        return None
    rests = (*_by_windows(profile, calls, now, about), *_by_outcomes(profile, calls, now, about, by_hand, zones))
    return max(rests, key=lambda rest: (rest.ends_at, rest.reason), default=None)


def _by_windows(profile: RuleProfile, calls: Sequence[PastCall], now: datetime, about: About) -> Iterator[Rest]:
    for limit in profile.duties.attempts:
        made = [
            call
            for call in calls
            if call.at > now - limit.window and counted(call, limit.counts) and concerns(call, limit.scope, about)
        ]
        if len(made) >= limit.most:
            recent = sorted(call.at for call in made)
            here = "" if all(call.to_number for call in made) else " on all numbers of this person"
            words = f"{_COUNTED[limit.counts]} {len(recent)} times in the last {length_words(limit.window)}{here}"
            ends_at = recent[len(recent) - limit.most] + limit.window
            yield Rest(ends_at=ends_at, reason=f"{words}, {profile.name} allows {limit.most}")


def _by_outcomes(
    profile: RuleProfile, calls: Sequence[PastCall], now: datetime, about: About, by_hand: bool, zones: Zones
) -> Iterator[Rest]:
    for rest in profile.duties.cooldowns:
        if by_hand and rest.unless == GUARANTEED_AGENT:
            continue
        for call in calls:
            if not concerns(call, rest.scope, about):
                continue
            if rest.after in call.outcomes:
                ends_at = _end_of(rest, call.ended_at or call.at, now, zones)
                if ends_at > now:
                    yield Rest(ends_at=ends_at, reason=_told(profile, rest, call))
            elif not call.settled:
                words = f"a call is not settled yet, {profile.name} rests {rest_words(rest)} after {_a(rest.after)}"
                yield Rest(ends_at=now + LOOK_AGAIN_AFTER_A_CALL, reason=words)


def _end_of(rest: Cooldown, ended: datetime, now: datetime, zones: Zones) -> datetime:
    if rest.counted != CALENDAR_DAYS:
        return ended + rest.rest
    if ended + rest.rest + 2 * _DAY < now:  # over everywhere: no zone need be asked
        return ended + rest.rest
    days = rest.rest // _DAY
    return max(_begin_of(ended.astimezone(zone).date() + days * _DAY, zone) for zone in zones())


@lru_cache(maxsize=4096)
def _begin_of(day: date, zone: tzinfo) -> datetime:
    """The first instant of a local day, found by walking: midnight may not exist, or come twice."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - _EARLIEST_ZONE
    while moment.astimezone(zone).date() < day:
        moment += _QUARTER
    return moment


def _told(profile: RuleProfile, rest: Cooldown, call: PastCall) -> str:
    words = _WORDS[rest.after] if call.known or rest.after == ABANDONED else _DOUBTFUL
    where = "" if call.to_number else " on another number of this person"
    at = f"{call.ended_at or call.at:%Y-%m-%d %H:%M} UTC"
    return f"{words} at {at}{where}, {profile.name} rests {rest_words(rest)} after {_a(rest.after)}"


def _a(outcome: str) -> str:
    return "one" if outcome == ABANDONED else f"a {outcome}"


def rest_words(rest: Cooldown) -> str:
    """`60 days`, `7 calendar days`."""
    if rest.counted != CALENDAR_DAYS:
        return length_words(rest.rest)
    days = rest.rest // _DAY
    return f"{days} calendar day{'' if days == 1 else 's'}"


def length_words(length: timedelta) -> str:
    """`24 h`, `30 days`, `5 years`."""
    years, rest = divmod(length, timedelta(days=366))
    if years and not rest:
        return f"{years} year{'' if years == 1 else 's'}"
    hours = length // timedelta(hours=1)
    return f"{hours // 24} days" if hours % 24 == 0 and hours > 72 else f"{hours} h"
