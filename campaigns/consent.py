"""May this seller call this number for this purpose, because its owner agreed? Consents, and what a rule asks of them.

A consent is what somebody can prove: who agreed to what, when, and how it was given. It ends when it is revoked, when
it is older than the rule allows, or when it was given for another seller or purpose. Where consent is needed and none
is known, nobody is called (France from 11 Aug 2026: Law 2025-594; Germany: UWG 7(2); USA for recorded voices: 47 CFR
64.1200(a)(2), (3)). A revocation counts at once, though the law gives up to 10 business days (64.1200(a)(10)).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SALES = "sales"  # the purpose of a campaign that names none


class ConsentKind(StrEnum):
    """How much was agreed to, the least first."""

    EXPRESS = "express"  # said so, on a recording or a form
    EXPRESS_WRITTEN = "express_written"  # signed, with the text shown


class ConsentAsked(StrEnum):
    """What a campaign asks for before it calls a number."""

    NONE = "none"
    EXPRESS = "express"  # express or more
    EXPRESS_WRITTEN = "express_written"

    @property
    def kinds(self) -> tuple[ConsentKind, ...]:
        """The kinds that are enough; none when nothing is asked for."""
        return () if self is ConsentAsked.NONE else kinds_enough(self)


def kinds_enough(needed: str) -> tuple[ConsentKind, ...]:
    """The kinds that satisfy what a campaign or a rule profile asks for; of a word that is unknown the strictest.

    `opt_in_provable` is any kind: no consent is on record without its proof.
    """
    return tuple(ConsentKind) if needed in ("express", "opt_in_provable") else (ConsentKind.EXPRESS_WRITTEN,)


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One agreement of a number's owner. Instants are aware UTC.

    `seller` is who may call, `purpose` what for. `proof` says where the recording, form or signature is kept, `wording`
    what the person was shown or told. A revoked one stays on record.
    """

    number: str
    seller: str
    purpose: str
    kind: ConsentKind
    given_at: datetime
    proof: str
    wording: str = ""
    source: str  # desk, manager, file name, ...
    actor: str
    recorded_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = ""
    revoked_reason: str = ""
    id: int | None = None

    def reaches(self, need: ConsentNeed) -> bool:
        """Whether it speaks of what is needed at all, whatever its age."""
        return self.seller == need.seller and self.purpose == need.purpose and self.kind in need.kinds


@dataclass(frozen=True, kw_only=True)
class ConsentNeed:
    """What a campaign must be able to prove for each number. `max_age` None: a consent does not age."""

    seller: str
    purpose: str = SALES
    kinds: tuple[ConsentKind, ...] = tuple(ConsentKind)
    max_age: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class ConsentVerdict:
    """Whether the number may be called on somebody's word, and whose (`consent`), or what is missing."""

    given: bool
    reason: str
    consent: Consent | None = None


def judge_consent(known: Iterable[Consent] | None, need: ConsentNeed, now: datetime) -> ConsentVerdict:
    """The best of what is known, at `now`. Fails closed: None means that consents could not be looked up."""
    if known is None:
        return ConsentVerdict(given=False, reason="consents could not be looked up")
    meant = sorted((each for each in known if each.reaches(need)), key=lambda each: each.given_at, reverse=True)
    if not meant:
        return ConsentVerdict(given=False, reason=f"no consent of this number for {_what(need)} is on record")
    for each in meant:
        if _why_not(each, need, now) == "":
            reason = f"{each.kind} consent of {each.given_at:%Y-%m-%d} ({each.source})"
            return ConsentVerdict(given=True, reason=reason, consent=each)
    return ConsentVerdict(given=False, reason=_why_not(meant[0], need, now))


def _why_not(consent: Consent, need: ConsentNeed, now: datetime) -> str:
    if consent.revoked_at is not None and consent.revoked_at <= now:
        return f"the consent of {consent.given_at:%Y-%m-%d} was revoked on {consent.revoked_at:%Y-%m-%d}"
    if consent.given_at > now:
        return f"the consent is dated {consent.given_at:%Y-%m-%d %H:%M} UTC, which is not past"
    if need.max_age is not None and consent.given_at + need.max_age <= now:
        return f"the consent of {consent.given_at:%Y-%m-%d} is older than {need.max_age.days} days"
    return ""


def _what(need: ConsentNeed) -> str:
    kinds = "" if len(need.kinds) == len(ConsentKind) else f" ({' or '.join(need.kinds)})"
    return f"{need.purpose} by {need.seller}{kinds}"
