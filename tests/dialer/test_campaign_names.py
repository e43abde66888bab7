"""Is a campaign set to what is there, and does no change of a name release anybody?"""

from __future__ import annotations

import pytest

from campaigns.model import CampaignState
from tests.dialer.office import SCRIPT, Office, record


@pytest.fixture
def real(office: Office) -> Office:
    """A running campaign on a trunk to real people."""
    record(office.home, "autumn")
    office.heard("autumn")
    office.trunk("carrier", host="192.0.2.1", practice=False)
    office.trunk()
    office.do("script.import", {"text": SCRIPT})
    office.leads("phone\n+12122000001\n")
    office.campaign(lists=("autumn",), trunk="carrier", rule_profile="us-federal", message="autumn", script="offer")
    campaign = office.store.campaigns.by_name("Autumn")
    assert campaign is not None
    office.store.campaigns.set_state(campaign.id, CampaignState.RUNNING)
    return office


def version(office: Office) -> int:
    found = office.store.campaigns.by_name("Autumn")
    assert found is not None
    return found.settings_version


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trunk": "carier"}, "did you mean carrier?"),
        ({"rule_profile": "us-fedral"}, "did you mean us-federal?"),
        ({"script": "ofer"}, "did you mean offer?"),
        ({"message": "never-recorded"}, "never-recorded.wav"),
    ],
)
@pytest.mark.parametrize("state", [CampaignState.RUNNING, CampaignState.PAUSED])
def test_a_change_to_what_is_not_there_is_refused_with_the_nearest(
    real: Office, change: dict[str, str], words: str, state: CampaignState
) -> None:
    real.store.campaigns.set_state(1, state)
    answer = real.ask("campaign.set", {"name": "Autumn", "changes": change})
    assert not answer.done
    assert words in answer.message
    assert version(real) == 1


@pytest.mark.parametrize("change", [{"trunk": ""}, {"rule_profile": "practice"}])
def test_a_running_campaign_is_not_halted_by_a_change(real: Office, change: dict[str, str]) -> None:
    answer = real.ask("campaign.set", {"name": "Autumn", "changes": change})
    assert "would dial no more" in answer.message
    assert "Pause it first" in answer.message
    assert version(real) == 1
    real.store.campaigns.set_state(1, CampaignState.PAUSED)
    assert real.ask("campaign.set", {"name": "Autumn", "changes": change}).done


def test_other_changes_of_a_running_campaign_are_made(real: Office) -> None:
    assert real.ask("campaign.set", {"name": "Autumn", "changes": {"ring_timeout_s": 30}}).done
    (real.home.root / "sounds" / "autumn.wav").unlink()
    changed = real.ask("campaign.set", {"name": "Autumn", "changes": {"ring_timeout_s": 40}})
    assert changed.done, "it was halted before; that is no fault of this change"


def test_a_new_campaign_says_what_it_still_needs(office: Office) -> None:
    office.trunk("carrier", host="192.0.2.1", practice=False)
    settings = {"name": "Autumn", "trunk": "carrier", "script": "ofer", "message": "autumn"}
    message = office.ask("campaign.create", {"settings": settings}).message
    assert "script 'ofer' is not known; known: none yet (dialer script import)" in message
    assert "sounds/autumn.wav" in message
    refused = office.ask("campaign.create", {"settings": {"name": "Winter", "rule_profile": "strikt"}})
    assert not refused.done
    assert "did you mean strict?" in refused.message


def test_a_sellers_do_not_call_entries_follow_his_new_name(real: Office) -> None:
    real.store.campaigns.set_state(1, CampaignState.PAUSED)  # its message names the former one
    real.do("dnc.add", {"number": "+12122000001", "scope": "seller", "value": "Practice Ltd", "reason": "asked"})
    real.do("campaign.set", {"name": "Autumn", "changes": {"seller_name": "Renamed Ltd"}})
    gates = real.do("why", {"number": "+12122000001", "campaign": "Autumn"})["gates"]
    (shut,) = (gate["reason"] for gate in gates if gate["code"] == "DO_NOT_CALL" and not gate["passed"])
    assert "seller Renamed Ltd" in shut
    entries = real.store.suppressions.matching("+12122000001")
    assert [entry.value for entry in entries] == ["Practice Ltd", "Renamed Ltd"], "others may use the former name"
    assert entries[1].source == "seller renamed from Practice Ltd"


def test_a_sellers_entries_follow_him_however_they_are_written(real: Office) -> None:
    real.store.campaigns.set_state(1, CampaignState.PAUSED)  # its message names the former one
    real.do("dnc.add", {"number": "+12122000001", "scope": "seller", "value": "PRACTICE  ltd", "reason": "asked"})
    real.do("campaign.set", {"name": "Autumn", "changes": {"seller_name": "Renamed Ltd"}})
    assert [e.value for e in real.store.suppressions.matching("+12122000001")] == ["PRACTICE  ltd", "Renamed Ltd"]


def test_a_seller_with_do_not_call_entries_keeps_a_name(real: Office) -> None:
    real.store.campaigns.set_state(1, CampaignState.PAUSED)  # its message names the former one
    real.do("dnc.add", {"number": "+12122000001", "scope": "seller", "value": "Practice Ltd", "reason": "asked"})
    answer = real.ask("campaign.set", {"name": "Autumn", "changes": {"seller_name": ""}})
    assert not answer.done
    assert "1 do-not-call number" in answer.message
    assert version(real) == 1
