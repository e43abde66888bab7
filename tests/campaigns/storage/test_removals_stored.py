"""Do requests for removal keep what they must on both databases, and does a new entry end them in the same commit?"""

from __future__ import annotations

import pytest

from campaigns.model import Scope
from campaigns.removal import PENDING_FOR, RemovalEnd
from campaigns.storage import Store, StoreRefused
from tests.builders.stored import NOON, after, entry, number

ANNA, BORIS = "anna (uid 1001)", "boris (uid 1002)"


def test_a_confirmed_request_takes_out_the_entries_that_it_was_asked_for(store: Store) -> None:
    everything = store.suppressions.add(entry(number(0)))
    seller = store.suppressions.add(entry(number(0), scope=Scope.SELLER, value="Acme"))
    asked = store.removals.ask(number(0), "anna", "a mistake", NOON, account=ANNA)
    assert store.removals.pending(NOON) == (asked,)
    assert (asked.entries, asked.expires_at) == ((everything.id, seller.id), NOON + PENDING_FOR)
    settled, removed = store.removals.confirm(asked.id, "boris", after(days=1), account=BORIS)
    assert store.removals.latest() == (settled,)
    assert (settled.end, settled.settled_by, settled.settled_at) == (RemovalEnd.CONFIRMED, "boris", after(days=1))
    assert store.suppressions.matching(number(0), removed=True) == removed
    assert (settled.asked_account, settled.settled_account) == (ANNA, BORIS)
    assert {found.removed_reason for found in removed} == {"a mistake"}
    assert store.removals.pending(NOON) == ()


@pytest.mark.parametrize(("first", "second"), [(ANNA, ANNA), (ANNA, ""), ("", BORIS)])
def test_a_second_name_is_no_second_person(store: Store, first: str, second: str) -> None:
    store.suppressions.add(entry(number(0)))
    asked = store.removals.ask(number(0), "anna", "a mistake", NOON, account=first)
    with pytest.raises(StoreRefused, match=r"account of the operating system.*stays barred"):
        store.removals.confirm(asked.id, "boris", NOON, account=second)
    assert store.suppressions.count() == 1


@pytest.mark.parametrize("many", [False, True])
def test_an_entry_that_is_added_anew_ends_the_request_even_when_it_is_listed_already(store: Store, many: bool) -> None:
    store.suppressions.add(entry(number(0)))
    asked = store.removals.ask(number(0), "anna", "a mistake", NOON, account=ANNA)
    again = entry(number(0), actor="keypad")
    store.suppressions.add_many([again]) if many else store.suppressions.add(again)
    ended = store.removals.one(asked.id)
    assert ended is not None
    assert (ended.end, ended.settled_by) == (RemovalEnd.VOID, "keypad")
    with pytest.raises(StoreRefused, match="listed anew"):
        store.removals.confirm(asked.id, "boris", NOON, account=BORIS)
    assert store.suppressions.count() == 1


def test_what_is_undone_leaves_the_request_as_it_was(store: Store) -> None:
    store.suppressions.add(entry(number(0)))
    asked = store.removals.ask(number(0), "anna", "a mistake", NOON, account=ANNA)

    def add_and_fail() -> None:
        with store.transaction():
            store.suppressions.add(entry(number(0)))
            raise StoreRefused("no")

    with pytest.raises(StoreRefused):
        add_and_fail()
    assert store.removals.pending(NOON) == (asked,)


def test_a_number_has_one_pending_request_and_an_expired_one_makes_room(store: Store) -> None:
    store.suppressions.add(entry(number(0)))
    first = store.removals.ask(number(0), "anna", "a mistake", NOON, account=ANNA)
    with pytest.raises(StoreRefused, match=f"Removal {first.id} "):
        store.removals.ask(number(0), "boris", "me too", after(days=29))
    second = store.removals.ask(number(0), "boris", "me too", after(days=30))
    ended = store.removals.one(first.id)
    assert ended is not None
    assert (ended.end, ended.settled_at) == (RemovalEnd.EXPIRED, first.expires_at)
    assert store.removals.pending(after(days=30)) == (second,)


def test_whoever_asks_gives_a_reason_and_an_entry_must_be_there(store: Store) -> None:
    with pytest.raises(StoreRefused, match="not listed"):
        store.removals.ask(number(0), "anna", "a mistake", NOON, account=ANNA)
    store.suppressions.add(entry(number(0)))
    with pytest.raises(StoreRefused, match="Say why"):
        store.removals.ask(number(0), "anna", " ", NOON)
    assert store.removals.latest() == ()
