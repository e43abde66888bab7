"""With which of his numbers is a lead called? The next one, unless it is barred for good and another one is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from campaigns.dialable import Candidate, GateCode, Verdict

# Gates about one number: another number of the same person may pass them.
OF_THE_NUMBER = frozenset(
    {
        *(GateCode.PRACTICE, GateCode.NUMBER, GateCode.DO_NOT_CALL),
        *(GateCode.REGISTRY, GateCode.REGISTRY_KNOWN, GateCode.CONSENT, GateCode.REASSIGNED, GateCode.CALLER_ID),
    }
)

Judged = tuple[Candidate, Verdict]


def best_number(candidate: Candidate, verdict: Verdict, others: Callable[[], Iterable[Judged]]) -> Judged:
    """The candidate and its verdict, or another number of the person with its own.

    `others` judges all numbers of the person, the next to be called first; it is asked only when they matter.
    """
    if not may_have_better(verdict):
        return candidate, verdict
    judged = list(others())
    waiting = [(other, found) for other, found in judged if found.dialable or found.ask_again_at is not None]
    if waiting:
        return min(waiting, key=_soonest)
    # None may be dialled: the lead waits for the number that a newer list may set free.
    for code in (GateCode.REGISTRY_KNOWN, GateCode.REGISTRY):
        for other, found in ((candidate, verdict), *judged):
            if found.hold is not None and found.hold.code is code:
                return other, found
    return candidate, verdict


def may_have_better(verdict: Verdict) -> bool:
    """Whether another number of the same person could be dialled although this one is barred for good."""
    return not verdict.dialable and verdict.ask_again_at is None and lasting(verdict) <= OF_THE_NUMBER


def lasting(verdict: Verdict) -> set[GateCode]:
    """The shut gates that never open by themselves."""
    return {gate.code for gate in verdict.gates if not gate.passed and gate.passes_at is None}


def _soonest(judged: Judged) -> tuple[bool, datetime]:
    again_at = judged[1].ask_again_at
    return (again_at is not None, again_at or datetime.min)  # noqa: DTZ901 - only compared when both have none
