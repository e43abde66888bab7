"""Until when does a list count, to the second, and when is that told before?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.registry import Freshness, Manifest, open_list, standing
from tests.campaigns.registry.registry_builders import NOW, A, with_list

LIST_DATE = NOW - timedelta(days=1)


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    found = open_list(with_list(tmp_path, A), "us-ftc").manifest
    assert found is not None
    return found


@pytest.mark.parametrize("days", [31, 28, 15, 1])
@pytest.mark.parametrize(
    ("before_the_end", "expected"),
    [
        (timedelta(days=1), Freshness.WARNS),
        (timedelta(0), Freshness.WARNS),
        (timedelta(microseconds=-1), Freshness.TOO_OLD),
        (timedelta(seconds=-1), Freshness.TOO_OLD),
        (timedelta(days=-400), Freshness.TOO_OLD),
    ],
)
def test_the_limit_is_inclusive(manifest: Manifest, days: int, before_the_end: timedelta, expected: Freshness) -> None:
    end = LIST_DATE + timedelta(days=days)
    found = standing(manifest, days, end - before_the_end)
    assert (found.freshness, found.counts_until) == (expected, end)
    assert found.freshness.locks is (expected is Freshness.TOO_OLD)


@pytest.mark.parametrize(
    ("warn_days", "age", "expected"),
    [
        (3, timedelta(days=28), Freshness.FRESH),
        (3, timedelta(days=28, seconds=1), Freshness.WARNS),
        (5, timedelta(days=26, seconds=1), Freshness.WARNS),
        (0, timedelta(days=31), Freshness.FRESH),
        (0, timedelta(0), Freshness.FRESH),
    ],
)
def test_the_end_is_told_days_before(manifest: Manifest, warn_days: int, age: timedelta, expected: Freshness) -> None:
    assert standing(manifest, 31, LIST_DATE + age, warn_days).freshness is expected


def test_a_list_dated_in_the_future_is_a_fault(manifest: Manifest) -> None:
    found = standing(manifest, 31, LIST_DATE - timedelta(microseconds=1))
    assert (found.freshness, found.freshness.locks) == (Freshness.FAULT, True)
    assert found.reason == (
        "us-ftc of 2026-11-21 12:00:00 UTC is dated in the future: the clock or the list is wrong."
        " Set the clock or import the list again."
    )


def test_every_standing_says_until_when_and_what_to_do(manifest: Manifest) -> None:
    told = [standing(manifest, 31, LIST_DATE + timedelta(days=days)).reason for days in (1, 30, 32)]
    until = "2026-12-22 12:00:00 UTC"
    assert told == [
        f"us-ftc of 2026-11-21 12:00:00 UTC counts until {until} (31 days).",
        f"us-ftc of 2026-11-21 12:00:00 UTC counts until {until} (31 days). Import a newer list soon.",
        f"us-ftc of 2026-11-21 12:00:00 UTC is too old: it counted for 31 days until {until}. Import a newer list.",
    ]
