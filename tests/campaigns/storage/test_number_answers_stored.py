"""Are answers about single numbers kept as they came, all or none, and known to the queue at once?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from campaigns.dialable import Candidate, GateCode, Rules, Trunk, Verdict, judge
from campaigns.hours import US_FEDERAL
from campaigns.number_answers import REASSIGNED, Answered, NumberAnswer, ReassignedAsked
from campaigns.settings import CampaignSettings
from campaigns.storage import Store, StoreRefused
from tests.builders.stored import NOON, campaign_with, claim, entry, lead_row, number, phone
from tests.campaigns.rule_builders import EveryListSaysClear
from tests.campaigns.storage.test_consents_stored import consent

ASKS = Rules(
    settings=CampaignSettings(name="spring sale", seller_name="Acme", reassigned=ReassignedAsked.ASK),
    trunk=Trunk(name="carrier", practice=False, loopback=False),
    profile=US_FEDERAL,
    registries=EveryListSaysClear(),
)


def answer(to: str = number(0), **changes: object) -> NumberAnswer:
    usual = NumberAnswer(
        list_id=REASSIGNED,
        number=to,
        answer=Answered.NO,
        about=date(2026, 1, 5),
        asked_at=NOON - timedelta(days=1),
        account="company 7 «привет»",
        source="answers.csv",
        actor="anna",
        recorded_at=NOON,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_an_answer_comes_back_as_it_was_given_and_the_newest_first(store: Store) -> None:
    older = answer(asked_at=NOON - timedelta(days=9), answer=Answered.NO_DATA)
    washed = answer(list_id="it-rpo", about=None, answer=Answered.CLEAR, asked_at=NOON)
    assert store.number_answers.add_many([answer(), older, washed]) == (3, 0)
    assert [replace(each, id=None) for each in store.number_answers.of(number(0))] == [washed, answer(), older]


def test_the_same_answer_twice_is_one(store: Store) -> None:
    store.number_answers.add_many([answer()])
    later = answer(asked_at=NOON)
    assert store.number_answers.add_many([answer(), answer(), later, later]) == (1, 3)


@pytest.mark.parametrize("within", ["the store", "the file"])
def test_an_answer_that_contradicts_another_to_the_same_question_leaves_nothing_stored(
    store: Store, within: str
) -> None:
    first = [answer()]
    if within == "the store":
        store.number_answers.add_many(first)
        first = []
    before = store.number_answers.of(number(0))
    others = [answer(number(n)) for n in range(1, 1200)]
    with pytest.raises(StoreRefused, match="Nothing was stored"):
        store.number_answers.add_many([*first, *others, answer(answer=Answered.YES)])
    assert store.number_answers.of(number(0)) == before
    assert store.number_answers.of(number(1)) == ()


def test_a_correction_takes_the_place_of_the_wrong_answer_which_stays_on_record(store: Store) -> None:
    campaign = campaign_with(store)
    store.number_answers.add_many([answer(), answer(number(1))])
    right = answer(answer=Answered.YES, actor="boris", recorded_at=NOON + timedelta(hours=1))
    assert store.number_answers.add_many([right, answer(number(1))], correcting="mixed up") == (1, 1)
    assert store.number_answers.corrected == 1
    (standing,) = store.number_answers.of_campaign(campaign.id)[number(0)]
    assert replace(standing, id=None) == right
    assert store.queue.due(campaign.id, NOON, 5)[0].answers == (standing,)
    wrong = next(each for each in store.number_answers.of(number(0)) if each.corrected_at)
    marked = answer(corrected_at=right.recorded_at, corrected_by="boris", corrected_reason="mixed up")
    assert replace(wrong, id=None) == marked
    assert store.number_answers.add_many([right]) == (0, 1)


def test_a_lead_that_waits_for_an_answer_is_asked_again_as_soon_as_it_comes(store: Store) -> None:
    campaign = campaign_with(store, 2)
    store.consents.add_many([consent(number=number(n)) for n in range(2)])

    def really(candidate: Candidate) -> Verdict:
        return judge(candidate, ASKS, NOON)

    assert claim(store, campaign, judge=really, wanted=2).intents == ()
    assert {held.hold_code for held in store.queue.held(campaign.id)} == {GateCode.REASSIGNED}
    store.number_answers.add_many([answer(about=consent().given_at.date() - timedelta(days=1))])
    assert [each.number for each in claim(store, campaign, judge=really, wanted=2).intents] == [number(0)]


def test_the_numbers_still_to_be_called_are_told_once_each(store: Store) -> None:
    two = (phone(number(0)), phone(number(7), region="CA"))
    campaign = campaign_with(store, [lead_row(contact_points=two), lead_row(1, contact_points=(phone(number(1)),))])
    assert store.number_answers.waiting_numbers(campaign.id) == (
        *((number(0), "US"), (number(1), "US"), (number(7), "CA")),
    )
    store.suppressions.add(entry(number(1)))
    claim(store, campaign, judge=lambda candidate: judge(candidate, ASKS, NOON), wanted=2)
    assert [each for each, _ in store.number_answers.waiting_numbers(campaign.id)] == [number(0), number(7)]
