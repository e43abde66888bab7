"""Is a lead held unless every list that his places' rules ask for is kept, young enough and clear of him?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.consent import Consent, ConsentKind
from campaigns.dialable import Candidate, GateCode, Verdict, judge
from campaigns.hours import PRACTICE
from campaigns.place import Address
from campaigns.registry import Kind, ListImport, Registries, RegistryList, import_list, open_registries, united_states
from campaigns.registry import us_state as state_list
from tests.campaigns.rule_builders import NOON, PRACTICE_TRUNK, candidate, contact_point, rules, settings

DAY = timedelta(days=1)
US, FLORIDA = united_states(), state_list("us-fl", "Florida")
FREE, LISTED = "+12125550123", "+12125550124"
IN_FLORIDA = Address(region="FL", country="US")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def bring_in(folder: Path, registry: RegistryList, text: str) -> None:
    file = folder / f"{registry.id}.txt"
    file.write_text(text)
    order = ListImport(registry=registry, kind=Kind.FULL, files=(file,), list_date=NOON - DAY, who="Ann")
    report = import_list(folder / "kept", order, NOON)
    assert report.generation is not None, report.message


def national(folder: Path, *more: RegistryList) -> Registries:
    bring_in(folder, US, "212,5550124\n")
    return open_registries(folder / "kept", [US, *more])


def person(number: str = FREE, **changes: object) -> Candidate:
    return candidate(contact_point=contact_point(number=number), **changes)


def agreed(number: str, kind: ConsentKind = ConsentKind.EXPRESS_WRITTEN, **changes: object) -> Consent:
    usual: dict[str, object] = {
        **{"seller": "Acme", "purpose": "sales", "given_at": NOON - DAY, "proof": "form 7", "source": "form.csv"},
        **{"actor": "anna", "recorded_at": NOON},
    }
    return Consent(number=number, kind=kind, **(usual | changes))  # type: ignore[arg-type]


def held(verdict: Verdict) -> GateCode | None:
    return None if verdict.hold is None else verdict.hold.code


def test_a_house_that_keeps_no_list_sells_to_nobody_and_hears_what_to_do() -> None:
    verdict = judge(person(), rules(registries=None), NOON)
    assert held(verdict) is GateCode.REGISTRY_KNOWN
    assert "dialer dnc import-registry us-ftc" in verdict.reason
    assert "The campaign's purpose is sales; if that is wrong, set it to" in verdict.reason
    assert verdict.basis is not None
    assert verdict.basis.registry is not None
    assert [each.list_id for each in verdict.basis.registry.consulted] == ["us-ftc"]


@pytest.mark.parametrize("purpose", ["research", "debts", "information"])
def test_a_house_that_sells_nothing_needs_no_list_for_sales(purpose: str) -> None:
    assert judge(person(), rules(registries=None, settings=settings(purpose=purpose)), NOON).dialable


def test_who_may_be_in_a_state_with_a_list_waits_for_that_list_too(folder: Path) -> None:
    kept = national(folder)
    assert judge(person(), rules(registries=kept), NOON).dialable
    verdict = judge(person(address=IN_FLORIDA), rules(registries=kept), NOON)
    assert held(verdict) is GateCode.REGISTRY_KNOWN
    assert "us-fl" in verdict.reason
    bring_in(folder, FLORIDA, "3055550100\n2125550123\n")
    both = open_registries(folder / "kept", [US, FLORIDA])
    assert held(judge(person(address=IN_FLORIDA), rules(registries=both), NOON)) is GateCode.REGISTRY
    assert judge(person("+12125550199", address=IN_FLORIDA), rules(registries=both), NOON).dialable


def test_a_list_of_31_days_and_a_second_lets_nobody_pass(folder: Path) -> None:
    by = rules(registries=national(folder))
    last = NOON + 30 * DAY
    assert judge(person(), by, last).dialable
    assert held(judge(person(), by, last + timedelta(seconds=1))) is GateCode.REGISTRY_KNOWN


def test_a_written_consent_to_this_seller_for_this_purpose_lifts_the_national_list(folder: Path) -> None:
    by = rules(registries=national(folder))
    assert held(judge(person(LISTED), by, NOON)) is GateCode.REGISTRY
    verdict = judge(person(LISTED, consents=(agreed(LISTED),)), by, NOON)
    assert verdict.dialable
    (gate,) = (gate for gate in verdict.gates if gate.code is GateCode.REGISTRY)
    assert "express_written consent" in gate.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": ConsentKind.EXPRESS},
        {"seller": "Umbrella"},
        {"purpose": "research"},
        {"given_at": NOON + DAY},
        {"revoked_at": NOON - timedelta(hours=1)},
    ],
)
def test_any_other_consent_lifts_nothing(folder: Path, changes: dict[str, object]) -> None:
    someone = person(LISTED, consents=(agreed(LISTED, **changes),))  # type: ignore[arg-type]
    assert held(judge(someone, rules(registries=national(folder)), NOON)) is GateCode.REGISTRY


def test_consents_that_could_not_be_looked_up_lift_nothing(folder: Path) -> None:
    assert held(judge(person(LISTED, consents=None), rules(registries=national(folder)), NOON)) is GateCode.REGISTRY


def test_a_consent_lifts_no_entry_of_our_own_list(folder: Path) -> None:
    someone = person(LISTED, consents=(agreed(LISTED),), suppressions=None)
    assert held(judge(someone, rules(registries=national(folder)), NOON)) is GateCode.DO_NOT_CALL


def test_practice_asks_no_list() -> None:
    pupil = candidate(contact_point=contact_point(practice=True))
    assert judge(pupil, rules(registries=None, profile=PRACTICE, trunk=PRACTICE_TRUNK), NOON).dialable
