"""Does a looser rule need its role, its reason and two persons, and does every call by it say so, to the last paper?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from campaigns.receipts import receipt_from
from dialer.control import Answer, Command
from dialer.home import Home
from dialer.settings import ComplianceSettings, Settings
from dialer.settings_faults import faults_of
from dialer.use_cases import Context, execute
from tests.dialer.conftest import Furnish
from tests.dialer.floor import RINGS_ON, CallCentre
from tests.dialer.office import Office, account_of
from tests.dialer.test_evidence import rows_of

NUMBER, OTHER = "+12122000001", "+12122000002"
ASKED: dict[str, Any] = {
    "campaign": "spring",
    "key": "hours.mon",
    "value": "18:00-20:00",
    "number": NUMBER,
    "reason": "asked to be called at seven, call of 12 February",
    "until": "2026-03-03",
}


class House:
    """Half past six in New York: the trunk's rules closed at six. Anna is the compliance officer."""

    def __init__(self, centre: Furnish, folder: Path) -> None:
        strict = {"practice": False, "rule_profile": "strict"}
        self.office: CallCentre = centre(
            leads=0, agents=2, trunk=strict, rule_profile="us-federal", otherwise=RINGS_ON, purpose="research"
        )
        self.office.clock.advance(6.5 * 3600)
        self.office.import_numbers(NUMBER, OTHER)
        self.home = Home(root=folder / "home")
        self.home.create()
        self.settings = Settings(compliance=ComplianceSettings(officers=("anna",)))
        self.served = True
        self._asked = 0

    def ask(self, name: str, args: Mapping[str, Any], actor: str = "anna", account: str | None = None) -> Answer:
        self._asked += 1
        now = self.office.clock.now()
        context = Context(
            store=self.office.store,
            home=self.home,
            settings=self.settings,
            now=lambda: now,
            engine=self.office.engine if self.served else None,
        )
        who = {"actor": actor, "account": account_of(actor) if account is None else account}
        return execute(context, Command(id=f"test-{self._asked}", name=name, args=args, reason="", at=now, **who))

    def confirmed(self) -> None:
        assert self.ask("rules.override.add", ASKED).done
        assert self.ask("rules.override.confirm", {"override": 1}, "boris").done


@pytest.fixture
def house(centre: Furnish, tmp_path: Path) -> House:
    return House(centre, tmp_path)


def test_the_number_is_dialled_once_a_second_person_confirmed_and_the_other_is_not(house: House) -> None:
    office = house.office
    office.open()
    office.clock.advance(60.0)
    assert office.placed() == 0
    asked = house.ask("rules.override.add", ASKED)
    assert "loosens nothing yet: another person than anna" in asked.message
    office.clock.advance(60.0)
    assert office.placed() == 0
    assert not house.ask("rules.override.confirm", {"override": 1}, "anna").done
    assert house.ask("rules.override.confirm", {"override": 1}, "boris").done
    office.until(lambda: office.placed(NUMBER) == 1)
    office.clock.advance(60.0)
    assert office.placed(OTHER) == 0


def test_each_call_by_it_says_so_in_receipt_why_rules_and_evidence(house: House, tmp_path: Path) -> None:
    house.confirmed()
    told = house.ask("why", {"number": NUMBER, "campaign": "spring"})
    assert any("only by override 1 (hours.mon = 18:00-20:00" in gate["reason"] for gate in told.data["gates"])
    shown = house.ask("rules.show", {"campaign": "spring"})
    assert " 1 override in force. " in shown.message
    assert [each["reason"] for each in shown.data["overrides"]] == [ASKED["reason"]]
    funnel = house.ask("funnel", {"campaign": "spring", "at": [house.office.clock.now().isoformat()]})
    assert (funnel.data["instants"][0]["callable"], funnel.data["instants"][0]["later"]) == (1, 1)
    house.office.open()
    house.office.until(lambda: house.office.placed(NUMBER) == 1)
    store = house.office.store
    (row,) = [row for day in store.receipts.days() for row in store.receipts.of_day(day.day) if row.attempt_id]
    receipt = receipt_from(row.body, row.private)
    assert [(each.id, each.key, each.value) for each in receipt.overrides] == [(1, "hours.mon", "18:00-20:00")]
    folder = tmp_path / "evidence"
    period = {"campaign": "spring", "from": "2026-03-02", "to": "2026-03-02", "out": str(folder)}
    assert house.ask("evidence.make", period).done
    (call,) = rows_of(folder, "calls.csv")
    assert call["overrides"] == "1 hours.mon = 18:00-20:00 until 2026-03-04T05:00:00.000+00:00"
    summary = json.loads((folder / "summary.json").read_text())
    assert [(each["id"], each["calls"], each["confirmed_by"]) for each in summary["overrides"]] == [(1, 1, "boris")]
    assert [each["confirmed_account"] for each in summary["overrides"]] == [account_of("boris")]
    assert summary["calls_outside_hours"]["outside"] == 0
    assert house.ask("evidence.verify", {"folder": str(folder)}).done


