"""Are looser rules kept as they were asked for on both databases, confirmed by two persons, and never edited?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaigns.dialable import GateCode
from campaigns.model import Facts, LeadState, Network
from campaigns.override import LONGEST, Override, OverrideStanding
from campaigns.storage import Store, StoreRefused
from tests.builders.stored import NOON, after, campaign_with, claim, claimed, no, number, retry

ANNA, BORIS = "anna (uid 1001)", "boris (uid 1002)"


def asked(store: Store, campaign_id: int, **changes: Any) -> Override:
    usual: dict[str, Any] = {"campaign_id": campaign_id, "key": "hours.mon-fri", "value": "07:00-22:00"}
    usual |= {
        "reason": "consents of form 7",
        "asked_by": "anna",
        "asked_at": NOON,
        "until": after(days=30),
        "asked_account": ANNA,
    }
    return store.overrides.ask(Override(**usual | changes))


def test_it_is_asked_confirmed_and_revoked_and_all_of_that_stays(store: Store) -> None:
    campaign = campaign_with(store)
    pending = asked(store, campaign.id)
    assert store.overrides.of_campaign(campaign.id) == (pending,)
    assert not pending.holds(after(days=1))
    confirmed = store.overrides.confirm(pending.id, "boris", after(hours=1), account=BORIS)
    assert confirmed == replace(pending, confirmed_by="boris", confirmed_account=BORIS, confirmed_at=after(hours=1))
    assert confirmed.holds(after(days=1))
    ended = store.overrides.revoke(pending.id, "carla", "a mistake", after(days=2))
    assert ended == replace(confirmed, revoked_by="carla", revoked_at=after(days=2), revoked_reason="a mistake")
    assert store.overrides.all() == (ended,)
    with pytest.raises(StoreRefused, match="is revoked"):
        store.overrides.revoke(pending.id, "carla", "once more", after(days=3))
    with pytest.raises(StoreRefused, match="is revoked"):
        store.overrides.confirm(pending.id, "boris", after(days=3), account=BORIS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": "consent.needed"}, "cannot be loosened"),
        ({"value": "25:00-26:00"}, "cannot be made looser"),
        ({"reason": " "}, "Say why"),
        ({"until": NOON}, "ended"),
        ({"until": NOON + LONGEST + timedelta(days=2)}, "90 days"),
    ],
)
def test_what_is_refused_stores_nothing(store: Store, changes: dict[str, Any], words: str) -> None:
    campaign = campaign_with(store)
    with pytest.raises(StoreRefused, match=words) as refused:
        asked(store, campaign.id, **changes)
    assert str(refused.value).endswith("Nothing was stored.")
    assert store.overrides.all() == ()


def test_one_person_alone_puts_nothing_in_force(store: Store) -> None:
    pending = asked(store, campaign_with(store).id)
    with pytest.raises(StoreRefused, match="another person than anna"):
        store.overrides.confirm(pending.id, "Anna", NOON, account=BORIS)
    (still,) = store.overrides.all()
    assert still.standing(NOON) is OverrideStanding.PENDING
    with pytest.raises(StoreRefused, match="There is no override 99"):
        store.overrides.confirm(99, "boris", NOON, account=BORIS)


@pytest.mark.parametrize("account", [ANNA, "Boris (uid 1001)", "", "boris", "boris (uid x)"])
def test_another_name_of_the_same_or_of_no_known_account_puts_nothing_in_force(store: Store, account: str) -> None:
    pending = asked(store, campaign_with(store).id)
    with pytest.raises(StoreRefused, match="account of the operating system"):
        store.overrides.confirm(pending.id, "boris", NOON, account=account)
    assert store.overrides.all() == (pending,)


@pytest.mark.parametrize(("code", "again"), [(GateCode.CALLING_HOURS, True), (GateCode.DO_NOT_CALL, False)])
def test_leads_that_wait_for_their_hours_are_asked_again_and_others_are_not(
    store: Store, code: GateCode, again: bool
) -> None:
    campaign = campaign_with(store)
    claim(store, campaign, judge=no(code, after(hours=15)))
    store.overrides.confirm(asked(store, campaign.id).id, "boris", after(hours=1), account=BORIS)
    state = store.queue.state(campaign.id, 1)
    assert state is not None
    assert (state.ask_again_at == after(hours=1)) is again


@pytest.mark.parametrize("state", [LeadState.RETRY, LeadState.CALLBACK])
def test_leads_that_were_called_before_and_are_held_for_it_are_asked_again_too(store: Store, state: LeadState) -> None:
    campaign = campaign_with(store)
    attempt = claimed(store, campaign)
    missed = Facts(network=Network.NO_ANSWER, ended_at=NOON)
    store.attempts.close(attempt.id, missed, retry(attempt, after(hours=4), state=state), None, NOON)
    pending = asked(store, campaign.id, key="attempts.24h", value="5")
    claim(store, campaign, judge=no(GateCode.ATTEMPTS, after(hours=30)), now=after(hours=5))
    assert store.queue.state(campaign.id, 1).ask_again_at == after(hours=30)  # type: ignore[union-attr]
    store.overrides.confirm(pending.id, "boris", after(hours=6), account=BORIS)
    assert store.queue.state(campaign.id, 1).ask_again_at == after(hours=6)  # type: ignore[union-attr]


def test_an_override_for_an_erased_person_is_for_nobody_and_tells_nothing(store: Store) -> None:
    store.recognise_erased_by(lambda: bytes(range(32)))
    campaign = campaign_with(store)
    named = asked(store, campaign.id, number=number(0), reason="Ada Lovelace asked on the phone")
    store.overrides.confirm(named.id, "boris", NOON, account=BORIS)
    store.privacy.erase(store.privacy.whom.subject(number(0)), "anna", NOON)
    (left,) = store.overrides.all()
    assert (left.number[:1], left.reason) == ("#", "erased")
    assert not left.reaches(number(0), (), None, NOON)  # type: ignore[arg-type]
