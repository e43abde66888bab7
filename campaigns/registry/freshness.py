"""Is this list young enough to dial by, and until when?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache

from campaigns.registry.manifest import Manifest


class Freshness(Enum):
    """WARNS still counts; TOO_OLD and FAULT lock every number that needs the list."""

    FRESH = "fresh"
    WARNS = "warns"
    TOO_OLD = "too old"
    FAULT = "fault"

    @property
    def locks(self) -> bool:
        return self in (Freshness.TOO_OLD, Freshness.FAULT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The judgement, the last instant at which the list counts, and one sentence for people."""

    freshness: Freshness
    counts_until: datetime
    reason: str


def standing(manifest: Manifest, max_age_days: int, now: datetime, warn_days: int = 3) -> Standing:
    """A list of exactly `max_age_days` is fresh, a moment more is too old. `warn_days` before that it warns."""
    until = manifest.list_date + timedelta(days=max_age_days)
    freshness = _freshness(manifest.list_date, until, now, warn_days)
    return Standing(freshness=freshness, counts_until=until, reason=_reason(manifest, freshness, max_age_days, until))


def _freshness(list_date: datetime, until: datetime, now: datetime, warn_days: int) -> Freshness:
    if list_date > now:
        return Freshness.FAULT
    if now > until:
        return Freshness.TOO_OLD
    return Freshness.WARNS if now > until - timedelta(days=warn_days) else Freshness.FRESH


def _reason(manifest: Manifest, freshness: Freshness, days: int, until: datetime) -> str:
    what = f"{manifest.list_id} of {shown(manifest.list_date)}"
    if freshness is Freshness.FAULT:
        return f"{what} is dated in the future: the clock or the list is wrong. Set the clock or import the list again."
    if freshness is Freshness.TOO_OLD:
        return f"{what} is too old: it counted for {days} days until {shown(until)}. Import a newer list."
    soon = " Import a newer list soon." if freshness is Freshness.WARNS else ""
    return f"{what} counts until {shown(until)} ({days} days).{soon}"


@lru_cache(maxsize=256)
def shown(moment: datetime) -> str:
    """`2026-11-22 05:10:00 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
