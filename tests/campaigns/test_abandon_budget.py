"""Does the budget keep the cap today and in 30 days, with few answers and with many, and count what is unknown?"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.metrics import AT_LEAST, AbandonBudget, AbandonmentCount, BudgetStage, PeriodBudget

CAPS = (0.03, 0.01, 0.025, 0.005)
few_or_many = st.integers(0, 300) | st.integers(0, 20_000)


def counted(lost: int = 0, answers: int = 0, **more: int) -> AbandonmentCount:
    """`answers`: those abandoned and those joined in time together."""
    return AbandonmentCount(abandoned=lost, joined_human=answers - lost, **more)


def of_one_day(lost: int, answers: int, *, cap: float = 0.03, waiting: int = 0, **more: int) -> AbandonBudget:
    """A campaign on its first day."""
    day = counted(lost, answers, **more)
    return AbandonBudget(today=day, thirty_days=day, cap=cap, waiting=waiting)


@st.composite
def any_budget(draw: st.DrawFn) -> AbandonBudget:
    parts = [
        AbandonmentCount(
            abandoned=draw(st.integers(0, 40)), joined_human=draw(few_or_many), unknown=draw(st.integers(0, 3))
        )
        for _ in range(2)
    ]
    return AbandonBudget(
        today=parts[0],
        thirty_days=parts[0] + parts[1],
        cap=draw(st.sampled_from(CAPS)),
        waiting=draw(st.integers(0, 4)),
    )


def within(period: PeriodBudget, more: int) -> bool:
    """Whether the limit holds when so many more are abandoned, by the words of the rule."""
    lost, answers = period.lost + more, period.base + more
    return lost <= AT_LEAST or Fraction(lost, answers) <= Fraction(str(period.cap))


@given(any_budget())
def test_more_is_the_largest_number_that_keeps_the_limit_in_both_periods(budget: AbandonBudget) -> None:
    for more in range(1, budget.more + 1):
        assert within(budget.day, more)
        assert within(budget.month, more)
    assert not (within(budget.day, budget.more + 1) and within(budget.month, budget.more + 1))


@given(any_budget(), st.integers(1, 400))
def test_more_answers_in_time_never_leave_less(budget: AbandonBudget, answers: int) -> None:
    better = AbandonBudget(
        today=budget.today + AbandonmentCount(joined_human=answers),
        thirty_days=budget.thirty_days + AbandonmentCount(joined_human=answers),
        cap=budget.cap,
        waiting=budget.waiting,
    )
    assert better.more >= budget.more
    assert better.answers_needed == max(budget.answers_needed - answers, 0)


@given(any_budget())
def test_a_lost_call_leaves_at_least_one_less(budget: AbandonBudget) -> None:
    lost = AbandonmentCount(abandoned=1)
    after = AbandonBudget(
        today=budget.today + lost, thirty_days=budget.thirty_days + lost, cap=budget.cap, waiting=budget.waiting
    )
    assert after.more == max(budget.more - 1, 0)


@given(any_budget())
def test_the_answers_needed_are_exactly_those_that_free_one_call(budget: AbandonBudget) -> None:
    needed = budget.answers_needed
    assert (needed == 0) == (budget.more > 0)

    def with_answers(number: int) -> int:
        gained = AbandonmentCount(joined_human=number)
        return replace(budget, today=budget.today + gained, thirty_days=budget.thirty_days + gained).more

    if needed:
        assert with_answers(needed) == 1
        assert with_answers(needed - 1) == 0


@pytest.mark.parametrize(
    ("lost", "answers", "more"),
    [(0, 0, 2), (0, 10, 2), (1, 10, 1), (2, 10, 0), (2, 98, 0), (2, 99, 1), (0, 97, 3), (3, 100, 0), (9, 312, 0)],
)
def test_a_new_campaign_may_lose_two_calls_until_answers_pay_for_a_third(lost: int, answers: int, more: int) -> None:
    assert of_one_day(lost, answers).more == more


def test_the_two_calls_are_for_thirty_days_and_not_for_each_day() -> None:
    third_morning = AbandonBudget(today=counted(0, 5), thirty_days=counted(2, 60), cap=0.03)
    assert (third_morning.more_today, third_morning.more_30_days, third_morning.more) == (2, 0, 0)


def test_a_day_of_its_own_keeps_the_cap_however_good_the_month_was() -> None:
    budget = AbandonBudget(today=counted(9, 300), thirty_days=counted(20, 9000), cap=0.03)
    assert (budget.more_today, budget.more_30_days, budget.more) == (0, 257, 0)


def test_who_waits_for_an_agent_counts_against_us_until_he_is_joined() -> None:
    assert of_one_day(0, 97).more == 3
    assert of_one_day(0, 97, waiting=1).more == 2
    assert of_one_day(0, 98).more == 3


def test_a_call_nobody_knows_the_fate_of_counts_as_abandoned() -> None:
    assert of_one_day(0, 97, unknown=1).more == of_one_day(1, 98).more == 2
    assert of_one_day(0, 97, unknown=1).share_today == of_one_day(1, 98).share_today


def test_a_joined_call_without_a_verdict_is_no_answer_yet() -> None:
    budget = of_one_day(2, 60, joined_unknown=40)
    assert (budget.more, budget.undecided) == (0, 40)


def test_persons_taken_for_machines_by_the_campaigns_estimate_are_lost_as_well() -> None:
    day = counted(1, 198, heard_machine=250)
    without = AbandonBudget(today=day, thirty_days=day, cap=0.03)
    budget = AbandonBudget(today=day, thirty_days=day, cap=0.03, false_positives=0.01)
    assert (without.day.lost, without.day.base, without.more) == (1, 198, 5)
    assert (budget.day.lost, budget.day.base, budget.more) == (4, 201, 2)
    assert "4 of 201 abandoned today (3 taken for machines by estimate among them)" in budget.sentence
    spent = AbandonBudget(today=day, thirty_days=day, cap=0.03, false_positives=0.05)
    assert (spent.day.taken_for_machines, spent.more, spent.stage) == (13, 0, BudgetStage.SPENT)


def test_the_shares_are_none_before_the_first_answer() -> None:
    assert (of_one_day(0, 0).share_today, of_one_day(0, 0).share_30_days) == (None, None)
    assert of_one_day(3, 100).share_today == 0.03


@pytest.mark.parametrize(
    ("lost", "answers", "stage"),
    [
        (0, 0, BudgetStage.TIGHT),
        (0, 98, BudgetStage.TIGHT),
        (0, 99, BudgetStage.FREE),
        (6, 312, BudgetStage.TIGHT),
        (9, 312, BudgetStage.SPENT),
        (20, 1000, BudgetStage.FREE),
        (25, 1000, BudgetStage.TIGHT),
        (30, 1000, BudgetStage.SPENT),
    ],
)
def test_the_budget_is_free_when_the_limit_is_surely_kept(lost: int, answers: int, stage: BudgetStage) -> None:
    assert of_one_day(lost, answers).stage is stage


@given(any_budget())
def test_free_is_said_exactly_when_the_bounds_of_both_periods_keep_the_cap(budget: AbandonBudget) -> None:
    surely = max(budget.day.bound, budget.month.bound) <= budget.cap
    assert (budget.stage is BudgetStage.FREE) == (surely and budget.more > 0)
    assert (budget.stage is BudgetStage.SPENT) == (budget.more == 0)


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        (of_one_day(0, 0), "nobody answered today yet: 2 may be abandoned until answers pay for more"),
        (of_one_day(8, 1000), "8 of 1000 abandoned today, 0.8 % of at most 3 %: 22 more may be"),
        (
            of_one_day(6, 312),
            "6 of 312 abandoned today, 1.9 % of at most 3 %: 3 more may be, though the true share may be up to 3.8 % "
            "today",
        ),
        (
            of_one_day(9, 312),
            "9 of 312 abandoned today, 2.9 % of at most 3 %: no more calls than free agents until 21 more people were "
            "answered in time",
        ),
        (
            of_one_day(2, 98, cap=0.03),
            "2 of 98 abandoned today, 2.0 % of at most 3 %: no more calls than free agents until 1 more person was "
            "answered in time",
        ),
        (
            AbandonBudget(today=counted(3, 303), thirty_days=counted(130, 4340), cap=0.03),
            "130 of 4340 abandoned in 30 days, 3.0 % of at most 3 %: no more calls than free agents until 26 more "
            "people were answered in time",
        ),
        (
            of_one_day(7, 990, waiting=1, unknown=2),
            "10 of 993 abandoned today (1 still waiting and 2 of unknown end among them), 1.0 % of at most 3 %: 20 "
            "more may be",
        ),
    ],
)
def test_the_sentence_names_the_period_that_binds_and_what_follows(budget: AbandonBudget, words: str) -> None:
    assert budget.sentence == words
