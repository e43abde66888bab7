"""Where does a lead stand after each kind of call, and what wins over what?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.model import (
    STANDARD_DISPOSITIONS,
    AnsweredBy,
    CloseReason,
    DiallingState,
    Disposition,
    Facts,
    LeadState,
    Network,
    Routing,
)
from campaigns.retry import NextMove, next_state
from tests.campaigns.rule_builders import NOON, dialling_state, settings

HOUR = timedelta(hours=1)
SPOKEN = Facts(network=Network.ANSWERED, routing=Routing.AGENT, joined_at=NOON, agent_id=7)


def move(facts: Facts, said: str | Disposition | None = None, points: tuple[int, ...] = (1,), **more: Any) -> NextMove:
    changes = {key: more.pop(key) for key in ("tries", "attempts", "contact_point_id") if key in more}
    disposition = settings().disposition(said) if isinstance(said, str) else said
    state = dialling_state(state=LeadState.IN_PROGRESS, **changes)
    return next_state(state, facts, disposition, settings(), NOON, points, **more)


def moved(state: DiallingState, by: NextMove) -> DiallingState:
    """Where the lead stands after the move."""
    names = ("state", "close_reason", "ask_again_at", "owner_agent_id", "contact_point_id", "tries", "attempts")
    return replace(state, **{name: getattr(by, name) for name in names})


def network(value: Network, detail: str = "", **more: Any) -> Facts:
    return Facts(network=value, network_detail=detail, **more)


@pytest.mark.parametrize(
    ("facts", "gap", "tries"),
    [
        (network(Network.BUSY), timedelta(minutes=15), 1),
        (network(Network.BUSY, "EVERYWHERE"), 4 * HOUR, 1),
        (network(Network.NO_ANSWER), 4 * HOUR, 1),
        (network(Network.NO_ANSWER, "EARLY_MEDIA"), 4 * HOUR, 1),
        (network(Network.REJECTED), 72 * HOUR, 1),
        (network(Network.UNAVAILABLE), 2 * HOUR, 1),
        (network(Network.CANCELLED, cancel_reason="emergency_stop"), 4 * HOUR, 1),
        (network(Network.UNKNOWN), 24 * HOUR, 1),
        (network(Network.CONGESTION), timedelta(minutes=5), 0),
        (network(Network.NO_PROGRESS), timedelta(minutes=5), 0),
        (network(Network.TECHNICAL), timedelta(minutes=5), 0),
        (network(Network.NOT_ATTEMPTED), timedelta(minutes=5), 0),
        (network(Network.ANSWERED, routing=Routing.ABANDONED_NO_AGENT), 72 * HOUR, 1),
        (network(Network.ANSWERED, routing=Routing.ABANDONED_SYSTEM), 72 * HOUR, 1),
        (network(Network.ANSWERED, routing=Routing.HUNG_UP_EARLY), 24 * HOUR, 1),
        (network(Network.ANSWERED, answered_by=AnsweredBy.MACHINE), 6 * HOUR, 1),
        (network(Network.ANSWERED), 24 * HOUR, 1),
        (SPOKEN, 24 * HOUR, 1),
    ],
)
def test_each_outcome_rests_for_its_own_gap_and_uses_a_try_only_where_it_should(
    facts: Facts, gap: timedelta, tries: int
) -> None:
    next_move = move(facts)
    assert next_move.state is LeadState.RETRY
    assert next_move.ask_again_at == NOON + gap
    assert next_move.tries == tries
    assert next_move.attempts == int(facts.network is not Network.NOT_ATTEMPTED)
    assert not next_move.suppress


@pytest.mark.parametrize(
    ("said", "why"),
    [("sale", CloseReason.SALE), ("refused", CloseReason.REFUSED), ("wrong_number", CloseReason.BAD_NUMBER)],
)
def test_a_final_word_of_the_agent_closes_the_lead(said: str, why: CloseReason) -> None:
    next_move = move(SPOKEN, said)
    assert (next_move.state, next_move.close_reason, next_move.suppress) == (LeadState.CLOSED, why, False)
    assert next_move.ask_again_at is None


def test_who_asks_not_to_be_called_is_closed_as_refused_and_listed() -> None:
    next_move = move(SPOKEN, "do_not_call")
    assert (next_move.close_reason, next_move.suppress) == (CloseReason.REFUSED, True)


def test_the_opt_out_key_wins_over_anything_an_agent_says_later() -> None:
    next_move = move(replace(SPOKEN, opted_out=True), "sale")
    assert (next_move.close_reason, next_move.suppress) == (CloseReason.REFUSED, True)


def test_a_final_word_that_is_neither_sale_nor_refusal_makes_the_lead_ineligible() -> None:
    said = Disposition(code="child", label="Under age", final=True, contact=True)
    assert move(SPOKEN, said).close_reason is CloseReason.INELIGIBLE


def test_a_callback_is_kept_for_the_agent_who_promised_it_at_the_time_asked_for() -> None:
    asked = NOON + timedelta(days=3)
    next_move = move(SPOKEN, "callback", callback_at=asked)
    assert (next_move.state, next_move.ask_again_at, next_move.owner_agent_id) == (LeadState.CALLBACK, asked, 7)


def test_a_callback_is_kept_even_when_all_tries_are_used_up() -> None:
    assert move(SPOKEN, "callback", callback_at=NOON + HOUR, tries=5).state is LeadState.CALLBACK


def test_a_callback_without_a_time_or_with_a_past_one_still_has_a_time() -> None:
    assert move(SPOKEN, "callback").ask_again_at == NOON + 24 * HOUR
    assert move(SPOKEN, "callback", callback_at=NOON - HOUR).ask_again_at == NOON


@pytest.mark.parametrize("facts", [network(Network.INVALID_NUMBER), replace(SPOKEN, disposition="wrong_number")])
def test_a_bad_number_gives_way_to_the_persons_next_one_and_the_last_closes_the_lead(facts: Facts) -> None:
    said = facts.disposition or None
    first = move(facts, said, points=(1, 2), contact_point_id=1)
    assert (first.state, first.contact_point_id, first.ask_again_at) == (LeadState.RETRY, 2, NOON)
    last = move(facts, said, points=(1, 2), contact_point_id=2)
    assert (last.state, last.close_reason) == (LeadState.CLOSED, CloseReason.BAD_NUMBER)


def test_a_fax_is_a_bad_number() -> None:
    assert move(network(Network.ANSWERED, answered_by=AnsweredBy.FAX)).close_reason is CloseReason.BAD_NUMBER


@pytest.mark.parametrize(
    ("said", "gap"), [("machine", 6 * HOUR), ("not_available", 4 * HOUR), ("no_decision", 24 * HOUR)]
)
def test_other_words_of_the_agent_rest_for_their_gap(said: str, gap: timedelta) -> None:
    assert move(SPOKEN, said).ask_again_at == NOON + gap


def test_an_abandoned_call_rests_72_hours_even_when_an_agent_joined_it_too_late() -> None:
    late = replace(SPOKEN, routing=Routing.ABANDONED_NO_AGENT)
    assert move(late).ask_again_at == NOON + 72 * HOUR
    assert move(late, "no_decision").ask_again_at == NOON + 72 * HOUR


def test_the_last_try_closes_the_lead_as_exhausted() -> None:
    next_move = move(network(Network.NO_ANSWER), tries=5)
    assert (next_move.state, next_move.close_reason, next_move.ask_again_at) == (
        LeadState.CLOSED,
        CloseReason.EXHAUSTED,
        None,
    )
    assert "all 6 tries" in next_move.reason


@pytest.mark.parametrize(("had_contact", "why"), [(False, CloseReason.SUPPRESSED), (True, CloseReason.REFUSED)])
def test_a_lead_listed_while_it_rang_is_suppressed_only_if_nobody_had_spoken_to_him(
    had_contact: bool, why: CloseReason
) -> None:
    cancelled = network(Network.CANCELLED, cancel_reason="dnc")
    assert move(cancelled, had_contact=had_contact).close_reason is why


def test_a_disposition_that_comes_later_does_not_count_the_attempt_twice() -> None:
    first = move(SPOKEN)
    rested = moved(dialling_state(state=LeadState.IN_PROGRESS), first)
    later = next_state(rested, SPOKEN, settings().disposition("sale"), settings(), NOON, (1,), counted=True)
    assert (later.tries, later.attempts, later.close_reason) == (1, 1, CloseReason.SALE)


def test_a_live_attempt_moves_nothing() -> None:
    with pytest.raises(ValueError, match="still live"):
        move(Facts())


ANY_FACTS = st.builds(
    Facts,
    network=st.sampled_from(Network),
    network_detail=st.sampled_from(["", "EVERYWHERE", "EARLY_MEDIA", "LINK_LOST"]),
    routing=st.sampled_from(Routing),
    answered_by=st.sampled_from([None, *AnsweredBy]),
    joined_at=st.sampled_from([None, NOON]),
    agent_id=st.sampled_from([None, 7]),
    opted_out=st.booleans(),
    cancel_reason=st.sampled_from(["", "dnc", "pacing"]),
)
WORDS = st.sampled_from([None, *STANDARD_DISPOSITIONS])


@given(facts=ANY_FACTS, said=WORDS, tries=st.integers(0, 8), points=st.sampled_from([(), (1,), (1, 2), (2, 1, 3)]))
def test_no_lead_is_ever_lost(facts: Facts, said: Disposition | None, tries: int, points: tuple[int, ...]) -> None:
    next_move = move(facts, said, points, tries=tries, attempts=tries)
    if next_move.state is LeadState.CLOSED:
        assert next_move.close_reason is not None
        assert next_move.ask_again_at is None
    else:
        assert next_move.state in (LeadState.RETRY, LeadState.CALLBACK)
        assert next_move.close_reason is None
        assert next_move.ask_again_at is not None
        assert next_move.ask_again_at >= NOON
    assert next_move.suppress == (facts.opted_out or (said is not None and said.do_not_call))
    assert next_move.reason


@given(st.lists(st.tuples(ANY_FACTS, WORDS), max_size=12))
def test_totals_over_a_leads_life_are_the_sums_over_its_attempts(
    history: list[tuple[Facts, Disposition | None]],
) -> None:
    state = dialling_state()
    for facts, said in history:
        state = moved(state, next_state(state, facts, said, settings(), NOON, (1, 2, 3)))
    assert state.tries == sum(1 for f, _ in history if f.network and f.network.uses_up_a_retry)
    assert state.attempts == sum(1 for f, _ in history if f.network is not Network.NOT_ATTEMPTED)
