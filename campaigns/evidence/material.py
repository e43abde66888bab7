"""What is evidence made from? A report's material, the receipts with the chain around them, and the opt-outs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from campaigns.declaration import Declaration
from campaigns.metrics import Call
from campaigns.override import Override
from campaigns.receipts import Day, Receipt
from campaigns.reports import Material
from campaigns.settings import CampaignSettings


@dataclass(frozen=True, kw_only=True)
class ShownReceipt:
    """One row of the chain: of this campaign with its receipt and text, of another one with its digest only."""

    day: date
    seq: int
    hash: str
    digest: str
    text: str = ""
    private: str = ""
    receipt: Receipt | None = None


@dataclass(frozen=True, kw_only=True)
class OptOut:
    """A person asked in a call not to be called: when, in force since when, and calls to the number after that."""

    number: str
    asked_at: datetime
    in_force_at: datetime
    source: str
    attempt_id: str
    calls_after: int

    @property
    def delay_s(self) -> float:
        """Seconds from the wish to the entry; an entry that is written first has none."""
        return max(0.0, (self.in_force_at - self.asked_at).total_seconds())


@dataclass(frozen=True, kw_only=True)
class EvidenceMaterial:
    """All that goes into one folder. `report.calls` are all of the campaign's calls up to the last day.

    `days` are the chain's days that the period touches, each with its `shown` rows or none of them. `settings`: every
    version that a call names. `messages`: when the recorded message was played, by call. `since`: the first receipt
    of this installation; calls before it have none. `overrides`: all that the campaign ever had.
    `declared`: all that people declared of what no software checks. `right_to_use`: what proved, when a call was made,
    that its caller ID might be shown, by call.
    """

    installation: str
    program: str
    report: Material
    days: tuple[Day, ...]
    shown: Mapping[date, tuple[ShownReceipt, ...]]
    settings: Mapping[int, CampaignSettings]
    messages: Mapping[str, datetime] = field(default_factory=dict)
    opt_outs: tuple[OptOut, ...] = ()
    overrides: tuple[Override, ...] = ()
    right_to_use: Mapping[str, str] = field(default_factory=dict)
    declared: tuple[Declaration, ...] = ()
    since: datetime | None = None

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls made in the period, by the instant at which they were written, in that order."""
        period = self.report.period
        inside = (c for c in self.report.calls if period.begins_at <= c.attempt.created_at < period.ends_at)
        return tuple(sorted(inside, key=lambda c: (c.attempt.created_at, c.attempt.id)))

    @property
    def receipts(self) -> tuple[ShownReceipt, ...]:
        """The campaign's own receipts of these UTC days, in the chain's order."""
        return tuple(row for day in self.days for row in self.shown.get(day.day, ()) if row.receipt is not None)

    @property
    def receipts_in_period(self) -> tuple[tuple[ShownReceipt, Receipt], ...]:
        """Those that were written in the period, each with what it says."""
        period = self.report.period
        return tuple(
            (row, row.receipt)
            for row in self.receipts
            if row.receipt is not None and period.begins_at <= row.receipt.at < period.ends_at
        )


def shown_at(at: datetime | None) -> str:
    """An instant as it stands in every file: UTC, milliseconds."""
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds")
