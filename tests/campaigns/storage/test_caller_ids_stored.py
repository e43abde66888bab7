"""Is the right to show a number kept on both databases, from its record to its end, and is a held lead asked again?"""

from __future__ import annotations

import pytest

from campaigns.dialable import GateCode
from campaigns.storage import Store, StoreRefused
from tests.builders.stored import NOON, after, campaign_with, claim, no

NUMBER = "+12025550100"


def test_a_right_is_in_force_until_it_ends_and_its_record_stays(store: Store) -> None:
    first = store.caller_ids.add(NUMBER, "LOA of 2026-03-01", "anna", NOON)
    store.caller_ids.add(NUMBER, "LOA of 2026-09-01", "boris", after(days=1))
    assert store.caller_ids.in_force() == {NUMBER: "LOA of 2026-09-01"}
    assert store.caller_ids.end(NUMBER, "carla", "given back", after(days=2)) == 2
    assert store.caller_ids.in_force() == {}
    kept = store.caller_ids.all()
    assert [(each.right_to_use, each.recorded_by, each.ended_by, each.ended_reason) for each in kept] == [
        ("LOA of 2026-03-01", "anna", "carla", "given back"),
        ("LOA of 2026-09-01", "boris", "carla", "given back"),
    ]
    assert (first.recorded_at, kept[0].ended_at) == (NOON, after(days=2))


def test_what_says_nothing_is_refused(store: Store) -> None:
    with pytest.raises(StoreRefused, match=r"what proves.*Nothing was stored"):
        store.caller_ids.add(NUMBER, " ", "anna", NOON)
    with pytest.raises(StoreRefused, match="No right to use"):
        store.caller_ids.end(NUMBER, "anna", "given back", NOON)
    store.caller_ids.add(NUMBER, "LOA", "anna", NOON)
    with pytest.raises(StoreRefused, match="Say why"):
        store.caller_ids.end(NUMBER, "anna", "", NOON)
    assert store.caller_ids.in_force() == {NUMBER: "LOA"}


def test_leads_that_were_held_for_the_caller_id_are_asked_again_at_once(store: Store) -> None:
    campaign = campaign_with(store)
    claim(store, campaign, judge=no(GateCode.CALLER_ID))
    store.caller_ids.add(NUMBER, "LOA", "anna", after(minutes=5))
    state = store.queue.state(campaign.id, 1)
    assert state is not None
    assert state.ask_again_at == after(minutes=5)
