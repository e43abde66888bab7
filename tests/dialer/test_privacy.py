"""Is everything about a person out in one folder, or gone to the last free page, and is his number barred for good?"""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.dialable import GateCode, judge
from campaigns.model import (
    AnsweredBy,
    AttemptEvent,
    CampaignState,
    CloseReason,
    EventKind,
    Facts,
    LeadState,
    Network,
    Routing,
    ScriptOutcome,
    ScriptVisit,
)
from campaigns.receipts import receipt_from
from campaigns.retry import NextMove
from campaigns.storage.privacy_places import PLACES
from campaigns.storage.tables.base import METADATA
from dialer.control import AnswerStatus
from dialer.use_cases.exports import run_due
from dialer.use_cases.why import rules_of
from tests.builders.stored import claimed, closed_as
from tests.dialer.office import Office

ADA, BEN = "+12125550101", "+12125550102"
LEADS = f"""\
phone,first_name,last_name,email,customer number,pet
{ADA},Ada,Lovelace,ada@example.org,K-4711,Byron the cat
{BEN},Ben,Busy,ben@example.org,K-4712,none
911 (Ada Lovelace 212-555-0101),Eve,Emergency,,,
"""
TRACES = ("2125550101", "212-555-0101", "Lovelace", "ada@example.org", "K-4711", "Byron the cat", "likes her mother")


@pytest.fixture
def filled(office: Office) -> Office:
    """Ada was called and spoke, has a promise, an answer and a note; reports were written and the log knows her."""
    office.trunk()
    office.do("leads.import", {"path": office.file("leads.csv", LEADS), "list": "autumn", "accept_faults": True})
    office.campaign(lists=("autumn",))
    campaign = office.store.campaigns.by_name("Autumn")
    assert campaign is not None
    agent = office.store.agents.add("anna", "1001", office.now)
    attempt = claimed(office.store, campaign, now=office.now, report_date=office.now.date())
    assert attempt.number == ADA
    at = office.now
    office.store.attempts.append(
        (
            AttemptEvent(attempt_id=attempt.id, kind=EventKind.NOTE, at=at, data=(("text", "likes her mother"),)),
            AttemptEvent(
                attempt_id=attempt.id,
                kind=EventKind.STEP,
                at=at,
                data=(("answer.who", "Ada Lovelace likes her mother"), ("step", "greet"), ("end", False)),
            ),
        )
    )
    facts = Facts(
        network=Network.ANSWERED,
        answered_by=AnsweredBy.HUMAN,
        routing=Routing.AGENT,
        agent_id=agent.id,
        joined_at=at,
        answered_at=at,
        ended_at=at,
        talk_ms=90_000,
        script=ScriptOutcome.STARTED,
        script_steps=(ScriptVisit(step="greet", at=at, answers=(("who", "Ada Lovelace likes her mother"),)),),
        disposition="callback",
        note="likes her mother",
    )
    move = NextMove(
        state=LeadState.CALLBACK, ask_again_at=at + timedelta(hours=1), reason="", tries=1, attempts=1,
        contact_point_id=attempt.contact_point_id,
    )  # fmt: skip
    office.store.attempts.close(attempt.id, facts, move, None, at)
    office.store.campaigns.set_state(campaign.id, CampaignState.RUNNING)
    office.now += timedelta(days=1)
    assert run_due(office.context)
    office.home.logs.joinpath("dialer.log").write_text('{"message": "call to +12125550101, Ada Lovelace"}\n')
    office.do("dnc.add", {"number": ADA, "scope": "campaign", "value": "Autumn", "reason": "Ada Lovelace wrote"})
    return office


def files_with(office: Office, *traces: str) -> set[str]:
    """Every file of the home, the leads' rejected rows and the database with its log, in which a trace is found."""
    paths = [path for path in office.home.root.rglob("*") if path.is_file()]
    paths.append(office.folder / "leads.csv.rejected.csv")
    return {path.name for path in paths for trace in traces if trace.encode() in path.read_bytes()}


