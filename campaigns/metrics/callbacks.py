"""Were the calls kept that were promised to people? By the instant they were promised for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from campaigns.metrics.figure import Figure, Period, count, figure

KEPT, PENDING = "kept", "pending"


class Promise(Protocol):
    """A call promised to a person: for when, and what became of it (pending, kept, cancelled)."""

    @property
    def at(self) -> datetime: ...
    @property
    def status(self) -> str: ...


def callbacks(promises: Iterable[Promise], period: Period, now: datetime) -> tuple[Figure, Figure, Figure]:
    """Promised for an instant in the period, kept, and missed: overdue at `now` and still not made.

    One that was taken back, or replaced by a later promise, is in none of them.
    """
    meant = [p for p in promises if period.begins_at <= p.at < period.ends_at and p.status in (KEPT, PENDING)]
    kept = sum(1 for p in meant if p.status == KEPT)
    missed = sum(1 for p in meant if p.status == PENDING and p.at < now)
    words = "calls promised for a time in the period and not taken back"
    return (
        count("callbacks_promised", "Callbacks promised", words, period, len(meant)),
        figure(
            "callbacks_kept",
            "Callbacks kept",
            "promised calls in which an agent spoke with the lead / promised calls",
            period,
            of=kept,
            among=len(meant),
        ),
        figure(
            "callbacks_missed",
            "Callbacks missed",
            "promised calls overdue and not made yet / promised calls",
            period,
            of=missed,
            among=len(meant),
        ),
    )
