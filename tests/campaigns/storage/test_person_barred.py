"""Does a request not to be called cover all numbers of the person where the profile says so, and only there?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.dialable import Gate, GateCode, Rules, judge
from campaigns.funnel import Standing, funnel
from campaigns.model import LeadState
from campaigns.rules import PROFILES
from campaigns.rules.duties import DoNotCallSource, Duties
from campaigns.storage import Store
from campaigns.storage.values import Campaign
from tests.builders.stored import NOON, after, campaign_with, claim, entry, lead_row, number, phone
from tests.campaigns.storage.test_persons_counted import by

A, B, C = number(1), number(2), number(3)
WHOLE_PERSON = DoNotCallSource(list_id="internal", max_age_days=0, covers="person")


def rules(*, whole_person: bool) -> Rules:
    duties = Duties(do_not_call=(WHOLE_PERSON if whole_person else replace(WHOLE_PERSON, covers="number"),))
    return by(replace(PROFILES["us-federal"], name="test", duties=duties))


def gate(store: Store, campaign: Campaign, e164: str, judged_by: Rules) -> Gate:
    found = [
        c for s in store.queue.states(campaign.id) for c in store.queue.candidates_of(campaign.id, s.person_id, NOON)
    ]
    (one,) = (each for each in found if each.contact_point.number == e164)
    return next(each for each in judge(one, judged_by, NOON).gates if each.code is GateCode.DO_NOT_CALL)


def test_a_request_bars_the_persons_other_numbers_on_other_lists_where_the_profile_says_so(store: Store) -> None:
    campaign_with(store, [lead_row(0, contact_points=(phone(A),), person_key="c17")], name="theirs")
    rows = [
        lead_row(0, contact_points=(phone(B),), person_key="c17"),
        lead_row(1, contact_points=(phone(C),), person_key="c18"),
    ]
    ours = campaign_with(store, rows, name="ours")
    assert gate(store, ours, B, rules(whole_person=True)).passed
    store.suppressions.add(entry(A))
    shut = gate(store, ours, B, rules(whole_person=True))
    assert not shut.passed
    assert "a request covers every number of the person under test" in shut.reason
    assert gate(store, ours, B, rules(whole_person=False)).passed, "elsewhere it is the number alone"
    assert gate(store, ours, C, rules(whole_person=True)).passed, "somebody else"


def test_a_request_bars_the_leads_own_second_number_without_any_key(store: Store) -> None:
    ours = campaign_with(store, [lead_row(0, contact_points=(phone(A), phone(B)))])
    store.suppressions.add(entry(A))
    assert not gate(store, ours, B, rules(whole_person=True)).passed
    assert gate(store, ours, B, rules(whole_person=False)).passed


def test_a_pattern_is_nobodys_own_request(store: Store) -> None:
    ours = campaign_with(store, [lead_row(0, contact_points=(phone(A), phone("+14155550123")))])
    store.suppressions.add(entry(f"{A[:6]}*"))
    assert gate(store, ours, "+14155550123", rules(whole_person=True)).passed


def test_the_writing_transaction_begins_no_call_to_another_number_and_removal_lets_it_be_asked_again(
    store: Store,
) -> None:
    campaign_with(store, [lead_row(0, contact_points=(phone(A),), person_key="c17")], name="theirs")
    ours = campaign_with(store, [lead_row(0, contact_points=(phone(B),), person_key="c17")], name="ours")
    kept = store.suppressions.add(entry(A))
    strict = rules(whole_person=True)
    claimed = claim(store, ours, judge=lambda candidate: judge(candidate, strict, NOON))
    assert claimed.intents == ()
    assert [held.code for held in claimed.held] == ["DO_NOT_CALL"]
    (state,) = store.queue.states(ours.id)
    assert state.state is LeadState.CLOSED
    assert kept.id is not None
    store.suppressions.remove(kept.id, "anna", "a mistake", after(minutes=1))
    (state,) = store.queue.states(ours.id)
    assert state.state is LeadState.NEW
    again = claim(store, ours, now=after(minutes=2), judge=lambda candidate: judge(candidate, strict, after(minutes=2)))
    assert [attempt.number for attempt in again.intents] == [B]


def test_the_funnel_counts_who_is_barred_by_another_number(store: Store) -> None:
    rows = [lead_row(n, contact_points=(phone(number(10 + n)),), person_key=f"c{n}") for n in range(6)]
    ours = campaign_with(store, rows, name="ours")
    campaign_with(store, [lead_row(0, contact_points=(phone(A),), person_key="c2")], name="theirs")
    store.suppressions.add(entry(A))
    for whole_person, callable_now in ((True, 5), (False, 6)):
        strict = rules(whole_person=whole_person)
        alike = store.alike(ours.id, strict.profile, (NOON,), None)
        (found, *_) = funnel(alike.members(), alike.numbers_of, strict, (NOON,))[0:1]
        assert found.counts[Standing.CALLABLE] == callable_now


def test_washington_bars_the_person_and_the_federal_rules_the_number() -> None:
    assert PROFILES["us-wa"].duties.whole_person_barred
    assert not PROFILES["us-federal"].duties.whole_person_barred


@pytest.mark.parametrize("name", ["us-ftc"])
def test_only_the_houses_own_list_can_cover_a_person(name: str) -> None:
    assert not Duties(do_not_call=(replace(WHOLE_PERSON, list_id=name),)).whole_person_barred