def test_before_an_erasure_the_traces_are_everywhere(filled: Office) -> None:
    found = files_with(filled, *TRACES)
    assert {"dialer.log", "leads.csv.rejected.csv"} < found
    assert any("sqlite3" in name for name in found)
    assert any(name.endswith(".csv") and "answers" in name for name in found)
    assert any(name.endswith(".json") and "answers" in name for name in found)


def test_after_an_erasure_no_file_holds_a_digit_or_a_name_of_the_person(filled: Office) -> None:
    counts = filled.store.queue.counts(1)
    answer = filled.ask("privacy.erase", {"number": "(212) 555-0101", "reason": "Ada Lovelace asked on +12125550101"})
    assert answer.done, answer.message
    assert files_with(filled, *TRACES) == set()
    assert "0101" not in json.dumps(dict(answer.data)) + answer.message
    assert answer.data["reason"] == "erased asked on erased"
    assert answer.data["free_pages_cleaned"]
    assert files_with(filled, "Ben", "2125550102")
    assert filled.store.check_consistency() == ()
    assert filled.store.check_integrity() == ()
    assert sum(each.leads for each in filled.store.queue.counts(1)) == sum(each.leads for each in counts)


def test_what_agents_wrote_about_her_in_other_peoples_calls_goes_too(filled: Office) -> None:
    """Names count when they are whole: another Ada is another person."""
    campaign = filled.store.campaigns.by_name("Autumn")
    assert campaign is not None
    hers = claimed(filled.store, campaign, now=filled.now, report_date=filled.now.date())
    nobody = Facts(network=Network.NO_ANSWER, ended_at=filled.now)
    filled.store.attempts.close(hers.id, nobody, closed_as(hers, CloseReason.EXHAUSTED), None, filled.now)
    attempt = claimed(filled.store, campaign, now=filled.now, report_date=filled.now.date())
    assert attempt.number == BEN
    words = "says ADA LOVELACE (212-555-0101) decides, Ada knows, ext 0101 is another's"
    note = AttemptEvent(attempt_id=attempt.id, kind=EventKind.NOTE, at=filled.now, data=(("text", words),))
    filled.store.attempts.append((note,))
    facts = Facts(network=Network.NO_ANSWER, ended_at=filled.now, note=words)
    filled.store.attempts.close(attempt.id, facts, closed_as(attempt, CloseReason.EXHAUSTED), None, filled.now)
    filled.do("dnc.add", {"number": "+12125550177", "reason": "asked by Ada Lovelace"})
    counts = filled.do("privacy.erase", {"number": ADA, "reason": "asked"})["rows"]
    assert files_with(filled, *TRACES, "LOVELACE") == set()
    day = filled.now.date()
    (call,) = (c for c in filled.store.attempts.attempts(1, day, day) if c.id == attempt.id)
    assert call.facts.note == "says erased (erased) decides, Ada knows, ext 0101 is another's"
    assert call.number == BEN
    assert [each["reason"] for each in filled.do("dnc.check", {"number": "+12125550177"})["entries"]] == [
        "asked by erased"
    ]
    assert counts["calls"] == 3
    assert filled.store.check_consistency() == ()


def test_the_records_of_a_namesake_are_not_hers(filled: Office) -> None:
    """Else erasing one Ada Lovelace would spoil another's consent for good."""
    other = "+12125550188"
    path = filled.file("more.csv", f"phone,first_name,last_name\n{other},Ada,Lovelace\n")
    filled.do("leads.import", {"path": path, "list": "spring"})
    consent = {"seller": "Acme", "purpose": "sales", "kind": "express_written", "given_at": "2026-01-05T12:00:00Z"}
    proof = "form signed by Ada Lovelace, not she of 212-555-0101"
    filled.do("consent.add", {"number": other, "proof": proof, **consent})
    filled.do("privacy.erase", {"number": ADA, "reason": "asked"})
    (kept,) = filled.do("consent.check", {"number": other})["consents"]
    assert kept["proof"] == "form signed by Ada Lovelace, not she of erased"


