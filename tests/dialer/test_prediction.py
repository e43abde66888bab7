"""Does the prediction say what the calls and agents it has seen would make likely?"""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.metrics import AbandonBudget, AbandonmentCount
from campaigns.model import AgentState
from dialer.floor import LAWFUL_RING_S, AgentSeat, CallInFlight
from dialer.prediction.answering import AnsweringSeen, AnswerTables
from dialer.prediction.freeing import FreeingSeen, FreeTables
from dialer.prediction.learned import CampaignLearned
from dialer.prediction.outlook import HORIZONS, Share, outlook
from dialer.prediction.policy import choose
from dialer.prediction.rate import COHORT_S, COHORTS, GRID, JUMPS_PER_S, NOT_RINGING, LandingRate, cold
from dialer.prediction.recent import Lately, Recent
from dialer.prediction.risk import EXACT_UP_TO, Crowd
from dialer.prediction.steering import (
    CAREFUL,
    OVERDRAWN,
    OVERDRAWN_OF_FEW,
    Appetite,
    appetite,
    braked,
    doubt_of,
    target_of_cap,
)

NOW_S = 1000.0


def brute_force(chances: list[float], number: int) -> float:
    """P(at least `number`) by going through every combination."""
    total = 0.0
    for happened in itertools.product((False, True), repeat=len(chances)):
        if sum(happened) >= number:
            total += float(np.prod([p if it else 1 - p for p, it in zip(chances, happened, strict=True)]))
    return total


@given(st.lists(st.floats(0, 1), min_size=0, max_size=8), st.integers(-1, 9))
def test_few_events_are_added_up_exactly(chances: list[float], number: int) -> None:
    crowd = Crowd.of(np.array(chances).reshape(-1, 1))
    assert crowd.at_least(number)[0] == pytest.approx(brute_force(chances, number), abs=1e-9)


@given(st.lists(st.floats(0.02, 0.6), min_size=1, max_size=7), st.floats(0, 1), st.integers(1, 8))
def test_one_event_more_is_as_if_it_had_been_there_from_the_start(chances: list[float], p: float, number: int) -> None:
    grown = Crowd.of(np.array(chances).reshape(-1, 1)).plus(np.array([p]))
    whole = Crowd.of(np.array([*chances, p]).reshape(-1, 1))
    assert grown.at_least(number)[0] == pytest.approx(whole.at_least(number)[0], abs=1e-9)
    assert grown.mean[0] == pytest.approx(whole.mean[0])


def test_many_events_have_a_tail_within_a_few_per_mille_of_the_exact_one() -> None:
    dice = random.Random(7)
    chances = np.array([dice.uniform(0.02, 0.5) for _ in range(60)]).reshape(-1, 1)
    exact = np.array([1.0])
    for p in chances[:, 0]:
        exact = np.convolve(exact, [1 - p, p])
    crowd = Crowd.of(chances)
    assert crowd.exact is None
    assert len(chances) > EXACT_UP_TO
    for number in range(8, 30):
        assert crowd.at_least(number)[0] == pytest.approx(exact[number:].sum(), abs=0.004)


@pytest.mark.parametrize("events", [3, EXACT_UP_TO - 2, EXACT_UP_TO + 5])
def test_tails_are_those_of_a_crowd_that_grows_one_event_at_a_time(events: int) -> None:
    crowd, chance = Crowd.of(np.full((events, 2), 0.3)), np.array([0.2, 0.4])
    for more, tail in zip(range(EXACT_UP_TO + 20), crowd.tails(chance, 9), strict=False):
        assert tail == pytest.approx(crowd.plus(chance, more).at_least(9))
    assert next(crowd.tails(chance, 0)) == pytest.approx([1.0, 1.0])


def test_a_crowd_without_one_of_many_is_the_crowd_of_the_others() -> None:
    dice = random.Random(9)
    chances = np.array([dice.uniform(0.02, 0.5) for _ in range(60)]).reshape(-1, 1)
    without, others = Crowd.of(chances).minus(chances[7]), Crowd.of(np.delete(chances, 7, axis=0))
    assert [without.at_least(n)[0] for n in range(30)] == pytest.approx([others.at_least(n)[0] for n in range(30)])


