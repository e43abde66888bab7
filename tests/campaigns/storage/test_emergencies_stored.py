"""Is a declared state of emergency kept on both databases, and are leads asked again when it ends early?"""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.dialable import GateCode
from campaigns.emergency import Emergency
from campaigns.storage import Store, StoreRefused
from tests.builders.stored import NOON, after, campaign_with, claim, no


def declare(store: Store, **changes: Any) -> Emergency:
    usual: dict[str, Any] = {
        "region": "US-NY",
        "first": NOON.date(),
        "last": after(days=6).date(),
        "reason": "Order 47",
    }
    return store.emergencies.declare(Emergency(**usual | {"declared_by": "anna", "declared_at": NOON} | changes))


def test_it_is_declared_and_ended_and_its_record_stays(store: Store) -> None:
    campaign = campaign_with(store)
    claim(store, campaign, judge=no(GateCode.CALLING_HOURS, after(days=7)))
    made = declare(store)
    assert store.emergencies.all() == (made,)
    ended = store.emergencies.end(made.id, "boris", "lifted", after(days=1))
    assert (ended.ended_by, ended.ended_at, ended.ended_reason) == ("boris", after(days=1), "lifted")
    assert store.emergencies.all() == (ended,)
    state = store.queue.state(campaign.id, 1)
    assert state is not None
    assert state.ask_again_at == after(days=1)


def test_what_is_not_right_is_refused(store: Store) -> None:
    with pytest.raises(StoreRefused, match="which declaration"):
        declare(store, reason=" ")
    with pytest.raises(StoreRefused, match="before it begins"):
        declare(store, last=after(days=-1).date())
    assert store.emergencies.all() == ()
    made = declare(store)
    store.emergencies.end(made.id, "boris", "lifted", NOON)
    with pytest.raises(StoreRefused, match="ended already"):
        store.emergencies.end(made.id, "boris", "lifted", NOON)
    with pytest.raises(StoreRefused, match="no declaration 9"):
        store.emergencies.end(9, "boris", "lifted", NOON)
