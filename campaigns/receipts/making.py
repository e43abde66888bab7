"""How does a verdict become a receipt? From the candidate and the verdict alone, plus who asked and when."""

from __future__ import annotations

import functools
import hashlib
import zoneinfo
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

from campaigns.dialable import ATTEMPT_WINDOW, Basis, Candidate, Verdict
from campaigns.hours import RuleProfile, UnknownZone, zone_named
from campaigns.receipts.values import (
    AnswerSeen,
    ConsentSeen,
    GateSeen,
    ListSeen,
    LocalTime,
    Outcome,
    OverrideSeen,
    Receipt,
)
from campaigns.receipts.writing import canonical_json

MARK_LENGTH = 16
_NO_BASIS = "unknown"


@dataclass(frozen=True, kw_only=True)
class Issue:
    """What the receipts of one transaction have in common. `trunk_caller_id` is shown where the campaign has none."""

    at: datetime
    campaign_id: int
    campaign: str
    settings_version: int
    trunk: str = ""
    trunk_caller_id: str = ""


def receipt_of(candidate: Candidate, verdict: Verdict, issue: Issue, attempt_id: str | None, salt: str = "") -> Receipt:
    """The receipt for an attempt that was written, or (without its id) for a lead that was held. `salt`: random."""
    basis, point = verdict.basis, candidate.contact_point
    recent = candidate.attempted_at
    return Receipt(
        at=issue.at,
        campaign_id=issue.campaign_id,
        campaign=issue.campaign,
        person_id=candidate.state.person_id,
        number=point.number,
        trunk=issue.trunk or (basis.trunk if basis else ""),
        caller_id=(basis.caller_id if basis else "") or issue.trunk_caller_id,
        attempt_id=attempt_id,
        outcome=Outcome.HELD if attempt_id is None else Outcome.DIALLED,
        hold=verdict.hold.code.value if attempt_id is None and verdict.hold is not None else "",
        gates=tuple(
            GateSeen(code=gate.code.value, passed=gate.passed, reason="" if gate.passed else gate.reason)
            for gate in verdict.gates
        ),
        profile=basis.profile.name if basis else _NO_BASIS,
        profile_version=basis.profile.version if basis else 0,
        settings_version=issue.settings_version,
        lists=_lists(basis),
        places=tuple(_place(zone, basis.hours if basis else None, issue.at) for zone in candidate.zones),
        calls_in_24h=None if recent is None else sum(at > issue.at - ATTEMPT_WINDOW for at in recent),
        tries=candidate.state.tries,
        tz=time_zone_data(),
        program=program_version(),
        consents=() if attempt_id is None else _consents(verdict),
        overrides=() if attempt_id is None else _overrides(verdict),
        answers=() if attempt_id is None else _answers(verdict),
        verified=() if attempt_id is None or basis is None else basis.verified,
        salt=salt,
    )


def mark_of(receipt: Receipt) -> str:
    """What tells a hold from another of the same lead: the same mark says nothing new. Times and ages are not in it."""
    told = [
        receipt.number,
        receipt.outcome.value,
        [gate.code for gate in receipt.gates if not gate.passed],
        [receipt.profile, receipt.profile_version, receipt.settings_version],
        [[each.list_id, each.answer, each.generation] for each in receipt.lists],
    ]
    return hashlib.sha256(canonical_json(told).encode()).hexdigest()[:MARK_LENGTH]


def _lists(basis: Basis | None) -> tuple[ListSeen, ...]:
    if basis is None or basis.registry is None:
        return ()
    return tuple(
        ListSeen(
            list_id=each.list_id,
            answer=each.answer.name.lower(),
            required=each.required,
            generation=each.generation,
            list_date=each.list_date,
            lifted=each.lifted.by if each.lifted else "",
        )
        for each in basis.registry.consulted
    )


def _consents(verdict: Verdict) -> tuple[ConsentSeen, ...]:
    """Those on whose word a gate was open."""
    return tuple(
        ConsentSeen(id=each.id, kind=each.kind.value, given_at=each.given_at, proof=each.proof)
        for gate in verdict.gates
        for each in gate.consents
    )


def _overrides(verdict: Verdict) -> tuple[OverrideSeen, ...]:
    """Those without which a gate would have been shut."""
    relied = {each.id: each for gate in verdict.gates for each in gate.overrides}
    return tuple(OverrideSeen(id=each.id, key=each.key, value=each.value, until=each.until) for each in relied.values())


def _answers(verdict: Verdict) -> tuple[AnswerSeen, ...]:
    """Those about the number alone on whose word a gate was open."""
    return tuple(
        AnswerSeen(id=each.id, list_id=each.list_id, answer=each.answer.value, about=each.about, asked_at=each.asked_at)
        for gate in verdict.gates
        for each in gate.answers
    )


def _place(name: str, profile: RuleProfile | None, at: datetime) -> LocalTime:
    """A zone that is unknown has no time and no hours: it proves that nothing was legal there."""
    try:
        local = at.astimezone(zone_named(name))
    except UnknownZone:
        return LocalTime(zone=name, local="", hours="")
    never = profile is None or name in profile.held_zones
    hours = "" if profile is None or never else ",".join(str(window) for window in profile.windows(local.date()))
    return LocalTime(zone=name, local=local.isoformat(timespec="seconds"), hours=hours)


@functools.cache
def program_version() -> str:
    """The version of this program."""
    return _version("campaign-dialer")


def time_zone_data() -> str:
    """Which time zone data is in force: `tzdata 2026.6`, or the system's, which the dialer never dials with."""
    return _system_data(zoneinfo.TZPATH) if zoneinfo.TZPATH else _packaged_data()


@functools.cache
def _packaged_data() -> str:
    return f"tzdata {_version('tzdata')}"


@functools.cache
def _system_data(path: tuple[str, ...]) -> str:
    return f"system {path[0]}, else tzdata {_version('tzdata')}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def age_in_days(age: timedelta) -> float:
    """An age as days with two decimals."""
    return round(age / timedelta(days=1), 2)