def seen_at(ring_s: float, calls: int = 400) -> AnsweringSeen:
    seen = AnsweringSeen()
    for _ in range(calls):
        seen = replace(seen, landed=seen.landed.with_(ring_s), unanswered=seen.unanswered.with_(24.0))
    return seen


def test_who_always_answers_after_ten_seconds_is_expected_then_and_not_later() -> None:
    tables = AnswerTables(seen_at(10.0), screened=False)
    assert tables.ringing[8][4] > 0.95, "rings 8 s: lands within 4"
    assert tables.ringing[8][1] < 0.05, "and not within one"
    assert tables.still_lands[13] < 0.05 < 0.9 < tables.still_lands[7]


def test_calls_given_up_at_fifteen_seconds_do_not_make_later_answers_unlikely() -> None:
    seen = AnsweringSeen()
    for n in range(900):
        ring_s = 18.0 if n % 3 else 5.0
        if ring_s > 15 and n % 2:
            seen = replace(seen, cancelled=seen.cancelled.with_(15.0))
        else:
            seen = replace(seen, landed=seen.landed.with_(ring_s))
    landing = AnswerTables(seen, screened=False).landing
    assert landing[18] / landing[5] == pytest.approx(2.0, rel=0.1)


def test_detection_delays_a_landing() -> None:
    heard = replace(seen_at(10.0), person_heard=AnsweringSeen().person_heard.with_(3.0, 500.0))
    at_once, later = AnswerTables(seen_at(10.0), screened=False), AnswerTables(heard, screened=True)
    assert at_once.ringing[9][2] > 0.9
    assert later.ringing[9][2] < 0.1 < 0.9 < later.ringing[9][5]


def after_calls(rate: LandingRate, first: int, calls: int, one_in: int) -> LandingRate:
    for n in range(first, first + calls):
        rate = rate.at(n * 2.0).after(landed=n % one_in == 0, was=NOT_RINGING, placed_s=n * 2.0 - 20)
    return rate


def test_the_rate_is_learned_and_follows_a_jump() -> None:
    before = after_calls(cold(), 0, 400, 10)
    assert before.mean == pytest.approx(0.1, abs=0.03)
    assert after_calls(before, 400, 80, 2).mean == pytest.approx(0.5, abs=0.1)


def test_silence_of_calls_that_should_have_answered_lowers_the_rate_before_they_end() -> None:
    tables = AnswerTables(seen_at(10.0), screened=False)
    silent = cold().at(16.0).silent(tables.open_at([0.0] * 20), tables.open_at([14.0] * 20), [0.0] * 20)
    assert silent.mean < 0.6 * cold().mean


def test_a_hundred_calls_at_once_are_no_jump_although_their_answers_come_first() -> None:
    """A quarter answers at 10 s, the others end at 24 s: the same news in all, each piece when it happens."""
    tables = AnswerTables(seen_at(10.0, calls=4000), screened=False)
    rate = after_calls(cold(), 0, 400, 4)
    told, means = rate, []
    for second in range(1, 25):
        answered = 25 if second == 11 else 0
        ringing = 100 if second <= 11 else 75
        was = tables.open_at([second - 1.0])
        told = told.at(800.0 + second)
        before, now = tables.open_at([second - 1.0] * ringing), tables.open_at([float(second)] * ringing)
        told = told.silent(before, now, [800.0] * ringing)
        for _ in range(answered):
            told = told.after(landed=True, was=was, placed_s=800.0)
        means.append(told.mean)
    assert max(means) < 1.5 * rate.mean
    assert told.mean == pytest.approx(rate.mean, rel=0.25)


def wave(rate: LandingRate, placed_s: float, calls: int, landed: int) -> LandingRate:
    for n in range(calls):
        rate = rate.after(landed=n < landed, was=NOT_RINGING, placed_s=placed_s)
    return rate


def test_the_chance_of_a_call_is_that_of_when_it_was_placed() -> None:
    known = after_calls(cold(), 0, 400, 10).at(830.0)
    jumped = wave(wave(known, 801.0, 40, 4), 822.0, 40, 20)
    before, after = jumped.means[jumped.cohorts_of([801.0, 822.0])]
    assert before == pytest.approx(0.1, abs=0.03)
    assert after == pytest.approx(0.5, abs=0.1)
    assert jumped.mean == pytest.approx(after, abs=0.02)
    later = jumped.at(900.0)
    assert later.mean == pytest.approx(after, abs=0.1), "what was learned stays when its calls are long over"


