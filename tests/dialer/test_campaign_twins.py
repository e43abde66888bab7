"""Does a rename or a clone keep what a campaign has, say what it does, and leave the abandonment limit as it is?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.model import AnsweredBy, Facts, Network, Routing, Scope
from campaigns.storage.values import Campaign
from tests.builders.stored import claim, claimed, entry, retry
from tests.dialer.office import Office, RecordingEngine

LOST = Facts(network=Network.ANSWERED, answered_by=AnsweredBy.UNKNOWN, routing=Routing.ABANDONED_NO_AGENT)


@pytest.fixture
def autumn(office: Office) -> Campaign:
    """A campaign with two leads and two agents."""
    office.trunk()
    office.leads()
    office.campaign(lists=("autumn",), abandon_cap=0.02)
    for number, name in (("2001", "Olena"), ("2002", "Petro")):
        office.do("agent.add", {"number": number, "name": name})
        office.do("agent.assign", {"agent": name, "campaigns": ["Autumn"]})
    return named(office, "Autumn")


def named(office: Office, name: str) -> Campaign:
    found = office.store.campaigns.by_name(name)
    assert found is not None
    return found


def lose_one(office: Office, campaign: Campaign) -> None:
    """One call of today meets nobody."""
    attempt = claimed(office.store, campaign, now=office.now, report_date=office.now.date())
    later = retry(attempt, office.now + timedelta(days=3))
    office.store.attempts.close(attempt.id, LOST, later, None, office.now)


def clone(office: Office, new_name: str = "Winter", **args: object) -> str:
    answer = office.ask("campaign.clone", {"name": "Autumn", "new_name": new_name} | args)
    assert answer.done, answer.message
    return answer.message


def test_a_renamed_campaign_is_the_same_under_another_name(office: Office, autumn: Campaign) -> None:
    lose_one(office, autumn)
    answer = office.ask("campaign.rename", {"name": "Autumn", "new_name": "Fall"})
    assert answer.message.startswith("Campaign Autumn is called Fall now.")
    fall = named(office, "Fall")
    assert (fall.id, fall.window_id, fall.settings_version) == (autumn.id, autumn.window_id, 2)
    shown = office.do("campaign.show", {"name": "Fall"})
    assert (shown["agents"], shown["leads"]["total"]) == (["Olena", "Petro"], 2)
    assert (shown["abandon_today"]["numerator"], shown["budget"]["more"]) == (1, 1)


def test_a_name_that_is_taken_or_no_name_is_refused_and_nothing_changes(office: Office, autumn: Campaign) -> None:
    office.campaign("Spring")
    for wrong, words in (("Spring", "already"), ("a/b", "name = 'a/b'"), ("x" * 65, "the limit is 64")):
        for command in ("campaign.rename", "campaign.clone"):
            answer = office.ask(command, {"name": "Autumn", "new_name": wrong})
            assert not answer.done
            assert words in answer.message
    assert [each.name for each in office.store.campaigns.all()] == ["Autumn", "Spring"]


def test_the_same_name_again_changes_nothing(office: Office, autumn: Campaign) -> None:
    assert "so already" in office.ask("campaign.rename", {"name": "Autumn", "new_name": "Autumn"}).message
    assert named(office, "Autumn") == autumn
    assert "a name of its own" in office.ask("campaign.clone", {"name": "Autumn", "new_name": "Autumn"}).message


def test_settings_do_not_rename_and_say_which_command_does(office: Office, autumn: Campaign) -> None:
    answer = office.ask("campaign.set", {"name": "Autumn", "changes": {"name": "Fall"}})
    assert "dialer campaign rename" in answer.message
    assert named(office, "Autumn") == autumn


def test_a_clone_says_what_it_has_and_that_it_has_no_leads(office: Office, autumn: Campaign) -> None:
    message = clone(office)
    assert "its settings, 2 agents, no leads; give it some" in message
    assert "counted together with Autumn" in message
    assert "Nothing is dialled before it is started." in message
    shown = office.do("campaign.show", {"name": "Winter"})
    assert (shown["state"], shown["agents"], shown["leads"]["total"]) == ("DRAFT", ["Olena", "Petro"], 0)
    origin = office.do("campaign.show", {"name": "Autumn"})
    assert shown["settings"] == origin["settings"] | {"name": "Winter"}


def test_a_clone_with_leads_says_that_they_begin_anew(office: Office, autumn: Campaign) -> None:
    assert "2 leads of 1 list, all begun anew, those called before too" in clone(office, leads=True)
    assert office.do("campaign.show", {"name": "Winter"})["leads"]["NEW"] == 2


def test_a_clone_begins_with_what_its_origin_has_lost_and_adds_to_it(office: Office, autumn: Campaign) -> None:
    lose_one(office, autumn)
    clone(office, leads=True)
    lose_one(office, named(office, "Winter"))
    for name, other in (("Autumn", "Winter"), ("Winter", "Autumn")):
        shown = office.do("campaign.show", {"name": name})
        assert shown["abandon_today"]["numerator"] == shown["abandon_30d"]["numerator"] == 2
        assert (shown["budget"]["more"], shown["budget"]["stage"]) == (0, "spent")
        assert (shown["budget"]["cap"], shown["budget"]["shared_with"]) == (0.02, [other])


def test_the_report_counts_the_window_and_opens_its_calls(office: Office, autumn: Campaign) -> None:
    lose_one(office, autumn)
    clone(office)
    day = office.now.date().isoformat()
    asked = {"campaign": "Winter", "from": day, "to": day}
    report = office.do("report.get", asked | {"kind": "campaign"})
    figures = {figure["name"]: figure["numerator"] for figure in report["figures"]}
    assert (figures["abandonment"], figures["abandonment_today"], figures["abandon_budget_today"]) == (0, 1, 1)
    assert any("counted together with Autumn" in note for note in report["notes"])
    opened = office.do("report.get", asked | {"kind": "calls", "figure": "abandonment_30_days"})
    assert len(opened["rows"]) == 1


def test_a_call_that_may_still_run_is_of_unknown_fate_while_no_service_runs(office: Office, autumn: Campaign) -> None:
    (attempt,) = claim(office.store, autumn, now=office.now, report_date=office.now.date()).intents
    shown = office.do("campaign.show", {"name": "Autumn"})
    assert (shown["budget"]["unknown_30d"], shown["budget"]["more"]) == (1, 1)
    assert shown["abandon_today"]["value"] is None
    office.store.attempts.close(attempt.id, Facts(network=Network.BUSY), retry(attempt), None, office.now)
    assert office.do("campaign.show", {"name": "Autumn"})["budget"]["more"] == 2


def test_neither_a_rename_nor_a_clone_releases_anybody_from_do_not_call(office: Office, autumn: Campaign) -> None:
    office.store.suppressions.add(entry("+12125550101", scope=Scope.CAMPAIGN, value="Autumn"))
    clone(office)
    office.do("campaign.rename", {"name": "Autumn", "new_name": "Fall"})
    names = {e.value for e in office.store.suppressions.matching("+12125550101")}
    assert names == {"Autumn", "Winter", "Fall"}


def test_the_engine_is_told_of_the_new_name_and_of_the_clones_agents(office: Office, autumn: Campaign) -> None:
    engine = RecordingEngine()
    office.context.engine = engine  # type: ignore[assignment]
    office.do("campaign.rename", {"name": "Autumn", "new_name": "Fall"})
    office.do("campaign.clone", {"name": "Fall", "new_name": "Winter"})
    assert engine.told == [
        ("settings_changed", "Fall"),
        ("agents_changed",),
        ("settings_changed", "Winter"),
        ("agents_changed",),
    ]
