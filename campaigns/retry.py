"""What becomes of a lead after a call? The dialling state that follows from the facts and the agent's word.

The agent's word comes first, then what happened to an answered call, then what the network did. What the
customer asked for (never again, call back at a time) always wins over what we would like.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaigns.model import (
    AnsweredBy,
    CloseReason,
    DiallingState,
    Disposition,
    Facts,
    LeadState,
    Network,
    Routing,
)
from campaigns.settings import CampaignSettings

DAY_S = 24 * 3600
CANCELLED_FOR_DNC = "dnc"


@dataclass(frozen=True, kw_only=True)
class NextMove:
    """The lead's next dialling state. `suppress`: a do-not-call entry must be stored in the same commit.

    `tries` and `attempts` are totals that include the attempt judged.
    """

    state: LeadState
    reason: str
    close_reason: CloseReason | None = None
    ask_again_at: datetime | None = None
    owner_agent_id: int | None = None
    contact_point_id: int | None = None
    tries: int = 0
    attempts: int = 0
    suppress: bool = False


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One finished attempt, as the rules below ask about it."""

    facts: Facts
    disposition: Disposition | None
    settings: CampaignSettings
    now: datetime
    point: int | None
    other_point: int | None
    callback_at: datetime | None
    had_contact: bool


def next_state(
    state: DiallingState,
    facts: Facts,
    disposition: Disposition | None,
    settings: CampaignSettings,
    now: datetime,
    contact_points: tuple[int, ...],
    *,
    callback_at: datetime | None = None,
    had_contact: bool = False,
    counted: bool = False,
) -> NextMove:
    """The move after an attempt has ended, or after its disposition was set or corrected.

    `contact_points`: ids of the person's numbers in the order of the list; `state.contact_point_id` is the one
    called. `callback_at`: when he wants to be called. `had_contact`: somebody spoke with him before this call.
    `counted`: `state` already holds this attempt in its totals (a disposition that came later). Raises
    ValueError for an attempt that is still live.
    """
    if facts.network is None:
        raise ValueError("The attempt is still live: the lead moves when the call has ended. Nothing was changed.")
    case = _Case(
        facts=facts,
        disposition=disposition,
        settings=settings,
        now=now,
        point=state.contact_point_id,
        other_point=_next_point(state.contact_point_id, contact_points),
        callback_at=callback_at,
        had_contact=had_contact,
    )
    tries = state.tries + int(facts.network.uses_up_a_retry and not counted)
    attempts = state.attempts + int(facts.network is not Network.NOT_ATTEMPTED and not counted)
    move = replace(_move(case), tries=tries, attempts=attempts)
    if move.state is LeadState.RETRY and tries >= settings.max_tries:
        return replace(
            move,
            state=LeadState.CLOSED,
            close_reason=CloseReason.EXHAUSTED,
            ask_again_at=None,
            reason=f"{move.reason}; all {settings.max_tries} tries are used up",
        )
    return move


def _next_point(current: int | None, points: tuple[int, ...]) -> int | None:
    """The number after the current one. Those before it were given up already."""
    if current not in points:
        return points[0] if points else None
    later = points[points.index(current) + 1 :]
    return later[0] if later else None


def _move(case: _Case) -> NextMove:
    if case.facts.opted_out:
        return _never_again(case, "pressed the opt-out key")
    if case.disposition is not None:
        return _by_disposition(case, case.disposition)
    if case.facts.network is Network.ANSWERED:
        return _answered(case)
    return _by_network(case)


def _never_again(case: _Case, reason: str) -> NextMove:
    return replace(_closed(case, CloseReason.REFUSED, reason), suppress=True)


def _closed(case: _Case, why: CloseReason, reason: str) -> NextMove:
    return NextMove(state=LeadState.CLOSED, close_reason=why, contact_point_id=case.point, reason=reason)


def _retry(case: _Case, after_s: int, reason: str) -> NextMove:
    """Again after `after_s`; a call that was abandoned keeps its own, longer rest."""
    if case.facts.routing.abandoned and after_s < case.settings.retry_abandoned_s:
        after_s, reason = case.settings.retry_abandoned_s, f"{reason}; the call was abandoned"
    due = case.now + timedelta(seconds=after_s)
    return NextMove(state=LeadState.RETRY, ask_again_at=due, contact_point_id=case.point, reason=reason)


