"""Does a number rest as its profile says, to the second?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.dialable import GateCode, PastCall, judge
from campaigns.hours import US_FEDERAL, RuleProfile
from campaigns.model import DialMode
from campaigns.rules import longest_rest
from campaigns.rules.duties import AttemptLimit, Cooldown, Duties
from tests.campaigns.rule_builders import NOON, candidate, contact_point, rules, settings

DAY = timedelta(days=1)
FOUR_IN_30 = AttemptLimit(most=4, window=30 * DAY, scope="person+seller")
AFTER_ABANDONED = Cooldown(after="abandoned", rest=timedelta(hours=72), scope="number", unless="guaranteed_agent")


def profile(*limits: AttemptLimit, rests: tuple[Cooldown, ...] = ()) -> RuleProfile:
    return replace(US_FEDERAL, name="test", duties=Duties(attempts=limits, cooldowns=rests))


def past(*ages: timedelta, abandoned: timedelta | None = None) -> tuple[PastCall, ...]:
    calls = tuple(PastCall(at=NOON - age) for age in ages)
    return calls if abandoned is None else (*calls, PastCall(at=NOON - abandoned, abandoned_at=NOON - abandoned))


def held(by: RuleProfile, **changes: Any) -> tuple[str, datetime | None] | None:
    mode = changes.pop("mode", DialMode.PROGRESSIVE)
    ohioan = contact_point(number="+16145550123")  # a state without rules of its own
    hold = judge(candidate(contact_point=ohioan, **changes), rules(profile=by, settings=settings(mode=mode)), NOON).hold
    assert hold is None or hold.code is GateCode.ATTEMPTS
    return None if hold is None else (hold.reason, hold.passes_at)


def test_a_fifth_call_in_thirty_days_waits_until_the_first_is_thirty_days_old() -> None:
    by = profile(FOUR_IN_30)
    assert held(by, past_calls=past(29 * DAY, 9 * DAY, 5 * DAY)) is None
    assert held(by, past_calls=past(30 * DAY, 9 * DAY, 5 * DAY, 2 * DAY)) is None, "thirty days ago to the second"
    second = timedelta(seconds=1)
    assert held(by, past_calls=past(30 * DAY - second, 9 * DAY, 5 * DAY, 2 * DAY)) == (
        "called 4 times in the last 30 days, test allows 4",
        NOON + second,
    )


def test_a_call_of_today_that_is_told_twice_counts_once() -> None:
    by = profile(AttemptLimit(most=2, window=DAY, scope="number"))
    hour_ago = NOON - timedelta(hours=1)
    assert held(by, attempted_at=(hour_ago,), past_calls=(PastCall(at=hour_ago),)) is None
    assert held(by, attempted_at=(hour_ago, NOON - timedelta(hours=2))) is not None


def test_a_number_rests_after_an_abandoned_call_unless_an_agent_waits() -> None:
    by = profile(rests=(AFTER_ABANDONED,))
    calls = past(abandoned=timedelta(hours=71))
    told = held(by, past_calls=calls)
    assert told is not None
    assert "test rests 72 h after one" in told[0]
    assert told[1] == NOON + timedelta(hours=1)
    assert held(by, past_calls=past(abandoned=timedelta(hours=72))) is None
    assert held(by, past_calls=past(timedelta(hours=1))) is None, "other calls do not count"
    for mode in (DialMode.MANUAL, DialMode.PREVIEW):
        assert held(by, past_calls=calls, mode=mode) is None
    assert held(profile(rests=(replace(AFTER_ABANDONED, unless=""),)), past_calls=calls, mode=DialMode.MANUAL)


@pytest.mark.parametrize("after", ["refusal", "conversation", "machine"])
def test_rests_that_are_recorded_only_hold_nobody(after: str) -> None:
    by = profile(rests=(replace(AFTER_ABANDONED, after=after),))
    assert held(by, past_calls=past(abandoned=timedelta(hours=1))) is None


@given(
    st.lists(st.integers(0, 40 * 24).map(lambda hours: NOON - timedelta(hours=hours)), max_size=12),
    st.lists(
        st.builds(
            AttemptLimit,
            most=st.integers(1, 5),
            window=st.sampled_from([DAY, 7 * DAY, 30 * DAY]),
            scope=st.just("number"),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_the_end_of_the_rest_is_the_first_instant_at_which_every_limit_is_kept(
    called: list[datetime], limits: list[AttemptLimit]
) -> None:
    def kept(at: datetime) -> bool:
        return all(sum(call > at - limit.window for call in set(called)) < limit.most for limit in limits)

    rest = longest_rest(profile(*limits), called, (), NOON, by_hand=False)
    if rest is None:
        assert kept(NOON)
    else:
        assert not kept(NOON)
        assert kept(rest.ends_at)
        assert not kept(rest.ends_at - timedelta(seconds=1))