def test_figures_stay_true_and_reports_are_whole(filled: Office) -> None:
    day = filled.now.date() - timedelta(days=1)
    before = filled.store.attempts.counters(1, day)
    filled.do("privacy.erase", {"number": ADA, "reason": "asked"})
    assert filled.store.attempts.counters(1, day) == before
    (call,) = filled.store.attempts.attempts(1, day, day)
    assert (call.facts.talk_ms, call.facts.disposition, call.facts.note) == (90_000, "callback", "")
    assert call.facts.script_steps[0].answers == (("who", "erased"),)
    exports = filled.do("export.list")["exports"]
    assert exports
    assert all(each["intact"] for each in exports)


def test_a_lead_that_comes_again_with_an_erased_number_is_barred(filled: Office) -> None:
    filled.do("privacy.erase", {"number": ADA, "reason": "asked"})
    filled.do("leads.import", {"path": filled.file("again.csv", f"phone\n{ADA}\n"), "list": "again"})
    filled.campaign("Again", lists=("again",))
    campaign = filled.store.campaigns.by_name("Again")
    assert campaign is not None
    rules, _ = rules_of(filled.context, campaign)
    assert rules is not None
    (candidate,) = filled.store.queue.due(campaign.id, filled.now, 5)
    verdict = judge(candidate, rules, filled.now)
    assert verdict.hold is not None
    assert verdict.hold.code is GateCode.DO_NOT_CALL
    assert filled.do("dnc.check", {"number": ADA})["listed"]
    told = filled.do("funnel", {"campaign": "Again"})["instants"][0]
    assert [(held["code"], held["leads"]) for held in told["held"]] == [("DO_NOT_CALL", 1)]
    key = filled.home.secrets / "erasure-key"
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("command", ["leads.check", "leads.import"])
def test_a_file_that_brings_an_erased_person_back_says_so(filled: Office, command: str) -> None:
    filled.do("privacy.erase", {"number": ADA, "reason": "asked"})
    filled.do("dnc.add", {"number": BEN, "reason": "asked"})
    path = filled.file("again.csv", f"phone,name\n{ADA},Ada\n{BEN},Ben\n")
    answer = filled.ask(command, {"path": path, "list": "again"})
    assert answer.data["do_not_call"]["erased_before"] == 1
    assert "1 number was that of a person whose data was erased here. If the rows are theirs" in answer.message


def test_without_the_key_nobody_at_all_is_dialled(filled: Office) -> None:
    filled.do("privacy.erase", {"number": ADA, "reason": "asked"})
    (filled.home.secrets / "erasure-key").unlink()
    filled.store._db._erasure_key = None  # as after a new start
    campaign = filled.store.campaigns.by_name("Autumn")
    assert campaign is not None
    rules, _ = rules_of(filled.context, campaign)
    assert rules is not None
    (ben,) = filled.store.queue.due(campaign.id, filled.now, 5)
    assert "could not be asked" in judge(ben, rules, filled.now).reason
    refused = filled.ask("dnc.check", {"number": BEN})
    assert refused.status is AnswerStatus.REFUSED
    assert "key" in refused.message
    again = filled.ask("privacy.erase", {"number": BEN, "reason": "asked"})
    assert again.status is AnswerStatus.REFUSED
    assert not (filled.home.secrets / "erasure-key").exists()


def test_erased_twice_is_erased_once_and_taking_the_bar_off_dials_no_hash(filled: Office) -> None:
    filled.do("privacy.erase", {"number": ADA, "reason": "asked"})
    again = filled.do("privacy.erase", {"number": ADA, "reason": "asked"})
    assert {kind: count for kind, count in again["rows"].items() if count and kind != "commands"} == {}
    filled.do("dnc.remove", {"number": ADA, "reason": "by mistake"}, reason="by mistake")
    assert filled.ask("dnc.confirm_removal", {"number": ADA}, actor="boris").done
    assert not filled.do("dnc.check", {"number": ADA})["listed"]
    campaign = filled.store.campaigns.by_name("Autumn")
    assert campaign is not None
    rules, _ = rules_of(filled.context, campaign)
    assert rules is not None
    for candidate in filled.store.queue.candidates_of(campaign.id, 1, filled.now):
        assert not judge(candidate, rules, filled.now).dialable


