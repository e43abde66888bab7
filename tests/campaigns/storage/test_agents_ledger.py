"""Does an agent's ledger have neither gaps nor overlaps, whatever the clock does?"""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from campaigns.model import AgentState
from campaigns.storage import Store, StoreRefused
from tests.builders.stored import NOON, after, campaign_with


def test_an_agent_comes_back_by_number_and_by_name(store: Store) -> None:
    agent = store.agents.add("Olena", "2001", NOON, sip_secret_ref="olena-phone", pin_hash="hash")
    assert store.agents.find("2001") == store.agents.find("Olena") == store.agents.get(agent.id) == agent
    assert store.agents.find("2002") is None


@pytest.mark.parametrize("wrong", ["", "201", "20011", "20a1", "٢٠٠١", "²001"])
def test_a_number_has_four_ascii_digits(store: Store, wrong: str) -> None:
    with pytest.raises(StoreRefused, match="four digits"):
        store.agents.add("Olena", wrong, NOON)


def test_names_and_numbers_are_not_given_twice(store: Store) -> None:
    store.agents.add("Olena", "2001", NOON)
    for name, number in (("Olena", "2002"), ("Petro", "2001")):
        with pytest.raises(StoreRefused, match="already"):
            store.agents.add(name, number, NOON)


def test_only_what_is_given_is_changed(store: Store) -> None:
    agent = store.agents.add("Olena", "2001", NOON, pin_hash="old")
    changed = store.agents.change(agent.id, active=False)
    assert (changed.active, changed.pin_hash) == (False, "old")
    assert store.agents.all(active_only=True) == ()
    assert "old" not in repr(changed)


def test_one_span_ends_at_the_instant_the_next_begins(store: Store) -> None:
    campaign = campaign_with(store)
    agent = store.agents.add("Olena", "2001", NOON)
    moves = [
        (AgentState.RINGING, "", 0.0),
        (AgentState.READY, "", 3.000001),
        (AgentState.TALK, "", 60.5),
        (AgentState.WRAP_UP, "", 200.25),
        (AgentState.PAUSE, "lunch", 230.0),
        (AgentState.LOGGED_OUT, "", 1830.0),
    ]
    for state, code, at in moves:
        store.agents.move(agent.id, campaign.id, state, code, after(seconds=at))
    spans = store.agents.spans(agent.id, NOON, after(hours=1))
    assert [span.state for span in spans] == [state for state, _, _ in moves[:-1]]
    assert all(span.ended_at == following.began_at for span, following in itertools.pairwise(spans))
    lengths = [span.ended_at - span.began_at for span in spans if span.ended_at]
    assert sum(lengths, timedelta()) == timedelta(seconds=1830)
    assert store.agents.running() == ()


def test_a_clock_that_goes_back_makes_no_overlap(store: Store) -> None:
    agent = store.agents.add("Olena", "2001", NOON)
    store.agents.move(agent.id, None, AgentState.READY, "", after(hours=1))
    store.agents.move(agent.id, None, AgentState.PAUSE, "tea", NOON)
    ready, pause = store.agents.spans(agent.id, NOON, after(hours=2))
    assert ready.began_at == ready.ended_at == pause.began_at == after(hours=1)


def test_a_move_to_the_same_state_changes_nothing(store: Store) -> None:
    agent = store.agents.add("Olena", "2001", NOON)
    store.agents.move(agent.id, None, AgentState.PAUSE, "tea", NOON)
    store.agents.move(agent.id, None, AgentState.PAUSE, "tea", after(minutes=1))
    store.agents.move(agent.id, None, AgentState.PAUSE, "lunch", after(minutes=2))
    assert [span.pause_code for span in store.agents.spans(agent.id, NOON, after(hours=1))] == ["tea", "lunch"]


def test_spans_are_found_by_overlap(store: Store) -> None:
    agent = store.agents.add("Olena", "2001", NOON)
    other = store.agents.add("Petro", "2002", NOON)
    store.agents.move(agent.id, None, AgentState.READY, "", NOON)
    store.agents.move(agent.id, None, AgentState.LOGGED_OUT, "", after(hours=1))
    store.agents.move(other.id, None, AgentState.READY, "", after(hours=1))
    assert [s.agent_id for s in store.agents.spans(None, after(minutes=59), after(hours=1))] == [agent.id]
    assert [s.agent_id for s in store.agents.spans(None, after(hours=1), after(hours=2))] == [other.id]
    assert [s.agent_id for s in store.agents.spans(None, after(days=9), after(days=10))] == [other.id]


def test_spans_left_open_by_a_crash_can_be_ended(store: Store) -> None:
    for n in (1, 2):
        agent = store.agents.add(f"Agent {n}", f"200{n}", NOON)
        store.agents.move(agent.id, None, AgentState.READY, "", after(minutes=n))
    assert store.agents.close_running(after(seconds=90)) == 2
    ended = [span.ended_at for span in store.agents.spans(None, NOON, after(hours=1))]
    assert ended == [after(seconds=90), after(minutes=2)]
    assert store.agents.running() == ()
