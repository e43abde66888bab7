"""Is the bound of a share never below the share, never too short, and the smaller the more was counted?"""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.metrics.confidence import CONFIDENCE, chance_of_at_most, upper_bound

counts = st.integers(0, 400).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


def summed(events: int, trials: int, share: float) -> float:
    """The chance by plain addition."""
    return sum(comb(trials, n) * share**n * (1 - share) ** (trials - n) for n in range(events + 1))


@given(counted=counts, share=st.floats(0, 1))
def test_the_chance_of_so_few_is_the_sum_of_the_binomial(counted: tuple[int, int], share: float) -> None:
    assert chance_of_at_most(*counted, share) == pytest.approx(summed(*counted, share), abs=1e-9)


@pytest.mark.parametrize(
    ("events", "trials", "bound"),
    [(0, 1, 0.95), (0, 10, 0.258866), (0, 99, 0.029807), (1, 10, 0.394163), (2, 20, 0.282619), (10, 100, 0.163719)],
)
def test_the_bound_is_that_of_the_tables(events: int, trials: int, bound: float) -> None:
    assert upper_bound(events, trials) == pytest.approx(bound, abs=2e-6)


@given(counts)
def test_a_true_share_above_the_bound_would_hardly_show_so_few(counted: tuple[int, int]) -> None:
    bound = upper_bound(*counted)
    if bound < 1:
        assert summed(*counted, bound) == pytest.approx(1 - CONFIDENCE, abs=1e-6)


@given(counts)
def test_the_bound_is_never_below_the_share(counted: tuple[int, int]) -> None:
    events, trials = counted
    assert upper_bound(events, trials) >= (events / trials if trials else 1.0)


@given(counts)
def test_the_bound_falls_with_more_answers_and_rises_with_more_lost(counted: tuple[int, int]) -> None:
    events, trials = counted
    assert upper_bound(events, trials + 1) <= upper_bound(events, trials)
    assert upper_bound(events + 1, trials + 1) >= upper_bound(events, trials)


@given(counted=counts, confidence=st.floats(0.5, 0.999))
def test_the_surer_the_larger(counted: tuple[int, int], confidence: float) -> None:
    assert upper_bound(*counted, confidence) >= upper_bound(*counted, 0.5) - 1e-12


def test_a_million_calls_are_no_harder() -> None:
    assert upper_bound(29_000, 1_000_000) == pytest.approx(0.029278, abs=1e-6)


def test_of_nothing_nothing_is_known() -> None:
    assert upper_bound(0, 0) == 1.0


@pytest.mark.parametrize("counted", [(1, 0), (-1, 5), (6, 5)])
def test_counts_that_cannot_be_are_refused(counted: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="cannot have been counted"):
        upper_bound(*counted)


@pytest.mark.parametrize("confidence", [0.0, 1.0, -1.0])
def test_a_confidence_that_cannot_be_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="not between 0 and 1"):
        upper_bound(1, 10, confidence)
