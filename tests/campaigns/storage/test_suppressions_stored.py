"""Are do-not-call entries in force at once, kept for ever, and never widened or narrowed by accident?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.dialable import GateCode
from campaigns.model import CloseReason, LeadState, Scope
from campaigns.storage import Store, StoreRefused
from campaigns.storage.values import Listed
from tests.builders.stored import (
    NO_ANSWER,
    NOON,
    after,
    campaign_with,
    claim,
    claimed,
    entry,
    no,
    number,
    retry,
)


def test_an_entry_comes_back_as_it_was_added(store: Store) -> None:
    added = store.suppressions.add(entry(number(0), scope=Scope.SELLER, value="Acme"))
    assert added.id is not None
    assert store.suppressions.matching(number(0)) == (added,)
    assert replace(added, id=None) == entry(number(0), scope=Scope.SELLER, value="Acme")


def test_adding_again_gives_the_older_entry(store: Store) -> None:
    first = store.suppressions.add(entry(number(0)))
    assert store.suppressions.add(entry(number(0), reason="again", actor="boris")) == first
    assert store.suppressions.count() == 1


def test_scopes_stand_side_by_side(store: Store) -> None:
    store.suppressions.add(entry(number(0)))
    store.suppressions.add(entry(number(0), scope=Scope.CAMPAIGN, value="spring sale"))
    assert [found.scope for found in store.suppressions.matching(number(0))] == [Scope.EVERYTHING, Scope.CAMPAIGN]


@pytest.mark.parametrize(
    "spelling", ["12025550100", "+1 202 555 0100", "+0123456789", "sip:x@host", "", "+١٢٠٢٥٥٥٠١٠٠"]
)
def test_a_spelling_that_would_bar_nobody_is_refused(store: Store, spelling: str) -> None:
    with pytest.raises(StoreRefused, match="bar nobody"):
        store.suppressions.add(entry(spelling))


def test_a_scope_must_name_what_it_reaches_and_everything_must_not(store: Store) -> None:
    with pytest.raises(StoreRefused, match="name"):
        store.suppressions.add(entry(number(0), scope=Scope.SELLER))
    with pytest.raises(StoreRefused, match="names nobody"):
        store.suppressions.add(entry(number(0), value="Acme"))


def test_a_file_is_added_whole_and_repeated_numbers_once(store: Store) -> None:
    store.suppressions.add(entry(number(0)))
    listed = [entry(number(n % 700), source="dnc.csv") for n in range(1400)]
    assert store.suppressions.add_many(listed) == Listed(added=699, known=701, voided=0)
    assert store.suppressions.count() == 700


def test_a_file_with_one_bad_number_adds_none(store: Store) -> None:
    with pytest.raises(StoreRefused):
        store.suppressions.add_many([entry(number(0)), entry("12025550101")])
    assert store.suppressions.count() == 0


def test_a_removed_entry_stays_with_who_and_why(store: Store) -> None:
    added = store.suppressions.add(entry(number(0)))
    assert added.id is not None
    removed = store.suppressions.remove(added.id, "boris", "he changed his mind", after(days=1))
    assert store.suppressions.matching(number(0)) == ()
    assert store.suppressions.matching(number(0), removed=True) == (removed,)
    assert (removed.removed_by, removed.removed_reason, removed.removed_at) == (
        "boris",
        "he changed his mind",
        after(days=1),
    )
    with pytest.raises(StoreRefused, match="in force"):
        store.suppressions.remove(added.id, "boris", "again", after(days=1))


def test_removing_needs_a_reason(store: Store) -> None:
    added = store.suppressions.add(entry(number(0)))
    assert added.id is not None
    with pytest.raises(StoreRefused, match="why"):
        store.suppressions.remove(added.id, "boris", "  ", NOON)
    assert store.suppressions.count() == 1


def test_a_removed_number_can_be_listed_again(store: Store) -> None:
    added = store.suppressions.add(entry(number(0)))
    assert added.id is not None
    store.suppressions.remove(added.id, "boris", "a mistake", NOON)
    assert store.suppressions.add(entry(number(0))).id != added.id


def test_removing_lets_leads_it_had_closed_wait_again(store: Store) -> None:
    campaign = campaign_with(store, 2)
    attempt = claimed(store, campaign)
    store.attempts.close(attempt.id, NO_ANSWER, retry(attempt, NOON), None, NOON)
    added = [store.suppressions.add(entry(number(n))) for n in (0, 1)]
    claim(store, campaign, wanted=2, judge=no(GateCode.DO_NOT_CALL), now=after(minutes=1))
    assert store.queue.counts(campaign.id)[0].close_reason is CloseReason.SUPPRESSED
    for one in added:
        assert one.id is not None
        store.suppressions.remove(one.id, "boris", "a mistake", after(minutes=2))
    assert [(c.state, c.leads) for c in store.queue.counts(campaign.id)] == [(LeadState.NEW, 1), (LeadState.RETRY, 1)]
    assert len(claim(store, campaign, wanted=2, now=after(minutes=2)).intents) == 2


def test_many_numbers_are_checked_at_once(store: Store) -> None:
    added = store.suppressions.add(entry(number(3)))
    found = store.suppressions.check(number(n) for n in range(1200))
    assert found == {number(3): (added,)}


def test_the_newest_entries_come_first(store: Store) -> None:
    for n in range(3):
        store.suppressions.add(entry(number(n)))
    assert [found.number for found in store.suppressions.latest(2)] == [number(2), number(1)]
