"""Are a campaign's settings kept by version, and its name, agents and learning remembered?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from campaigns.model import CampaignState, DialMode, Disposition, LeadState, Scope
from campaigns.settings import CampaignSettings, settings_as_dict
from campaigns.storage import Store, StoreRefused
from campaigns.storage.tables.campaigns import SETTINGS
from tests.builders.stored import NOON, after, campaign_with, claimed, entry, number


def settings(**changes: object) -> CampaignSettings:
    return CampaignSettings(name="spring sale", **changes)  # type: ignore[arg-type]


def test_a_new_campaign_is_a_draft_with_its_settings_as_version_one(store: Store) -> None:
    campaign = store.campaigns.create(settings(), "anna", NOON)
    assert (campaign.state, campaign.settings_version, campaign.created_by) == (CampaignState.DRAFT, 1, "anna")
    assert store.campaigns.settings(campaign.id) == settings()
    assert store.campaigns.by_name("spring sale") == campaign


def test_saving_makes_a_version_and_leaves_the_old_one_as_it_was(store: Store) -> None:
    campaign = store.campaigns.create(settings(), "anna", NOON)
    changed = settings(mode=DialMode.PROGRESSIVE, ratio=2.5, max_tries=3)
    assert store.campaigns.save_settings(campaign.id, changed, "boris", after(hours=1)) == 2
    assert store.campaigns.settings(campaign.id) == changed
    assert store.campaigns.settings(campaign.id, 1) == settings()
    assert [(v.version, v.actor, v.saved_at) for v in store.campaigns.settings_history(campaign.id)] == [
        (1, "anna", NOON),
        (2, "boris", after(hours=1)),
    ]


def test_equal_settings_make_no_new_version(store: Store) -> None:
    campaign = store.campaigns.create(settings(), "anna", NOON)
    assert store.campaigns.save_settings(campaign.id, settings(), "boris", NOON) == 1


def test_a_mode_stored_as_ratio_by_an_earlier_version_is_power(store: Store) -> None:
    stored = settings(mode=DialMode.POWER, seller_name="A", callback_number="+12025550100", caller_id="+12025550100")
    campaign = store.campaigns.create(stored, "anna", NOON)
    with store.transaction():  # no version is ever edited; the test plays the earlier program that wrote this one
        store._db.execute(update(SETTINGS).values({"values": settings_as_dict(stored) | {"mode": "ratio"}}))
    assert store.campaigns.settings(campaign.id) == stored


def test_renaming_keeps_the_old_name_in_the_history(store: Store) -> None:
    campaign = store.campaigns.create(settings(), "anna", NOON)
    store.campaigns.save_settings(campaign.id, replace(settings(), name="summer sale"), "anna", NOON)
    assert store.campaigns.by_name("spring sale") is None
    assert store.campaigns.get(campaign.id).name == "summer sale"
    assert [v.name for v in store.campaigns.settings_history(campaign.id)] == ["spring sale", "summer sale"]


def test_a_renamed_campaign_does_not_call_whom_it_must_not(store: Store) -> None:
    campaign = store.campaigns.create(settings(), "anna", NOON)
    for value in ("spring sale", "another"):
        store.suppressions.add(entry(number(0), scope=Scope.CAMPAIGN, value=value))
    store.campaigns.save_settings(campaign.id, replace(settings(), name="summer sale"), "boris", after(hours=1))
    reaching = [e for e in store.suppressions.matching(number(0)) if e.reaches(seller="", campaign="summer sale")]
    assert [(e.reason, e.actor, e.source) for e in reaching] == [
        ("asked us not to call", "boris", "campaign renamed from spring sale")
    ]


def test_a_name_is_not_given_twice(store: Store) -> None:
    store.campaigns.create(settings(), "anna", NOON)
    other = store.campaigns.create(replace(settings(), name="other"), "anna", NOON)
    with pytest.raises(StoreRefused, match="already"):
        store.campaigns.create(settings(), "anna", NOON)
    with pytest.raises(StoreRefused, match="already"):
        store.campaigns.save_settings(other.id, settings(), "anna", NOON)
    assert [campaign.name for campaign in store.campaigns.all()] == ["other", "spring sale"]


def test_dispositions_get_a_new_set_only_when_they_change(store: Store) -> None:
    campaign = store.campaigns.create(settings(), "anna", NOON)
    store.campaigns.save_settings(campaign.id, settings(ratio=2.0), "anna", NOON)
    assert store.campaigns.get(campaign.id).disposition_set == 1
    mine = (Disposition(code="done", label="Done", final=True),)
    store.campaigns.save_settings(campaign.id, settings(dispositions=mine), "anna", NOON)
    assert store.campaigns.get(campaign.id).disposition_set == 2
    assert store.campaigns.dispositions(campaign.id, 2) == mine
    assert store.campaigns.dispositions(campaign.id, 1) == settings().dispositions


def test_the_state_is_kept(store: Store) -> None:
    campaign = store.campaigns.create(settings(), "anna", NOON)
    store.campaigns.set_state(campaign.id, CampaignState.RUNNING)
    assert store.campaigns.get(campaign.id).state is CampaignState.RUNNING


def test_what_does_not_exist_is_refused_in_words(store: Store) -> None:
    campaign = store.campaigns.create(settings(), "anna", NOON)
    with pytest.raises(StoreRefused, match="no campaign 99"):
        store.campaigns.get(99)
    with pytest.raises(StoreRefused, match="no campaign 99"):
        store.campaigns.set_state(99, CampaignState.RUNNING)
    with pytest.raises(StoreRefused, match="version 7"):
        store.campaigns.settings(campaign.id, 7)
    with pytest.raises(StoreRefused, match="no list 99"):
        store.campaigns.attach_list(campaign.id, 99, "anna", NOON)
    with pytest.raises(StoreRefused, match="no agent 99"):
        store.campaigns.attach_agent(campaign.id, 99, "anna", NOON)


def test_agents_serve_the_campaigns_they_are_assigned_to(store: Store) -> None:
    spring = store.campaigns.create(settings(), "anna", NOON)
    other = store.campaigns.create(replace(settings(), name="other"), "anna", NOON)
    agent = store.agents.add("Olena", "2001", NOON)
    store.campaigns.set_agent_campaigns(agent.id, [spring.id, other.id], "anna", NOON)
    assert store.campaigns.of_agent(agent.id) == (spring.id, other.id)
    store.campaigns.set_agent_campaigns(agent.id, [other.id], "anna", NOON)
    assert store.campaigns.agents(spring.id) == ()
    assert store.campaigns.agents(other.id) == (agent,)


def test_what_pacing_learned_is_kept(store: Store) -> None:
    campaign = store.campaigns.create(settings(), "anna", NOON)
    assert store.campaigns.learned(campaign.id) is None
    store.campaigns.save_learned(campaign.id, {"answer_rate": 0.25}, NOON)
    later = NOON + timedelta(minutes=1)
    store.campaigns.save_learned(campaign.id, {"answer_rate": 0.5}, later)
    assert store.campaigns.learned(campaign.id) == ({"answer_rate": 0.5}, later)


def test_a_clone_has_settings_and_agents_of_its_origin_and_no_leads(store: Store) -> None:
    spring = campaign_with(store, 2)
    agent = store.agents.add("Olena", "2001", NOON)
    store.campaigns.attach_agent(spring.id, agent.id, "anna", NOON)
    clone = store.campaigns.clone(spring.id, "autumn sale", "boris", after(hours=1))
    assert (clone.name, clone.state, clone.created_by) == ("autumn sale", CampaignState.DRAFT, "boris")
    assert store.campaigns.settings(clone.id) == replace(store.campaigns.settings(spring.id), name="autumn sale")
    assert store.campaigns.agents(clone.id) == (agent,)
    assert store.campaigns.lists(clone.id) == ()


def test_a_clone_with_the_lists_begins_their_leads_anew(store: Store) -> None:
    spring = campaign_with(store, 2)
    claimed(store, spring)
    clone = store.campaigns.clone(spring.id, "autumn sale", "anna", NOON, lists=True)
    assert store.campaigns.lists(clone.id) == store.campaigns.lists(spring.id)
    assert [(count.state, count.leads) for count in store.queue.counts(clone.id)] == [(LeadState.NEW, 2)]


def test_every_clone_shares_the_window_of_the_first_origin(store: Store) -> None:
    spring = store.campaigns.create(settings(), "anna", NOON)
    other = store.campaigns.create(replace(settings(), name="other"), "anna", NOON)
    clone = store.campaigns.clone(spring.id, "autumn sale", "anna", NOON)
    again = store.campaigns.clone(clone.id, "winter sale", "anna", NOON)
    assert {each.window_id for each in (spring, clone, again)} == {spring.id}
    assert store.campaigns.sharing_window(clone.id) == (clone, spring, again)
    assert store.campaigns.sharing_window(other.id) == (other,)


def test_a_renamed_campaign_keeps_its_window(store: Store) -> None:
    spring = store.campaigns.create(settings(), "anna", NOON)
    clone = store.campaigns.clone(spring.id, "autumn sale", "anna", NOON)
    store.campaigns.save_settings(clone.id, replace(settings(), name="winter sale"), "anna", NOON)
    store.campaigns.save_settings(spring.id, replace(settings(), name="summer sale"), "anna", NOON)
    assert [each.window_id for each in store.campaigns.all()] == [spring.id, spring.id]


def test_a_clone_does_not_call_whom_its_origin_must_not(store: Store) -> None:
    spring = store.campaigns.create(settings(), "anna", NOON)
    store.suppressions.add(entry(number(0), scope=Scope.CAMPAIGN, value="spring sale"))
    store.campaigns.clone(spring.id, "autumn sale", "anna", NOON)
    reaching = [e for e in store.suppressions.matching(number(0)) if e.reaches(seller="", campaign="autumn sale")]
    assert [e.source for e in reaching] == ["campaign cloned from spring sale"]


def test_a_clone_whose_name_is_taken_leaves_nothing(store: Store) -> None:
    spring = store.campaigns.create(settings(), "anna", NOON)
    with pytest.raises(StoreRefused, match="already"):
        store.campaigns.clone(spring.id, "spring sale", "anna", NOON)
    assert store.campaigns.all() == (spring,)
