"""What is a figure? A number with its numerator, denominator, period, zone and formula; no data is none, never zero."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from campaigns.model import AnsweredBy, Attempt, Disposition, Network, ScriptOutcome


class Unit(StrEnum):
    """How a figure's value is read."""

    SHARE = "share"  # 0..1
    COUNT = "count"
    SECONDS = "s"
    MILLISECONDS = "ms"
    PER_HOUR = "per hour"
    PER_LEAD = "per lead"


@dataclass(frozen=True, kw_only=True)
class Period:
    """Report dates, both inclusive, in an IANA zone. Raises ValueError when the last is before the first."""

    first: date
    last: date
    zone: str

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"The period ends on {self.last}, before it begins on {self.first}; turn them round.")

    def holds(self, day: date) -> bool:
        """Whether a report date lies in it."""
        return self.first <= day <= self.last

    @property
    def begins_at(self) -> datetime:
        """The first instant of the first day in the zone, in UTC."""
        return self._midnight(self.first)

    @property
    def ends_at(self) -> datetime:
        """The first instant after the last day in the zone, in UTC."""
        return self._midnight(self.last + timedelta(days=1))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=zoneinfo.ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number that can be recounted. `value` is none when there is nothing to divide by.

    A count has no denominator; a percentile has no numerator, its denominator is how many were measured.
    """

    name: str
    label: str
    formula: str
    period: Period
    unit: Unit
    numerator: float | None
    denominator: float | None
    value: float | None

    @property
    def zone(self) -> str:
        return self.period.zone


@dataclass(frozen=True, kw_only=True)
class Call:
    """An attempt with the agent's word, looked up in the disposition set in force for it. `said` none: none yet."""

    attempt: Attempt
    said: Disposition | None = None

    @property
    def lead(self) -> tuple[int, int]:
        """Campaign and person: what a lead is."""
        return self.attempt.campaign_id, self.attempt.person_id

    @property
    def sent(self) -> bool:
        """Whether it counts as an attempt: sent to a trunk, or in doubt. Blocked ones are counted apart."""
        network = self.attempt.facts.network
        return network is None or network.counts_for_limits

    @property
    def answered(self) -> bool:
        """Whether the far end answered; true for a live call too."""
        facts = self.attempt.facts
        return facts.network is Network.ANSWERED or (facts.network is None and facts.answered_at is not None)

    @property
    def human(self) -> bool:
        return self.answered and self.attempt.facts.answered_by is AnsweredBy.HUMAN

    @property
    def contact(self) -> bool:
        return self.said is not None and self.said.contact

    @property
    def human_contact(self) -> bool:
        return self.human and self.contact

    @property
    def right_party(self) -> bool:
        return self.contact and self.said is not None and self.said.right_party

    @property
    def sale(self) -> bool:
        return self.said is not None and self.said.sale

    @property
    def refusal(self) -> bool:
        return self.said is not None and self.said.refusal

    @property
    def handled(self) -> bool:
        """Whether an agent had it and it has ended."""
        return self.attempt.facts.joined_at is not None and self.attempt.facts.network is not None

    @property
    def script_started(self) -> bool:
        return self.attempt.facts.script is not ScriptOutcome.NOT_STARTED

    @property
    def script_completed(self) -> bool:
        return self.attempt.facts.script is ScriptOutcome.COMPLETED


def calls_of(attempts: Iterable[Attempt], sets: Mapping[tuple[int, int], tuple[Disposition, ...]]) -> tuple[Call, ...]:
    """Attempts with their dispositions; `sets` by (campaign id, version of the disposition set).

    Raises KeyError for a set that is missing and ValueError for a code that is not in its set: a figure made
    with words that cannot be looked up would be wrong without showing it.
    """
    return tuple(Call(attempt=a, said=_said(a, sets)) for a in attempts)


def _said(attempt: Attempt, sets: Mapping[tuple[int, int], tuple[Disposition, ...]]) -> Disposition | None:
    code = attempt.facts.disposition
    if not code:
        return None
    said = next((d for d in sets[attempt.campaign_id, attempt.disposition_set] if d.code == code), None)
    if said is None:
        raise ValueError(f"Attempt {attempt.id}: disposition {code!r} is not in set {attempt.disposition_set}.")
    return said


def figure(
    name: str,
    label: str,
    formula: str,
    period: Period,
    *,
    of: float,
    among: float,
    unit: Unit = Unit.SHARE,
    scale: float = 1.0,
) -> Figure:
    """The figure `of / among * scale`, none where there is nothing to divide by."""
    return Figure(
        name=name,
        label=label,
        formula=formula,
        period=period,
        unit=unit,
        numerator=of,
        denominator=among,
        value=of / among * scale if among else None,
    )


def count(name: str, label: str, formula: str, period: Period, number: int) -> Figure:
    """A plain count: its value is its numerator."""
    return Figure(
        name=name,
        label=label,
        formula=formula,
        period=period,
        unit=Unit.COUNT,
        numerator=number,
        denominator=None,
        value=float(number),
    )
