"""Can a trunk's rule profile be changed, by whom is it logged, and never under a call that runs?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.model import CampaignState
from campaigns.rules import PROFILES
from campaigns.rules.duties import Duties
from campaigns.storage.errors import StoreRefused
from tests.dialer.conftest import Furnish
from tests.dialer.floor import TRUNK
from tests.dialer.office import Office

CARRIER = {"name": "carrier", "host": "192.0.2.1", "caller_id": "+13035550100"}


def rules_of(office: Office, name: str = "carrier") -> str:
    return next(str(each["rule_profile"]) for each in office.do("trunk.list")["trunks"] if each["name"] == name)


def test_a_trunk_for_which_no_rules_are_named_is_judged_by_the_strictest_and_can_be_changed(office: Office) -> None:
    assert "Its calls are judged by strict" in office.ask("trunk.add", CARRIER).message
    assert rules_of(office) == "strict"
    answer = office.ask("trunk.profile", {"name": "carrier", "rule_profile": "us-federal"}, reason="counsel agreed")
    assert answer.message == "Calls on trunk carrier are judged by us-federal from now on, not by strict."
    assert rules_of(office) == "us-federal"


def test_a_change_that_cannot_be_is_refused_with_the_reason_and_changes_nothing(office: Office) -> None:
    office.ask("trunk.add", CARRIER)
    for args, words in (
        ({"name": "carier", "rule_profile": "uk"}, "did you mean carrier?"),
        ({"name": "carrier", "rule_profile": "us-fedral"}, "did you mean us-federal?"),
        ({"name": "carrier", "rule_profile": "practice"}, "for practice trunks only"),
        ({"name": "carrier", "rule_profile": "strict"}, "is judged by strict already"),
    ):
        refused = office.ask("trunk.profile", args)
        assert not refused.done
        assert words in refused.message
        assert refused.message.endswith("Nothing was changed.")
    assert rules_of(office) == "strict"


def test_while_a_call_of_the_trunk_runs_its_rules_stay(centre: Furnish) -> None:
    office = centre(leads=1)
    office.open()
    office.until(lambda: office.placed() == 1)
    with pytest.raises(StoreRefused, match=r"1 call on trunk .* judged by its present rules and run"):
        office.store.trunks.set_profile(TRUNK, "strict")
    assert office.store.trunks.all()[0].rule_profile == "practice"
    office.until(lambda: office.state_of() == "WRAP_UP", 600.0)
    office.engine._live.flush()
    office.store.trunks.set_profile(TRUNK, "strict")
    assert office.store.trunks.all()[0].rule_profile == "strict"


def test_a_campaign_that_dials_no_more_by_the_new_rules_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.trunk()
    office.campaign(trunk="practice", rule_profile="practice")
    campaign = office.store.campaigns.by_name("Autumn")
    assert campaign is not None
    office.store.campaigns.set_state(campaign.id, CampaignState.RUNNING)
    longer = replace(PROFILES["strict"], duties=Duties(ring_at_least_s=60))
    monkeypatch.setattr("dialer.rules.PROFILES", {**PROFILES, "strict": longer})
    told = office.ask("trunk.profile", {"name": "practice", "rule_profile": "strict"})
    assert told.done, told.message
    assert "Campaign Autumn dials no more: missing settings that rule profile" in told.message
    assert "ring_timeout_s = 22 (at least 60)" in told.message
