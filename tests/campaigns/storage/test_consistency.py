"""Is every contradiction in what is stored found, and none in what is right?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from campaigns.model import AnsweredBy, CloseReason, LeadState
from campaigns.storage import Store
from tests.builders.stored import (
    NO_ANSWER,
    NOON,
    TALKED,
    after,
    campaign_with,
    claim,
    claimed,
    closed_as,
    entry,
    number,
    retry,
)


@pytest.fixture
def worked(store: Store) -> Store:
    """A store after a little of everything."""
    campaign = campaign_with(store, 6)
    sold, refused, missed, called_back, barred, running = claim(store, campaign, wanted=6).intents
    close = store.attempts.close
    close(sold.id, replace(TALKED, disposition="sale"), closed_as(sold, CloseReason.SALE), None, NOON)
    close(refused.id, replace(TALKED, disposition="refused"), closed_as(refused, CloseReason.REFUSED), None, NOON)
    close(missed.id, NO_ANSWER, retry(missed), None, NOON)
    promised = retry(called_back, state=LeadState.CALLBACK)
    close(called_back.id, replace(TALKED, disposition="callback"), promised, None, NOON)
    wish = closed_as(barred, CloseReason.REFUSED, suppress=True)
    close(barred.id, replace(TALKED, disposition="do_not_call"), wish, entry(barred.number), NOON)
    store.attempts.save_facts(running.id, TALKED, live=False)
    return store


def damage(store: Store, statement: str) -> None:
    with store.transaction():
        store._db.execute(text(statement))


def test_a_store_after_a_little_of_everything_has_no_contradiction(worked: Store) -> None:
    assert worked.check_consistency() == ()
    assert worked.check_integrity() == ()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE attempt SET answered_by = 'MACHINE' WHERE disposition = 'sale'", "not answered by a human"),
        ("UPDATE attempt SET answered_by = NULL WHERE disposition = 'sale'", "not answered by a human"),
        ("UPDATE attempt SET disposition = 'unheard_of' WHERE disposition = 'sale'", "does not have"),
        ("UPDATE dialling_state SET state = 'RETRY' WHERE close_reason = 'sale'", "is not closed"),
        ("DELETE FROM suppression", "has no entry"),
        ("UPDATE dialling_state SET close_reason = 'suppressed' WHERE close_reason = 'sale'", "closed as suppressed"),
        ("UPDATE dialling_state SET ask_again_at = NULL WHERE state = 'RETRY'", "waits without a time"),
        (
            "UPDATE dialling_state SET contact_point_id = NULL WHERE state = 'CALLBACK'",
            "waits without a time or number",
        ),
        ("UPDATE dialling_state SET close_reason = NULL WHERE close_reason = 'sale'", "closed without a reason"),
        ("UPDATE dialling_state SET state = 'IN_PROGRESS' WHERE state = 'RETRY'", "without an open call"),
        ("UPDATE dialling_state SET state = 'RETRY' WHERE state = 'IN_PROGRESS'", "has an open call"),
        ("UPDATE attempt SET network = NULL WHERE disposition = 'sale'", "without the network's outcome"),
    ],
)
def test_each_contradiction_is_told(worked: Store, statement: str, words: str) -> None:
    damage(worked, statement)
    told = worked.check_consistency()
    assert any(words in sentence for sentence in told), told


def test_a_live_call_that_is_closed_is_told(worked: Store) -> None:
    damage(worked, "UPDATE attempt SET live = (1 = 1) WHERE disposition = 'sale'")
    assert any("closed and live" in sentence for sentence in worked.check_consistency())


def test_a_removed_do_not_call_entry_is_no_contradiction(worked: Store) -> None:
    (listed,) = worked.suppressions.latest()
    assert listed.id is not None
    worked.suppressions.remove(listed.id, "boris", "a mistake", after(days=1))
    assert worked.check_consistency() == ()


def test_a_lead_called_again_after_a_final_word_is_told_by_his_last_call_only(store: Store) -> None:
    campaign = campaign_with(store)
    first = claimed(store, campaign)
    store.attempts.close(first.id, TALKED, retry(first, NOON), None, NOON)
    second = claimed(store, campaign, now=after(minutes=1))
    sale = replace(TALKED, disposition="sale", answered_by=AnsweredBy.HUMAN)
    store.attempts.dispose(first.id, sale, closed_as(first, CloseReason.SALE), None, after(minutes=2))
    store.attempts.close(second.id, NO_ANSWER, retry(second), None, after(minutes=3))
    assert store.check_consistency() == ()


def test_what_is_told_of_one_kind_is_bounded(store: Store) -> None:
    campaign_with(store, 50)
    damage(store, "UPDATE dialling_state SET ask_again_at = NULL")
    assert len(store.check_consistency()) == 20
    assert store.suppressions.matching(number(0)) == ()