def test_a_reason_of_two_lines_is_kept_on_one(house: House) -> None:
    assert house.ask("rules.override.add", ASKED | {"reason": "asked\r\n\tfor it"}).done
    assert [each.reason for each in house.office.store.overrides.all()] == ["asked   for it"]


def test_a_revoked_one_dials_nobody_any_more(house: House) -> None:
    house.confirmed()
    assert not house.ask("rules.override.revoke", {"override": 1, "reason": ""}).done
    assert house.ask("rules.override.revoke", {"override": 1, "reason": "he wrote again"}, "carla").done
    house.office.open()
    house.office.clock.advance(60.0)
    assert house.office.placed() == 0
    assert house.ask("rules.override.list", {}).data["overrides"] == []
    (kept,) = house.ask("rules.override.list", {"all": True}).data["overrides"]
    assert (kept["standing"], kept["revoked_by"], kept["revoked_reason"]) == ("revoked", "carla", "he wrote again")


@pytest.mark.parametrize(
    ("change", "actor", "words"),
    [
        ({}, "boris", "boris is no compliance officer here"),
        ({"reason": ""}, "anna", "Say why"),
        ({"until": "2026-06-01"}, "anna", "90 days from now at the latest"),
        ({"until": "2026-03-01"}, "anna", "is past"),
        ({"until": None}, "anna", "a date such as"),
        ({"key": "abandonment.cap"}, "anna", "cannot be loosened"),
        ({"value": "until ten"}, "anna", "cannot be made looser"),
        ({"number": "12"}, "anna", "Nothing was stored"),
        ({"value": "11:00-17:00"}, "anna", "hours.mon = 11:00-17:00 loosens nothing for +12122000001 under"),
        ({"value": "11:00-17:00", "number": ""}, "anna", "hours.mon = 11:00-17:00 loosens nothing under"),
        ({"key": "attempts.7d", "value": "9"}, "anna", "loosens nothing for +12122000001"),
        ({"reason": "asked\x1b[2J for it"}, "anna", "reason holds a control or invisible character"),
        ({"reason": "asked \u202efor it"}, "anna", "Use plain words. Nothing was done."),
        ({"campaign": "autumn"}, "anna", "There is no campaign"),
    ],
)
def test_what_is_not_right_is_refused_in_a_sentence(
    house: House, change: Mapping[str, Any], actor: str, words: str
) -> None:
    answer = house.ask("rules.override.add", {**ASKED, **change}, actor)
    assert answer.status.value == "refused"
    assert words in answer.message
    assert house.office.store.overrides.all() == ()


def test_a_name_that_is_given_makes_nobody_an_officer_or_a_second_person(house: House) -> None:
    refused = house.ask("rules.override.add", ASKED, "anna", account=account_of("dialer"))
    assert "dialer is no compliance officer here" in refused.message
    assert house.ask("rules.override.add", ASKED, "the officer", account=account_of("anna")).done
    refused = house.ask("rules.override.confirm", {"override": 1}, "boris", account=account_of("anna"))
    assert "it needs another account of the operating system than anna (uid " in refused.message
    assert house.ask("rules.override.confirm", {"override": 1}, "the manager", account=account_of("boris")).done
    (shown,) = house.ask("rules.override.list", {}).data["overrides"]
    assert (shown["asked_by"], shown["asked_account"]) == ("the officer", account_of("anna"))
    assert (shown["confirmed_by"], shown["confirmed_account"]) == ("the manager", account_of("boris"))
    told = house.ask("why", {"number": NUMBER, "campaign": "spring"})
    by = f"by the officer as {account_of('anna')} and the manager as {account_of('boris')}"
    assert any(by in gate["reason"] for gate in told.data["gates"])


def test_where_no_officer_is_named_only_the_console_may_ask(house: House) -> None:
    house.settings = Settings()
    assert "No compliance officer is named" in house.ask("rules.override.add", ASKED).message
    house.served = False
    assert house.ask("rules.override.add", ASKED).done
    assert "another person" in house.ask("rules.override.confirm", {"override": 1}).message


def test_an_officer_without_a_name_is_no_setting() -> None:
    assert faults_of(Settings(compliance=ComplianceSettings(officers=(" ",)))) != []


def test_an_office_without_overrides_says_so(office: Office) -> None:
    assert office.ask("rules.override.list", {}).message == "0 overrides of rules."