def test_a_rate_that_is_in_doubt_is_reckoned_higher_than_expected_and_a_well_known_one_is_not() -> None:
    known, new = after_calls(cold(), 0, 2000, 4), cold().at(5.0)
    assert known.reckoned(0.7)[-1] == pytest.approx(known.mean, rel=0.1)
    assert new.reckoned(0.7)[-1] > 1.4 * new.mean
    assert new.reckoned(0.0) == pytest.approx(new.means)
    assert 0.0 == doubt_of(5) < doubt_of(10) < doubt_of(20) == doubt_of(300), "few calls in flight err each by itself"


@given(st.lists(st.tuples(st.integers(0, 36), st.booleans()), max_size=12))
def test_cohorts_agree_with_every_course_of_the_rate_weighed_one_by_one(calls: list[tuple[int, bool]]) -> None:
    rate = replace(cold(), at_s=36.0, newest=12)
    for placed_s, landed in calls:
        rate = rate.after(landed=landed, was=NOT_RINGING, placed_s=float(placed_s))
    jump = 1 - np.exp(-COHORT_S * JUMPS_PER_S)
    old, new = np.array(cold().belief), np.array(replace(rate, belief=cold().belief)._elsewhere)
    total, sums = 0.0, np.zeros(COHORTS + 1)
    likely = np.ones((COHORTS + 1, len(GRID)))
    for placed_s, landed in calls:
        likely[int(rate.cohorts_of([float(placed_s)])[0])] *= GRID if landed else 1 - GRID
    for jumps_at in range(1, COHORTS + 2):  # from that row on another rate holds; none does beyond the last
        first = old * likely[:jumps_at].prod(axis=0)
        then = new * likely[jumps_at:].prod(axis=0) if jumps_at <= COHORTS else np.ones(1)
        chance = jump if jumps_at <= COHORTS else 1 - jump
        total += chance * first.sum() * then.sum()
        sums[:jumps_at] += chance * (first @ GRID) * then.sum()
        if jumps_at <= COHORTS:
            sums[jumps_at:] += chance * first.sum() * (then @ GRID)
    assert rate.means == pytest.approx(sums / total, rel=1e-6)


def test_an_agent_who_talks_is_freed_as_others_were() -> None:
    seen = FreeingSeen()
    for _ in range(500):
        seen = replace(seen, talk=seen.talk.with_(100.0)).with_wrap_up(10.0, 100.0)
    frees = FreeTables(seen)
    talks, writes = frees.within[frees.rows([20.0], [3.0], [100.0])]
    assert talks[28] < 0.1
    assert writes[9] > 0.9
    assert writes[5] < 0.1


@given(st.floats(0, 2000), st.sampled_from((None, 10.0, 100.0)))
def test_chances_to_be_free_never_fall_with_time(seconds: float, talked_s: float | None) -> None:
    for row in FREES.within[FREES.rows([seconds], [seconds], [talked_s])]:
        assert (np.diff(row) >= -1e-12).all()
        assert 0 <= row[0] <= row[-1] <= 1


FREES = FreeTables(FreeingSeen())


def budget(lost: int, joined: int, cap: float = 0.03) -> AbandonBudget:
    count = AbandonmentCount(abandoned=lost, joined_human=joined)
    return AbandonBudget(today=count, thirty_days=count, cap=cap)


@given(st.integers(0, 60), st.integers(0, 3000), st.integers(1, 300))
@example(lost=0, joined=31, agents=20)
@example(lost=0, joined=66, agents=5)
def test_more_budget_never_means_less_appetite(lost: int, joined: int, agents: int) -> None:
    worse, better = budget(lost + 1, joined), budget(lost, joined)
    assert appetite(better, agents, 1.0).theta >= appetite(worse, agents, 1.0).theta
    assert appetite(budget(lost, joined + 1), agents, 1.0).theta >= appetite(better, agents, 1.0).theta - 1e-12


@given(st.integers(0, 60), st.integers(0, 3000), st.integers(0, 30), st.integers(0, 300))
def test_a_lost_call_less_or_an_answer_more_in_the_last_half_hour_never_means_less_appetite(
    lost: int, joined: int, lately: int, met: int
) -> None:
    today, base = budget(lost, joined), lately + met
    now = appetite(today, 20, 1.0, Lately(lost=lately, base=base)).theta
    assert appetite(today, 20, 1.0, Lately(lost=lately + 1, base=base + 1)).theta <= now
    assert appetite(today, 20, 1.0, Lately(lost=lately, base=base + 1)).theta >= now - 1e-12


