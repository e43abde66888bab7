"""Does each command do what its sentence says, and say what is missing?"""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from campaigns.model import CampaignState
from campaigns.settings import settings_from
from dialer.agent_flow import pin_matches
from dialer.control import AnswerStatus
from dialer.home import write_secret
from dialer.settings import Settings
from dialer.settings_file import load
from tests.dialer.office import LEADS, SCRIPT, Office, RecordingEngine


class TestLeads:
    def test_an_import_stores_the_good_rows_and_writes_the_bad_ones_to_a_file(self, office: Office) -> None:
        data = office.leads()
        assert (data["added"], data["report"]["status"]) == (2, "PARTIAL")
        rejected = Path(data["rejected_file"])
        assert rejected.name == "leads.csv.rejected.csv"
        assert "E-PHONE" in rejected.read_text()

    def test_rejected_rows_that_cannot_be_written_are_told(self, office: Office) -> None:
        path = office.file("leads.csv", LEADS)
        (office.folder / "leads.csv.rejected.csv").mkdir()
        answer = office.ask("leads.import", {"path": path, "list": "autumn", "accept_faults": True})
        assert answer.done, answer.message
        assert answer.data["rejected_file"] is None
        assert "The rejected rows could not be written beside the file" in answer.message

    def test_people_behind_one_switchboard_are_judged_by_their_extensions(self, office: Office) -> None:
        office.trunk()
        file = "phone,name\n212 555 0101 ext. 45,Ada\n212 555 0101 ext. 46,Ben\n"
        office.do("leads.import", {"path": office.file("behind.csv", file), "list": "autumn"})
        office.campaign(lists=("autumn",))
        asked = {"campaign": "Autumn"}
        one = office.ask("why", asked | {"number": "212 555 0101 ext. 46"})
        assert "Judged: Ben, +12125550101 ext. 46." in one.message
        both = office.ask("why", asked | {"number": "212 555 0101"})
        assert "ext. 45; 1 more lead of this campaign has that number." in both.message
        nobody = office.do("why", asked | {"number": "212 555 0101 ext. 99"})
        assert (nobody["dialable"], nobody["gates"][0]["code"]) == (False, "LIST")

    def test_the_same_file_again_adds_nothing_and_says_so(self, office: Office) -> None:
        office.leads()
        again = office.ask("leads.import", {"path": office.file("leads.csv", LEADS), "list": "autumn"})
        assert again.done
        assert again.data["batch"] is None
        assert "already (batch 1)" in again.message

    def test_a_file_without_a_good_row_is_refused_with_its_report(self, office: Office) -> None:
        answer = office.ask("leads.import", {"path": office.file("bad.csv", "phone\n911\n"), "list": "autumn"})
        assert answer.status is AnswerStatus.REFUSED
        assert answer.data["report"]["status"] == "REJECT"
        assert office.store.leads.lists() == ()

    def test_a_check_stores_nothing(self, office: Office) -> None:
        data = office.do("leads.check", {"path": office.file("leads.csv", LEADS)})
        assert data["report"]["accepted"] == 2
        assert office.store.leads.lists() == ()

    def test_a_batch_is_undone_and_its_leads_are_gone(self, office: Office) -> None:
        batch = office.leads()["batch"]
        assert office.do("leads.undo", {"batch": batch})["leads"] == 2
        assert office.do("leads.find", {"text": "2125550101"})["leads"] == []

    def test_a_lead_is_found_with_his_lists_and_where_he_stands(self, office: Office) -> None:
        office.trunk()
        office.leads()
        office.campaign(lists=("autumn",))
        (lead,) = office.do("leads.find", {"text": "Busy"})["leads"]
        assert lead["numbers"] == ["+12125550102"]
        assert (lead["lists"], lead["states"]) == (["autumn"], {"Autumn": "NEW"})

    def test_a_list_is_shown_with_its_batches(self, office: Office) -> None:
        office.leads()
        data = office.do("lists.show", {"list": "autumn"})
        assert (data["lists"][0]["leads"], data["batches"][0]["added"]) == (2, 2)
        assert len(office.do("leads.show", {"list": "autumn"})["leads"]) == 2
        assert len(office.do("leads.show", {"batch": 1})["leads"]) == 2

    def test_a_long_list_is_shown_a_page_at_a_time_to_its_end(self, office: Office) -> None:
        office.leads("phone\n" + "".join(f"+1212555{n:04d}\n" for n in range(101, 106)))
        seen: list[str] = []
        after: int | None = 0
        while after is not None:
            answer = office.ask("leads.show", {"list": "autumn", "after": after, "limit": 2})
            seen += [lead["numbers"][0][-3:] for lead in answer.data["leads"]]
            after = answer.data["next_after"]
            assert (f"--after {after}." in answer.message) is (after is not None)
        assert seen == ["101", "102", "103", "104", "105"]
        for wrong in ({"limit": 0}, {"limit": 5001}, {"after": -1}):
            assert office.ask("leads.show", {"list": "autumn", **wrong}).status is AnswerStatus.REFUSED

    def test_one_is_told_as_one(self, office: Office) -> None:
        one = office.ask("leads.import", {"path": office.file("one.csv", "phone\n+12125550101\n"), "list": "autumn"})
        assert one.message.startswith("1 lead was stored on list autumn")
        shown = office.ask("leads.show", {"list": "autumn"}).message
        assert shown == "List autumn; the list holds 1 lead, 1 is shown."
        assert office.ask("leads.find", {"text": "2125550101"}).message == "1 lead was found."
        office.campaign()
        assert office.ask("campaign.list").message == "1 campaign."
        attached = office.ask("campaign.attach_list", {"name": "Autumn", "list": "autumn"}).message
        assert attached.endswith("1 new lead.")
        assert office.ask("leads.undo", {"batch": 1}).message == "Batch 1 was undone: 1 lead was taken out."

    def test_columns_can_be_named(self, office: Office) -> None:
        path = office.file("odd.csv", "Anruf,Wer\n+12125550101,Ada\n")
        args = {"path": path, "list": "odd", "map": {"phone": "Anruf", "first_name": "Wer"}}
        assert office.do("leads.import", args)["added"] == 1
        wrong = office.ask("leads.check", {"path": path, "map": {"fone": "Anruf"}})
        assert wrong.status is AnswerStatus.REFUSED
        assert "fone" in wrong.message

    def test_a_huge_import_waits_while_a_campaign_calls(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("dialer.use_cases.leads.MOST_WHILE_CALLING", 1)
        office = Office(tmp_path, engine=RecordingEngine())
        office.trunk()
        office.campaign()
        office.store.campaigns.set_state(1, CampaignState.RUNNING)
        args = {"path": office.file("leads.csv", LEADS), "list": "autumn"}
        answer = office.ask("leads.import", args)
        assert answer.status is AnswerStatus.REFUSED
        assert "Autumn" in answer.message
        office.store.campaigns.set_state(1, CampaignState.PAUSED)
        assert office.ask("leads.import", args).done
        office.close()


class TestDoNotCall:
    def test_any_spelling_of_a_number_lists_it_and_is_found_again(self, office: Office) -> None:
        office.do("dnc.add", {"number": "(212) 555-0101", "reason": "asked by letter"})
        office.do("dnc.add", {"number": "+12125550177", "scope": "seller", "value": "Acme", "reason": "asked"})
        told = office.ask("dnc.check", {"number": "+12125550177"})
        assert (told.data["listed"], told.data["barred"], told.data["barred_for"]) == (True, False, ["seller Acme"])
        assert "It is not called for seller Acme." in told.message
        data = office.do("dnc.check", {"number": "+1 212 555 0101"})
        assert data["listed"]
        entry = data["entries"][0]
        assert (entry["number"], entry["actor"], entry["reason"]) == ("+12125550101", "anna", "asked by letter")

    def test_listing_twice_keeps_the_first_entry(self, office: Office) -> None:
        office.do("dnc.add", {"number": "+12125550101", "reason": "first"})
        again = office.ask("dnc.add", {"number": "+12125550101", "reason": "second"})
        assert again.data["entry"]["reason"] == "first"
        assert office.do("dnc.list", {})["total"] == 1

    def test_a_narrow_scope_needs_its_name_and_a_wide_one_takes_none(self, office: Office) -> None:
        for scope, value in (("seller", ""), ("campaign", ""), ("everything", "Autumn"), ("planet", "x")):
            args = {"number": "+12125550101", "reason": "asked", "scope": scope, "value": value}
            answer = office.ask("dnc.add", args)
            assert (answer.status, "scope" in answer.message.lower()) == (AnswerStatus.REFUSED, True)
        unknown = office.ask(
            "dnc.add", {"number": "+12125550101", "reason": "asked", "scope": "campaign", "value": "Nobody's"}
        )
        assert not unknown.done
        assert office.do("dnc.list", {})["total"] == 0

    def test_an_entry_for_a_seller_that_no_campaign_has_says_that_it_bars_nobody_yet(self, office: Office) -> None:
        office.trunk()
        office.campaign(seller_name="Acme Ltd")
        args = {"number": "+12125550101", "reason": "asked", "scope": "seller"}
        told = office.ask("dnc.add", {**args, "value": "Akme Ltd"}).message
        assert told.endswith(" But no campaign has this seller, so it bars nobody yet; there are: Acme Ltd.")
        assert "bars nobody" not in office.ask("dnc.add", {**args, "value": "ACME ltd"}).message
        everything = {"number": "+12125550102", "reason": "asked"}
        assert "bars nobody" not in office.ask("dnc.add", everything).message

    def test_a_file_with_a_faulty_row_is_not_active_until_accepted(self, office: Office) -> None:
        path = office.file("dnc.txt", "+12125550101\nnot-a-number\n")
        refused = office.ask("dnc.import", {"path": path, "reason": "list"})
        assert refused.status is AnswerStatus.REFUSED
        assert refused.data["report"]["status"] == "PARTIAL"
        assert office.do("dnc.list", {})["total"] == 0
        taken = office.do("dnc.import", {"path": path, "reason": "list", "accept_faults": True})
        assert (taken["added"], office.do("dnc.list", {})["total"]) == (1, 1)

    def test_each_number_of_an_imported_file_reaches_the_engine(self, tmp_path: Path) -> None:
        engine = RecordingEngine()
        office = Office(tmp_path, engine=engine)
        path = office.file("dnc.txt", "+12125550101\n+12125550102\n")
        office.do("dnc.import", {"path": path, "reason": "list"})
        assert [entry.number for name, entry in engine.told if name == "number_suppressed"] == [
            "+12125550101",
            "+12125550102",
        ]
        office.close()


class TestCampaigns:
    def test_a_campaign_says_what_it_still_needs(self, office: Office) -> None:
        answer = office.ask("campaign.create", {"settings": {"name": "Autumn", "trunk": "far", "script": "offer"}})
        assert answer.done
        assert "trunk 'far'" in answer.message
        assert "script 'offer'" in answer.message

    def test_faulty_settings_are_refused_with_every_fault(self, office: Office) -> None:
        answer = office.ask("campaign.create", {"settings": {"name": "Autumn", "ratoi": 2, "ring_timeout_s": 5}})
        assert answer.status is AnswerStatus.REFUSED
        assert len(answer.data["faults"]) == 2
        assert "did you mean ratio?" in answer.message
        assert office.store.campaigns.all() == ()

    def test_a_change_is_a_new_version_and_the_same_again_is_none(self, office: Office) -> None:
        office.campaign()
        change = {"name": "Autumn", "changes": {"ratio": 1.5, "mode": "ratio"}}
        assert office.do("campaign.set", change)["version"] == 2
        assert office.do("campaign.set", change)["version"] == 2

    def test_a_campaign_shows_who_saved_which_settings(self, office: Office) -> None:
        office.campaign()
        office.do("campaign.set", {"name": "Autumn", "changes": {"ring_timeout_s": 30}})
        versions = office.do("campaign.show", {"name": "Autumn"})["versions"]
        assert [(each["version"], each["saved_by"]) for each in versions] == [(1, "anna"), (2, "anna")]

    def test_a_campaign_keeps_its_name(self, office: Office) -> None:
        office.campaign()
        assert not office.ask("campaign.set", {"name": "Autumn", "changes": {"name": "Winter"}}).done

    def test_the_exported_text_makes_the_same_campaign_again(self, office: Office) -> None:
        office.campaign(seller_name='Quote " and back \\ slash, ü', mode="power", ratio=1.25)
        toml = office.do("campaign.export", {"name": "Autumn"})["toml"]
        assert settings_from(tomllib.loads(toml)) == office.store.campaigns.settings(1)

    def test_the_engine_hears_of_changes(self, tmp_path: Path) -> None:
        engine = RecordingEngine()
        office = Office(tmp_path, engine=engine)
        office.campaign()
        office.do("campaign.set", {"name": "Autumn", "changes": {"ratio": 1.5}})
        assert engine.told == [("settings_changed", "Autumn"), ("settings_changed", "Autumn")]
        office.close()

    def test_starting_goes_to_the_engine_with_who_asked(self, tmp_path: Path) -> None:
        engine = RecordingEngine()
        office = Office(tmp_path, engine=engine)
        office.campaign()
        engine.told.clear()
        assert office.ask("campaign.start", {"name": "Autumn"}).message == "campaign_start done."
        assert engine.told == [("campaign_start", "Autumn", "anna")]
        office.close()

    def test_an_unknown_name_is_answered_with_the_known_ones(self, office: Office) -> None:
        office.campaign()
        answer = office.ask("campaign.show", {"name": "Winter"})
        assert "known: Autumn" in answer.message


class TestAgents:
    def test_the_phones_password_lies_in_a_private_file_and_nowhere_else(self, office: Office) -> None:
        data = office.do("agent.add", {"name": "anna", "number": "1001"})
        path = Path(data["secret_file"])
        secret = path.read_text().strip()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(secret) >= 32
        assert secret.encode() not in office.home.database_file.read_bytes()
        assert secret not in str(office.store.commands.latest())

    def test_a_given_pin_is_kept_as_a_hash(self, office: Office) -> None:
        pin = write_secret(office.home, "pin", "482913")
        office.do("agent.add", {"name": "anna", "number": "1001", "pin_file": str(pin)})
        agent = office.store.agents.find("anna")
        assert agent is not None
        assert "482913" not in agent.pin_hash
        assert pin_matches("482913", agent.pin_hash)

    @pytest.mark.parametrize(
        "args",
        [
            {"name": "anna", "number": "101"},
            {"name": "anna", "number": "１００１"},
            {"name": "1002", "number": "1001"},
            {"name": "an\nna", "number": "1001"},
            {"name": "anna", "number": "1001", "secret": "short"},
            {"name": "anna", "number": "1001", "secret": "with space and more"},
            {"name": "anna", "number": "1001", "pin": "12"},
        ],
    )
    def test_an_agent_that_cannot_be_is_refused(self, office: Office, args: dict[str, Any]) -> None:
        assert office.ask("agent.add", args).status is AnswerStatus.REFUSED
        assert office.store.agents.all() == ()

    def test_an_agent_serves_exactly_the_campaigns_named(self, office: Office) -> None:
        office.do("agent.add", {"name": "anna", "number": "1001"})
        office.campaign("Autumn")
        office.campaign("Winter")
        office.do("agent.assign", {"agent": "1001", "campaigns": ["Autumn", "Winter"]})
        office.do("agent.assign", {"agent": "anna", "campaigns": ["Winter"]})
        assert office.do("agent.list")["agents"][0]["campaigns"] == ["Winter"]


class TestTrunksAndScripts:
    @pytest.mark.parametrize(
        "changes",
        [
            {"host": "10.0.0.1"},
            {"host": "localhost"},
            {"host": "127.0.0.1;evil"},
            {"name": "Bad Name"},
            {"caller_id": "2025550100"},
            {"rule_profile": "none"},
            {"practice": False, "rule_profile": "practice"},
            {"attempts_per_second": 0},
        ],
    )
    def test_a_trunk_that_cannot_be_is_refused(self, office: Office, changes: dict[str, Any]) -> None:
        args = {"name": "practice", "host": "127.0.0.9", "caller_id": "+12025550100", "practice": True}
        assert office.ask("trunk.add", args | changes).status is AnswerStatus.REFUSED
        assert office.store.trunks.all() == ()

    def test_a_trunks_account_is_kept_apart_from_the_database(self, office: Office) -> None:
        account = write_secret(office.home, "given", "user7:pa55word")
        office.trunk("carrier", host="127.0.0.8", account_file=str(account))
        assert (office.home.secrets / "trunk-carrier").read_text() == "user7:pa55word\n"
        assert b"pa55word" not in office.home.database_file.read_bytes()

    def test_a_suspended_trunk_is_resumed_by_a_person(self, office: Office) -> None:
        office.trunk()
        assert not office.ask("trunk.resume", {"name": "practice"}).done
        office.store.trunks.suspend("practice", "the account was refused", office.now)
        office.do("trunk.resume", {"name": "practice"})
        assert not office.do("trunk.list")["trunks"][0]["suspended"]

    def test_a_script_is_stored_by_version(self, office: Office) -> None:
        assert office.do("script.import", {"text": SCRIPT})["version"] == 1
        assert office.do("script.import", {"text": SCRIPT})["version"] == 1
        assert office.do("script.import", {"text": SCRIPT.replace("Hello", "Hi")})["version"] == 2

    def test_a_faulty_script_is_refused_with_every_fault(self, office: Office) -> None:
        answer = office.ask("script.import", {"text": SCRIPT.replace('next = "done"', 'next = "nowhere"')})
        assert answer.status is AnswerStatus.REFUSED
        assert answer.data["faults"]
        assert office.store.scripts.all() == ()


def test_settings_of_a_written_home_are_the_ones_in_use(office: Office) -> None:
    assert load(office.home, {}) == Settings()
