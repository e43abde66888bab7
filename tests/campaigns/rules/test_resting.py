"""Does a number rest as its profile says, to the second?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.dialable import Gate, GateCode, PastCall, judge
from campaigns.hours import US_FEDERAL, RuleProfile
from campaigns.model import DialMode
from campaigns.rules import PROFILES, longest_rest
from campaigns.rules.duties import AttemptLimit, Cooldown, Duties
from campaigns.rules.resting import Rest
from tests.campaigns.rule_builders import NOON, candidate, contact_point, rules, settings

DAY = timedelta(days=1)
FOUR_IN_30 = AttemptLimit(most=4, window=30 * DAY, scope="person+seller")
AFTER_ABANDONED = Cooldown(after="abandoned", rest=timedelta(hours=72), scope="number", unless="guaranteed_agent")


def profile(*limits: AttemptLimit, rests: tuple[Cooldown, ...] = ()) -> RuleProfile:
    return replace(US_FEDERAL, name="test", duties=Duties(attempts=limits, cooldowns=rests))


def past(*ages: timedelta, abandoned: timedelta | None = None) -> tuple[PastCall, ...]:
    calls = tuple(PastCall(at=NOON - age) for age in ages)
    return calls if abandoned is None else (*calls, call("abandoned", NOON - abandoned))


def call(outcome: str, ended_at: datetime, **changes: Any) -> PastCall:
    """A call of ten minutes that ended so."""
    at = ended_at - timedelta(minutes=10)
    return PastCall(at=at, ended_at=ended_at, outcomes=frozenset({outcome}), **changes)


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


@pytest.mark.parametrize(
    ("called", "window", "ends"),
    [
        ("2028-02-01T17:00", 30 * DAY, "2028-03-02T17:00"),  # over the leap day
        ("2027-02-01T17:00", 30 * DAY, "2027-03-03T17:00"),
        ("2026-12-20T17:00", 30 * DAY, "2027-01-19T17:00"),  # over the turn of the year
        ("2026-03-07T17:00", DAY, "2026-03-08T17:00"),  # noon in New York, and 13:00 the day after
        ("2026-10-31T17:00", DAY, "2026-11-01T17:00"),  # 13:00 in New York, and noon the day after
    ],
)
def test_a_rolling_window_is_a_length_of_time_whatever_calendar_and_clocks_do(
    called: str, window: timedelta, ends: str
) -> None:
    at, end = (datetime.fromisoformat(f"{text}+00:00") for text in (called, ends))
    by = profile(AttemptLimit(most=1, window=window, scope="number"))
    someone = candidate(contact_point=contact_point(number="+16145550123"), past_calls=(PastCall(at=at),))

    def gate(now: datetime) -> Gate:
        return next(gate for gate in judge(someone, rules(profile=by), now).gates if gate.code is GateCode.ATTEMPTS)

    assert gate(end - timedelta(seconds=1)).passes_at == end
    assert gate(end).passed


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


BUSY = PastCall(at=NOON, rang=False, answered=False)
RANG = PastCall(at=NOON, answered=False)
MACHINE = PastCall(at=NOON, outcomes=frozenset({"machine"}))
SPOKE = PastCall(at=NOON, outcomes=frozenset({"conversation"}))
RUNS = PastCall(at=NOON, settled=False)
LOST = PastCall(at=NOON, known=False)


@pytest.mark.parametrize(
    ("counts", "counted"),
    [
        ("attempts", (BUSY, RANG, MACHINE, SPOKE, RUNS, LOST)),
        ("ringing_or_connected", (RANG, MACHINE, SPOKE, RUNS, LOST)),
        ("connected", (MACHINE, SPOKE, RUNS, LOST)),
        ("conversations", (SPOKE, RUNS, LOST)),
    ],
)
def test_a_limit_counts_the_calls_that_its_word_says_and_all_that_nobody_knows(
    counts: str, counted: tuple[PastCall, ...]
) -> None:
    by = profile(AttemptLimit(most=1, window=DAY, scope="number", counts=counts))
    for made in (BUSY, RANG, MACHINE, SPOKE, RUNS, LOST):
        hour_ago = replace(made, at=NOON - timedelta(hours=1))
        assert (held(by, past_calls=(hour_ago,)) is not None) is (made in counted), (counts, made)


def test_under_regulation_f_an_eighth_call_is_held_and_busy_lines_are_none_of_the_seven() -> None:
    debts = PROFILES["us-reg-f"]
    seven = tuple(replace(RANG, at=NOON - timedelta(hours=20 * n)) for n in range(1, 8))
    busy = tuple(replace(BUSY, at=NOON - timedelta(hours=25 * n)) for n in range(1, 7))
    assert held(debts, past_calls=(*seven[1:], *busy)) is None
    told = held(debts, past_calls=(*seven, *busy))
    assert told is not None
    assert told[0] == "rang or was answered 7 times in the last 7 days, us-reg-f allows 7"


@pytest.mark.parametrize("after", ["refusal", "conversation", "machine", "abandoned"])
def test_a_person_rests_after_each_outcome_to_the_second_and_after_no_other(after: str) -> None:
    by = profile(rests=(Cooldown(after=after, rest=timedelta(hours=24), scope="person"),))
    second = timedelta(seconds=1)
    told = held(by, past_calls=(call(after, NOON - DAY + second),))
    assert told is not None
    assert "test rests 24 h after" in told[0]
    assert told[1] == NOON + second
    assert held(by, past_calls=(call(after, NOON - DAY),)) is None
    others = {"refusal", "conversation", "machine", "abandoned"} - {after}
    assert held(by, past_calls=tuple(call(other, NOON) for other in others)) is None


def test_the_longest_of_all_rests_and_limits_counts() -> None:
    day = Cooldown(after="machine", rest=DAY, scope="number")
    week = Cooldown(after="refusal", rest=7 * DAY, scope="number")
    calls = (call("machine", NOON), call("refusal", NOON - DAY))
    told = held(profile(rests=(day, week)), past_calls=calls, attempted_at=(NOON - timedelta(hours=2),) * 3)
    assert told is not None
    assert told[1] == NOON + 6 * DAY


def test_a_refusal_told_to_another_seller_is_none_for_us_and_one_whose_seller_is_not_known_is() -> None:
    by = profile(rests=(Cooldown(after="refusal", rest=DAY, scope="person+seller"),))
    assert held(by, past_calls=(call("refusal", NOON, seller="Other"),)) is None
    assert held(by, past_calls=(call("refusal", NOON, seller=" acme"),)) is not None, "Acme, however it is written"
    assert held(by, past_calls=(call("refusal", NOON),)) is not None


def test_a_call_that_is_not_settled_holds_a_minute_at_a_time_where_its_outcome_would_count() -> None:
    by = profile(rests=(Cooldown(after="refusal", rest=60 * DAY, scope="person"),))
    told = held(by, past_calls=(call("conversation", NOON, settled=False),))
    assert told == ("a call is not settled yet, test rests 60 days after a refusal", NOON + timedelta(seconds=60))
    assert held(by, past_calls=(call("conversation", NOON),)) is None


def test_a_call_whose_outcome_nobody_knows_says_so() -> None:
    by = profile(rests=(Cooldown(after="conversation", rest=DAY, scope="person"),))
    told = held(by, past_calls=(call("conversation", NOON, known=False),))
    assert told is not None
    assert told[0].startswith("a call with an outcome that nobody knows ended at 2026-11-20 17:00 UTC")


SEVEN_DAYS = Cooldown(after="conversation", rest=7 * DAY, scope="person", counted="calendar_days")
NEW_YORK, LOS_ANGELES = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("ended", "zones", "free"),
    [
        # Day 1 is the day of the conversation, so that the eighth is free from its first instant on.
        (datetime(2026, 11, 20, 0, 0, tzinfo=NEW_YORK), (NEW_YORK,), datetime(2026, 11, 27, 0, 0, tzinfo=NEW_YORK)),
        (datetime(2026, 11, 20, 23, 59, 59, tzinfo=NEW_YORK), (NEW_YORK,), datetime(2026, 11, 27, tzinfo=NEW_YORK)),
        # Clocks go back on 1 November 2026 and forward on 14 March 2027: seven days of 169 and 167 hours.
        (datetime(2026, 10, 29, 12, 0, tzinfo=NEW_YORK), (NEW_YORK,), datetime(2026, 11, 5, tzinfo=NEW_YORK)),
        (datetime(2027, 3, 12, 12, 0, tzinfo=NEW_YORK), (NEW_YORK,), datetime(2027, 3, 19, tzinfo=NEW_YORK)),
        # One instant, two days: a quarter past midnight in New York is still the day before in Los Angeles.
        (
            datetime(2026, 11, 20, 0, 15, tzinfo=NEW_YORK),
            (NEW_YORK, LOS_ANGELES),
            datetime(2026, 11, 27, tzinfo=NEW_YORK),
        ),
        (
            datetime(2026, 11, 20, 12, 0, tzinfo=NEW_YORK),
            (NEW_YORK, LOS_ANGELES),
            datetime(2026, 11, 27, tzinfo=LOS_ANGELES),
        ),
        # Midnight of 8 March 2026 does not exist in Havana: that day begins at one o'clock.
        (
            datetime(2026, 3, 1, 12, 0, tzinfo=NEW_YORK),
            (ZoneInfo("America/Havana"),),
            datetime(2026, 3, 8, 5, 0, tzinfo=UTC),
        ),
    ],
)
def test_calendar_days_end_where_the_last_of_all_zones_begins_the_next(
    ended: datetime, zones: tuple[ZoneInfo, ...], free: datetime
) -> None:
    spoken = (call("conversation", ended.astimezone(UTC)),)

    def rest_at(now: datetime) -> Rest | None:
        return longest_rest(profile(rests=(SEVEN_DAYS,)), spoken, now, by_hand=False, zones=lambda: zones)

    free = free.astimezone(UTC)
    rest = rest_at(free - timedelta(seconds=1))
    assert rest is not None
    assert rest.ends_at == free
    assert rest_at(free) is None
    assert "test rests 7 calendar days after a conversation" in rest.reason


@pytest.mark.parametrize(
    ("called", "free"),
    [
        # The day on which clocks go back has 25 hours, that on which they go forward 23; the window has 24 on both.
        (datetime(2026, 11, 1, 0, 30, tzinfo=NEW_YORK), datetime(2026, 11, 1, 23, 30, tzinfo=NEW_YORK)),
        (datetime(2027, 3, 14, 0, 30, tzinfo=NEW_YORK), datetime(2027, 3, 15, 1, 30, tzinfo=NEW_YORK)),
    ],
)
def test_rolling_windows_are_exact_hours_on_days_of_23_and_25_hours(called: datetime, free: datetime) -> None:
    by, calls = profile(AttemptLimit(most=1, window=DAY, scope="person")), [PastCall(at=called.astimezone(UTC))]
    free = free.astimezone(UTC)
    rest = longest_rest(by, calls, free - timedelta(seconds=1), by_hand=False)
    assert rest is not None
    assert rest.ends_at == free
    assert longest_rest(by, calls, free, by_hand=False) is None


def test_a_zone_that_is_unknown_holds_who_rests_for_calendar_days() -> None:
    by = profile(rests=(SEVEN_DAYS,))
    nowhere = contact_point(number="+16145550123", zones=("Nowhere/At_All",))
    verdict = judge(candidate(contact_point=nowhere, past_calls=(call("conversation", NOON),)), rules(profile=by), NOON)
    assert any(gate.code is GateCode.ATTEMPTS and not gate.passed for gate in verdict.gates)


def test_a_conversation_about_a_debt_is_day_one_of_seven() -> None:
    (debts,) = PROFILES["us-reg-f"].duties.cooldowns
    assert debts == Cooldown(after="conversation", rest=7 * DAY, scope="person+debt", counted="calendar_days")


def test_in_france_sixty_whole_days_lie_between_a_refusal_and_the_next_call() -> None:
    paris = ZoneInfo("Europe/Paris")
    refused = (call("refusal", datetime(2026, 11, 20, 14, 0, tzinfo=paris).astimezone(UTC)),)
    rest = longest_rest(PROFILES["fr"], refused, NOON + 30 * DAY, by_hand=False, zones=lambda: (paris,))
    assert rest is not None
    assert rest.ends_at == datetime(2027, 1, 20, tzinfo=paris)
    assert rest.ends_at.astimezone(paris).date() - date(2026, 11, 20) == 61 * DAY


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

    calls = [PastCall(at=at) for at in set(called)]
    rest = longest_rest(profile(*limits), calls, NOON, by_hand=False)
    if rest is None:
        assert kept(NOON)
    else:
        assert not kept(NOON)
        assert kept(rest.ends_at)
        assert not kept(rest.ends_at - timedelta(seconds=1))
