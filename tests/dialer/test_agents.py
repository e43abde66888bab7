"""Does an agent's state follow the table, and nothing but the table?"""

from __future__ import annotations

import pytest

from campaigns.model import AgentState
from dialer.agent_flow import pin_hash, pin_matches
from dialer.agents import AgentEvent, after, may
from dialer.refusal import Refused


def test_a_day_of_an_agent_goes_through_the_table() -> None:
    state = AgentState.LOGGED_OUT
    day = (
        (AgentEvent.LOG_IN, AgentState.RINGING),
        (AgentEvent.PHONE_UP, AgentState.READY),
        (AgentEvent.JOINED, AgentState.TALK),
        (AgentEvent.CALL_ENDED, AgentState.WRAP_UP),
        (AgentEvent.WRAPPED_UP, AgentState.READY),
        (AgentEvent.GO_PAUSE, AgentState.PAUSE),
        (AgentEvent.GO_READY, AgentState.READY),
        (AgentEvent.LOG_OUT, AgentState.LOGGED_OUT),
    )
    for event, expected in day:
        state = after(state, event, "1001")
        assert state is expected


def test_a_move_outside_the_table_names_state_event_and_agent() -> None:
    with pytest.raises(Refused, match="Agent 1001 is LOGGED_OUT: 'customer joined' is not possible"):
        after(AgentState.LOGGED_OUT, AgentEvent.JOINED, "1001")


@pytest.mark.parametrize(
    "state", [s for s in AgentState if s is not AgentState.LOGGED_OUT and s is not AgentState.HOLD]
)
def test_a_lost_phone_is_known_in_every_state_in_which_it_may_be_up(state: AgentState) -> None:
    assert may(state, AgentEvent.PHONE_LOST)


def test_a_customer_reaches_only_an_agent_who_is_ready_or_asked_for_him() -> None:
    takes = {s for s in AgentState if may(s, AgentEvent.JOINED)}
    assert takes == {AgentState.READY, AgentState.PREVIEW, AgentState.PAUSE}


def test_a_pin_matches_its_own_hash_only() -> None:
    stored = pin_hash("4711")
    assert "4711" not in stored
    assert pin_matches("4711", stored)
    assert not pin_matches("4712", stored)


@pytest.mark.parametrize("damaged", ["", "zz:zz", "00", ":", "00:"])
def test_an_empty_or_damaged_hash_matches_no_pin(damaged: str) -> None:
    assert not pin_matches("", damaged)
    assert not pin_matches("4711", damaged)
