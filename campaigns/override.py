"""Who made a rule looser, for whom, why and until when, and does that hold now?

One person asks, another confirms (ADR 16). It reaches a number only if its owner agreed: the override names the number,
or his consent for the campaign's seller and purpose is on record ("prior consent" of 16 CFR 310.4(c); 12 CFR
1006.14(b)(3)). What cannot be read, has ended or was revoked is not in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from campaigns.account import same_name, signed, two_accounts, why_no_other
from campaigns.consent import Consent, ConsentNeed, judge_consent
from campaigns.rules.loosening import Loosening, Loosens, loosening_of

LONGEST = timedelta(days=90)
_A_DAY = timedelta(days=1)  # the last day is meant whole, in the campaign's own zone


class OverrideStanding(StrEnum):
    """Where an override stands."""

    PENDING = "pending"
    IN_FORCE = "in force"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True)
class Override:
    """One request to dial by a looser rule, and what became of it. Instants are aware UTC; `until` is not included.

    `number` in E.164, empty for every number of the campaign whose owner agreed. `key` and `value` as
    `campaigns.rules.loosening` reads them. Rows are never deleted; a confirmation and a revocation are added to them.
    Accounts are the operating system's, as `campaigns.account` keeps them.
    """

    campaign_id: int
    key: str
    value: str
    number: str = ""
    reason: str
    asked_by: str
    asked_at: datetime
    until: datetime
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    revoked_by: str = ""
    revoked_at: datetime | None = None
    revoked_reason: str = ""
    asked_account: str = ""
    confirmed_account: str = ""
    revoked_account: str = ""
    id: int = 0

    @property
    def loosening(self) -> Loosening | None:
        """What it loosens; None when that cannot be read."""
        try:
            return loosening_of(self.key, self.value)
        except ValueError:
            return None

    def standing(self, now: datetime) -> OverrideStanding:
        """Where it stands at an instant."""
        if self.revoked_at is not None:
            return OverrideStanding.REVOKED
        if now >= self.until or self.until > self.asked_at + LONGEST + _A_DAY:
            return OverrideStanding.ENDED
        return OverrideStanding.PENDING if self.confirmed_at is None else OverrideStanding.IN_FORCE

    def holds(self, now: datetime) -> bool:
        """Whether two persons stand behind it, and it has begun, not ended, and can be read."""
        begun = self.confirmed_at is not None and self.confirmed_at <= now and bool(self.reason.strip())
        two = bool(self.confirmed_by.strip()) and not same_name(self.confirmed_by, self.asked_by)
        two = two and two_accounts(self.confirmed_account, self.asked_account)
        in_force = self.standing(now) is OverrideStanding.IN_FORCE
        return begun and two and in_force and self.loosening is not None

    def reaches(self, number: str, consents: tuple[Consent, ...] | None, need: ConsentNeed, now: datetime) -> bool:
        """Whether it is for this number: named, or its owner's consent is on record."""
        return self.number == number if self.number else judge_consent(consents, need, now).given

    @property
    def words(self) -> str:
        """`override 3 (hours.mon-fri = 07:00-21:00 until 2026-12-01 05:00 UTC, by anna and boris)`."""
        asker = signed(self.asked_by, self.asked_account)
        by = f"asked for by {asker}"
        if self.confirmed_by:
            by = f"by {asker} and {signed(self.confirmed_by, self.confirmed_account)}"
        return f"override {self.id} ({self.key} = {self.value} until {self.until:%Y-%m-%d %H:%M} UTC, {by})"


def of_kind(overrides: tuple[Override, ...], loosens: Loosens) -> tuple[Override, ...]:
    """Those that loosen this."""
    return tuple(each for each in overrides if (read := each.loosening) is not None and read.loosens is loosens)


def why_not_confirmed(override: Override, actor: str, account: str, now: datetime) -> str:
    """Why this person may not confirm it now; empty when he may."""
    standing = override.standing(now)
    if standing is not OverrideStanding.PENDING:
        return f"it is {standing}"
    return why_no_other(actor, account, override.asked_by, override.asked_account)
