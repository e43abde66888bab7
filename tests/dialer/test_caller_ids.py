"""Does a campaign dial only with a number that it may show, and does evidence name the proof?"""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.refusal import Refused
from tests.dialer.conftest import Furnish
from tests.dialer.floor import OWN_NUMBER, RINGS_ON, CallCentre
from tests.dialer.office import Office
from tests.dialer.test_evidence import Records, rows_of

REAL = "+12122000001"


@pytest.fixture
def real(centre: Furnish) -> CallCentre:
    """A campaign on a real trunk, under US rules."""
    office = centre(
        leads=0,
        agents=2,
        trunk={"practice": False, "rule_profile": "us-federal"},
        rule_profile="us-federal",
        otherwise=RINGS_ON,
        purpose="research",  # asks for no do-not-call registry: none is kept here
    )
    office.import_numbers(REAL)
    return office


def end_right(office: CallCentre) -> None:
    office.store.caller_ids.end(OWN_NUMBER, "anna", "given back", office.clock.now())
    office.engine.trunks_changed()


def test_a_campaign_without_the_right_to_its_number_is_not_started_and_says_what_is_missing(real: CallCentre) -> None:
    end_right(real)
    with pytest.raises(Refused, match=r"has no right to use on record \('dialer trunk caller-id add'\)"):
        real.open()
    real.clock.advance(60.0)
    assert real.placed() == 0
    real.store.caller_ids.add(OWN_NUMBER, "LOA of 2026-03-01", "anna", real.clock.now())
    real.engine.campaign_start("spring", "boss")
    real.until(lambda: real.placed(REAL) == 1)


def test_a_right_that_ends_stops_a_running_campaign(real: CallCentre) -> None:
    real.open()
    real.until(lambda: real.placed(REAL) == 1)
    end_right(real)
    real.import_numbers("+12122000002")
    real.engine.leads_changed()
    real.clock.advance(60.0)
    assert real.placed("+12122000002") == 0


def test_a_lead_in_a_place_that_forbids_the_number_is_held_and_the_other_is_dialled(real: CallCentre) -> None:
    """Each claim asks the rules of his place: nobody in France is called with an American number."""
    real.import_numbers("+33145678902")
    real.open()
    real.until(lambda: real.placed(REAL) == 1)
    real.until(lambda: real.lead_state("+33145678902").hold_code != "")
    assert real.placed("+33145678902") == 0
    held = real.store.receipts.of_lead(real.campaign.id, real.lead_state("+33145678902").person_id)
    assert any('["CALLER_ID",false]' in row.body for row in held)


def test_evidence_names_the_proof_of_the_number_shown(real: CallCentre, tmp_path: Path) -> None:
    real.open()
    real.until(lambda: real.placed(REAL) == 1)
    real.clock.advance(1.0)
    end_right(real)
    (call,) = rows_of(Records(real, tmp_path).made(), "calls.csv")
    assert (call["caller_id_number"], call["caller_id_right_to_use"]) == (OWN_NUMBER, "LOA of 2026-01-01")


def test_rights_are_recorded_listed_and_ended_by_commands(office: Office) -> None:
    office.do("caller_id.add", {"number": "+13035550100", "right_to_use": "contract 4711"})
    (shown,) = office.do("caller_id.list")["caller_ids"]
    assert (shown["number"], shown["right_to_use"], shown["recorded_by"]) == ("+13035550100", "contract 4711", "anna")
    office.do("caller_id.end", {"number": "+13035550100"}, reason="given back")
    assert office.do("caller_id.list")["caller_ids"] == []
    assert office.do("caller_id.list", {"all": True})["caller_ids"][0]["ended_reason"] == "given back"
    refused = office.ask("caller_id.add", {"number": "0202", "right_to_use": "contract"})
    assert "write it as +<country><number>" in refused.message


def test_a_trunk_that_is_made_without_a_proof_says_what_is_missing(office: Office) -> None:
    args = {"name": "carrier", "host": "192.0.2.1", "caller_id": "+13035550100"}
    told = office.ask("trunk.add", args).message
    assert "Its calls are judged by strict, the strictest rules, for none were named" in told
    assert "Nothing is dialled under strict before the right to use +13035550100 is recorded" in told
    assert "Nothing is dialled" not in office.ask("trunk.add", args | {"name": "uk", "rule_profile": "uk"}).message


def test_a_trunk_may_be_made_with_its_proof(office: Office) -> None:
    office.trunk("carrier", host="192.0.2.1", practice=False, right_to_use="numbers of our contract")
    assert office.do("caller_id.list")["caller_ids"][0]["right_to_use"] == "numbers of our contract"
