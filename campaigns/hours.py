"""When may a number be called? Rule profiles as data, and the first legal minute under one.

A call is legal only when it is legal in every zone that the number may be in. Instants are turned into
local time and never the other way, so a minute that the clocks skip cannot be chosen and one that comes
twice is judged twice. The time-zone data must be the package's, not the machine's, which is often years
old: the process that dials calls `zoneinfo.reset_tzpath(())` before any zone is used (dialer.bootstrap).
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

HORIZON = timedelta(days=14)
DAY_MIN = 24 * 60
_MINUTE = timedelta(minutes=1)

LANDLINE_AND_MOBILE = ("fixed", "mobile", "fixed_or_mobile", "voip")
UNITED_STATES = ("US", "PR", "VI", "GU", "AS", "MP")
# Satellite, personal and premium numbers, some of which libphonenumber gives a harmless kind.
COSTLY_NUMBERS = (
    *("+870*", "+878*", "+881*", "+882*", "+883*", "+979*"),
    *("+1900*", "+1500*", "+1533*", "+1???976????"),
)


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


@dataclass(frozen=True, kw_only=True)
class RuleProfile:
    """One jurisdiction's rules as data. `week` holds each day's windows, Monday first.

    `regions` as libphonenumber names them, empty for any; `kinds` are the dialable kinds as campaigns.phone names them,
    `denied_numbers` patterns (`*`, `?`) of numbers never dialled.
    Zones in `held_zones` are never open. `in_force_to` is the last day the data is good for: later, it
    is closed. `practice` profiles may be used on loopback trunks only. Not legal advice.
    """

    name: str
    week: tuple[tuple[Window, ...], ...]
    regions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = LANDLINE_AND_MOBILE
    denied_numbers: tuple[str, ...] = COSTLY_NUMBERS
    held_zones: tuple[str, ...] = ()
    closed_dates: tuple[date, ...] = ()
    in_force_to: date | None = None
    practice: bool = False
    version: int = 1
    source: str
    verified_on: date

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError(
                f"Rule profile {self.name!r}: week must have 7 days, Monday first; it has {len(self.week)}."
            )

    def windows(self, day: date) -> tuple[Window, ...]:
        """The windows of one local day."""
        expired = self.in_force_to is not None and day > self.in_force_to
        return () if expired or day in self.closed_dates else self.week[day.weekday()]


@dataclass(frozen=True, kw_only=True)
class HoursVerdict:
    """Whether it is legal now in every zone, why (not), and the first legal minute if one is near."""

    open: bool
    reason: str
    opens_at: datetime | None


class UnknownZone(ValueError):
    """The name is not a time zone; a number without a known zone is not dialled."""


def both(one: RuleProfile, other: RuleProfile) -> RuleProfile:
    """What both profiles allow, as one: the hours, regions and kinds they share, whatever either of them denies."""
    if one == other:
        return one
    ends = [day for day in (one.in_force_to, other.in_force_to) if day is not None]
    return RuleProfile(
        name=f"{one.name} and {other.name}",
        week=tuple(_shared_windows(a, b) for a, b in zip(one.week, other.week, strict=True)),
        regions=_shared_regions(one.regions, other.regions),
        kinds=tuple(kind for kind in one.kinds if kind in other.kinds),
        denied_numbers=tuple(dict.fromkeys((*one.denied_numbers, *other.denied_numbers))),
        held_zones=tuple(dict.fromkeys((*one.held_zones, *other.held_zones))),
        closed_dates=tuple(sorted({*one.closed_dates, *other.closed_dates})),
        in_force_to=min(ends, default=None),
        practice=one.practice or other.practice,
        version=max(one.version, other.version),
        source=f"{one.source}; {other.source}",
        verified_on=min(one.verified_on, other.verified_on),
    )


def _shared_windows(one: tuple[Window, ...], other: tuple[Window, ...]) -> tuple[Window, ...]:
    spans = [(max(a.opens_min, b.opens_min), min(a.closes_min, b.closes_min)) for a in one for b in other]
    return tuple(Window(opens_min=opens, closes_min=closes) for opens, closes in sorted(spans) if opens < closes)


def _shared_regions(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Empty means any, so two lists without a common region are not an empty one."""
    if not one or not other:
        return one or other
    return tuple(region for region in one if region in other) or ("none in common",)


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of this IANA name. Raises UnknownZone."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UnknownZone(f"time zone {name[:40]!r} is unknown") from None


def judge_hours(zones: Iterable[str], profile: RuleProfile, now: datetime) -> HoursVerdict:
    """Judge one instant. Fails closed: no zone, or an unknown one, is never open.

    A held zone is looked at again tomorrow, when it is held again.
    """
    names = tuple(dict.fromkeys(zones))
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
    shut = [name for name, place in places.items() if not _is_open(place, profile, now)]
    if not shut:
        return HoursVerdict(open=True, reason=f"open: {_local_times(places, now)}", opens_at=now)
    reason = f"closed under {profile.name}: {_local_times({n: places[n] for n in shut}, now)}"
    return HoursVerdict(open=False, reason=reason, opens_at=next_open(names, profile, now))


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


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _hours(opens: int, closes: int) -> tuple[Window, ...]:
    return (Window(opens_min=opens * 60, closes_min=closes * 60),)


# Federal holidays of 2026 and 2027 with the days on which they are observed (5 U.S.C. 6103).
_US_HOLIDAYS = tuple(
    date.fromisoformat(day)
    for day in (
        *("2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03", "2026-07-04"),
        *("2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25"),
        *("2027-01-01", "2027-01-18", "2027-02-15", "2027-05-31", "2027-06-18", "2027-06-19", "2027-07-04"),
        *("2027-07-05", "2027-09-06", "2027-10-11", "2027-11-11", "2027-11-25", "2027-12-24", "2027-12-25"),
        "2027-12-31",
    )
)

US_FEDERAL = RuleProfile(
    name="us-federal",
    week=(_hours(8, 21),) * 7,
    regions=UNITED_STATES,
    source="16 CFR 310.4(c), 47 CFR 64.1200(c)(1): 08:00-21:00 local time at the called person's location",
    verified_on=date(2026, 11, 21),
)
STRICT = RuleProfile(
    name="strict",
    week=(*((_hours(10, 18),) * 5), _hours(10, 17), ()),
    regions=UNITED_STATES,
    closed_dates=_US_HOLIDAYS,
    in_force_to=date(2027, 12, 31),
    source="the hours that federal law and all states allow in common: Kentucky opens at 10, Rhode Island closes "
    "at 18 and on Saturday at 17, Alabama, Louisiana and Mississippi close on Sunday and on holidays "
    "(federal ones here; add those of the states you call)",
    verified_on=date(2026, 11, 21),
)
PRACTICE = RuleProfile(
    name="practice",
    week=((Window(opens_min=0, closes_min=DAY_MIN),),) * 7,
    held_zones=("Pacific/Honolulu",),
    practice=True,
    source="none: simulated callees on a loopback trunk; area code 808 is held on purpose, to show a held lead",
    verified_on=date(2026, 11, 21),
)
PROFILES: dict[str, RuleProfile] = {p.name: p for p in (US_FEDERAL, STRICT, PRACTICE)}
