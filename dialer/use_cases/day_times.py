"""Which instants does a person mean by `10:40` on a day in a campaign's zone? Clocks that change are minded."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialer.refusal import Refused

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_WHOLE_DAY = timedelta(hours=24)


def instants(text: str, day: date, zone: ZoneInfo, name: str) -> tuple[datetime, ...]:
    """The instants (UTC) that a clock there shows so: one, or two when clocks go back. 24:00 is the day's end.

    Raises Refused for what is no time, and for one that clocks going forward leave out.
    """
    found = _CLOCK.fullmatch(text.strip())
    hour, minute = (int(found[1]), int(found[2])) if found else (99, 0)
    if (hour, minute) == (24, 0):
        return (begin_of(day + timedelta(days=1), zone),)
    if hour > 23 or minute > 59:
        raise Refused(f"{name} {text[:20]!r} is not a time of day such as 10:40. Nothing was looked up.")
    local = [datetime.combine(day, time(hour, minute), tzinfo=zone).replace(fold=fold) for fold in (0, 1)]
    both = sorted({each.astimezone(UTC) for each in local})
    shown = tuple(at for at in both if at.astimezone(zone).replace(tzinfo=None) == local[0].replace(tzinfo=None))
    if not shown:
        raise Refused(f"{hour}:{minute:02} did not exist on {day} in {zone.key}: the clocks went forward.")
    return shown


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) of a day there; where midnight does not exist, the next that does."""
    at = datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)
    while at.astimezone(zone).date() < day:
        at += timedelta(minutes=30)
    return at
