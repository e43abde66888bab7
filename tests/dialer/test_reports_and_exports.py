"""Do reports say their period, and are the nightly files written once, whole and late when they are?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from campaigns.model import AgentState, CampaignState, Facts, ScriptVisit
from dialer.control import AnswerStatus
from dialer.due import ExportKind
from dialer.use_cases.context import Context
from dialer.use_cases.exports import run_due
from tests.builders.stored import claimed
from tests.dialer.office import SCRIPT, Office


def test_a_report_says_its_period_and_zone(office: Office) -> None:
    office.campaign()
    args = {"kind": "campaign", "campaign": "Autumn", "from": "2026-03-01", "to": "2026-03-02"}
    data = office.do("report.get", args)
    assert data["period"] == {"from": "2026-03-01", "to": "2026-03-02", "zone": "America/New_York"}
    assert next(f for f in data["figures"] if f["name"] == "hit_rate")["value"] is None
    assert office.do("report.get", {**args, "format": "csv"})["text"].startswith("by,name,figure")
    assert "Hit rate" in office.do("report.get", {**args, "format": "table"})["text"]


def test_a_period_that_ends_before_it_begins_is_refused(office: Office) -> None:
    office.campaign()
    args = {"kind": "campaign", "campaign": "Autumn", "from": "2026-03-02", "to": "2026-03-01"}
    assert office.ask("report.get", args).status is AnswerStatus.REFUSED


def test_a_days_reports_are_written_once_and_whole(office: Office) -> None:
    office.campaign()
    first = office.do("export.run", {"date": "2026-03-01"})
    assert [each["kind"] for each in first["exports"]] == [kind.value for kind in ExportKind]
    assert all(Path(each["path"]).is_file() and Path(each["json_path"]).is_file() for each in first["exports"])
    assert office.do("export.run", {"date": "2026-03-01"})["exports"] == []
    assert all(each["intact"] for each in office.do("export.list")["exports"])


def test_a_report_written_by_hand_is_late_when_the_schedule_would_call_it_late(office: Office) -> None:
    office.campaign()
    office.now = office.now.replace(day=3, hour=8, minute=0)  # 03:00 in New York: not due yet
    early = office.do("export.run", {"date": "2026-03-02"})["exports"]
    missed = office.do("export.run", {"date": "2026-02-27"})["exports"]
    assert {each["late"] for each in early} == {False}
    assert {each["late"] for each in missed} == {True}


def test_a_figure_opens_its_calls_and_only_in_the_report_of_calls(office: Office) -> None:
    office.leads()
    office.campaign(lists=("autumn",))
    claimed(office.store, office.store.campaigns.get(1), now=office.now, report_date=office.now.date())
    days = {"campaign": "Autumn", "from": "2026-03-02", "to": "2026-03-02"}
    (row,) = office.do("report.get", {**days, "kind": "calls", "figure": "connect_rate"})["rows"]
    assert (row["counted"], row["answers"]) == ("no", [])
    assert office.do("report.get", {**days, "kind": "calls", "figure": "aht"})["rows"] == []
    unknown = office.ask("report.get", {**days, "kind": "calls", "figure": "profit"})
    assert "these open: connect_rate" in unknown.message
    assert "'calls'" in office.ask("report.get", {**days, "kind": "campaign", "figure": "hit_rate"}).message


def test_answers_and_agents_time_reach_a_report(office: Office) -> None:
    office.leads()
    office.do("script.import", {"text": SCRIPT})
    office.campaign(lists=("autumn",), script="offer")
    agent = office.store.agents.add("anna", "1001", office.now)
    for state, minutes in ((AgentState.READY, 0), (AgentState.PAUSE, 10), (AgentState.LOGGED_OUT, 25)):
        code = "lunch" if state is AgentState.PAUSE else ""
        office.store.agents.move(agent.id, 1, state, code, office.now + timedelta(minutes=minutes))
    attempt = claimed(office.store, office.store.campaigns.get(1), now=office.now, report_date=office.now.date())
    visit = ScriptVisit(step="greet", at=office.now, answers=(("age", "42"),))
    office.store.attempts.save_facts(attempt.id, Facts(agent_id=agent.id, script_steps=(visit,)), live=True)
    office.now += timedelta(hours=1)
    days = {"campaign": "Autumn", "from": "2026-03-02", "to": "2026-03-02"}
    (answer,) = office.do("report.get", {**days, "kind": "answers"})["rows"]
    assert (answer["agent"], answer["script"], answer["value"]) == ("anna", "offer", "42")
    spent = office.do("report.get", {**days, "kind": "agents"})["rows"]
    assert [(row["state"], row["pause_code"], row["seconds"]) for row in spent] == [
        ("READY", "", 600),
        ("PAUSE", "lunch", 900),
        ("LOGGED_IN", "", 1500),
    ]


def test_a_survey_campaign_has_the_aapor_rates_in_its_refusal_report(office: Office) -> None:
    office.campaign()
    args = {"kind": "refusal", "campaign": "Autumn", "from": "2026-03-01", "to": "2026-03-02"}

    def rates() -> list[str]:
        return [f["name"] for f in office.do("report.get", args)["figures"] if f["name"].startswith("aapor")]

    assert rates() == []
    office.do("campaign.set", {"name": "Autumn", "changes": {"survey": True}})
    assert rates() == ["aapor_rr1", "aapor_coop1", "aapor_ref1", "aapor_con1"]
    wrong = office.ask("campaign.set", {"name": "Autumn", "changes": {"survey": "yes"}})
    assert "survey = 'yes': expected true or false" in wrong.message


def test_a_missed_promise_is_in_the_campaign_report(office: Office) -> None:
    office.leads()
    office.campaign(lists=("autumn",))
    person = office.store.leads.members(1, 0, 1)[0].person_id
    office.store.callbacks.promise(
        1, person, office.now, owner_agent_id=None, note="", attempt_id=None, actor="anna", now=office.now
    )
    office.now += timedelta(hours=2)
    args = {"kind": "campaign", "campaign": "Autumn", "from": "2026-03-02", "to": "2026-03-02"}
    shown = {f["name"]: (f["numerator"], f["denominator"]) for f in office.do("report.get", args)["figures"]}
    assert (shown["callbacks_promised"], shown["callbacks_missed"]) == ((1, None), (1, 1))


def test_a_day_that_is_not_over_is_not_exported(office: Office) -> None:
    office.campaign()
    answer = office.ask("export.run", {"date": "2026-03-02"})
    assert answer.status is AnswerStatus.REFUSED
    assert "not over" in answer.message


def test_what_is_due_is_written_at_the_next_look_and_not_again(office: Office) -> None:
    office.campaign()
    office.store.campaigns.set_state(1, CampaignState.RUNNING)
    assert run_due(office.context) == ()
    office.now = office.now.replace(day=3, hour=9, minute=11)  # 04:11 in New York
    made = run_due(office.context)
    assert {(run.kind, str(run.report_date), run.late) for run in made} == {
        (kind.value, "2026-03-02", False) for kind in ExportKind
    }
    assert run_due(office.context) == ()


def test_missed_nights_are_made_up_and_marked_late(office: Office) -> None:
    office.leads()
    office.campaign(lists=("autumn",))
    office.store.campaigns.set_state(1, CampaignState.RUNNING)
    claimed(office.store, office.store.campaigns.get(1), now=office.now, report_date=office.now.date())
    office.now = office.now.replace(day=5, hour=9, minute=11)
    made = run_due(office.context)
    assert sorted({(str(run.report_date), run.late) for run in made}) == [
        ("2026-03-02", True),
        ("2026-03-03", True),
        ("2026-03-04", False),
    ]


def test_a_campaign_that_never_called_has_a_report_of_the_last_day_only(office: Office) -> None:
    office.campaign()
    office.store.campaigns.set_state(1, CampaignState.RUNNING)
    office.now = office.now.replace(day=25, hour=10)
    assert {str(run.report_date) for run in run_due(office.context)} == {"2026-03-24"}


def test_a_stopped_campaign_has_no_reports_of_days_without_calls(office: Office) -> None:
    office.leads()
    office.campaign(lists=("autumn",))
    claimed(office.store, office.store.campaigns.get(1), now=office.now, report_date=office.now.date())
    office.store.campaigns.set_state(1, CampaignState.STOPPED)
    office.now = office.now.replace(day=25, hour=10)
    assert {str(run.report_date) for run in run_due(office.context)} == {"2026-03-02"}


def test_an_export_that_cannot_be_written_is_due_again(office: Office, tmp_path: Path) -> None:
    office.campaign()
    office.store.campaigns.set_state(1, CampaignState.RUNNING)
    office.now = office.now.replace(day=3, hour=10)
    in_the_way = office.home.root / "exports"
    in_the_way.write_text("a file where the folder should be")
    assert run_due(office.context) == ()
    in_the_way.unlink()
    assert len(run_due(office.context)) == len(ExportKind)


def test_two_processes_that_export_at_once_leave_one_record_and_the_same_bytes(office: Office) -> None:
    office.campaign()
    office.store.campaigns.set_state(1, CampaignState.RUNNING)
    office.now = office.now.replace(day=3, hour=10)
    (first, *_) = run_due(office.context)
    content = Path(first.path).read_bytes()
    forgetful = _forgetting_exports(office)
    run_due(forgetful)
    assert Path(first.path).read_bytes() == content
    assert len(office.store.exports.exports_done(None, first.report_date, first.report_date)) == len(ExportKind)


def _forgetting_exports(office: Office) -> Context:
    """The second of two processes: it looked before the first had recorded anything."""
    from dataclasses import replace

    class Late:
        def __init__(self) -> None:
            self.looked = 0

        def exports_done(self, *_: Any) -> tuple[Any, ...]:
            return ()

        def record_export(self, run: Any) -> bool:
            return office.store.exports.record_export(run)

    class StoreSeenEarlier:
        exports = Late()

        def __getattr__(self, name: str) -> Any:
            return getattr(office.store, name)

    store: Any = StoreSeenEarlier()
    return replace(office.context, store=store)
