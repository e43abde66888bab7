"""Which hours does a file name, for weekdays, holidays and the days before them?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from campaigns.rules.calendars import UnknownCalendar, holidays_of
from campaigns.rules.fields import Table
from campaigns.rules.nodes import Node
from campaigns.rules.windows import A_WINDOW, ALL_WEEK, Windows, shared_windows, window_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPELLED = {
    **{day: (number,) for number, day in enumerate(DAYS)},
    **{f"{a}-{b}": tuple(range(i, j + 1)) for i, a in enumerate(DAYS) for j, b in enumerate(DAYS) if i < j},
}
CLOSED, INHERIT = "closed", "inherit"
A_DAY = f"{CLOSED}, or a list of windows such as {A_WINDOW.split(',')[0].removeprefix('a text such as ')}"


@dataclass(frozen=True, kw_only=True)
class Hours:
    """The windows of each weekday, the dates that are closed, and dates with windows of their own."""

    week: tuple[Windows, ...]
    closed: tuple[date, ...] = ()
    other: tuple[tuple[date, Windows], ...] = ()


def read_hours(top: Table, *, needed: bool, first: date, last: date | None) -> Hours:
    """The hours of a file; all days and hours when a file that extends another names none.

    Holidays are worked out from a year before `first` (when the file was verified) to a year after `last`.
    """
    if not top.has("hours"):
        top.raw("hours")
        if needed:
            top.fault("hours", "is missing; expected mon-fri, sat, sun, or mon-sun, with windows or closed")
        return Hours(week=ALL_WEEK)
    table = top.table("hours")
    week = _week(table)
    holiday = _treatment(table, "holiday")
    eve = _treatment(table, "holiday_eve")
    dates = _dates(table, first, last, needed=holiday is not None or eve is not None)
    table.end()
    return _put_together(week, dates, holiday, eve)


def _week(table: Table) -> tuple[Windows, ...]:
    week: list[Windows | None] = [None] * 7
    assert isinstance(table.node.value, dict)
    for key in table.node.value:
        if key not in SPELLED:
            continue
        windows = _windows(table, key) or ()
        for number in SPELLED[key]:
            if week[number] is not None:
                table.fault(key, f"{DAYS[number]} has hours already; each day is named once")
            week[number] = windows
    missing = [DAYS[number] for number, windows in enumerate(week) if windows is None]
    if missing:
        table.fault("mon-sun", f"no hours for {', '.join(missing)}; write {CLOSED} if nothing is dialled then")
    return tuple(windows or () for windows in week)


def _treatment(table: Table, key: str) -> Windows | None:
    """The windows of such days; None when they are like any other."""
    node = table.raw(key)
    if node is None or node.value == INHERIT:
        return None
    return _windows(table, key, f"{INHERIT}, {A_DAY}")


def _windows(table: Table, key: str, allowed: str = A_DAY) -> Windows | None:
    node = table.raw(key)
    assert node is not None
    if node.value == CLOSED:
        return ()
    if not isinstance(node.value, list) or not node.value:
        table.fault(key, f"expected {allowed}")
        return ()
    return _list_of(table, key, node.value)


def _list_of(table: Table, key: str, items: list[Node]) -> Windows:
    found = []
    for item in items:
        try:
            found.append(window_of(item.value if isinstance(item.value, str) else ""))
        except ValueError as fault:
            table.fault(key, f"{str(item.value)[:40]!r}: {fault}")
    for before, after in pairwise(found):
        if after.opens_min <= before.closes_min:
            table.fault(key, f"{before} and {after}: windows of a day must follow each other with a gap")
    return tuple(found)


def _dates(table: Table, first: date, last: date | None, *, needed: bool) -> frozenset[date]:
    calendars = table.words("calendars", default=())
    add, remove = table.days("add"), table.days("remove")
    if not needed:
        if calendars or add or remove:
            table.fault("holiday", "calendars and days are named, but not what holds on them: closed, or windows")
        return frozenset()
    if not calendars and not add:
        table.fault("calendars", "is missing; expected a list of holiday calendars such as US-LA, or days in add")
    if calendars and last is None:
        table.fault("calendars", "need a good_until: holidays are not known for ever")
        return frozenset(add)
    found = set(add)
    for name in calendars:
        try:
            assert last is not None
            found |= set(holidays_of(name, first.year - 1, last.year + 1))
        except UnknownCalendar as fault:
            table.fault("calendars", str(fault))
    unknown = [str(day) for day in remove if day not in found]
    if unknown:
        table.fault("remove", f"{', '.join(unknown)}: no such holiday to remove")
    return frozenset(found - set(remove))


def _put_together(
    week: tuple[Windows, ...], dates: frozenset[date], holiday: Windows | None, eve: Windows | None
) -> Hours:
    """Holidays and eves only ever narrow the hours that the weekday has anyway."""
    special: dict[date, Windows] = {}
    if eve is not None:
        for day in (each - timedelta(days=1) for each in dates):
            special[day] = shared_windows(week[day.weekday()], eve)
    if holiday is not None:
        for day in dates:
            special[day] = shared_windows(special.get(day, week[day.weekday()]), holiday)
    return Hours(
        week=week,
        closed=tuple(sorted(day for day, windows in special.items() if not windows)),
        other=tuple(sorted((day, windows) for day, windows in special.items() if windows)),
    )