def _bad_number(case: _Case, reason: str) -> NextMove:
    if case.other_point is None:
        return _closed(case, CloseReason.BAD_NUMBER, reason)
    return NextMove(
        state=LeadState.RETRY,
        ask_again_at=case.now,
        contact_point_id=case.other_point,
        reason=f"{reason}; the person has another number",
    )


def _by_disposition(case: _Case, said: Disposition) -> NextMove:
    if said.do_not_call:
        return _never_again(case, "asked not to be called")
    if said.sale:
        return _closed(case, CloseReason.SALE, said.label)
    if said.refusal and said.final:
        return _closed(case, CloseReason.REFUSED, said.label)
    if said.wrong_number or said.answered_by is AnsweredBy.FAX:
        return _bad_number(case, said.label)
    if said.callback:
        return _callback(case, said)
    if said.final:
        return _closed(case, CloseReason.INELIGIBLE, said.label)
    if said.answered_by is AnsweredBy.MACHINE:
        return _retry(case, case.settings.retry_machine_s, said.label)
    if said.contact:
        return _retry(case, case.settings.retry_spoken_s, said.label)
    return _retry(case, case.settings.retry_no_answer_s, said.label)


def _callback(case: _Case, said: Disposition) -> NextMove:
    """At the time asked for, by the agent who promised it; without a time, after the gap of a conversation."""
    usual = case.now + timedelta(seconds=case.settings.retry_spoken_s)
    due = usual if case.callback_at is None else max(case.callback_at, case.now)
    return NextMove(
        state=LeadState.CALLBACK,
        ask_again_at=due,
        owner_agent_id=case.facts.agent_id,
        contact_point_id=case.point,
        reason=said.label,
    )


def _answered(case: _Case) -> NextMove:
    facts, settings = case.facts, case.settings
    if facts.answered_by is AnsweredBy.MACHINE:
        return _retry(case, settings.retry_machine_s, "an answering machine")
    if facts.answered_by is AnsweredBy.FAX:
        return _bad_number(case, "a fax machine")
    if facts.joined_at is not None:
        return _retry(case, DAY_S, "no disposition yet: rests until it is set, or 24 h")
    if facts.routing.abandoned:
        return _retry(case, settings.retry_abandoned_s, "abandoned: nobody was free, or the system lost the call")
    if facts.routing is Routing.HUNG_UP_EARLY:
        return _retry(case, settings.retry_spoken_s, "answered and hung up at once")
    return _retry(case, max(DAY_S, settings.retry_no_answer_s), "answered, and what followed is not known")


def _by_network(case: _Case) -> NextMove:
    facts, settings = case.facts, case.settings
    if facts.network is Network.INVALID_NUMBER:
        return _bad_number(case, "the network says that the number does not exist")
    if facts.network is Network.CANCELLED and facts.cancel_reason == CANCELLED_FOR_DNC:
        why = CloseReason.REFUSED if case.had_contact else CloseReason.SUPPRESSED
        return _closed(case, why, "put on the do-not-call list while it rang")
    gap_s, words = _gap_of(facts, settings)
    return _retry(case, gap_s, words)


def _gap_of(facts: Facts, settings: CampaignSettings) -> tuple[int, str]:
    """Seconds until the next try after a call that nobody answered, and why."""
    if facts.network is Network.BUSY and facts.network_detail == "EVERYWHERE":
        return settings.retry_no_answer_s, "busy everywhere"
    paced_s = settings.retry_congestion_s
    gaps = {
        Network.BUSY: (settings.retry_busy_s, "busy"),
        Network.NO_ANSWER: (settings.retry_no_answer_s, "no answer"),
        Network.REJECTED: (settings.retry_rejected_s, "rejected by the person called"),
        Network.UNAVAILABLE: (settings.retry_unavailable_s, "switched off or out of reach"),
        Network.CANCELLED: (settings.retry_no_answer_s, f"hung up by us ({facts.cancel_reason or 'no reason'})"),
        Network.CONGESTION: (paced_s, "the network was congested; no try is used up"),
        Network.NO_PROGRESS: (paced_s, "the network never replied; no try is used up"),
        Network.TECHNICAL: (paced_s, "a technical fault; no try is used up"),
        Network.NOT_ATTEMPTED: (paced_s, "never sent to a trunk; no try is used up"),
    }
    unknown = (max(DAY_S, settings.retry_no_answer_s), "its end is not known, so it counts; not before 24 h")
    return gaps.get(facts.network or Network.UNKNOWN, unknown)
