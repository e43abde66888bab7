"""Is a campaign whose rules ask for a list told of it, held by it, and freed when the list comes?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from campaigns.consent import Consent, ConsentKind
from campaigns.model import CampaignState, CloseReason, LeadState
from campaigns.storage.tables.campaigns import DIALLING
from dialer.doctor import examine
from dialer.registries import KeptRegistries, registry_list
from dialer.settings import REGISTRIES, DncSettings, Settings
from dialer.settings_faults import faults_of
from tests.dialer.conftest import Furnish
from tests.dialer.floor import CAMPAIGN, NOON, RINGS_ON, TALKS, CallCentre
from tests.dialer.office import Office
from tests.dialer.test_registries import FREE, LISTED, REAL, US, bring_in, home, kept  # noqa: F401 - fixtures

DAY = timedelta(days=1)


def sells(centre: Furnish, lists: KeptRegistries | None, *numbers: str, **changes: object) -> CallCentre:
    settings: dict[str, object] = {"otherwise": TALKS, "rule_profile": "us-federal", "detects": True}
    office = centre(leads=0, agents=2, trunk=REAL, registries=lists, **settings | changes)
    office.import_numbers(*numbers)
    return office


def agreed(number: str) -> Consent:
    return Consent(
        number=number,
        seller="Acme",
        purpose="sales",
        kind=ConsentKind.EXPRESS_WRITTEN,
        given_at=NOON - DAY,
        proof="form 7",
        source="form.csv",
        actor="anna",
        recorded_at=NOON - DAY,
    )


def test_who_sells_without_the_national_list_is_told_at_the_start_and_calls_nobody(centre: Furnish) -> None:
    office = sells(centre, None, FREE)
    office.open()
    told = office.engine.campaign_pause(CAMPAIGN, "anna") and office.engine.campaign_start(CAMPAIGN, "anna")
    assert "its rules ask for us-ftc" in told
    office.until(lambda: office.lead_state(FREE).hold_code == "REGISTRY_KNOWN")
    office.clock.advance(7200.0)
    assert (office.placed(), office.lead_state(FREE).state) == (0, LeadState.NEW)


def test_who_asks_questions_only_needs_no_list_for_sales(centre: Furnish) -> None:
    office = sells(centre, None, FREE, purpose="research")
    office.open()
    office.until(lambda: office.placed(FREE) == 1)


def test_a_written_consent_frees_a_lead_that_waits_for_a_list(centre: Furnish) -> None:
    office = sells(centre, None, FREE, LISTED, seller_name="Acme")
    office.open()
    office.until(lambda: office.lead_state(FREE).hold_code == "REGISTRY_KNOWN")
    office.store.consents.add_many([agreed(FREE)])
    office.until(lambda: office.placed(FREE) == 1, limit_s=7200)
    assert office.placed(LISTED) == 0


def test_a_new_list_stops_what_rings_but_not_who_agreed_to_be_called(
    centre: Furnish,
    home: object,  # noqa: F811
    kept: KeptRegistries,  # noqa: F811
) -> None:
    bring_in(home, "+12125560199")  # type: ignore[arg-type]
    office = sells(centre, kept, FREE, LISTED, seller_name="Acme", otherwise=replace(RINGS_ON), ratio=2.0)
    office.store.consents.add_many([agreed(FREE)])
    office.open()
    office.until(lambda: office.placed(FREE) == office.placed(LISTED) == 1)
    office.clock.advance(3.0)
    bring_in(home, "+12125560199", FREE, LISTED, dated=NOON, now=office.clock.now())  # type: ignore[arg-type]
    office.until(lambda: {call.attempt.number for call in office.engine._live.calls.values()} == {FREE}, limit_s=5)


def test_a_written_consent_brings_back_a_lead_that_a_list_closed(tmp_path: Path) -> None:
    desk = Office(tmp_path, settings=US)
    furnished(desk)
    bring_in(desk.home, LISTED)
    desk.leads(f"phone\n{LISTED}\n+12125560188\n")
    campaign(desk, lists=("autumn",))
    made = desk.store.campaigns.by_name("autumn")
    assert made is not None
    barred = {"state": LeadState.CLOSED, "close_reason": CloseReason.SUPPRESSED, "hold_code": "REGISTRY"}
    desk.store._db.execute(update(DIALLING).values(**barred))
    given = {"seller": "Acme", "given_at": "2026-03-01", "proof": "form 7", "kind": "express_written"}
    desk.do("consent.add", {"number": LISTED, **given})
    states = {state.person_id: state.state for state in desk.store.queue.states(made.id)}
    assert sorted(states.values()) == [LeadState.CLOSED, LeadState.NEW]


# --- commands --------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Office:
    office = Office(tmp_path, settings=US)
    furnished(office)
    return office


def furnished(office: Office) -> None:
    line: dict[str, Any] = {"exchange": "main", "port": 5060, "caller_id": "+12025550100", "max_calls": 5}
    line["attempts_per_second"] = 1.0
    office.store.trunks.add(name="carrier", host="192.0.2.1", practice=False, rule_profile="us-federal", **line)
    office.store.trunks.add(name="practice", host="127.0.0.1", practice=True, rule_profile="practice", **line)


def campaign(desk: Office, name: str = "autumn", lists: tuple[str, ...] = (), **changes: object) -> None:
    settings = {"name": name, "trunk": "carrier", "rule_profile": "us-federal", "mode": "preview", "ring_timeout_s": 20}
    desk.do("campaign.create", {"settings": settings | {"seller_name": "Acme"} | changes, "lists": list(lists)})


def needs(desk: Office) -> dict[str, dict[str, object]]:
    return {each["list"]: each for each in desk.do("registry.status")["needs"]}


def test_status_tells_for_each_campaign_which_lists_are_asked_for_and_for_how_long_they_count(desk: Office) -> None:
    campaign(desk)
    told = desk.ask("registry.status")
    assert "Every lead of autumn without a consent that lifts it waits for a list." in told.message
    found = needs(desk)
    assert set(found) == {
        "us-ftc",
        *(f"us-{state}" for state in ["co", "fl", "in", "la", "ma", "mo", "ok", "pa", "tn", "tx", "wy"]),
    }
    assert (found["us-ftc"]["where"], found["us-ftc"]["standing"]) == ("every lead", "missing")
    assert (found["us-fl"]["where"], found["us-fl"]["standing"], found["us-fl"]["holds"]) == ("US-FL", "not kept", True)
    bring_in(desk.home, LISTED)
    assert "waits for a list" not in desk.ask("registry.status").message
    fresh = needs(desk)["us-ftc"]
    assert (fresh["standing"], fresh["days_left"], fresh["holds"]) == ("fresh", 30, False)
    desk.now += 28 * DAY
    soon = needs(desk)["us-ftc"]
    assert (soon["standing"], soon["days_left"], soon["holds"]) == ("warns", 2, False)
    desk.now += 2 * DAY + timedelta(seconds=1)
    late = needs(desk)["us-ftc"]
    assert (late["standing"], late["days_left"], late["holds"]) == ("too old", None, True)


def test_a_campaign_for_another_purpose_and_a_practice_one_need_no_list(desk: Office) -> None:
    campaign(desk, "survey", purpose="research")
    campaign(desk, "pupils", rule_profile="practice", trunk="practice")
    assert desk.do("registry.status")["needs"] == []


def test_a_list_that_stands_for_another_one_serves_both(tmp_path: Path) -> None:
    both = Settings(dnc=DncSettings(registries=("us-ftc",), serves=("us-ftc=us-wy", "us-ftc = us-fl")))
    assert registry_list(both, "us-ftc").stands_for == {"us-ftc", "us-wy", "us-fl"}
    assert faults_of(both) == []


@pytest.mark.parametrize("serves", ["us-wy=us-ftc", "us-wy=us-fl", "uk-tps=us-ftc", "us-ftc=uk-tps"])
def test_a_list_that_covers_too_little_stands_for_no_other(serves: str) -> None:
    names = ("us-ftc", "us-wy", "uk-tps")
    (fault,) = faults_of(Settings(dnc=DncSettings(registries=names, serves=(serves,))))
    assert "covers too little" in fault


@pytest.mark.parametrize("serves", ["us-wy", "us-fl=us-wy", "us-ftc=mars", "us-ftc=us-ftc", "="])
def test_what_a_list_stands_for_must_be_a_list_and_the_list_must_be_kept(serves: str) -> None:
    (fault,) = faults_of(Settings(dnc=DncSettings(registries=("us-ftc",), serves=(serves,))))
    assert fault.startswith(f"dnc.serves = {serves!r}")


@pytest.mark.parametrize("name", REGISTRIES)
def test_every_list_that_can_be_named_can_be_kept(name: str, tmp_path: Path) -> None:
    assert registry_list(Settings(), name).id == name


def test_the_doctor_names_the_running_campaign_whose_leads_wait_for_a_list(desk: Office) -> None:
    campaign(desk)
    made = desk.store.campaigns.by_name("autumn")
    assert made is not None
    desk.store.campaigns.set_state(made.id, CampaignState.RUNNING)
    environment = {"DIALER_EXCHANGE_KIND": "simulated"}
    words = [each.words for each in examine(desk.home, environment) if each.check == "registries"]
    assert any("Campaign autumn: every lead who needs the list us-ftc is held" in each for each in words)
