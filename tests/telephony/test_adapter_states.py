"""Is the table of call states whole, and does every order of events lead to one end?"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.asterisk.call_state import MOVES, ImpossibleMove, Seen, State, move

OVER = (Seen.HANGUP, Seen.SETTLED)


def walk(*seen: Seen) -> list[State]:
    state, way = State.SENT, [State.SENT]
    for what in seen:
        state = move("a-1", state, what)
        way.append(state)
    return way


def test_every_state_has_its_row() -> None:
    assert set(MOVES) == set(State)


def test_every_state_but_the_last_can_be_left_for_good() -> None:
    for state in set(State) - {State.OVER}:
        assert Seen.SETTLED in MOVES[state]
        assert Seen.HANGUP in MOVES[state]
    assert MOVES[State.OVER] == {}


@pytest.mark.parametrize("order", itertools.permutations((Seen.CHANNEL, Seen.RINGING, Seen.PROGRESS)))
def test_the_early_events_may_come_in_any_order(order: tuple[Seen, ...]) -> None:
    assert walk(*order, Seen.ANSWERED)[-1] is State.WAITING
    assert walk(*order, *OVER)[-1] is State.OVER


def test_a_call_that_is_listened_to_waits_after_a_person_and_for_its_end_after_a_machine() -> None:
    assert walk(Seen.CHANNEL, Seen.LISTENED_TO, Seen.PERSON, Seen.JOINED)[2:] == [
        State.SCREENING,
        State.WAITING,
        State.TALKING,
    ]
    assert walk(Seen.LISTENED_TO, Seen.MACHINE, Seen.HANGUP)[1:] == [State.SCREENING, State.DISMISSED, State.GONE]
    for stage in (Seen.JOINED, Seen.MESSAGE, Seen.AGENT_LOST):
        with pytest.raises(ImpossibleMove):
            walk(Seen.LISTENED_TO, Seen.MACHINE, stage)


@pytest.mark.parametrize("late", [Seen.CHANNEL, Seen.RINGING, Seen.PROGRESS, Seen.FAILED, Seen.LISTENED_TO])
def test_nothing_late_takes_a_verdict_back(late: Seen) -> None:
    assert walk(Seen.LISTENED_TO, late)[-1] is State.SCREENING
    assert walk(Seen.LISTENED_TO, Seen.PERSON, late)[-1] is State.WAITING
    assert walk(Seen.LISTENED_TO, Seen.PERSON, Seen.JOINED, late)[-1] is State.TALKING
    assert walk(Seen.LISTENED_TO, Seen.MACHINE, late)[-1] is State.DISMISSED


@pytest.mark.parametrize("late", [Seen.CHANNEL, Seen.RINGING, Seen.PROGRESS, Seen.FAILED, Seen.ANSWERED])
def test_nothing_late_takes_an_answer_back(late: Seen) -> None:
    assert walk(Seen.ANSWERED, late)[-1] is State.WAITING
    assert walk(Seen.ANSWERED, Seen.JOINED, late)[-1] is State.TALKING
    assert walk(Seen.ANSWERED, Seen.JOINED, Seen.AGENT_LOST, late)[-1] is State.HOLDING


def test_a_call_loses_its_agent_and_gets_another() -> None:
    way = walk(Seen.CHANNEL, Seen.ANSWERED, Seen.MESSAGE, Seen.JOINED, Seen.AGENT_LOST, Seen.JOINED, *OVER)
    assert way[3:7] == [State.MESSAGE, State.TALKING, State.HOLDING, State.TALKING]
    assert way[-1] is State.OVER


@given(st.lists(st.sampled_from([seen for seen in Seen if seen is not Seen.SETTLED])))
def test_once_the_channel_is_gone_only_settling_moves_a_call(after: list[Seen]) -> None:
    assert walk(Seen.CHANNEL, Seen.HANGUP, *after)[-1] is State.GONE


def test_what_cannot_follow_is_an_error_naming_state_event_and_call() -> None:
    with pytest.raises(ImpossibleMove, match=r"call a-1 is ringing and was told 'joined'"):
        move("a-1", State.RINGING, Seen.JOINED)
    with pytest.raises(ImpossibleMove, match="over"):
        move("a-1", State.OVER, Seen.HANGUP)
