"""Does a declaration by command hold a sales campaign's leads at once, and is it told and taken back?"""

from __future__ import annotations

import pytest

from tests.dialer.office import Office

DECLARED = {"region": "US-NY", "from": "2026-03-01", "to": "2026-03-05", "reason": "Order 47"}


@pytest.fixture
def real(office: Office) -> Office:
    office.trunk("carrier", host="192.0.2.1", practice=False)
    office.leads("phone\n+12122000001\n")
    office.campaign("Real", lists=("autumn",), trunk="carrier", rule_profile="us-federal", message="")
    return office


def told(office: Office) -> list[str]:
    gates = office.do("why", {"number": "+12122000001", "campaign": "Real"})["gates"]
    return [gate["reason"] for gate in gates if gate["code"] == "CALLING_HOURS" and not gate["passed"]]


def test_a_declaration_holds_leads_who_may_be_there_until_it_is_ended(real: Office) -> None:
    assert told(real) == []
    made = real.ask("rules.emergency.add", DECLARED)
    assert made.message.startswith("From 2026-03-01 to 2026-03-05 nobody who may be in US-NY is called for sales.")
    assert told(real) == ["a state of emergency is declared for US-NY until 2026-03-05: Order 47"]
    assert [each["id"] for each in real.do("rules.emergency.list")["emergencies"]] == [1]
    real.do("rules.emergency.end", {"emergency": 1, "reason": "lifted"})
    assert told(real) == []
    assert real.do("rules.emergency.list")["emergencies"] == []
    assert real.do("rules.emergency.list", {"all": True})["emergencies"][0]["ended_reason"] == "lifted"


def test_one_that_is_over_already_says_that_it_closes_nothing(real: Office) -> None:
    made = real.ask("rules.emergency.add", DECLARED | {"from": "2026-01-01", "to": "2026-01-02"})
    assert made.message.endswith("It is over: it holds nobody.")


@pytest.mark.parametrize(
    ("change", "words"),
    [({"region": "US-ZZ"}, "known of US"), ({"to": "2026-02-01"}, "before it begins"), ({"reason": ""}, "declaration")],
)
def test_what_cannot_be_meant_is_refused(office: Office, change: dict[str, str], words: str) -> None:
    answer = office.ask("rules.emergency.add", DECLARED | change)
    assert not answer.done
    assert words in answer.message
    assert office.store.emergencies.all() == ()
