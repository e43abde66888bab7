"""Is a person left alone after what was said before: at selection, and in the transaction that writes the attempt?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from campaigns.dialable import Candidate, GateCode, Rules, Trunk, Verdict, judge
from campaigns.hours import US_FEDERAL
from campaigns.model import Attempt, CloseReason, DialMode, Facts, LeadState
from campaigns.rules.duties import Cooldown, Duties
from campaigns.settings import CampaignSettings
from campaigns.storage import Store
from campaigns.storage.values import Campaign
from tests.builders.stored import NOON, TALKED, after, campaign_with, claim, claimed, closed_as, retry

REFUSED = replace(TALKED, disposition="refused")
SIXTY_DAYS = Cooldown(after="refusal", rest=timedelta(days=60), scope="person+seller")


def of_seller(store: Store, name: str, seller: str) -> Campaign:
    """A campaign for a seller whose list is the same one number."""
    campaign = campaign_with(store, name=name)
    store.campaigns.save_settings(campaign.id, CampaignSettings(name=name, seller_name=seller), "anna", NOON)
    return store.campaigns.get(campaign.id)


def rules(
    store: Store, campaign: Campaign, rest: Cooldown = SIXTY_DAYS, mode: DialMode = DialMode.PROGRESSIVE
) -> Rules:
    profile = replace(US_FEDERAL, name="test", duties=Duties(cooldowns=(rest,)))
    # Research asks for no do-not-call registry: none is kept here.
    settings = replace(store.campaigns.settings(campaign.id), mode=mode, purpose="research")
    return Rules(settings=settings, trunk=Trunk(name="carrier", practice=False, loopback=False), profile=profile)


def judged(by: Rules, now: datetime) -> Callable[[Candidate], Verdict]:
    return lambda candidate: judge(candidate, by, now)


def ended(store: Store, attempt: Attempt, facts: Facts) -> None:
    store.attempts.close(attempt.id, facts, closed_as(attempt, CloseReason.REFUSED), None, NOON)


@pytest.mark.parametrize(("seller", "held"), [("Acme", True), ("Other", False)])
def test_a_refusal_in_another_campaign_of_the_same_seller_holds_until_its_rest_is_over(
    store: Store, seller: str, held: bool
) -> None:
    theirs, ours = of_seller(store, "theirs", "Acme"), of_seller(store, "ours", seller)
    ended(store, claimed(store, theirs), REFUSED)
    now = after(days=2, hours=-1)
    free = after(days=60, minutes=3)
    found = claim(store, ours, judge=judged(rules(store, ours), now), now=now)
    assert len(found.intents) == (0 if held else 1)
    if held:
        (kept,) = found.held
        assert (kept.code, kept.ask_again_at) == (GateCode.ATTEMPTS, free)
        assert "a call was refused at 2026-11-21 17:03 UTC, test rests 60 days after a refusal" in kept.reason
        early = free - timedelta(seconds=1)
        assert claim(store, ours, judge=judged(rules(store, ours), early), now=early).intents == ()
        assert len(claim(store, ours, judge=judged(rules(store, ours), free), now=free).intents) == 1


def test_a_refusal_that_comes_after_the_look_is_seen_when_the_attempt_is_written(store: Store) -> None:
    theirs, ours = of_seller(store, "theirs", "Acme"), of_seller(store, "ours", "Acme")
    attempt = claimed(store, theirs)
    by = rules(store, ours)
    store.attempts.save_facts(attempt.id, replace(REFUSED, disposition=""), live=False)
    (looked_at,) = store.queue.due(ours.id, NOON, 1)
    assert judge(looked_at, by, NOON).hold is not None, "the agent still writes it up"
    store.attempts.save_facts(attempt.id, REFUSED, live=False)
    assert claim(store, ours, judge=judged(by, after(hours=1)), now=after(hours=1)).intents == ()


def test_a_machine_lets_an_agent_call_who_waits_for_every_call(store: Store) -> None:
    theirs, ours = of_seller(store, "theirs", "Acme"), of_seller(store, "ours", "Acme")
    rest = Cooldown(after="machine", rest=timedelta(hours=24), scope="number", unless="guaranteed_agent")
    attempt = claimed(store, theirs)
    store.attempts.close(attempt.id, replace(TALKED, disposition="machine"), retry(attempt), None, NOON)
    (seen,) = store.queue.due(ours.id, after(hours=1), 1)
    assert not judge(seen, rules(store, ours, rest), after(hours=1)).dialable
    assert judge(seen, rules(store, ours, rest, DialMode.MANUAL), after(hours=1)).dialable


def test_a_promised_callback_waits_until_the_rest_is_over(store: Store) -> None:
    ours = of_seller(store, "ours", "Acme")
    rest = Cooldown(after="conversation", rest=timedelta(days=7), scope="person+debt", counted="calendar_days")
    attempt = claimed(store, ours)
    facts = replace(TALKED, disposition="callback")
    store.attempts.close(attempt.id, facts, retry(attempt, after(days=1), state=LeadState.CALLBACK), None, NOON)
    (seen,) = store.queue.due(ours.id, after(days=1), 1)
    verdict = judge(seen, rules(store, ours, rest), after(days=1))
    assert verdict.hold is not None
    assert verdict.hold.passes_at == after(days=7, hours=-12), "21 November is day 1 of 7: free from the 28th on"
    assert verdict.ask_again_at == after(days=7, hours=-4), "at eight in the morning"


def test_an_outcome_set_later_settles_what_nobody_knew(store: Store) -> None:
    theirs, ours = of_seller(store, "theirs", "Acme"), of_seller(store, "ours", "Acme")
    attempt = claimed(store, theirs)
    store.attempts.close(attempt.id, TALKED, retry(attempt), None, NOON)
    (seen,) = store.queue.due(ours.id, after(hours=1), 1)
    hold = judge(seen, rules(store, ours), after(hours=1)).hold
    assert hold is not None
    assert "a call with an outcome that nobody knows" in hold.reason
    store.attempts.dispose(attempt.id, replace(TALKED, disposition="no_decision"), retry(attempt), None, NOON)
    (seen,) = store.queue.due(ours.id, after(hours=1), 1)
    assert judge(seen, rules(store, ours), after(hours=1)).dialable
