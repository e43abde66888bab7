"""Does assigning an agent say what he serves no more, and can a campaign be added without taking others?"""

from __future__ import annotations

from typer.testing import CliRunner

from dialer.cli.app import app
from dialer.use_cases.leads import MOST_WHILE_CALLING
from tests.dialer.office import Office


def office_of(office: Office) -> Office:
    for name in ("Autumn", "Spring", "Winter"):
        office.campaign(name)
    office.do("agent.add", {"name": "Anna", "number": "1001"})
    office.do("agent.assign", {"agent": "Anna", "campaigns": ["Autumn", "Winter"]})
    return office


def test_what_is_taken_away_is_said(office: Office) -> None:
    answer = office_of(office).ask("agent.assign", {"agent": "Anna", "campaigns": ["Winter", "Spring"]})
    assert answer.message == "Anna serves Winter, Spring from now on. No more: Autumn."
    assert answer.data["removed"] == ["Autumn"]
    assert "No more: Spring, Winter." in office.ask("agent.assign", {"agent": "Anna", "campaigns": []}).message


def test_a_campaign_is_added_beside_the_others(office: Office) -> None:
    office_of(office)
    args = {"agent": "Anna", "campaigns": ["Spring"], "add": True}
    assert office.ask("agent.assign", args).message == "Anna serves Autumn, Winter, Spring from now on."
    assert office.ask("agent.assign", args).data["removed"] == []
    (row,) = office.do("agent.list")["agents"]
    assert sorted(row["campaigns"]) == ["Autumn", "Spring", "Winter"]


def test_adding_nothing_is_refused_and_takes_nothing_away(office: Office) -> None:
    answer = office_of(office).ask("agent.assign", {"agent": "Anna", "campaigns": [], "add": True})
    assert not answer.done
    (row,) = office.do("agent.list")["agents"]
    assert sorted(row["campaigns"]) == ["Autumn", "Winter"]


def test_the_help_names_the_option_and_the_limit_of_an_import() -> None:
    words = CliRunner().invoke(app, ["agent", "assign", "--help"]).output
    assert "--add" in words
    words = " ".join(CliRunner().invoke(app, ["leads", "import", "--help"]).output.split())
    assert f"{MOST_WHILE_CALLING:,} leads at most" in words
