"""Do `forecast` and `staffing` answer from the stored campaign, say what they do not know, and take no nonsense?"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.model import AgentState, AnsweredBy, CloseReason, Facts, LeadState, Network, Routing
from campaigns.storage.values import Campaign
from dialer.cli import run
from dialer.control import AnswerStatus
from dialer.staffing import Workload, staff
from tests.builders.stored import claimed, closed_as, retry
from tests.dialer.office import NOON, Office

TEN = "phone\n" + "".join(f"+121255501{n:02d}\n" for n in range(10))


@pytest.fixture
def campaign(office: Office) -> Campaign:
    """Ten practice leads of New York; it is noon there."""
    office.trunk()
    office.leads(TEN)
    office.campaign(lists=("autumn",))
    found = office.store.campaigns.by_name("Autumn")
    assert found is not None
    return found


def spoke(office: Office, campaign: Campaign, code: str = "sale", **changes: Any) -> None:
    """The next lead is called an hour before, talks for 90 s, and is closed unless the change says otherwise."""
    at = office.now - timedelta(hours=1)
    attempt = claimed(office.store, campaign, now=office.now, report_date=at.date())
    facts = Facts(
        network=Network.ANSWERED,
        answered_by=AnsweredBy.HUMAN,
        routing=Routing.AGENT,
        joined_at=at,
        ended_at=at,
        talk_ms=90_000,
        wrap_up_ms=30_000,
        disposition=code,
    )
    move = retry(attempt, **changes) if changes else closed_as(attempt, CloseReason.SALE)
    office.store.attempts.close(attempt.id, facts, move, None, office.now)


class TestForecast:
    def test_a_campaign_without_calls_says_what_is_not_known_and_what_is_taken_instead(
        self, office: Office, campaign: Campaign
    ) -> None:
        data = office.do("forecast", {"campaign": "Autumn", "agents": 1})
        assert (data["waiting"], len(data["hours"])) == (10, 24)
        assert data["hours"][0]["dialable_untouched"] == 10
        assert (data["hit_rate"]["value"], data["hours"][0]["humans"], data["totals"]["humans"]) == (None, None, None)
        assert (data["attempts_per_agent_hour"], data["attempts_per_agent_hour_from"]) == (40.0, "settings")
        notes = " ".join(data["notes"])
        for words in ("The campaign is DRAFT", "the setting's 40", "No call has ended", "Not known and left out"):
            assert words in notes
        assert data["runs_dry"]["reason"] == "resting until their next try"
        assert data["at"] == "2026-03-02T12:00:00-05:00"
        assert data["runs_dry"]["begins_at"] == "2026-03-02T12:15:00-05:00"

    def test_hours_are_labelled_with_their_date_and_offset_in_the_campaigns_zone(
        self, office: Office, campaign: Campaign
    ) -> None:
        at = "2026-03-07T22:30:00-05:00"  # the clocks go forward that night
        hours = office.do("forecast", {"campaign": "Autumn", "agents": 1, "at": at})["hours"]
        shown = [(hour["date"], hour["time"], hour["utc_offset"]) for hour in hours[:6]]
        assert shown[0] == ("2026-03-07", "22:30", "-05:00")
        assert shown[3:6] == [
            ("2026-03-08", "01:00", "-05:00"),
            ("2026-03-08", "03:00", "-04:00"),
            ("2026-03-08", "04:00", "-04:00"),
        ]

    def test_with_nobody_logged_in_what_agents_would_do_is_none(self, office: Office, campaign: Campaign) -> None:
        answer = office.ask("forecast", {"campaign": "Autumn"})
        assert answer.data["agents"] is None
        assert {answer.data["hours"][0][key] for key in ("attempts", "humans", "left", "dialable")} == {None}
        assert "none is logged in" in answer.message

    def test_agents_logged_in_are_taken_when_no_number_is_given(self, office: Office, campaign: Campaign) -> None:
        agent = office.store.agents.add("Ada", "1001", NOON)
        office.store.campaigns.attach_agent(campaign.id, agent.id, "anna", NOON)
        office.store.agents.move(agent.id, campaign.id, AgentState.READY, "", NOON)
        data = office.do("forecast", {"campaign": "Autumn"})
        assert (data["agents"], data["agents_from"]) == (1, "logged in")
        assert data["hours"][0]["attempts"] == 10

    def test_past_calls_give_the_hit_rate_with_its_interval(self, office: Office, campaign: Campaign) -> None:
        for _ in range(3):
            spoke(office, campaign)
        attempt = claimed(office.store, campaign, now=office.now)
        office.store.attempts.close(
            attempt.id, Facts(network=Network.NO_ANSWER), closed_as(attempt, CloseReason.EXHAUSTED), None, office.now
        )
        data = office.do("forecast", {"campaign": "Autumn", "agents": 2})
        rate = data["hit_rate"]
        assert (rate["numerator"], rate["denominator"], rate["value"]) == (3, 4, 0.75)
        assert 0 < rate["low"] < 0.75 < rate["high"] < 1
        assert data["waiting"] == 6
        first = data["hours"][0]
        assert first["humans"] == pytest.approx(4.5, abs=0.1)
        assert first["humans_low"] < 4.5 < first["humans_high"] <= first["attempts"]

    def test_what_cannot_be_forecast_is_refused_with_the_reason(self, office: Office, campaign: Campaign) -> None:
        office.campaign("Untrunked", trunk="nowhere")
        for args, words in (
            ({"campaign": "Autumn", "at": "2026-03-01T12:00:00-05:00"}, "is past"),
            ({"campaign": "Autumn", "agents": -1}, "from 0 to 10000"),
            ({"campaign": "Autumn", "agents": "many"}, "a whole number"),
            ({"campaign": "Spring"}, "There is no campaign 'Spring'"),
            ({"campaign": "Untrunked"}, "it needs a trunk"),
        ):
            answer = office.ask("forecast", args)
            assert answer.status is AnswerStatus.REFUSED
            assert words in answer.message

    def test_it_changes_nothing(self, office: Office, campaign: Campaign) -> None:
        before = office.store.queue.states(campaign.id)
        office.do("forecast", {"campaign": "Autumn", "agents": 5})
        assert office.store.queue.states(campaign.id) == before


class TestStaffing:
    def promise(self, office: Office, campaign: Campaign, *due: timedelta) -> None:
        """Leads who talked and asked to be called back at these times from now."""
        for after in due:
            spoke(office, campaign, "callback", state=LeadState.CALLBACK, at=office.now + after)

    def test_promised_calls_are_staffed_by_half_hour_with_the_campaigns_own_aht(
        self, office: Office, campaign: Campaign
    ) -> None:
        minutes = (10, 40, 50, 59, 24 * 60 + 5, -90)
        self.promise(office, campaign, *(timedelta(minutes=n) for n in minutes))
        data = office.do("staffing", {"campaign": "Autumn"})
        assert (data["aht_s"], data["aht_from"], data["handled"]) == (120.0, "history", 6)
        assert len(data["half_hours"]) == 48
        assert [half["callbacks"] for half in data["half_hours"][:3]] == [2, 3, 0]  # the overdue one is due now
        assert data["callbacks"] == 5  # the last is for a time after the next 24 hours
        assert data["half_hours"][0]["begins_at"] == "2026-03-02T12:00:00-05:00"
        assert (data["half_hours"][1]["agents"], data["half_hours"][2]["agents"]) == (1, 0)
        assert data["transfers"] is None
        assert any("cannot be transferred yet" in note for note in data["notes"])

    def test_without_a_handled_call_the_aht_is_none_and_one_must_be_given(
        self, office: Office, campaign: Campaign
    ) -> None:
        answer = office.ask("staffing", {"campaign": "Autumn"})
        assert answer.status is AnswerStatus.REFUSED
        assert "its AHT is none" in answer.message
        data = office.do("staffing", {"campaign": "Autumn", "aht_s": 200})
        assert (data["aht_s"], data["aht_from"], data["callbacks"]) == (200.0, "given", 0)

    def test_nonsense_is_refused_with_every_fault(self, office: Office, campaign: Campaign) -> None:
        answer = office.ask("staffing", {"campaign": "Autumn", "aht_s": -5, "shrinkage": 1, "max_occupancy": 0})
        assert answer.status is AnswerStatus.REFUSED
        assert len(answer.data["faults"]) == 3

    @pytest.mark.parametrize("number", ["nan", math.nan, math.inf, -math.inf, 10**400], ids=lambda it: repr(it)[:4])
    def test_what_is_no_finite_number_is_refused_by_its_name_whoever_sent_it(
        self, office: Office, campaign: Campaign, number: object
    ) -> None:
        answer = office.ask("staffing", {"campaign": "Autumn", "aht_s": number})
        assert answer.status is AnswerStatus.REFUSED
        assert answer.message.startswith(f"staffing: aht s = {repr(number)[:60]}: a finite number is expected.")


Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """The command line with a home of its own that is not made yet: exit code, standard output, standard error."""
    monkeypatch.setenv("DIALER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DIALER_ACTOR", "anna")
    monkeypatch.chdir(tmp_path)

    def ask(*argv: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(argv)
        said = capsys.readouterr()
        return code, said.out, said.err

    return ask


class TestTheShell:
    def test_staffing_needs_no_set_up(self, shell: Shell) -> None:
        argv = "staffing --calls 100 --per 30m --aht 180 --service-level 80/20 --max-occupancy 0.85 --shrinkage 0.3"
        code, out, _ = shell(*argv.split(), "--json")
        data = json.loads(out)
        assert (code, data["agents"], data["scheduled"], data["occupancy"]) == (0, 14, 20, 0.7143)
        assert (data["service_level"], data["average_speed_of_answer_s"]) == (0.8884, 7.8359)
        assert "nobody hangs up" in data["assumption"]
        code, out, _ = shell(*argv.split())
        assert out.startswith("14 agents on the line, 20 to schedule: 88.8% within 20 s")

    def test_times_and_shares_are_read_as_people_write_them(self, shell: Shell) -> None:
        plain = shell("staffing", "--calls", "100", "--aht", "180", "--json")
        words = "--per 0.5h --aht 3m --service-level 80%/20s --max-occupancy 85% --shrinkage 30%"
        assert shell("staffing", "--calls", "100", *words.split(), "--json") == plain

    @pytest.mark.parametrize(
        ("argv", "words"),
        [
            ("--calls 100", "give --calls and --aht"),
            ("--calls 100 --aht soon", "a length such as 180"),
            ("--calls 100 --aht 180 --service-level 80", "80/20 are expected"),
            ("--calls 100 --aht 180 --shrinkage much", "a share such as"),
            ("--calls -4 --aht 0", "calls = -4"),
            ("--calls nan --aht 180", "calls = nan"),
            ("--calls 100 --aht 180 --max-occupancy nan", "--max-occupancy 'nan': a finite number is expected"),
            ("--calls 100 --aht 180 --shrinkage 1e400%", "--shrinkage '1e400%': a finite number is expected"),
            pytest.param(
                f"--calls 100 --aht {'9' * 400}",
                f"--aht '{'9' * 20}'... of 400 characters: a finite number",
                id="digits",
            ),
            ("--calls 100 --aht 180 --service-level 100/20", "100 % is never reached"),
            ("--calls 5 --campaign Autumn", "exclude each other"),
        ],
    )
    def test_nonsense_is_refused_without_a_traceback(self, shell: Shell, argv: str, words: str) -> None:
        code, out, err = shell("staffing", *argv.split())
        assert (code, out) == (2, "")
        assert words in " ".join(err.split())
        assert "Traceback" not in err

    def test_a_forecast_and_a_funnel_are_one_json_object_and_a_table_for_people(
        self, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A Tuesday at noon in New York while the verification of us-federal is good, whenever this runs.
        today = datetime(2026, 12, 1, 12, tzinfo=ZoneInfo("America/New_York"))
        monkeypatch.setattr("dialer.bootstrap.utc_now", lambda: today.astimezone(UTC))
        (tmp_path / "leads.csv").write_text("phone\n+12127360101\n+12136270102\n")
        (tmp_path / "a.toml").write_text('trunk = "t"\ncaller_id = "+12027360100"\npurpose = "research"\n')
        for argv in (
            *(
                "init",
                "trunk add t --host 127.0.0.9 --caller-id +12027360100 --right-to-use LOA --rule-profile us-federal",
                "leads import leads.csv --list a",
            ),
            "campaign create Autumn --from a.toml --list a",
        ):
            assert shell(*argv.split())[0] == 0
        noon = today + timedelta(days=1)
        evening, next_day = noon.replace(hour=22), noon + timedelta(days=1)
        code, out, _ = shell("forecast", "Autumn", "--agents", "2", "--at", noon.isoformat(), "--json")
        data = json.loads(out)
        assert (code, data["status"], len(data["hours"])) == (0, "done", 24)
        assert [hour["dialable_untouched"] for hour in data["hours"][:13]] == [2] * 9 + [1] * 3 + [0]
        code, out, _ = shell("forecast", "Autumn", "--agents", "2", "--at", noon.isoformat())
        assert code == 0
        assert f"{noon:%Y-%m-%d} 12:00 -0" in out
        assert f"Dry from {noon:%Y-%m-%d} 12:" in out
        funnel = ("funnel", "Autumn", "--list", "a", "--at", noon.isoformat())
        code, out, _ = shell(*funnel, "--json")
        assert (code, json.loads(out)["instants"][0]["callable"]) == (0, 2)
        code, out, _ = shell(*funnel, "--at", evening.isoformat())
        assert code == 0
        assert f"of 2 leads 2 callable {noon:%a} 12:00, 1 callable {noon:%a} 22:00; 0 never." in out
        held = next(line for line in out.splitlines() if line.startswith("later"))
        assert held.split()[:4] == ["later", "outside", "calling", "hours,"]
        assert held.split()[-2:] == ["1", "1"]
        assert f"From the hour of {next_day:%Y-%m-%d} 08:00 on: 1 more." in out
        for command in ("forecast", "funnel"):
            code, _, err = shell(command, "Autumn", "--at", "noon")
            assert code == 2
            assert "ISO 8601" in err


def test_the_glossary_works_staffing_out_as_the_code_does() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "glossary.md").read_text(encoding="utf-8")
    found = staff(Workload(calls=100, per_s=1800, aht_s=180, max_occupancy=0.85, shrinkage=0.3))
    for shown in (
        f"| {found.agents} |",
        f"| {found.probability_of_waiting:.4f} |",
        f"| {found.service_level:.4f} within 20 s |",
        f"| {found.average_speed_of_answer_s:.4f} s |",
        f"| {found.occupancy:.4f} |",
        f"= {found.scheduled} |",
    ):
        assert shown in page