def test_the_receipts_of_an_erased_person_tell_nothing_of_him_and_their_chain_is_whole(filled: Office) -> None:
    """The proof stays that somebody was called by the rules; who it was is gone."""
    filled.do("privacy.erase", {"number": ADA, "reason": "asked"})
    rows = [row for day in filled.store.receipts.days() for row in filled.store.receipts.of_day(day.day)]
    assert [row.private for row in rows] == [""]
    assert receipt_from(rows[0].body, "").number == "erased (person 1)"
    answer = filled.ask("evidence.verify", {})
    assert answer.done, answer.message


def test_a_request_to_call_him_again_ends_with_his_erasure(filled: Office) -> None:
    """Whoever confirmed it later would see a keyed hash, and not whom he lets be called."""
    filled.do("dnc.add", {"number": ADA, "reason": "asked"})
    filled.do("dnc.remove", {"number": ADA, "reason": "by mistake"}, reason="by mistake")
    filled.do("privacy.erase", {"number": ADA, "reason": "asked"})
    assert not filled.ask("dnc.confirm_removal", {"removal": 1}, actor="boris").done
    check = filled.do("dnc.check", {"number": ADA})
    assert check["listed"]
    assert "pattern" not in filled.ask("dnc.check", {"number": ADA}).message


def test_a_person_in_a_call_is_not_erased(filled: Office) -> None:
    campaign = filled.store.campaigns.by_name("Autumn")
    assert campaign is not None
    filled.now += timedelta(hours=2)
    claimed(filled.store, campaign, now=filled.now, report_date=filled.now.date())
    refused = [filled.ask("privacy.erase", {"number": each, "reason": "asked"}) for each in (ADA, BEN)]
    assert sorted(answer.status for answer in refused) == [AnswerStatus.DONE, AnswerStatus.REFUSED]
    assert any("Nothing was erased" in answer.message for answer in refused)


def test_an_export_is_one_folder_with_every_kind_as_json_and_csv(filled: Office) -> None:
    out = filled.folder / "for-ada"
    data = filled.do("privacy.export", {"number": ADA, "out": str(out)})
    names = {path.name for path in out.iterdir()}
    kinds = {place.kind for place in PLACES} | {"files"}
    assert names == {f"{kind}.{ending}" for kind in kinds for ending in ("json", "csv")}
    whole = "".join(path.read_text() for path in out.glob("*.json"))
    for trace in ("Lovelace", "K-4711", "Byron the cat", "likes her mother", "2125550101", "dialer.log"):
        assert trace in whole
    assert "Busy" not in whole
    (person,) = csv.DictReader((out / "persons.csv").read_text().splitlines())
    assert person["email"] == "ada@example.org"
    assert data["rows"]["calls"] == 1
    refused = filled.ask("privacy.export", {"number": ADA, "out": str(out)})
    assert refused.status is AnswerStatus.REFUSED
    nothing = filled.ask("privacy.export", {"number": "+12125550177", "out": str(filled.folder / "nobody")})
    assert "Nothing is stored" in nothing.message
    assert not (filled.folder / "nobody").exists()
    assert filled.do("privacy.export", {"number": BEN, "out": str(filled.folder / "ben")})["rows"]["persons"] == 1


def test_an_export_tells_nobody_elses_number(filled: Office) -> None:
    out = filled.folder / "ada"
    filled.do("privacy.export", {"number": ADA, "out": str(out)})
    commands = (out / "commands.json").read_text(encoding="utf-8")
    assert "leads.import" in commands
    assert ADA in commands
    everything = "".join(path.read_text(encoding="utf-8") for path in sorted(out.iterdir()) if path.is_file())
    assert BEN not in everything
    assert "another person's number" in commands


def test_leads_with_the_same_key_and_other_numbers_are_named_by_their_count_and_left_alone(office: Office) -> None:
    office.trunk()
    office.leads(f"phone,first_name,debtor no\n{ADA},Ada,K-1\n{BEN},Ada,k 1\n+12125550103,Eve,K-2\n")
    told = office.ask("privacy.export", {"number": ADA, "out": str(office.folder / "out")}).message
    assert "1 more lead with other numbers had the same person_key: not in it." in told
    told = office.ask("privacy.erase", {"number": ADA, "reason": "asked"}).message
    assert "1 more lead with other numbers had the same person_key: not erased." in told
    assert "person_key" not in office.ask("privacy.export", {"number": BEN, "out": str(office.folder / "b")}).message


