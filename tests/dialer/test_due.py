"""Is every report date exported exactly once, whatever clocks, restarts and summer time do?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from dialer.due import CATCH_UP_DAYS, Due, ExportKind, Reporting, due, latest_date

AT = time(4, 10)


def a_campaign(**changes: object) -> Reporting:
    values: dict[str, object] = {
        "campaign_id": 1,
        "name": "Autumn",
        "zone": "America/New_York",
        "first": date(2026, 3, 1),
    }
    return Reporting(**(values | changes))  # type: ignore[arg-type]


def keys(found: Iterable[Due]) -> set[tuple[int, str, date]]:
    return {(each.campaign_id, each.kind.value, each.report_date) for each in found}


def days(found: Iterable[Due]) -> list[tuple[date, bool]]:
    return sorted({(each.report_date, each.late) for each in found})


def test_a_day_is_due_when_the_next_one_has_reached_the_local_time() -> None:
    campaign = a_campaign(first=date(2026, 3, 2))
    before = datetime(2026, 3, 3, 9, 9, 59, tzinfo=UTC)  # 04:09:59 in New York
    assert due(before, [campaign], set(), AT) == ()
    assert days(due(before + timedelta(seconds=1), [campaign], set(), AT)) == [(date(2026, 3, 2), False)]


def test_each_kind_is_due_for_each_day() -> None:
    found = due(datetime(2026, 3, 3, 10, tzinfo=UTC), [a_campaign(first=date(2026, 3, 2))], set(), AT)
    assert sorted(each.kind for each in found) == sorted(ExportKind)


def test_what_was_made_is_not_due_again() -> None:
    now = datetime(2026, 3, 3, 10, tzinfo=UTC)
    made = keys(due(now, [a_campaign()], set(), AT))
    assert due(now, [a_campaign()], made, AT) == ()
    assert due(now + timedelta(hours=13), [a_campaign()], made, AT) == ()


@pytest.mark.parametrize(
    ("zone", "newest"),
    [
        ("Pacific/Auckland", date(2026, 3, 2)),  # 02:00 on the 4th: the 3rd is not due before 04:10
        ("Europe/Berlin", date(2026, 3, 2)),  # 14:00 on the 3rd
        ("America/Los_Angeles", date(2026, 3, 2)),  # 05:00 on the 3rd
        ("Pacific/Honolulu", date(2026, 3, 1)),  # 03:00 on the 3rd
    ],
)
def test_each_campaign_follows_its_own_zone(zone: str, newest: date) -> None:
    found = due(datetime(2026, 3, 3, 13, tzinfo=UTC), [a_campaign(zone=zone)], set(), AT)
    assert max(each.report_date for each in found) == newest


def test_missed_nights_are_made_up_and_marked_late_the_newest_is_not() -> None:
    now = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
    found = due(now, [a_campaign(first=date(2026, 3, 2))], set(), AT)
    assert days(found) == [(date(2026, 3, 2), True), (date(2026, 3, 3), True), (date(2026, 3, 4), False)]


def test_an_export_is_late_when_its_time_is_over_by_more_than_an_hour() -> None:
    first = date(2026, 3, 2)
    on_time = due(datetime(2026, 3, 3, 10, 9, tzinfo=UTC), [a_campaign(first=first)], set(), AT)
    late = due(datetime(2026, 3, 3, 10, 11, tzinfo=UTC), [a_campaign(first=first)], set(), AT)
    assert (days(on_time), days(late)) == ([(first, False)], [(first, True)])


def test_a_stopped_campaign_has_no_reports_after_its_last_day() -> None:
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    found = due(now, [a_campaign(last=date(2026, 3, 3))], set(), AT)
    assert [day for day, _ in days(found)] == [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]


def test_a_campaign_of_today_has_nothing_due() -> None:
    assert due(datetime(2026, 3, 2, 17, tzinfo=UTC), [a_campaign(first=date(2026, 3, 2))], set(), AT) == ()


def test_after_a_long_silence_only_two_months_are_made_up() -> None:
    found = due(datetime(2026, 12, 1, 12, tzinfo=UTC), [a_campaign(first=date(2026, 1, 1))], set(), AT)
    assert len(days(found)) == CATCH_UP_DAYS


CHANGES_OF_THE_CLOCKS = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Kathmandu", date(2026, 3, 8)),  # none, and 45 minutes off
]


@pytest.mark.parametrize(("zone", "change"), CHANGES_OF_THE_CLOCKS)
@pytest.mark.parametrize("at", [time(0, 0), time(1, 30), time(2, 30), time(4, 10), time(23, 59)])
def test_looks_around_a_change_of_the_clocks_make_each_day_once_and_in_time(zone: str, change: date, at: time) -> None:
    first = change - timedelta(days=4)
    campaign, done, made = a_campaign(zone=zone, first=first), set[tuple[int, str, date]](), list[date]()
    now = datetime(first.year, first.month, first.day, tzinfo=UTC)
    for look in range(9 * 24 * 6):
        found = due(now + look * timedelta(minutes=10), [campaign], done, at)
        assert not any(each.late for each in found)
        made += sorted({each.report_date for each in found})
        done |= keys(found)
    assert made == [first + timedelta(days=number) for number in range(len(made))]
    assert len(made) >= 7


def test_a_local_time_that_does_not_exist_in_spring_is_reached_all_the_same() -> None:
    """02:30 is skipped on 8 March 2026 in New York: 07:00 UTC is 03:00 there."""
    before = datetime(2026, 3, 8, 6, 59, tzinfo=UTC)
    assert latest_date(before, "America/New_York", time(2, 30)) == date(2026, 3, 6)
    assert latest_date(before + timedelta(minutes=1), "America/New_York", time(2, 30)) == date(2026, 3, 7)


def test_a_clock_set_back_makes_nothing_twice() -> None:
    now = datetime(2026, 3, 3, 10, tzinfo=UTC)
    done = keys(due(now, [a_campaign()], set(), AT))
    assert due(now - timedelta(hours=30), [a_campaign()], done, AT) == ()
