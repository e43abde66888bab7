"""Is everything inside a transaction stored, or nothing of it?"""

from __future__ import annotations

import psycopg
import pytest

from campaigns.storage import Store, StoreRefused, StoreUnavailable
from tests.builders.stored import NOON, campaign_with, claim


def names(store: Store) -> list[str]:
    return [agent.name for agent in store.agents.all()]


def test_nothing_is_seen_by_others_before_the_end(store: Store, url: str) -> None:
    other = Store.open(url)
    try:
        with store.transaction():
            store.agents.add("Olena", "2001", NOON)
            assert names(other) == []
        assert names(other) == ["Olena"]
    finally:
        other.close()


def test_a_fault_undoes_all_of_it(store: Store) -> None:
    def faulty() -> None:
        with store.transaction():
            store.agents.add("Olena", "2001", NOON)
            raise RuntimeError("after the first step")

    with pytest.raises(RuntimeError):
        faulty()
    assert names(store) == []


def test_an_inner_transaction_is_part_of_the_outer_one(store: Store) -> None:
    def both() -> None:
        with store.transaction():
            with store.transaction():
                store.agents.add("Olena", "2001", NOON)
            raise RuntimeError("after the inner one ended well")

    with pytest.raises(RuntimeError):
        both()
    assert names(store) == []


def test_an_inner_fault_that_is_caught_undoes_only_the_inner_part(store: Store) -> None:
    def two_at_once() -> None:
        with store.transaction():
            store.agents.add("Petro", "2002", NOON)
            store.agents.add("Petro again", "2002", NOON)

    with store.transaction():
        store.agents.add("Olena", "2001", NOON)
        with pytest.raises(StoreRefused):
            two_at_once()
        store.agents.add("Taras", "2003", NOON)
    assert names(store) == ["Olena", "Taras"]


def test_a_fault_of_the_database_that_is_caught_does_not_spoil_the_rest(store: Store) -> None:
    with store.transaction():
        store.agents.add("Olena", "2001", NOON)
        store.commands.remember("c1", "x", "anna", "", NOON, None)
        with pytest.raises(StoreRefused):
            store.commands.remember("c1", "x", "anna", "", NOON, None)
    assert names(store) == ["Olena"]
    assert store.commands.answer_of("c1") is not None


def lose_the_link(postgres_url: str) -> None:
    """End all connections to the database, as a restart of PostgreSQL does."""
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.postgres
def test_a_lost_link_is_told_once_and_then_found_again(postgres_url: str) -> None:
    store = Store.open(postgres_url)
    campaign = campaign_with(store, 3)
    lose_the_link(postgres_url)
    with pytest.raises(StoreUnavailable, match="nothing may be dialled"):
        claim(store, campaign)
    assert len(claim(store, campaign).intents) == 1
    assert [attempt.id for attempt in store.attempts.live()] == [a.id for a in store.attempts.open()]
    store.close()


@pytest.mark.postgres
def test_a_link_lost_in_a_transaction_stores_nothing_of_it(postgres_url: str) -> None:
    store = Store.open(postgres_url)

    def broken() -> None:
        with store.transaction():
            store.agents.add("Olena", "2001", NOON)
            lose_the_link(postgres_url)
            store.agents.add("Petro", "2002", NOON)

    with pytest.raises(StoreUnavailable):
        broken()
    store.agents.add("Taras", "2003", NOON)
    assert names(store) == ["Taras"]
    store.close()


@pytest.mark.postgres
def test_a_link_lost_in_an_inner_transaction_ends_the_outer_one_too(postgres_url: str) -> None:
    store = Store.open(postgres_url)

    def broken() -> None:
        with store.transaction():
            store.agents.add("Olena", "2001", NOON)
            lose_the_link(postgres_url)
            with pytest.raises(StoreUnavailable):
                store.agents.add("Petro", "2002", NOON)
            store.agents.add("Taras", "2003", NOON)

    with pytest.raises(StoreUnavailable, match="midst of a transaction"):
        broken()
    assert names(store) == []
    store.close()


def test_the_store_goes_on_after_a_fault(store: Store) -> None:
    for n in range(3):
        with pytest.raises(RuntimeError), store.transaction():
            raise RuntimeError(f"fault {n}")
    store.agents.add("Olena", "2001", NOON)
    assert names(store) == ["Olena"]
