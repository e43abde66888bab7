"""Does `why` tell every gate, which one holds, and what it knows of the number?"""

from __future__ import annotations

from datetime import timedelta

from campaigns.model import CampaignState
from tests.builders.stored import claimed, yes
from tests.dialer.office import Office, record


def test_every_gate_is_told_and_the_first_shut_one_is_the_reason(office: Office) -> None:
    office.trunk()
    office.leads()
    office.campaign(lists=("autumn",))
    data = office.do("why", {"number": "2125550101", "campaign": "Autumn"})
    assert not data["dialable"]
    assert [gate["code"] for gate in data["gates"] if not gate["passed"]] == ["CAMPAIGN_STATE"]
    office.store.campaigns.set_state(1, CampaignState.RUNNING)
    assert office.do("why", {"number": "2125550101", "campaign": "Autumn"})["dialable"]


def test_the_calls_made_to_a_number_are_shown_with_its_gates(office: Office) -> None:
    office.trunk()
    office.leads()
    office.campaign(lists=("autumn",))
    attempt = claimed(office.store, office.store.campaigns.get(1), now=office.now, report_date=office.now.date())
    (call,) = office.do("why", {"number": attempt.number, "campaign": "Autumn"})["calls"]
    assert (call["at"], call["campaign"], call["network"]) == ("2026-03-02T17:00:00+00:00", "Autumn", "live")
    assert office.do("why", {"number": "+12125550199", "campaign": "Autumn"})["calls"] == []


def test_a_lead_that_was_skipped_is_held_by_that_and_shows_who_skipped_it_and_why(office: Office) -> None:
    office.trunk()
    office.leads()
    office.campaign(lists=("autumn",))
    previews, now, limit = office.store.previews, office.now, timedelta(seconds=60)
    anna = office.store.agents.add(number="1001", name="Anna", pin_hash="", now=now)
    offer = previews.offer(1, yes, now, agent_id=anna.id, limit=limit, words="on Anna's desk", his=lambda _: True)
    assert offer.preview is not None
    asked = {"number": offer.preview.number, "campaign": "Autumn"}
    assert office.do("why", asked)["previews"][0]["end"] == "on the desk"
    words, until = "skipped by Anna: bad data", now + timedelta(hours=4)
    previews.skip(offer.preview.id, "bad data", now, until=until, words=words)
    data = office.do("why", asked)
    gate = next(gate for gate in data["gates"] if gate["code"] == "PREVIEW")
    assert (gate["passed"], gate["reason"], gate["passes_at"]) == (False, words, until.isoformat())
    (seen,) = data["previews"]
    assert (seen["campaign"], seen["agent"], seen["end"], seen["reason"]) == (
        "Autumn",
        "Anna",
        "skipped",
        "bad data",
    )
    assert office.do("campaign.show", {"name": "Autumn"})["skips"] == [{"reason": "bad data", "leads": 1}]


def test_a_listed_number_is_held_with_who_listed_it(office: Office) -> None:
    office.trunk()
    office.leads()
    office.campaign(lists=("autumn",))
    office.do("dnc.add", {"number": "+12125550101", "reason": "asked"})
    data = office.do("why", {"number": "+12125550101", "campaign": "Autumn"})
    assert "DO_NOT_CALL" in [gate["code"] for gate in data["gates"] if not gate["passed"]]


def test_calling_hours_are_judged_at_the_instant_asked_for(office: Office) -> None:
    record(office.home, "safe-harbour")
    office.heard("safe-harbour")
    office.trunk("carrier", host="192.0.2.1", practice=False, rule_profile="us-federal")
    office.leads("phone\n+12122000001\n")
    office.campaign(lists=("autumn",), trunk="carrier", rule_profile="us-federal", purpose="research")
    office.store.campaigns.set_state(1, CampaignState.RUNNING)
    asked = {"number": "+12122000001", "campaign": "Autumn"}
    night = office.do("why", {**asked, "at": "2026-03-03T03:00:00-05:00"})
    assert [gate["code"] for gate in night["gates"] if not gate["passed"]] == ["CALLING_HOURS"]
    assert night["ask_again_at"] == "2026-03-03T13:00:00+00:00"
    local = {"zone": "America/New_York", "local": "2026-03-03T03:00:00-05:00"}
    assert night["zones"] == [{**local, "from": ["the number's area code"]}]
    assert night["regions"] == [{"region": "US-NY", "from": ["the number's area code"]}]
    assert office.do("why", {**asked, "at": "2026-03-03T08:00:00-05:00"})["dialable"]


def test_each_zone_and_region_says_where_it_came_from(office: Office) -> None:
    office.trunk()
    office.leads("phone,country,state,zip\n+12127360100,US,Massachusetts,2134\n+12127360101,,,96815\n")
    office.campaign(lists=("autumn",))
    asked = {"campaign": "Autumn", "at": "2026-03-03T12:00:00-05:00"}
    near = office.do("why", {**asked, "number": "+12127360100"})
    assert [zone["zone"] for zone in near["zones"]] == ["America/New_York"]
    assert near["regions"] == [
        {"region": "US-NY", "from": ["the number's area code"]},
        {"region": "US-MA", "from": ["the postal code"]},
    ]
    assert near["place_notes"] == ["the postal code '2134': read as 02134: the leading zero was lost"]
    moved = office.do("why", {**asked, "number": "+12127360101"})
    assert moved["zones"][1] == {
        "zone": "Pacific/Honolulu",
        "local": "2026-03-03T07:00:00-10:00",
        "from": ["the postal code"],
    }


def test_a_number_on_no_list_and_a_campaign_without_a_trunk_are_told_too(office: Office) -> None:
    office.campaign(trunk="")
    data = office.do("why", {"number": "+12125550199", "campaign": "Autumn"})
    assert not data["dialable"]
    assert [gate["code"] for gate in data["gates"]] == ["RULES", "LIST"]