def test_losses_of_the_last_half_hour_make_careful_and_a_quiet_one_bold() -> None:
    today = budget(40, 1960)  # a quiet day so far
    usual = appetite(today, 20, 1.0, Lately(lost=5, base=180)).theta
    assert appetite(today, 20, 1.0, Lately(lost=10, base=180)).theta < 0.5 * usual
    assert appetite(today, 20, 1.0, Lately(lost=1, base=180)).theta > 1.5 * usual


def test_a_half_hour_that_may_not_lose_one_more_leaves_little_to_risk_until_it_is_better() -> None:
    today = budget(40, 1960)
    assert appetite(today, 20, 1.0, Lately(lost=8, base=200)).theta > braked(20)
    assert appetite(today, 20, 1.0, Lately(lost=9, base=200)).theta <= braked(20)
    assert not appetite(today, 20, 1.0, Lately(lost=9, base=200)).careful, "the day's budget is not what holds it"


def test_with_half_of_the_agents_at_lunch_half_as_many_may_be_lost_in_half_an_hour() -> None:
    today = budget(40, 1960)
    assert appetite(today, 10, 1.0, Lately(lost=3, base=200, agents=20.0, team=20)).theta > braked(10)
    assert appetite(today, 10, 1.0, Lately(lost=4, base=200, agents=20.0, team=20)).theta <= braked(10)
    assert appetite(today, 20, 1.0, Lately(lost=5, base=200, agents=20.0, team=20)).theta > braked(20)


def test_who_pauses_for_a_few_minutes_makes_no_half_hour_stricter() -> None:
    today, lately = budget(40, 1960), Lately(lost=5, base=200, agents=20.0, of_late=19.5, team=20)
    assert appetite(today, 10, 1.0, lately).theta > braked(10)
    assert appetite(today, 10, 1.0, replace(lately, of_late=10.0)).theta <= braked(10), "and at lunch it does"
    assert appetite(today, 20, 1.0, replace(lately, of_late=10.0)).theta > braked(20), "who is back counts at once"


def test_what_half_an_hour_may_lose_is_that_of_the_team_and_not_of_those_who_are_left_at_lunch() -> None:
    today, lately = budget(40, 1960), Lately(lost=5, base=100, agents=5.0)
    assert appetite(today, 5, 1.0, replace(lately, team=5)).theta > braked(5)
    assert appetite(today, 5, 1.0, replace(lately, team=20)).theta <= braked(5)


def test_what_is_aimed_at_goes_smoothly_from_one_measured_size_to_the_next_and_never_reaches_the_cap() -> None:
    assert target_of_cap(1) == target_of_cap(5)
    assert target_of_cap(300) == target_of_cap(500)
    aims = [target_of_cap(agents) for agents in range(1, 1000)]
    assert max(aims) < 1.0
    assert max(abs(one - next_) for one, next_ in itertools.pairwise(aims)) < 0.03
    assert target_of_cap(300) < target_of_cap(200) < target_of_cap(100), "largest, strictest"


def test_little_is_risked_of_the_first_answers_of_a_day_and_of_a_large_team_more_of_them() -> None:
    assert appetite(budget(0, 31), 20, 1.0).theta < 0.5 * appetite(budget(0, 32), 20, 1.0).theta
    assert appetite(budget(0, 129), 300, 1.0).theta <= CAREFUL
    assert appetite(budget(0, 130), 300, 1.0).theta > CAREFUL


@pytest.mark.parametrize("agents", [1, 5, 7, 10, 20, 49, 300])
def test_a_start_risks_less_once_somebody_is_lost(agents: int) -> None:
    for answered in (20, 60):
        unhurt, hurt = (appetite(budget(lost, answered), agents, 1.0).theta for lost in (0, 1))
        assert hurt <= max(0.4 * unhurt, CAREFUL)
    assert appetite(budget(1, 20), agents, 1.0).theta == CAREFUL, "one more of the very first would end all care"


