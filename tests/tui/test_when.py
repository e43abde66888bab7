"""Which instant do people mean? Each way of writing it once, and each way of meaning none."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.when import NotATime, parse_when

NOW = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)  # a Tuesday; 09:05 in New York
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("written", "local"),
    [
        ("tomorrow 15:00", "2026-11-25 15:00"),
        ("Tomorrow at 3pm", "2026-11-25 15:00"),
        ("tomorrow 3 pm", "2026-11-25 15:00"),
        ("tomorrow noon", "2026-11-25 12:00"),
        ("today 9.30", "2026-11-24 09:30"),
        ("15:00", "2026-11-24 15:00"),
        ("8:00", "2026-11-25 08:00"),
        ("12am", "2026-11-25 00:00"),
        ("12pm", "2026-11-24 12:00"),
        ("mon 9:30", "2026-11-30 09:30"),
        ("tuesday 10:00", "2026-11-24 10:00"),
        ("tue 9:00", "2026-12-01 09:00"),
        ("+2h", "2026-11-24 11:05"),
        ("in 30 minutes", "2026-11-24 09:35"),
        ("+3d", "2026-11-27 09:05"),
        ("2026-12-01 08:15", "2026-12-01 08:15"),
        ("2026-12-01T08:15", "2026-12-01 08:15"),
        ("2026-12-01T08:15:00+01:00", "2026-12-01 02:15"),
        ("2026-12-01T13:15:00Z", "2026-12-01 08:15"),
    ],
)
def test_times_are_meant_in_the_leads_zone(written: str, local: str) -> None:
    when = parse_when(written, now=NOW, zone=NEW_YORK)
    assert when.tzinfo is UTC
    assert f"{when.astimezone(NEW_YORK):%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "Write a time"),
        ("soon", "not understood"),
        ("tomorrow", "tomorrow at what time"),
        ("someday 15:00", "The day is not understood"),
        ("25:00", "not understood"),
        ("tomorrow 13pm", "not understood"),
        ("tomorrow 15", "not understood"),
        ("today 8:00", "is in the past"),
        ("2026-11-23 15:00", "is in the past"),
        ("2028-01-01 15:00", "more than a year away"),
        ("2026-13-01 15:00", "not understood"),
        ("+9999d", "more than a year away"),
        ("9999-12-31 23:00", "outside the calendar"),
        ("0001-01-01 00:00+14:00", "outside the calendar"),
    ],
)
def test_what_names_no_time_is_told_in_plain_words(written: str, told: str) -> None:
    with pytest.raises(NotATime, match=told):
        parse_when(written, now=NOW, zone=NEW_YORK)


def test_a_time_skipped_by_the_clocks_is_refused() -> None:
    with pytest.raises(NotATime, match="does not exist there"):
        parse_when("2027-03-14 02:30", now=NOW, zone=NEW_YORK)


def test_a_time_that_comes_twice_is_the_first_one() -> None:
    when = parse_when("2027-10-31 02:30", now=datetime(2027, 10, 1, tzinfo=UTC), zone=ZoneInfo("Europe/Kyiv"))
    assert when == datetime(2027, 10, 30, 23, 30, tzinfo=UTC)


@given(st.text(max_size=40))
def test_any_words_are_a_later_time_or_told(written: str) -> None:
    with contextlib.suppress(NotATime):
        assert parse_when(written, now=NOW, zone=NEW_YORK) > NOW
