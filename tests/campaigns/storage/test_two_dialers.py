"""Do two connections at once ever call one number twice, or call one that was listed a moment before?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from campaigns.dialable import Candidate, GateCode, Verdict
from campaigns.storage import Store
from campaigns.storage.claims import _intent_columns
from campaigns.storage.tables.attempts import ATTEMPT
from tests.builders.stored import NOON, campaign_with, claim, claimed, entry, imported, new_id, no, number, yes


@pytest.fixture
def other(url: str) -> Iterator[Store]:
    """A second connection to the same database."""
    opened = Store.open(url)
    yield opened
    opened.close()


def in_a_thread(url: str, act: Callable[[Store], object]) -> Callable[[], object]:
    """Start `act` on a connection and thread of its own; the call returned waits for its result."""
    results: list[Any] = []

    def run() -> None:
        store = Store.open(url)
        try:
            results.append(act(store))
        except Exception as fault:
            results.append(fault)
        finally:
            store.close()

    thread = threading.Thread(target=run)
    thread.start()

    def result() -> object:
        thread.join(30)
        assert not thread.is_alive()
        return results[0]

    return result


def test_the_database_itself_refuses_a_second_live_call_on_a_number(store: Store) -> None:
    attempt = claimed(store, campaign_with(store))
    second = replace(attempt, id=new_id())
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        store._db.execute(insert(ATTEMPT).values(**_intent_columns(second)))
    values = _intent_columns(second) | {"live": False}
    store._db.execute(insert(ATTEMPT).values(**values))


def test_two_dialers_share_the_leads_and_take_none_twice(store: Store, url: str) -> None:
    campaign = campaign_with(store, 120)

    def dial(mine: Store) -> list[str]:
        taken: list[str] = []
        while intents := claim(mine, campaign, wanted=2).intents:
            taken += [attempt.number for attempt in intents]
        return taken

    waits = [in_a_thread(url, dial) for _ in range(3)]
    found = [wait() for wait in waits]
    taken = [n for numbers in found for n in numbers]  # type: ignore[attr-defined]
    assert sorted(taken) == sorted(number(n) for n in range(120))


def test_a_number_listed_while_a_claim_judges_waits_for_the_claim(store: Store, url: str) -> None:
    campaign = campaign_with(store, 2)
    judging, listed = threading.Event(), threading.Event()

    def judge(candidate: Candidate) -> Verdict:
        judging.set()
        assert not listed.wait(0.2), "the entry was in force before the claim that did not see it"
        return yes(candidate)

    def add(mine: Store) -> object:
        judging.wait(10)
        added = mine.suppressions.add(entry(number(0)))
        listed.set()
        return added

    wait = in_a_thread(url, add)
    assert len(claim(store, campaign, judge=judge).intents) == 1
    assert not isinstance(wait(), Exception)
    assert [found.number for found in store.suppressions.latest()] == [number(0)]


def test_a_number_listed_by_another_connection_is_seen_by_the_next_claim(store: Store, other: Store) -> None:
    campaign = campaign_with(store, 1)
    other.suppressions.add(entry(number(0)))

    def judge(candidate: Candidate) -> Verdict:
        return no(GateCode.DO_NOT_CALL)(candidate) if candidate.suppressions else yes(candidate)

    assert claim(store, campaign, judge=judge).intents == ()


def test_a_file_of_the_same_name_imported_twice_at_once_is_added_once(store: Store, url: str) -> None:
    def load(mine: Store) -> object:
        return imported(mine, 50, sha256="same", now=NOON).added

    waits = [in_a_thread(url, load) for _ in range(3)]
    assert sorted(str(wait()) for wait in waits) == ["0", "0", "50"]


def test_two_agents_who_list_one_number_at_once_make_one_entry(store: Store, url: str) -> None:
    together = threading.Barrier(3)

    def add(actor: str) -> Callable[[Store], object]:
        def act(mine: Store) -> object:
            together.wait(10)
            return [mine.suppressions.add(entry(number(n), actor=actor)).id for n in range(10)]

        return act

    waits = [in_a_thread(url, add(actor)) for actor in ("anna", "boris", "clara")]
    found = [wait() for wait in waits]
    assert found[0] == found[1] == found[2]
    assert store.suppressions.count() == 10