@pytest.mark.parametrize("cap", [0.02, 0.01, 0.002])
def test_a_stricter_cap_makes_a_start_as_much_more_careful(cap: float) -> None:
    for answered in (20, 60):
        usual, strict = (appetite(budget(0, answered, each), 10, 1.0).theta for each in (0.03, cap))
        assert strict <= usual * cap / 0.03 + 1e-12


def test_ten_agents_start_boldest() -> None:
    ten = appetite(budget(0, 20), 10, 1.0).theta
    assert all(appetite(budget(0, 20), agents, 1.0).theta < ten for agents in (1, 5, 9, 11, 20, 50, 300))


def test_a_plan_may_lose_what_the_budget_has_left_and_is_careful_when_nothing_is() -> None:
    assert (appetite(budget(8, 292), 20, 1.0).spare, appetite(budget(8, 292), 20, 1.0).careful) == (1, False)
    assert (appetite(budget(9, 291), 20, 1.0).spare, appetite(budget(9, 291), 20, 1.0).careful) == (0, True)
    assert (appetite(budget(6, 294), 29, 1.0).spare, appetite(budget(6, 294), 30, 1.0).spare) == (3, 1)


def test_the_first_quarter_hour_is_careful_whatever_the_day_has_left() -> None:
    today = budget(10, 990)
    assert appetite(today, 20, 1.0, Lately(seconds=899.0)).theta < 0.5 * appetite(today, 20, 1.0).theta
    assert appetite(today, 20, 1.0, Lately(seconds=900.0)) == appetite(today, 20, 1.0)


def test_the_last_half_hour_is_counted_to_the_minute_and_forgets_what_was_before() -> None:
    recent = Recent()
    for minute in range(0, 41):
        recent = recent.noted(60.0 * minute, lost=minute, base=10 * minute, agents=20)
    lately = recent.since(2400.0, 40, 400)
    assert 30 <= lately.lost <= 31
    assert lately.base == 10 * lately.lost
    assert lately.seconds == 60 * lately.lost
    assert not recent.due(40 * 60 + 30.0)
    assert recent.due(40 * 60 + 60.0)
    assert len(recent.marks) <= 32


def test_a_new_day_begins_with_no_losses_of_the_last_half_hour() -> None:
    recent = Recent().noted(0.0, lost=12, base=400, agents=20)
    assert recent.since(60.0, 0, 3) == Lately(seconds=60.0, agents=20.0, of_late=20.0, team=20)
    assert Recent().since(60.0, 5, 100) == Lately(seconds=0.0)


def test_the_half_hour_knows_how_many_agents_there_were_and_the_day_how_large_its_team_is() -> None:
    recent = Recent()
    for minute in range(0, 121):
        recent = recent.noted(60.0 * minute, lost=0, base=minute, agents=20 if minute < 60 else 8)
        if minute == 62:
            assert recent.since(3720.0, 0, 62).of_late == pytest.approx((2 * 20 + 3 * 8) / 5)
    assert recent.since(7200.0, 0, 120).agents == pytest.approx(8.0)
    assert recent.since(7200.0, 0, 120).team == 20


def test_a_spent_budget_leaves_nothing_to_risk() -> None:
    wish = appetite(budget(3, 97), 20, 1.0)
    assert wish.careful
    assert wish.theta <= CAREFUL


def test_a_new_campaign_may_lose_two_calls_and_no_third() -> None:
    assert not appetite(budget(1, 5), 5, 1.0).careful
    assert appetite(budget(2, 5), 5, 1.0).careful


def ringing(count: int, ring_s: float) -> tuple[CallInFlight, ...]:
    since = NOW_S - ring_s
    return tuple(CallInFlight(call_id=f"r{n}", placed_s=since - 2, ringing_s=since) for n in range(count))


KNOWN = CampaignLearned().shaped()
NOBODY = Share(idle=0, busy=())


def test_calls_that_rang_long_are_given_up_when_nobody_will_be_free_and_younger_ones_are_not() -> None:
    calls = (*ringing(3, LAWFUL_RING_S + 0.5), *ringing(3, LAWFUL_RING_S - 0.5))
    chosen = choose(outlook(NOW_S, calls, NOBODY, KNOWN), 0, 0, 50, appetite(budget(0, 100), 5, 1.0))
    assert chosen.launch == 0
    assert chosen.cancel == ("r0", "r1", "r2")


