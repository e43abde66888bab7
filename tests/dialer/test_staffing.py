"""Does Erlang C give the agents that books and tables give, and no answer to a question that has none?"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.staffing import MOST_AGENTS, CannotStaff, Workload, probability_of_waiting, service_level, staff


def load(**changes: Any) -> Workload:
    """100 calls of three minutes in half an hour, 80 % within 20 s."""
    usual: dict[str, Any] = {"calls": 100, "per_s": 1800, "aht_s": 180, "max_occupancy": 1.0, "shrinkage": 0.0}
    return Workload(**usual | changes)


def test_the_example_of_the_call_centre_trade_needs_fourteen_agents() -> None:
    """Call Centre Helper, "Erlang C Formula": 17.4 % wait, ASA 7.8 s, 88.8 % in time, occupancy 71.4 %."""
    found = staff(load())
    assert (found.erlangs, found.agents) == (10, 14)
    assert found.probability_of_waiting == pytest.approx(0.174, abs=5e-4)
    assert found.average_speed_of_answer_s == pytest.approx(7.8, abs=0.05)
    assert found.service_level == pytest.approx(0.888, abs=5e-4)
    assert found.occupancy == pytest.approx(0.714, abs=5e-4)


def test_the_worked_example_of_360_calls_needs_fifty_five_agents() -> None:
    """Mitan, "How to calculate Erlang C": 48 erlangs, 55 agents: 23.9 % wait, ASA 8.2 s, occupancy 87.3 %."""
    found = staff(load(calls=360, aht_s=240, within_s=15))
    assert (found.erlangs, found.agents) == (48, 55)
    assert found.probability_of_waiting == pytest.approx(0.239, abs=5e-4)
    assert found.average_speed_of_answer_s == pytest.approx(8.2, abs=0.05)
    assert found.service_level == pytest.approx(0.846, abs=5e-4)
    assert found.occupancy == pytest.approx(0.873, abs=5e-4)


@pytest.mark.parametrize(
    ("agents", "erlangs", "waiting"),
    [(1, 0.7, 0.7), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9), (5, 4.0, 0.5541), (10, 8.0, 0.4092)],
)
def test_the_chance_to_wait_is_that_of_the_tables(agents: int, erlangs: float, waiting: float) -> None:
    assert probability_of_waiting(erlangs, agents) == pytest.approx(waiting, abs=5e-5)


@given(agents=st.integers(1, 40), tenths=st.integers(1, 399))
def test_the_recursion_is_the_formula_in_exact_fractions(agents: int, tenths: int) -> None:
    erlangs = Fraction(tenths, 10)
    if erlangs >= agents:
        assert probability_of_waiting(float(erlangs), agents) == 1
        return
    top = erlangs**agents / math.factorial(agents) * agents / (agents - erlangs)
    exact = top / (sum(erlangs**k / Fraction(math.factorial(k)) for k in range(agents)) + top)
    assert probability_of_waiting(float(erlangs), agents) == pytest.approx(float(exact), rel=1e-9)


@given(calls=st.integers(1, 2000), aht_s=st.integers(10, 900), agents=st.integers(1, 800))
def test_one_agent_more_never_lowers_the_service_level(calls: int, aht_s: int, agents: int) -> None:
    work = load(calls=calls, aht_s=aht_s)
    assert service_level(work, agents + 1) >= service_level(work, agents) - 1e-12


@settings(max_examples=200)
@given(
    calls=st.floats(0.01, 3000),
    aht_s=st.floats(5, 900),
    level=st.floats(0.05, 0.99),
    within_s=st.floats(0, 120),
    occupancy=st.floats(0.3, 1.0),
)
def test_the_answer_keeps_both_promises_and_one_agent_fewer_breaks_one(
    calls: float, aht_s: float, level: float, within_s: float, occupancy: float
) -> None:
    work = load(calls=calls, aht_s=aht_s, service_level=level, within_s=within_s, max_occupancy=occupancy)
    found = staff(work)
    assert found.occupancy is not None
    assert found.service_level is not None
    assert found.occupancy <= occupancy + 1e-9
    assert found.service_level >= level
    fewer = found.agents - 1
    kept = fewer > work.erlangs and work.erlangs / fewer <= occupancy and service_level(work, fewer) >= level
    assert not kept


def test_the_occupancy_asks_for_more_where_the_service_level_does_not() -> None:
    found = staff(load(calls=1000, max_occupancy=0.85))  # 100 erlangs
    assert (found.agents, found.decided_by) == (118, "occupancy")
    assert staff(load(calls=1000)).agents < 118
    assert staff(load()).decided_by == "service level"


def test_shrinkage_puts_more_on_the_roster_than_on_the_line() -> None:
    found = staff(load(shrinkage=0.3))
    assert (found.agents, found.scheduled) == (14, 20)
    assert staff(replace(load(), shrinkage=0.5)).scheduled == 28  # exactly twice, not one more for a rounding


def test_a_thousand_agents_and_ten_times_that_are_reckoned_without_overflow() -> None:
    for calls in (10_000, 100_000):
        found = staff(load(calls=calls))
        assert found.agents > calls / 10
        assert found.probability_of_waiting is not None
        assert 0 < found.probability_of_waiting < 1


def test_without_calls_nobody_is_needed_and_what_calls_would_meet_is_none() -> None:
    found = staff(load(calls=0))
    assert (found.agents, found.scheduled) == (0, 0)
    assert found.service_level is found.occupancy is found.average_speed_of_answer_s is None


def test_every_fault_of_a_question_is_told_at_once() -> None:
    with pytest.raises(CannotStaff) as refusal:
        load(calls=-1, per_s=0, aht_s=math.nan, service_level=1, within_s=math.inf, max_occupancy=0, shrinkage=1)
    words = str(refusal.value)
    for name in (
        "calls = -1",
        "per = 0",
        "aht = nan",
        "service level = 1",
        "within = inf",
        "max occupancy",
        "shrinkage",
    ):
        assert name in words
    assert "100 % is never reached" in words
    assert words.endswith("Nothing was computed.")


def test_a_load_beyond_all_call_centres_is_refused_instead_of_reckoned_for_ever() -> None:
    with pytest.raises(CannotStaff, match="more than 20,000 agents"):
        load(calls=1e9)
    with pytest.raises(CannotStaff, match="more than 20,000 agents"):
        staff(load(calls=100_000, max_occupancy=0.3))
    with pytest.raises(CannotStaff, match="more than 20,000 agents"):
        load(calls=10, aht_s=1e308)  # their product is beyond all numbers
    assert MOST_AGENTS == 20_000
