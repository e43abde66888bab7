"""Does a profile decide as its own table of cases says?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from campaigns.rules.profile import RuleProfile


@dataclass(frozen=True, kw_only=True)
class Case:
    """One call that is allowed or denied under a profile, and a word that the reason must hold.

    `at` is local time in `zone` (the first of two, if it comes twice) or an aware instant; `line` is where it stands.
    """

    at: datetime
    zone: str
    number: str
    kind: str
    region: str
    allowed: bool
    because: str
    line: int

    @property
    def local(self) -> datetime:
        """Local time with its zone. Raises UnknownZone."""
        from campaigns.hours import zone_named  # which itself needs the shipped profiles

        place = zone_named(self.zone)
        return self.at.astimezone(place) if self.at.tzinfo is not None else self.at.replace(tzinfo=place)

    @property
    def instant(self) -> datetime:
        """In UTC. Raises UnknownZone."""
        return self.local.astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the profile says of a case."""

    allowed: bool
    reason: str


def decide(profile: RuleProfile, case: Case) -> Outcome:
    """The profile's word on a case: first the number, then the hours, as when a lead is judged."""
    from campaigns.hours import judge_hours  # which itself needs the shipped profiles

    fault = profile.why_not_dialled(case.number, case.kind, case.region)
    if fault:
        return Outcome(allowed=False, reason=fault)
    verdict = judge_hours((case.zone,), profile, case.instant)
    return Outcome(allowed=verdict.open, reason=verdict.reason)


def failing(profile: RuleProfile, cases: tuple[Case, ...]) -> tuple[str, ...]:
    """One sentence for each case that comes out otherwise."""
    return tuple(words for case in cases if (words := _failure(profile, case)))


def _failure(profile: RuleProfile, case: Case) -> str:
    found = decide(profile, case)
    place = f"case on line {case.line} ({case.local:%a %Y-%m-%d %H:%M} in {case.zone})"
    if found.allowed != case.allowed:
        return f"{place}: expected {_word(case.allowed)}, found {_word(found.allowed)}: {found.reason}"
    if case.because and case.because not in found.reason:
        return f"{place}: the reason must hold {case.because!r}, it is: {found.reason}"
    return ""


def _word(allowed: bool) -> str:
    return "allow" if allowed else "deny"
