"""Does a decision say which limit made it careful, and does the log keep its sentence to the last word?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.metrics import AbandonBudget, AbandonmentCount
from campaigns.model import DialMode
from dialer.decision_log import MOST_CHANGES, Look, MinuteOfDecisions, Telling
from dialer.decision_row import minute_of, row_of
from dialer.floor import CampaignFloor, Pace
from dialer.held_by import HeldBy
from dialer.prediction.steering import Caution, appetite
from tests.dialer.test_predictive_teams import PLENTY, idle, paces, predictive, ringing

TEN_FORTY = datetime(2026, 3, 2, 15, 40, tzinfo=UTC)


def count(abandoned: int, joined: int) -> AbandonmentCount:
    return AbandonmentCount(abandoned=abandoned, joined_human=joined)


def carries_on(today: AbandonmentCount) -> CampaignFloor:
    return predictive(1, today=today, thirty_days=PLENTY + today)


def why(today: AbandonmentCount) -> str:
    budget = AbandonBudget(today=today, thirty_days=PLENTY + today, cap=0.03)
    return appetite(budget, 10, 1.0).caution


@pytest.mark.parametrize(
    ("today", "caution"),
    [
        (count(0, 20), Caution.FIRST_ANSWERS),
        (count(1, 60), Caution.FEW_ANSWERS),
        (count(9, 200), Caution.SPENT),
        (count(3, 300), Caution.NONE),
    ],
)
def test_the_limit_that_sets_what_may_be_risked_has_a_name(today: AbandonmentCount, caution: Caution) -> None:
    assert why(today) == caution


def test_the_sentence_says_why_less_is_risked_than_usual() -> None:
    (first,) = paces(carries_on(count(0, 20)), agents=idle(5, 1))
    assert "(at most 0.2 %: the day's first answers)" in first.reason
    (usual,) = paces(carries_on(count(3, 300)), agents=idle(5, 1))
    assert " %), budget" in usual.reason


def longest() -> Pace:
    """A spent budget with every kind of what is not known, other campaigns, and calls given up."""
    lost = AbandonmentCount(abandoned=1211, joined_human=20_000, unknown=12, heard_machine=900)
    budget = AbandonBudget(today=lost, thirty_days=lost, cap=0.025, waiting=11, false_positives=0.05)
    held = [replace(call, ringing_s=call.placed_s - 20.0) for call in ringing(1, 120)]
    first = replace(predictive(1, in_flight=tuple(held), today=lost, thirty_days=lost), budget=budget)
    second = replace(first, campaign_id=2, in_flight=ringing(2, 120))
    return paces(first, second, agents=idle(12, 1, 2))[0]


def test_the_longest_sentence_of_pacing_comes_back_whole_from_the_log() -> None:
    said = longest()
    assert "other campaigns" in said.reason
    assert "among them" in said.reason
    assert "cancel" in said.reason
    look = Look(words=said.reason, cause=HeldBy.BUDGET, figures=said.figures)
    minute = MinuteOfDecisions(minute=TEN_FORTY).with_(look, TEN_FORTY)
    kept = minute_of(row_of(1, minute.with_(replace(look, launched=3), TEN_FORTY + timedelta(seconds=9)).ended()))
    assert [each.words for each in kept.said] == [said.reason, said.reason]
    assert kept.left_out == 0


def test_a_ratio_that_is_off_is_told_whole_too() -> None:
    power = replace(predictive(1, today=count(9, 200), thirty_days=count(9, 200)), mode=DialMode.POWER, ratio=3.0)
    (said,) = paces(power, agents=idle(3, 1))
    minute = MinuteOfDecisions(minute=TEN_FORTY).with_(Look(words=said.reason, cause=""), TEN_FORTY)
    assert minute_of(row_of(1, minute)).said[0].words.endswith("more people were answered in time")


def test_the_largest_launch_is_kept_however_often_the_cause_changed() -> None:
    minute = MinuteOfDecisions(minute=TEN_FORTY)
    for second in range(2 * MOST_CHANGES):
        words = f"launch 0: {'a long sentence with all its numbers, ' * 9}{second}"
        minute = minute.with_(Look(words=words, cause=f"cause {second}"), TEN_FORTY + timedelta(seconds=second))
    minute = minute.with_(Look(words="launch 7: at last", cause="cause 0", launched=7), TEN_FORTY)
    kept = minute_of(row_of(1, minute.ended()))
    assert [each.launched for each in kept.said if each.telling is Telling.LARGEST] == [7]
    assert kept.left_out > 0, "or the row was not full"
