"""Does a rate hold over any time and within any second, and does nobody wait who need not?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.token_bucket import TokenBucket

steps = st.lists(st.tuples(st.floats(0.0, 3.0), st.integers(0, 60)), min_size=1, max_size=60)
rates = st.one_of(st.sampled_from([0.5, 1.0, 2.5, 7.0, 50.0]), st.floats(0.1, 100.0))


@given(rates, steps)
def test_whenever_it_is_asked_no_second_sees_more_than_the_rate_rounded_up(
    rate: float, steps: list[tuple[float, int]]
) -> None:
    bucket, now_s, sent_s = TokenBucket(), 0.0, []
    for wait_s, wanted in steps:
        now_s += wait_s
        bucket.refill(rate, now_s)
        calls = min(wanted, bucket.room(rate))
        bucket.take(now_s, calls)
        sent_s += [now_s] * calls
    for at in sent_s:
        assert sum(at <= other < at + 1.0 - 1e-9 for other in sent_s) <= math.ceil(rate)
    assert len(sent_s) <= rate * now_s + max(1.0, rate * 0.2), "nor all of the time together"


@given(rates, steps)
def test_it_is_open_when_it_said_it_would_be(rate: float, steps: list[tuple[float, int]]) -> None:
    bucket, now_s = TokenBucket(), 0.0
    for wait_s, wanted in steps:
        now_s += wait_s
        bucket.refill(rate, now_s)
        bucket.take(now_s, min(wanted, bucket.room(rate)))
        opens_s = now_s + bucket.opens_after_s(rate, 0.0)
        bucket.refill(rate, opens_s)
        assert bucket.room(rate) > 0
        now_s = opens_s


@pytest.mark.parametrize("rate", [1.0, 2.0, 10.0])
def test_who_asks_all_the_time_gets_the_whole_rate(rate: float) -> None:
    bucket, sent = TokenBucket(), 0
    for tick in range(1000):
        bucket.refill(rate, tick * 0.1)
        room = bucket.room(rate)
        bucket.take(tick * 0.1, room)
        sent += room
    assert sent >= 0.97 * rate * 99.9


def test_it_is_closed_in_the_dialers_first_second_and_a_later_one_is_open() -> None:
    bucket = TokenBucket.new(12.0, began_s=10.0)
    bucket.refill(50.0, 12.5)
    assert bucket.room(50.0) == 10
    bucket = TokenBucket.new(10.0, began_s=10.0)
    bucket.refill(50.0, 10.9)
    assert bucket.room(50.0) == 0
    assert 10.9 + bucket.opens_after_s(50.0, 0.0) == pytest.approx(11.0, abs=0.01)
    bucket.refill(50.0, 11.0)
    assert bucket.room(50.0) == 10


def test_an_emptied_one_remembers_what_went_out() -> None:
    bucket = TokenBucket()
    bucket.refill(2.0, 10.0)
    bucket.take(10.0)
    bucket.refill(2.0, 10.5)
    bucket.take(10.5)
    bucket.empty(10.6)
    bucket.refill(2.0, 10.99)
    assert bucket.room(2.0) == 0
