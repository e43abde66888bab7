"""Is a state of emergency declared where this lead may be, so that nobody is called to sell him something?

N.Y. GBL 399-z(5-a) forbids unsolicited sales calls to people where a state of emergency is declared. No list of such
declarations is asked: a person declares it here, for days by the calendar of the place. It only ever closes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from campaigns.hours import zone_named
from campaigns.place import UNKNOWN_REGION

_ALL_PAST_MIDNIGHT = time(12, tzinfo=UTC)  # by then it is the next day in every zone west of Greenwich


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """One declaration for a region (`US-NY`, or a country), from the first to the last local day, both included."""

    region: str
    first: date
    last: date
    reason: str
    declared_by: str
    declared_at: datetime
    ended_by: str = ""
    ended_at: datetime | None = None
    ended_reason: str = ""
    id: int = 0

    @property
    def over_at(self) -> datetime:
        """An instant after its last day, in the Americas; east of them it may be over some hours sooner."""
        return datetime.combine(self.last + timedelta(days=1), _ALL_PAST_MIDNIGHT)

    def reaches(self, regions: Iterable[str]) -> bool:
        """Whether somebody who may be in these places may be there; when in doubt he may."""
        country = self.region.partition("-")[0]
        return any(
            region in (self.region, country, UNKNOWN_REGION) or region.startswith(f"{self.region}-")
            for region in regions
        )

    def holds(self, zones: Iterable[str], now: datetime) -> bool:
        """Whether this is one of its days in any of the zones. Raises UnknownZone."""
        if self.ended_at is not None and self.ended_at <= now:
            return False
        return any(self.first <= now.astimezone(zone_named(zone)).date() <= self.last for zone in zones)

    @property
    def words(self) -> str:
        """Why nobody is called."""
        return f"a state of emergency is declared for {self.region} until {self.last}: {self.reason}"


def last_of(
    emergencies: Iterable[Emergency], regions: tuple[str, ...], zones: tuple[str, ...], now: datetime
) -> Emergency | None:
    """The declaration that closes this lead the longest, or none. Raises UnknownZone."""
    found = (each for each in emergencies if each.reaches(regions) and each.holds(zones, now))
    return max(found, key=lambda each: each.last, default=None)
