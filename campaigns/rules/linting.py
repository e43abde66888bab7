"""May this profile be relied on? Its source, its verification, and whether it decides as its own cases say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.hours import UnknownZone, zone_named
from campaigns.rules.cases import Case, failing
from campaigns.rules.faults import ProfileFault
from campaigns.rules.profile import RuleProfile
from campaigns.rules.reading import ProfileFile, read_profile
from campaigns.rules.shipped import effective
from campaigns.rules.windows import ALL_WEEK, DAY_MIN, Windows

WARN_FOR = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Lint:
    """What is wrong with a profile (it is refused), and what a reviewer should know."""

    name: str
    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    cases: int = 0

    @property
    def good(self) -> bool:
        return not self.faults


def lint_text(text: str, file: str, today: date) -> Lint:
    """A file that may not be read at all is faulty, too."""
    try:
        found = read_profile(text, file)
    except ProfileFault as fault:
        return Lint(name=file, faults=fault.faults)
    return lint(found, today)


def lint(file: ProfileFile, today: date) -> Lint:
    """Judge one file on a day."""
    try:
        profile = effective(file)
        return Lint(
            name=file.name,
            faults=(*_verification_faults(file, today), *_case_faults(file, profile)),
            warnings=tuple(_warnings(file, profile, today)),
            cases=len(file.cases),
        )
    except ProfileFault as fault:
        return Lint(name=file.name, faults=fault.faults)


def expiry(profile: RuleProfile, today: date) -> str:
    """What to say of a verification that has ended or ends within 30 days; empty while it is good for longer."""
    ends = [day for day in (profile.good_until, profile.in_force_to) if day is not None]
    last = min(ends, default=None)
    if last is None or today + WARN_FOR < last:
        return ""
    if today > last:
        return f"nothing is dialled under {profile.name}: {profile.why_closed_on(today)}"
    left = (last - today).days
    return f"{profile.name} is good until {last}, for {left} more day{'' if left == 1 else 's'}; then it closes"


def _verification_faults(file: ProfileFile, today: date) -> Iterator[str]:
    own = file.own
    if own.good_until is None and not own.practice:
        yield "good_until is missing: say until when the verification counts"
    if own.verified_on > today:
        yield f"verified_on {own.verified_on} lies in the future"
    if own.good_until is not None and today > own.good_until:
        yield f"its verification ended on {own.good_until}; read its sources anew and set verified_on and good_until"


def _case_faults(file: ProfileFile, profile: RuleProfile) -> Iterator[str]:
    if not file.cases:
        yield "cases: there are none; each profile is tested by its own table"
        return
    unknown = tuple(_unknown_zones(file))
    yield from unknown
    if unknown:
        return
    yield from failing(profile, file.cases)
    yield from _untested(file, profile)


def _unknown_zones(file: ProfileFile) -> Iterator[str]:
    for name in dict.fromkeys((*file.own.held_zones, *(case.zone for case in file.cases))):
        try:
            zone_named(name)
        except UnknownZone as fault:
            yield str(fault)


def _untested(file: ProfileFile, profile: RuleProfile) -> Iterator[str]:
    """The edges of each window, a Sunday and a holiday must stand in the table."""
    seen = {(case.local.weekday(), _minute(case), case.allowed) for case in file.cases}
    days: dict[Windows, list[int]] = {}
    for day in range(7) if file.own.week != ALL_WEEK else ():
        days.setdefault(profile.week[day], []).append(day)
    for windows, same in days.items():
        for window in windows:
            for minute, allowed in _edges(window.opens_min, window.closes_min):
                if not any((day, minute, allowed) in seen for day in same):
                    at = f"{minute // 60:02d}:{minute % 60:02d}"
                    yield f"cases: none for {window} has {'allow' if allowed else 'deny'} at {at} on such a day"
    if not any(case.local.weekday() == 6 for case in file.cases):
        yield "cases: none is on a Sunday"
    special = {*file.own.closed_dates, *(day for day, _ in file.own.other_days)}
    if special and not any(case.local.date() in special for case in file.cases):
        yield "cases: none is on a holiday"


def _edges(opens: int, closes: int) -> Iterator[tuple[int, bool]]:
    """The first and last minute that are open, and those beside them, as far as they lie in the day."""
    if opens > 0:
        yield opens - 1, False
    yield opens, True
    yield closes - 1, True
    if closes < DAY_MIN:
        yield closes, False


def _minute(case: Case) -> int:
    return case.local.hour * 60 + case.local.minute


def _warnings(file: ProfileFile, profile: RuleProfile, today: date) -> Iterator[str]:
    if not file.verified_by and not profile.practice:
        yield (
            "nobody has confirmed it (verified_by): have your counsel read it, then keep who and when with "
            f"'dialer rules declare add profile {file.name} --by ...'"
        )
    yield from (f"doubt: {each}" for each in file.doubts)
    ends = expiry(profile, today)
    if ends:
        yield ends
