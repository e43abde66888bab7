"""What becomes of a lead that was judged and may not be dialled? A time to ask again, or the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.dialable import Candidate, GateCode, Verdict
from campaigns.model import CloseReason

LOOK_AGAIN = timedelta(hours=1)  # for a gate that only a person can open: a wrong trunk, a rule that fails
SOONEST = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Why a lead waits and until when, or why he is closed. Exactly one of the last two is set."""

    code: str
    reason: str
    ask_again_at: datetime | None
    close_reason: CloseReason | None


def hold_of(candidate: Candidate, verdict: Verdict, had_contact: bool, now: datetime) -> Hold:
    """The hold that follows from a verdict which is not dialable. Never leaves a lead without a next step."""
    gate = verdict.hold
    if gate is None:
        raise ValueError("This candidate is dialable: there is nothing to hold.")
    close_reason = None if verdict.ask_again_at else _close_reason(candidate, verdict, had_contact)
    again_at = None if close_reason else max(verdict.ask_again_at or now + LOOK_AGAIN, now + SOONEST)
    return Hold(code=gate.code.value, reason=gate.reason, ask_again_at=again_at, close_reason=close_reason)


def gate_is(verdict: Verdict, code: GateCode) -> bool:
    """Whether this gate is the first that is shut."""
    return verdict.hold is not None and verdict.hold.code is code


def _close_reason(candidate: Candidate, verdict: Verdict, had_contact: bool) -> CloseReason | None:
    """The end, when a gate about the lead never opens by itself; none when somebody's mistake shuts it."""
    lasting = {gate.code for gate in verdict.gates if not gate.passed and gate.passes_at is None}
    if GateCode.DO_NOT_CALL in lasting and (candidate.suppressions or candidate.suppressions_elsewhere):
        return CloseReason.REFUSED if had_contact else CloseReason.SUPPRESSED
    if gate_is(verdict, GateCode.REGISTRY) and not had_contact:
        return CloseReason.SUPPRESSED  # until a newer list leaves him out, see Suppressions.registries_changed
    if GateCode.ATTEMPTS in lasting and candidate.attempted_at is not None:
        return CloseReason.EXHAUSTED
    if GateCode.NUMBER in lasting and GateCode.PRACTICE not in lasting:
        return CloseReason.INELIGIBLE
    return None
