"""Does a pattern such as +1202* bar every number that begins so, and no other, wherever entries are asked for?"""

from __future__ import annotations

import pytest

from campaigns.dialable import GateCode
from campaigns.model import CloseReason, LeadState, Scope
from campaigns.storage import Store, StoreRefused, at_once
from campaigns.storage.barring import names_of
from tests.builders.stored import NOON, after, campaign_with, claim, entry, no, number

PATTERN = "+1202555*"  # every number of these tests begins so
ELSEWHERE = "+1303*"


def test_a_pattern_bars_its_numbers_in_every_answer(store: Store) -> None:
    barring = store.suppressions.add(entry(PATTERN))
    store.suppressions.add(entry(ELSEWHERE))
    assert store.suppressions.matching(number(0)) == (barring,)
    assert store.suppressions.check([number(0), "+13125550100"]) == {number(0): (barring,)}
    assert store.suppressions.barred_among([number(0), "+13125550100"], None) == ({number(0)}, set())


def test_many_numbers_asked_for_a_few_at_a_time_are_barred_as_each_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_once, "AT_ONCE", 2)
    store.suppressions.add(entry(f"{number(1)[:-1]}*", scope=Scope.SELLER, value="Acme"))
    store.suppressions.add(entry(number(4)))
    store.suppressions.add(entry("+13125550100", scope=Scope.CAMPAIGN, value="spring sale"))
    asked = [number(n) for n in range(5)] + ["+13125550100", "+13125550101"]
    barred = store.suppressions.barred_among(asked, ("Acme", "autumn sale"))
    assert barred == ({number(n) for n in range(5)}, {"+13125550100"})
    assert set(store.suppressions.check(asked)) == barred[0] | barred[1]


def test_the_queue_hands_a_lead_out_with_the_pattern_that_bars_him(store: Store) -> None:
    campaign = campaign_with(store, 2)
    everything = store.suppressions.add(entry(PATTERN))
    own = store.suppressions.add(entry(number(1), scope=Scope.SELLER, value="Acme"))
    found = {each.contact_point.number: each.suppressions for each in store.queue.due(campaign.id, NOON, 10)}
    assert found == {number(0): (everything,), number(1): (everything, own)}


def test_a_list_counts_persons_barred_by_a_pattern(store: Store) -> None:
    campaign_with(store, 3)
    (lead_list,) = store.leads.lists()
    store.suppressions.add(entry(ELSEWHERE))
    assert store.leads.list_summary(lead_list.id).suppressed == 0
    store.suppressions.add(entry(PATTERN))
    assert store.leads.list_summary(lead_list.id).suppressed == 3


def test_a_forecast_keeps_leads_of_a_pattern_apart(store: Store) -> None:
    campaign = campaign_with(store, 3)
    store.suppressions.add(entry(f"{number(0)}*"))  # as long as a pattern can be
    groups = store.outlook.waiting(campaign.id, NOON)
    assert sorted((group.leads, bool(group.candidate.suppressions)) for group in groups) == [(1, True), (2, False)]


def test_a_pattern_taken_back_lets_its_leads_wait_again(store: Store) -> None:

    campaign = campaign_with(store, 2)
    added = store.suppressions.add(entry(PATTERN))
    claim(store, campaign, wanted=2, judge=no(GateCode.DO_NOT_CALL), now=after(minutes=1))
    assert store.queue.counts(campaign.id)[0].close_reason is CloseReason.SUPPRESSED
    assert added.id is not None
    store.suppressions.remove(added.id, "boris", "a mistake", after(minutes=2))
    assert [(c.state, c.leads) for c in store.queue.counts(campaign.id)] == [(LeadState.NEW, 2)]
    assert store.suppressions.matching(number(0)) == ()
    assert store.suppressions.matching(number(0), removed=True)[0].number == PATTERN


def test_a_request_for_a_number_never_takes_out_the_pattern_that_bars_it_too(store: Store) -> None:
    pattern = store.suppressions.add(entry(PATTERN))
    with pytest.raises(StoreRefused, match="the pattern"):
        store.removals.ask(number(0), "anna", "a mistake", NOON)
    own = store.suppressions.add(entry(number(0)))
    asked = store.removals.ask(number(0), "anna", "a mistake", NOON, account="anna (uid 1001)")
    assert asked.entries == (own.id,)
    store.removals.confirm(asked.id, "boris", NOON, account="boris (uid 1002)")
    assert store.suppressions.matching(number(0)) == (pattern,)


@pytest.mark.parametrize("text", ["+*", "*", "+1202**", "1202*", "+12*02", "+0123*", "+123456789012345*"])
def test_what_is_no_pattern_is_refused(store: Store, text: str) -> None:
    with pytest.raises(StoreRefused, match="bar nobody"):
        store.suppressions.add(entry(text))


def test_a_number_has_as_many_names_as_there_are_lengths() -> None:
    assert names_of("+4930123", ()) == ["+4930123"]
    assert names_of("+4930123", (2, 4, 7, 8)) == ["+4930123", "+49*", "+4930*", "+4930123*"]
