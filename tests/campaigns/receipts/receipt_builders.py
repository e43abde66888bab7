"""Receipts and chains for tests: a whole one, to be broken in one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from campaigns.receipts import (
    BEFORE_ALL,
    Day,
    GateSeen,
    Link,
    ListSeen,
    LocalTime,
    Outcome,
    Receipt,
    canonical,
    digest_of,
    link,
    opening_of,
)

NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
FIRST_DAY = date(2026, 11, 20)


def receipt(**changes: Any) -> Receipt:
    """A call that was allowed."""
    usual: dict[str, Any] = {
        "at": NOON,
        "campaign_id": 1,
        "campaign": "Autumn",
        "person_id": 7,
        "number": "+12125550123",
        "trunk": "carrier",
        "caller_id": "+12025550100",
        "attempt_id": "abcdef-1",
        "outcome": Outcome.DIALLED,
        "hold": "",
        "gates": (GateSeen(code="NUMBER", passed=True), GateSeen(code="CALLING_HOURS", passed=True)),
        "profile": "us-federal",
        "profile_version": 1,
        "settings_version": 3,
        "lists": (
            ListSeen(list_id="us-ftc", answer="clear", required=True, generation=4, list_date=NOON - timedelta(days=3)),
        ),
        "places": (LocalTime(zone="America/New_York", local="2026-11-20T12:00:00-05:00", hours="08:00-21:00"),),
        "calls_in_24h": 1,
        "tries": 2,
        "tz": "tzdata 2026.6",
        "program": "0.1.0",
    }
    return Receipt(**usual | changes)


def chained(day: date, receipts: list[Receipt], previous_head: str = BEFORE_ALL) -> tuple[Day, list[Link]]:
    """A closed day with these receipts, whole."""
    links: list[Link] = []
    before = opening_of(day, previous_head)
    for seq, each in enumerate(receipts, start=1):
        digest = digest_of(canonical(each))
        before = link(before, digest)
        links.append(Link(day=day, seq=seq, digest=digest, hash=before))
    return Day(day=day, previous_head=previous_head, rows=len(links), head=before), links


def three_days(rows: int = 4) -> tuple[list[Day], list[list[Link]], list[list[Receipt]]]:
    """Three days that follow each other, with so many receipts each."""
    days: list[Day] = []
    links: list[list[Link]] = []
    receipts: list[list[Receipt]] = []
    head = BEFORE_ALL
    for number in range(3):
        some = [
            receipt(attempt_id=f"abcdef-{number}-{n}", at=NOON + timedelta(days=number, seconds=n)) for n in range(rows)
        ]
        day, its = chained(FIRST_DAY + timedelta(days=number), some, head)
        days.append(day)
        links.append(its)
        receipts.append(some)
        head = day.head or ""
    return days, links, receipts


def with_text(row: Link, changed: Receipt) -> Link:
    """The row when somebody changed its receipt and nothing else."""
    return replace(row, digest=digest_of(canonical(changed)))
