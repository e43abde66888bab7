"""Which nightly exports are due, and is the tidying? Pure functions of instant, campaigns, and what was made before.

A report date is due once the next day has reached the export's local time in the campaign's zone. Only UTC is
ever turned into local time, never back: a local time that does not exist in spring or comes twice in autumn
makes no export too few or too many.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LATE_AFTER = timedelta(hours=1)
CATCH_UP_DAYS = 62  # nobody waits for older ones; 'dialer export run --date' still makes them


class ExportKind(StrEnum):
    """The reports of a night."""

    COMPLETION = "completion"
    REFUSAL = "refusal"
    CAMPAIGN = "campaign"
    AGENTS = "agents"
    ANSWERS = "answers"


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """A campaign as the schedule sees it. `last` is the last date that wants a report; none while it goes on."""

    campaign_id: int
    name: str
    zone: str
    first: date
    last: date | None = None


@dataclass(frozen=True, kw_only=True, order=True)
class Due:
    """One export to be made. `late`: its time was missed by more than an hour."""

    report_date: date
    campaign_id: int
    kind: ExportKind
    name: str
    late: bool


def latest_date(now: datetime, zone: str, at: time) -> date:
    """The newest report date whose export time has come in this zone."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() - timedelta(days=1 if local.time() >= at else 2)


def night_is_due(now: datetime, last: date | None, at: time) -> bool:
    """Whether the nightly tidying is to be done: once a day, from `at` on, in UTC; a missed night is made up once."""
    return last is None or last < latest_date(now, "UTC", at)


def is_late(day: date, now: datetime, zone: str, at: time) -> bool:
    """Whether the export of this report date was due more than LATE_AFTER ago."""
    return day <= latest_date(now - LATE_AFTER, zone, at)


def due(
    now: datetime, campaigns: Iterable[Reporting], done: Collection[tuple[int, str, date]], at: time
) -> tuple[Due, ...]:
    """Every export whose time has come and that was not made, the oldest first. `now` is aware."""
    found: list[Due] = []
    for campaign in campaigns:
        newest = latest_date(now, campaign.zone, at)
        for day in _days(campaign, newest):
            found += (
                Due(
                    report_date=day,
                    campaign_id=campaign.campaign_id,
                    kind=kind,
                    name=campaign.name,
                    late=is_late(day, now, campaign.zone, at),
                )
                for kind in ExportKind
                if (campaign.campaign_id, kind.value, day) not in done
            )
    return tuple(sorted(found))


def _days(campaign: Reporting, newest: date) -> list[date]:
    first = max(campaign.first, newest - timedelta(days=CATCH_UP_DAYS - 1))
    last = newest if campaign.last is None else min(newest, campaign.last)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
