"""Are calling hours judged in every zone a number may be in, over changes of the clocks and holidays?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.hours import (
    DAY_MIN,
    PRACTICE,
    PROFILES,
    STRICT,
    US_FEDERAL,
    RuleProfile,
    UnknownZone,
    Window,
    judge_hours,
    next_open,
    zone_named,
)

MINUTE = timedelta(minutes=1)
ODD_ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Phoenix",
    "Australia/Lord_Howe",
    "Australia/Eucla",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Europe/London",
    "Africa/Casablanca",
)
# Around changes of the clocks in the zones above, and around ordinary days.
STARTS = tuple(
    datetime.fromisoformat(f"{day}T00:00+00:00")
    for day in ("2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04", "2026-03-29", "2026-02-15", "2026-06-10")
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def profile(*windows: tuple[int, int], days: range = range(7)) -> RuleProfile:
    day = tuple(Window(opens_min=a, closes_min=b) for a, b in windows)
    week = tuple(day if n in days else () for n in range(7))
    return RuleProfile(name="test", week=week, source="a test", verified_on=date(2026, 11, 21))


def legal(zones: tuple[str, ...], by: RuleProfile, moment: datetime) -> bool:
    """The rule written down once more, as plainly as possible."""
    for zone in zones:
        local = moment.astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        if not any(w.opens_min <= minute < w.closes_min for w in by.windows(local.date())):
            return False
    return True


def scanned(zones: tuple[str, ...], by: RuleProfile, now: datetime, hours: int) -> datetime | None:
    if legal(zones, by, now):
        return now
    moment = now.replace(second=0, microsecond=0)
    for _ in range(hours * 60):
        moment += MINUTE
        if legal(zones, by, moment):
            return moment
    return None


@given(
    zones=st.lists(st.sampled_from(ODD_ZONES), min_size=1, max_size=3, unique=True),
    start=st.sampled_from(STARTS),
    offset_s=st.integers(-36 * 3600, 36 * 3600),
    edges=st.lists(st.integers(0, DAY_MIN), min_size=2, max_size=4, unique=True),
    first_day=st.integers(0, 6),
)
def test_the_next_open_minute_is_the_one_that_a_scan_of_all_minutes_finds(
    zones: list[str], start: datetime, offset_s: int, edges: list[int], first_day: int
) -> None:
    cuts = sorted(edges)
    pairs = tuple(zip(cuts[::2], cuts[1::2], strict=False))
    by = profile(*pairs, days=range(first_day, 7))
    now = start + timedelta(seconds=offset_s)
    found = next_open(zones, by, now)
    expected = scanned(tuple(zones), by, now, hours=72)
    if expected is not None:
        assert found == expected
    else:
        assert found is None or found > now + timedelta(hours=71)


def test_a_window_in_the_hour_that_the_clocks_skip_opens_the_next_day() -> None:
    by = profile((150, 170))  # 02:30 to 02:50, which does not exist in New York on 8 March 2026
    assert next_open(["America/New_York"], by, utc("2026-03-08T06:55")) == utc("2026-03-09T06:30")


def test_a_window_in_the_hour_that_comes_twice_opens_twice() -> None:
    by = profile((90, 100))  # 01:30 to 01:40 on 1 November 2026
    assert next_open(["America/New_York"], by, utc("2026-11-01T05:00")) == utc("2026-11-01T05:30")
    assert next_open(["America/New_York"], by, utc("2026-11-01T05:45")) == utc("2026-11-01T06:30")


def test_hours_over_midnight_are_two_windows_without_a_gap_between_them() -> None:
    by = profile((0, 120), (1320, DAY_MIN))  # 22:00 to 02:00
    zones = ["America/New_York"]
    for moment in ("2026-06-10T02:00:00", "2026-06-10T03:59:59", "2026-06-10T04:00:00", "2026-06-10T05:59:59"):
        assert judge_hours(zones, by, utc(moment)).open
    assert not judge_hours(zones, by, utc("2026-06-10T01:59:59")).open
    assert next_open(zones, by, utc("2026-06-10T06:00")) == utc("2026-06-11T02:00")


def test_federal_hours_are_eight_to_nine_and_the_last_second_is_before_nine() -> None:
    zones = ["America/New_York"]
    assert not judge_hours(zones, US_FEDERAL, utc("2026-11-20T12:59:59")).open
    assert judge_hours(zones, US_FEDERAL, utc("2026-11-20T13:00:00")).open
    assert judge_hours(zones, US_FEDERAL, utc("2026-11-21T01:59:59")).open
    late = judge_hours(zones, US_FEDERAL, utc("2026-11-21T02:00:00"))
    assert not late.open
    assert late.opens_at == utc("2026-11-21T13:00")
    assert "21:00 in America/New_York" in late.reason


def test_an_opening_in_the_very_next_minute_is_not_jumped_over() -> None:
    assert next_open(["America/New_York"], US_FEDERAL, utc("2026-11-20T12:59:30")) == utc("2026-11-20T13:00")


def test_the_strict_profile_rests_on_sunday_and_on_holidays() -> None:
    saturday_evening = utc("2026-11-21T23:00")
    assert next_open(["America/New_York"], STRICT, saturday_evening) == utc("2026-11-23T15:00")
    before_thanksgiving = utc("2026-11-26T12:00")
    assert next_open(["America/New_York"], STRICT, before_thanksgiving) == utc("2026-11-27T15:00")


def test_a_profile_is_closed_after_the_last_day_its_data_is_good_for() -> None:
    assert not judge_hours(["America/New_York"], STRICT, utc("2028-01-03T17:00")).open


def test_zones_that_are_never_open_together_have_no_next_minute() -> None:
    by = profile((540, 600))
    assert next_open(["America/New_York", "Asia/Tokyo"], by, utc("2026-06-10T00:00")) is None


@pytest.mark.parametrize("zones", [(), ("Nowhere/City",), ("America/New_York", "Etc/Unknown"), ("/etc/passwd",), ("",)])
def test_unknown_zones_are_never_open(zones: tuple[str, ...]) -> None:
    verdict = judge_hours(zones, US_FEDERAL, utc("2026-11-20T17:00"))
    assert not verdict.open
    assert verdict.opens_at is None


def test_an_unknown_zone_is_told_by_name() -> None:
    with pytest.raises(UnknownZone, match="Mars/Olympus"):
        zone_named("Mars/Olympus")


@given(st.sampled_from(STARTS), st.integers(0, 7 * DAY_MIN), st.sampled_from(ODD_ZONES))
def test_practice_is_open_at_any_hour_of_any_day_but_for_the_held_area(
    start: datetime, minutes: int, zone: str
) -> None:
    now = start + minutes * MINUTE
    assert judge_hours([zone], PRACTICE, now).open
    held = judge_hours([zone, "Pacific/Honolulu"], PRACTICE, now)
    assert not held.open
    assert held.opens_at is not None
    place = ZoneInfo("Pacific/Honolulu")
    assert held.opens_at.astimezone(place).date() == now.astimezone(place).date() + timedelta(days=1)
    assert held.opens_at.astimezone(place).time().isoformat() == "00:00:00"


def test_shipped_profiles_name_their_source_and_cover_the_week() -> None:
    assert {"us-federal", "strict", "practice"} <= set(PROFILES)
    assert all(p.source and len(p.week) == 7 for p in PROFILES.values())
    assert [p.name for p in PROFILES.values() if p.practice] == ["practice"]


def test_the_strict_profile_is_never_open_when_the_federal_one_is_closed() -> None:
    for day in range(7):
        for minute in range(0, DAY_MIN, 15):
            local = datetime(2026, 6, 8 + day, minute // 60, minute % 60, tzinfo=ZoneInfo("America/New_York"))
            if judge_hours(["America/New_York"], STRICT, local).open:
                assert judge_hours(["America/New_York"], US_FEDERAL, local).open


def test_a_week_of_six_days_and_a_window_that_falls_are_refused() -> None:
    with pytest.raises(ValueError, match="must have 7 days"):
        RuleProfile(name="short", week=((),) * 6, source="-", verified_on=date(2026, 1, 1))
    with pytest.raises(ValueError, match="must rise"):
        Window(opens_min=600, closes_min=600)
