"""Does the rule engine open in the very minutes that a brute force finds, whatever the clocks do?

The whole year is scanned by `python -m bench.minute_scan`; here the three days around each change of any zone's clock,
each change once however many zones make it, and the days that have something odd of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pytest

from bench import minute_scan
from bench.minute_scan import WEEKS, changes_of_clocks, distinct, scan, split_area_codes
from campaigns.dialable import GateCode, judge
from campaigns.hours import STRICT, HoursVerdict, RuleProfile, judge_hours, next_open
from campaigns.place import Address
from tests.campaigns.rule_builders import candidate, contact_point, rules

YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
HALF = timedelta(hours=36)
THREE_DAYS_MIN = 3 * 24 * 60
HALF_HOUR_ZONES = (
    "America/St_Johns",
    "Australia/Adelaide",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Eucla",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Marquesas",
)


@lru_cache(maxsize=1)
def changes() -> tuple[tuple[datetime, str], ...]:
    """When clocks change in 2026, with one zone for each way in which they do."""
    return tuple((moment, zone) for (moment, _, _), zone in sorted(changes_of_clocks(YEAR, NEXT_YEAR).items()))


def agrees(zones: Iterable[str], week: str, begin: datetime, minutes: int = THREE_DAYS_MIN) -> None:
    found = scan(tuple(zones), WEEKS[week], begin, minutes)
    assert found.disagreements == ()
    assert found.minutes == minutes


def test_some_fifty_changes_of_clocks_are_scanned() -> None:
    assert len(changes()) > 50
    assert {zone for _, zone in changes()} >= {"America/Detroit", "Australia/Lord_Howe", "America/St_Johns"}


@pytest.mark.parametrize("part", range(4))
def test_in_the_three_days_around_every_change_of_a_clock_every_minute_is_judged_right(part: int) -> None:
    for moment, zone in changes()[part::4]:
        agrees([zone], "federal", moment - HALF)


def test_windows_at_night_that_the_change_itself_cuts_are_judged_right() -> None:
    for moment, zone in changes():
        agrees([zone], "night", moment - timedelta(hours=9), minutes=18 * 60)


@pytest.mark.parametrize("moment", ["2026-03-08T10:00+00:00", "2026-11-01T09:00+00:00"])
def test_around_the_changes_every_split_area_code_is_judged_right(moment: str) -> None:
    change = datetime.fromisoformat(moment)
    sets = distinct(split_area_codes().values(), change - HALF, change + HALF)
    assert len(sets) > 5
    for zones in sets:
        agrees(zones, "federal", change - HALF)


@pytest.mark.parametrize("zone", HALF_HOUR_ZONES)
def test_a_zone_of_half_or_quarter_hours_is_judged_right_on_an_ordinary_day(zone: str) -> None:
    agrees([zone], "night", datetime(2026, 6, 9, tzinfo=UTC), minutes=24 * 60)


@pytest.mark.parametrize("begin", ["2026-12-31T00:00+00:00", "2028-02-28T12:00+00:00"])
@pytest.mark.parametrize("zones", [("America/New_York",), ("Pacific/Kiritimati", "Pacific/Pago_Pago")])
def test_the_turn_of_the_year_and_the_leap_day_are_judged_right(begin: str, zones: tuple[str, ...]) -> None:
    agrees(zones, "office", datetime.fromisoformat(begin), minutes=2 * 24 * 60)


def test_a_window_of_the_whole_day_is_never_shut_though_the_day_has_23_or_25_hours() -> None:
    for moment in ("2026-03-08T00:00+00:00", "2026-11-01T00:00+00:00"):
        agrees(["America/New_York"], "always", datetime.fromisoformat(moment), minutes=2 * 24 * 60)


def test_a_scan_sees_an_engine_that_opens_a_minute_early(monkeypatch: pytest.MonkeyPatch) -> None:
    def early(zones: Iterable[str], profile: RuleProfile, now: datetime) -> HoursVerdict:
        return judge_hours(zones, profile, now + timedelta(minutes=1))

    monkeypatch.setattr(minute_scan, "judge_hours", early)
    found = scan(("America/New_York",), WEEKS["federal"], YEAR, 24 * 60)
    assert any("2026-01-01 12:59 UTC" in words for words in found.disagreements)


def test_a_window_that_ends_in_the_hour_that_comes_twice_ends_twice() -> None:
    by = minute_scan.profile_of((((30, 90),),) * 7)  # 00:30 to 01:30, on 1 November 2026 in New York
    zones = ["America/New_York"]
    for shut, opens in (("05:30", "06:00"), ("06:30", None)):
        moment = datetime.fromisoformat(f"2026-11-01T{shut}+00:00")
        assert judge_hours(zones, by, moment - timedelta(seconds=1)).open
        verdict = judge_hours(zones, by, moment)
        assert not verdict.open
        again = datetime.fromisoformat(f"2026-11-01T{opens}+00:00" if opens else "2026-11-02T05:30+00:00")
        assert verdict.opens_at == again


def test_the_navajo_nation_keeps_area_code_928_to_the_hours_that_both_clocks_share() -> None:
    navajo = candidate(contact_point=contact_point(number="+19285550123", zones=("America/Denver", "America/Phoenix")))
    phoenix = candidate(contact_point=contact_point(number="+16025550123", zones=("America/Phoenix",)))
    window_rock = candidate(
        contact_point=contact_point(number="+16025550123", zones=("America/Phoenix",)),
        address=Address(postal_code="86515"),
    )
    for hour, legal in ((14.5, False), (15.0, True), (16.0, True), (26.9, True), (27.0, False), (27.5, False)):
        moment = datetime(2026, 7, 1, tzinfo=UTC) + timedelta(hours=hour)  # Phoenix is UTC-7, the Nation UTC-6
        assert judge(navajo, rules(), moment).dialable is legal
        assert judge(window_rock, rules(), moment).dialable is (legal and hour >= 16)  # its ZIP reaches New Mexico
        assert judge(phoenix, rules(), moment).dialable is (15 <= hour < 28)


@pytest.mark.parametrize(
    ("number", "zone", "opens"),
    [
        (
            "+16045550123",
            "America/Vancouver",
            "2026-12-15T16:00+00:00",
        ),  # UTC-7 all year since 2026; 9:00 by the rules of Canada
        ("+17805550123", "America/Edmonton", "2026-12-15T15:00+00:00"),  # UTC-6
    ],
)
def test_british_columbia_and_alberta_keep_their_summer_clock_in_december_2026(
    number: str, zone: str, opens: str
) -> None:
    by = minute_scan.profile_of(WEEKS["federal"])
    lead = candidate(contact_point=contact_point(number=number, region="CA", zones=(zone,)))
    night = datetime.fromisoformat("2026-12-15T09:00+00:00")
    verdict = judge(lead, rules(profile=by), night)
    assert verdict.hold is not None
    assert verdict.hold.code is GateCode.CALLING_HOURS
    assert verdict.ask_again_at == datetime.fromisoformat(opens)


def test_sunday_in_one_zone_and_monday_in_the_other_is_sunday() -> None:
    zones = ["America/Los_Angeles", "Pacific/Guam"]
    monday_in_guam = datetime.fromisoformat("2026-06-08T01:00+00:00")  # 11:00 there, Sunday 18:00 in Los Angeles
    assert judge_hours(["Pacific/Guam"], STRICT, monday_in_guam).open
    assert not judge_hours(zones, STRICT, monday_in_guam).open


def test_a_holiday_over_the_turn_of_the_year_moves_the_opening_into_it() -> None:
    new_years_eve = datetime.fromisoformat("2026-12-31T23:30+00:00")  # 18:30 in New York, after hours
    assert next_open(["America/New_York"], STRICT, new_years_eve) == datetime.fromisoformat("2027-01-02T15:00+00:00")


def test_the_last_second_of_the_window_is_legal_and_the_next_is_not() -> None:
    last = datetime.fromisoformat("2026-11-21T01:59:59.999999+00:00")  # 20:59:59 in New York
    lead = candidate()
    assert judge(lead, rules(), last).dialable
    assert not judge(lead, rules(), last + timedelta(microseconds=1)).dialable
