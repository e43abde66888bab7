"""Does what the dialer recorded agree with what the far end itself saw? Compared call by call, by attempt id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from telephony.causes import EARLY_MEDIA, EXCHANGE_RESTARTED, LINK_LOST, MEDIA_LOST, CallEvidence, judge
from telephony.port import Network
from telephony.practice import PracticeKind
from telephony.practice_log import PracticeCall

NEVER_SEEN = frozenset({Network.NOT_ATTEMPTED, Network.UNKNOWN, Network.CANCELLED})
"""What may be recorded of a call the far end never saw: it was not sent, or ended before it arrived."""

CROSSING = timedelta(milliseconds=250)
"""How long before our hang-up a refusal may have been sent that we did not live to see: its way through two loops."""

Outcome = tuple[Network, str]


@dataclass(frozen=True, kw_only=True)
class RecordedCall:
    """One attempt as the dialer recorded it; `id` is the attempt's id.

    `ended_at`, when given, tells a hang-up of ours that crossed the far end's refusal from one that missed it.
    """

    id: str
    number: str
    network: Network
    detail: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One call on which the two sides disagree."""

    attempt_id: str
    recorded: str
    seen: str
    reason: str

    def __str__(self) -> str:
        return f"{self.attempt_id}: recorded {self.recorded}, the far end saw {self.seen}: {self.reason}"


def compare(
    attempts: Iterable[RecordedCall], practice_log: Iterable[PracticeCall], *, unknown_allowed: bool = False
) -> tuple[Difference, ...]:
    """Every disagreement, by attempt id; empty when both sides agree on all calls.

    `unknown_allowed`: an attempt recorded as UNKNOWN agrees with anything (after a crash or a lost link), and an
    answered one of which only the end is unknown agrees with any answered call.
    """
    seen: Mapping[str, list[PracticeCall]] = defaultdict(list)
    for call in practice_log:
        seen[call.attempt_id].append(call)
    found = [difference for attempt in attempts for difference in _of_attempt(attempt, seen, unknown_allowed)]
    strangers = [
        Difference(attempt_id=call.attempt_id, recorded="nothing", seen=call.kind, reason="no attempt has this id")
        for calls in seen.values()
        for call in calls
    ]
    return tuple(sorted((*found, *strangers), key=lambda difference: difference.attempt_id))


def crossed_answers(attempts: Iterable[RecordedCall], practice_log: Iterable[PracticeCall]) -> tuple[str, ...]:
    """Ids of attempts recorded as hung up by us while ringing which the far end had answered, in the order given.

    Each was a person who met nobody: whoever counts abandoned calls against the far end's log adds them. `compare`
    names the same ones as differences.
    """
    answered = {call.attempt_id for call in practice_log if call.answered}
    return tuple(a.id for a in attempts if a.network is Network.CANCELLED and a.id in answered)


def _of_attempt(
    attempt: RecordedCall, seen: Mapping[str, list[PracticeCall]], unknown_allowed: bool
) -> Iterable[Difference]:
    calls = seen.get(attempt.id, [])
    seen_as = ", ".join(f"{call.kind} {call.sip_code or ''}".strip() for call in calls) or "nothing"

    def differs(reason: str) -> Difference:
        recorded = f"{attempt.network} {attempt.detail}".strip()
        return Difference(attempt_id=attempt.id, recorded=recorded, seen=seen_as, reason=reason)

    if len(calls) > 1:
        yield differs(f"it was placed {len(calls)} times")
    elif not calls and attempt.network not in NEVER_SEEN:
        yield differs("it never arrived there")
    elif calls and attempt.number != calls[0].number:
        yield differs(f"another number was dialled ({calls[0].number} for {attempt.number})")
    elif calls and not (unknown_allowed and attempt.network is Network.UNKNOWN):
        expected = _expected(calls[0], end_unknown=unknown_allowed)
        if (attempt.network, attempt.detail) not in expected and not _crossed(attempt, calls[0]):
            yield differs("expected " + " or ".join(f"{n} {d}".strip() for n, d in sorted(expected)))
    calls.clear()


def _crossed(attempt: RecordedCall, call: PracticeCall) -> bool:
    """Whether we hung up before the far end's refusal can have reached us: then CANCELLED is what happened here."""
    if attempt.network is not Network.CANCELLED or call.answered or attempt.ended_at is None or call.ended_at is None:
        return False
    return call.ended_by == "callee" and call.ended_at > attempt.ended_at - CROSSING


def _expected(call: PracticeCall, *, end_unknown: bool) -> frozenset[Outcome]:
    """What may be recorded of a call that went so at the far end."""
    if call.answered:
        if end_unknown:
            return frozenset((Network.ANSWERED, detail) for detail in ("", MEDIA_LOST, LINK_LOST, EXCHANGE_RESTARTED))
        # Whether lost media or our own hang-up came first the far end cannot know.
        lost: frozenset[Outcome] = frozenset({(Network.ANSWERED, MEDIA_LOST)})
        answered: frozenset[Outcome] = frozenset({(Network.ANSWERED, "")})
        return answered | lost if call.kind == PracticeKind.VANISHES else answered
    if call.ended_by == "callee" and call.sip_code is not None:
        if call.sip_code != PracticeKind(call.kind).sip_code:  # not its own refusal: we gave up before its first step
            return frozenset({(Network.CANCELLED, "")})
        cause = judge(CallEvidence(reason=0, sip_code=call.sip_code))
        return frozenset({(cause.network, cause.detail)})
    return frozenset({_given_up(call), (Network.CANCELLED, "")})


def _given_up(call: PracticeCall) -> Outcome:
    if call.kind == PracticeKind.NEVER_REPLIES:
        return Network.NO_PROGRESS, ""
    return Network.NO_ANSWER, EARLY_MEDIA if call.kind == PracticeKind.ANNOUNCEMENT else ""
