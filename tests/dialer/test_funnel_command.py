"""Does `funnel` tell of a stored campaign who may be called when and what holds the rest, and take no nonsense?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.dialable import GateCode
from campaigns.registry import Kind, ListImport, import_list
from campaigns.storage.values import Campaign
from dialer.control import AnswerStatus
from dialer.registries import registry_folder, registry_list
from dialer.settings import DncSettings, Settings
from dialer.use_cases import HANDLERS
from dialer.use_cases.context import Kind as Work
from dialer.use_cases.funnel import tomorrow_morning
from tests.dialer.office import NOON, Office
from tests.dialer.test_planning import TEN

NEW_YORK = ZoneInfo("America/New_York")
US = Settings(dnc=DncSettings(registries=("us-ftc",)))
REAL = "phone\n" + "".join(f"+1212556{n:04}\n" for n in range(200, 210))


@pytest.fixture
def campaign(office: Office) -> Campaign:
    """Ten practice leads of New York; it is noon there."""
    office.trunk()
    office.leads(TEN)
    office.campaign(lists=("autumn",))
    found = office.store.campaigns.by_name("Autumn")
    assert found is not None
    return found


class TestFunnel:
    def test_it_tells_now_and_nine_tomorrow_with_what_holds_the_rest(self, office: Office, campaign: Campaign) -> None:
        office.do("dnc.add", {"number": "+12125550101", "scope": "everything"}, reason="asked us")
        answer = office.ask("funnel", {"campaign": "Autumn"})
        data = answer.data
        assert answer.message == "Autumn: of 10 leads 9 callable Mon 12:00, 9 callable Tue 09:00; 1 never."
        assert [each["at"] for each in data["instants"]] == ["2026-03-02T12:00:00-05:00", "2026-03-03T09:00:00-05:00"]
        first = data["instants"][0]
        assert (first["callable"], first["later"], first["in_a_call"], first["never"]) == (9, 0, 0, 1)
        assert [(held["code"], held["leads"], held["alone"]) for held in first["held"]] == [("DO_NOT_CALL", 1, 1)]
        assert "The campaign is DRAFT" in data["notes"][0]
        assert first["held"][0]["words"] == "on do-not-call"
        assert all(code.words for code in GateCode)

    def test_leads_held_by_the_hour_are_told_with_the_hour(self, office: Office, campaign: Campaign) -> None:
        office.trunk("real", practice=False, host="192.0.2.1", rule_profile="us-federal")
        office.leads(REAL, list_="real")
        survey = {"purpose": "research", "message": ""}
        office.campaign("Real", lists=("real",), trunk="real", rule_profile="us-federal", **survey)
        at = "2026-03-02T22:00:00-05:00"
        (told,) = office.do("funnel", {"campaign": "Real", "at": [at]})["instants"]
        assert (told["later"], told["next_at"]) == (10, "2026-03-03T08:00:00-05:00")
        assert told["opens"] == [{"hour": "2026-03-03T08:00:00-05:00", "leads": 10}]

    def test_a_registry_is_asked_for_every_number_of_funnel_and_forecast(self, tmp_path: Path) -> None:
        office = Office(tmp_path, settings=US)
        office.trunk("real", practice=False, host="192.0.2.1")
        office.leads(REAL, list_="real")
        office.campaign("Real", lists=("real",), trunk="real", rule_profile="us-federal", message="")
        file = tmp_path / "ftc.txt"
        file.write_text("212,5560200\n212,5560201\n212,5560202\n")
        order = ListImport(registry=registry_list(US, "us-ftc"), kind=Kind.FULL, files=(file,), list_date=NOON, who="A")
        import_list(registry_folder(office.home, US), order, NOON)
        first = office.do("funnel", {"campaign": "Real"})["instants"][0]
        assert [(held["code"], held["leads"]) for held in first["held"]] == [("REGISTRY", 3)]
        assert (first["callable"], first["never"]) == (7, 3)
        told = office.do("forecast", {"campaign": "Real", "agents": 1})
        assert (told["waiting"], told["barred"]) == (7, [{"code": "REGISTRY", "leads": 3}])
        office.close()

    def test_what_cannot_be_told_is_refused_in_a_sentence(self, office: Office, campaign: Campaign) -> None:
        for args, words in (
            ({"campaign": "Spring"}, "There is no campaign"),
            ({"campaign": "Autumn", "list": "winter"}, "its lists: autumn"),
            ({"campaign": "Autumn", "at": ["2026-03-01T12:00:00-05:00"]}, "is past"),
            ({"campaign": "Autumn", "at": ["noon"]}, "ISO 8601"),
            ({"campaign": "Autumn", "at": [f"2026-03-0{n}T12:00:00Z" for n in range(3, 9)] * 2}, "At most 8"),
        ):
            answer = office.ask("funnel", args)
            assert answer.status is AnswerStatus.REFUSED
            assert words in answer.message

    def test_it_never_waits_beside_live_calls(self) -> None:
        assert (HANDLERS["funnel"].slow, HANDLERS["funnel"].kind) == (True, Work.READ)


def test_tomorrow_morning_is_nine_by_the_wall_clock_when_the_clocks_change() -> None:
    for before, offset in (("2026-03-07T23:30:00-05:00", "-04:00"), ("2026-10-31T01:30:00-04:00", "-05:00")):
        found = tomorrow_morning(datetime.fromisoformat(before), NEW_YORK)
        assert found.tzinfo is UTC
        assert found.astimezone(NEW_YORK).isoformat()[11:] == f"09:00:00{offset}"