def test_nothing_is_given_up_while_agents_wait_for_it() -> None:
    calls = ringing(3, LAWFUL_RING_S + 0.5)
    chosen = choose(outlook(NOW_S, calls, NOBODY, KNOWN), 6, 0, 0, appetite(budget(0, 100), 5, 1.0))
    assert chosen.cancel == ()


def launched(idle: int, rings: int, theta: float, spare: int) -> int:
    wish = Appetite(theta=theta, careful=False, spare=spare)
    return choose(outlook(NOW_S, ringing(rings, 4.0), Share(idle=idle, busy=()), KNOWN), idle, 0, 50, wish).launch


def test_calls_in_flight_together_may_not_lose_more_than_the_budget_has_left() -> None:
    plenty, two, one = (launched(4, 4, 0.2, spare) for spare in (50, 2, 1))
    assert plenty > two > one > 0
    assert launched(20, 25, 0.0019, 1) == launched(20, 25, 0.0019, 50), "what is safe on its own goes out anyway"
    wish = Appetite(theta=0.2, careful=False, spare=1)
    chosen = choose(outlook(NOW_S, ringing(25, 4.0), Share(idle=20, busy=()), KNOWN), 20, 0, 50, wish)
    assert chosen.overdrawn
    assert chosen.risk < 0.2, "the threshold alone would have let more go out"


def chance_to_lose_more_than(spare: int) -> float:
    """After what is launched, at the worst of all horizons."""
    seen = outlook(NOW_S, ringing(4, 4.0), Share(idle=4, busy=()), KNOWN)
    wave = Crowd.of(seen.landing).plus(seen.fresh, launched(4, 4, 0.2, spare))
    return float(wave.at_least(4 + spare + 1).max())


def test_a_wave_that_may_lose_but_one_or_two_has_a_quarter_of_the_chance_to_lose_more() -> None:
    few, many = OVERDRAWN_OF_FEW, OVERDRAWN
    assert few == many / 4
    assert chance_to_lose_more_than(1) <= few
    assert chance_to_lose_more_than(2) <= few
    assert few < chance_to_lose_more_than(3) <= many, "with more to lose the fear of it is less"


@given(st.integers(0, 30), st.integers(0, 60), st.floats(0.001, 0.3), st.integers(0, 8))
def test_more_to_lose_and_more_idle_agents_never_mean_fewer_calls(
    idle: int, rings: int, theta: float, spare: int
) -> None:
    now = launched(idle, rings, theta, spare)
    assert launched(idle, rings, theta, spare + 1) >= now
    assert launched(idle + 1, rings, theta, spare) >= now


def test_an_agent_who_will_soon_be_free_lets_calls_go_out_before_he_is() -> None:
    seen = FreeingSeen()
    for _ in range(500):
        seen = replace(seen, talk=seen.talk.with_(100.0)).with_wrap_up(10.0, 100.0)
    known = replace(CampaignLearned(), freeing=seen).shaped()
    soon = AgentSeat(agent="1", state=AgentState.WRAP_UP, since_s=NOW_S - 9, campaigns=frozenset({1}), talked_s=100.0)
    later = replace(soon, state=AgentState.TALK, since_s=NOW_S - 9)
    wish = appetite(budget(0, 500), 5, 1.0)
    assert choose(outlook(NOW_S, (), Share(idle=0, busy=((soon, 1.0),)), known), 0, 0, 50, wish).launch >= 1
    assert choose(outlook(NOW_S, (), Share(idle=0, busy=((later, 1.0),)), known), 0, 0, 50, wish).launch == 0


def test_leads_that_are_likelier_to_answer_get_fewer_calls_at_once() -> None:
    wish = appetite(budget(0, 500), 20, 1.0)
    share = Share(idle=4, busy=())
    unlikely = choose(outlook(NOW_S, (), share, KNOWN, odds=0.3), 4, 0, 50, wish).launch
    likely = choose(outlook(NOW_S, (), share, KNOWN, odds=3.0), 4, 0, 50, wish).launch
    assert 4 <= likely < unlikely


def test_what_is_expected_of_a_fresh_call_is_its_chance_to_land() -> None:
    seen = outlook(NOW_S, ringing(4, 0.5), NOBODY, KNOWN)
    assert seen.ringing == 4
    assert seen.expected_answers == pytest.approx(4 * seen.p, rel=0.1)
    assert seen.landing.shape == (4, len(HORIZONS))
