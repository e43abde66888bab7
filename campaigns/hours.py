"""When may a number be called? Judged under a rule profile, with the first legal minute (profiles: campaigns.rules).

A call is legal only when it is legal in every zone that the number may be in. Instants are turned into
local time and never the other way, so a minute that the clocks skip cannot be chosen and one that comes
twice is judged twice. The time-zone data must be the package's, not the machine's, which is often years
old: the process that dials calls `zoneinfo.reset_tzpath(())` before any zone is used (dialer.bootstrap).
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from campaigns.rules import DAY_MIN, PROFILES, RuleProfile, Window, both

__all__ = [
    "DAY_MIN",
    "HORIZON",
    "PRACTICE",
    "PROFILES",
    "STRICT",
    "US_FEDERAL",
    "HoursVerdict",
    "RuleProfile",
    "UnknownZone",
    "Window",
    "both",
    "judge_hours",
    "next_open",
    "zone_named",
]

HORIZON = timedelta(days=14)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class HoursVerdict:
    """Whether it is legal now in every zone, why (not), and the first legal minute if one is near."""

    open: bool
    reason: str
    opens_at: datetime | None


class UnknownZone(ValueError):
    """The name is not a time zone; a number without a known zone is not dialled."""


@lru_cache(maxsize=1024)
def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of this IANA name. Raises UnknownZone.

    Kept, for zoneinfo itself keeps eight: with more, its files would be read again for every lead.
    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UnknownZone(f"time zone {name[:40]!r} is unknown") from None


def judge_hours(zones: Iterable[str], profile: RuleProfile, now: datetime) -> HoursVerdict:
    """Judge one instant. Fails closed: no zone, or an unknown one, is never open.

    A held zone is looked at again tomorrow, when it is held again. Leads of the same zones share their verdict for
    the whole minute.
    """
    verdict = _judged(tuple(dict.fromkeys(zones)), profile, now.replace(second=0, microsecond=0))
    return HoursVerdict(open=True, reason=verdict.reason, opens_at=now) if verdict.open else verdict


@lru_cache(maxsize=16_384)
def _judged(names: tuple[str, ...], profile: RuleProfile, now: datetime) -> HoursVerdict:
    """For a whole minute: nothing opens or closes within one."""
    if not names:
        return HoursVerdict(open=False, reason="no time zone is known for this number", opens_at=None)
    try:
        places = {name: zone_named(name) for name in names}
    except UnknownZone as fault:
        return HoursVerdict(open=False, reason=str(fault), opens_at=None)
    held = next((name for name in names if name in profile.held_zones), None)
    if held is not None:
        reason = f"profile {profile.name} always holds {held}; looked at again tomorrow"
        return HoursVerdict(open=False, reason=reason, opens_at=_tomorrow(places[held], now))
    shut = {name: place for name, place in places.items() if not _is_open(place, profile, now)}
    if not shut:
        return HoursVerdict(open=True, reason=f"open: {_local_times(places, now)}", opens_at=now)
    return HoursVerdict(open=False, reason=_why_shut(shut, profile, now), opens_at=next_open(names, profile, now))


def _why_shut(shut: dict[str, zoneinfo.ZoneInfo], profile: RuleProfile, now: datetime) -> str:
    days = (now.astimezone(place).date() for place in shut.values())
    whole_day = next(filter(None, map(profile.why_closed_on, days)), "")
    return whole_day or f"closed under {profile.name}: {_local_times(shut, now)}"


def next_open(zones: Iterable[str], profile: RuleProfile, now: datetime) -> datetime | None:
    """`now` if it is legal in every zone, else the first legal whole minute after it, in UTC.

    None when there is none within 14 days, no zone is given, or one is held. Raises UnknownZone.
    """
    names = tuple(zones)
    places = [zone_named(name) for name in names]
    if not places or any(name in profile.held_zones for name in names):
        return None
    moment = now.replace(second=0, microsecond=0)
    while moment - now < HORIZON:
        shut = next((place for place in places if not _is_open(place, profile, moment)), None)
        if shut is None:
            return max(moment, now)
        moment += _safe_jump(shut, profile, moment)
    return None


def _is_open(place: zoneinfo.ZoneInfo, profile: RuleProfile, moment: datetime) -> bool:
    local = moment.astimezone(place)
    minute = local.hour * 60 + local.minute
    return any(w.opens_min <= minute < w.closes_min for w in profile.windows(local.date()))


def _safe_jump(place: zoneinfo.ZoneInfo, profile: RuleProfile, moment: datetime) -> timedelta:
    """Whole minutes in which this closed zone cannot open.

    Up to the next opening by the wall clock; shortened until the zone's offset is the same at both ends,
    since a change of the clocks in between would move the opening.
    """
    jump = _wall_minutes_to_opening(place, profile, moment)
    offset = moment.astimezone(place).utcoffset()
    while jump > 1 and (moment + jump * _MINUTE).astimezone(place).utcoffset() != offset:
        jump //= 2
    return jump * _MINUTE


def _wall_minutes_to_opening(place: zoneinfo.ZoneInfo, profile: RuleProfile, moment: datetime) -> int:
    local = moment.astimezone(place)
    minute = local.hour * 60 + local.minute
    later = [w.opens_min for w in profile.windows(local.date()) if w.opens_min > minute]
    return (min(later) if later else DAY_MIN) - minute


def _tomorrow(place: zoneinfo.ZoneInfo, now: datetime) -> datetime:
    """The first minute of the next local day, found by walking, since midnight may not exist."""
    moment = now.replace(second=0, microsecond=0)
    today = moment.astimezone(place).date()
    while moment.astimezone(place).date() <= today:
        moment += _MINUTE
    return moment


def _local_times(places: dict[str, zoneinfo.ZoneInfo], now: datetime) -> str:
    return ", ".join(f"{now.astimezone(place):%a %H:%M} in {name}" for name, place in places.items())


US_FEDERAL = PROFILES["us-federal"]
STRICT = PROFILES["strict"]
PRACTICE = PROFILES["practice"]