def test_an_export_that_cannot_be_written_leaves_nothing(filled: Office) -> None:
    blocked = filled.folder / "a-file"
    blocked.write_text("")
    refused = filled.ask("privacy.export", {"number": ADA, "out": str(blocked / "below")})
    assert refused.status is AnswerStatus.REFUSED
    assert "Nothing was written" in refused.message
    assert [path.name for path in filled.folder.iterdir() if path.name.startswith(".")] == []


def test_every_column_that_may_hold_a_person_has_its_place() -> None:
    """A new table or column with such a name must be put into PLACES, or be named here with its reason."""
    personal = re.compile(r"number|name|note|reason|email|custom|answer$|data|script_steps|external|postal|extension")
    ours = {
        "agent",  # of our own people
        "trunk", "lead_list", "campaign", "campaign_settings", "script", "export_run", "installation",
        "agent_span", "import_batch", "disposition_set", "learned", "decision_minute", "caller_id_right",
        "emergency", "declaration",
    }  # fmt: skip
    treated = {
        (place.table.name, name) for place in PLACES for name in (*place.blank, *place.made, place.numbered) if name
    }
    free = {("command", "name"), ("dialling_state", "close_reason"), ("attempt", "cancel_reason")}
    free |= {("number_answer", "answer")}  # one of five words
    found = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if personal.search(column.name) and table.name not in ours
    }
    assert found - treated - free == set()


def test_while_a_campaign_runs_the_free_pages_wait_for_a_quiet_moment(filled: Office) -> None:
    filled.home.pid_file.write_text("1\n")
    answer = filled.ask("privacy.erase", {"number": ADA, "reason": "asked"})
    assert not answer.data["free_pages_cleaned"]
    assert "dialer privacy clean" in answer.message
    assert filled.ask("privacy.clean").status is AnswerStatus.REFUSED
    filled.home.pid_file.unlink()
    assert filled.ask("privacy.clean").done
    assert files_with(filled, *TRACES) == set()


def test_copies_of_the_database_are_named_for_they_still_hold_the_person(filled: Office) -> None:
    filled.store.backup(filled.home.backups / "monday.sqlite3")
    answer = filled.ask("privacy.erase", {"number": ADA, "reason": "asked"})
    assert [Path(path).name for path in answer.data["copies"]] == ["monday.sqlite3"]
    assert "still in 1 copy of the database" in answer.message


def test_a_file_that_cannot_be_rewritten_erases_nothing(filled: Office) -> None:
    broken = filled.home.root / "exports" / "2026-03-02" / "1-autumn-answers-broken.json"
    broken.write_text('{"rows": [Ada Lovelace')
    refused = filled.ask("privacy.erase", {"number": ADA, "reason": "asked"})
    assert refused.status is AnswerStatus.REFUSED
    assert "Nothing was erased in the database" in refused.message
    assert filled.store.leads.lead(1).last_name == "Lovelace"


@pytest.mark.parametrize("command", ["privacy.export", "privacy.preview", "privacy.erase"])
def test_an_extension_that_nobody_has_touches_nobody(filled: Office, command: str, tmp_path: Path) -> None:
    """Else all who share the line would be taken for him."""
    args = {"number": f"{ADA} ext. 45", "reason": "asked", "out": str(tmp_path / "out")}
    answer = filled.ask(command, args)
    assert answer.status is AnswerStatus.REFUSED
    assert f"Nobody with extension 45 of {ADA} is stored" in answer.message
    assert files_with(filled, "Lovelace")
    assert not (tmp_path / "out").exists()


def test_a_preview_names_those_whom_it_would_reach(filled: Office) -> None:
    answer = filled.ask("privacy.preview", {"number": ADA})
    (person,) = answer.data["whom"]
    assert (person["name"], ADA in person["numbers"]) == ("Ada Lovelace", True)
