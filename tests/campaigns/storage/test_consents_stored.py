"""Are consents kept as they came, taken back without a trace lost, and known to the queue?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import StatementError

from campaigns.consent import Consent, ConsentKind
from campaigns.storage import Store
from tests.builders.stored import NOON

NUMBER = "+12125550101"


def consent(**changes: object) -> Consent:
    usual = Consent(
        number=NUMBER,
        seller="Acme",
        purpose="sales",
        kind=ConsentKind.EXPRESS_WRITTEN,
        given_at=NOON - timedelta(days=3),
        proof="form 4711",
        wording="I agree to be called by Acme; «привет»",
        source="form.csv",
        actor="anna",
        recorded_at=NOON,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_a_consent_comes_back_as_it_was_given(store: Store) -> None:
    assert store.consents.add_many([consent()]) == (1, 0)
    (kept,) = store.consents.of(NUMBER)
    assert replace(kept, id=None) == consent()


def test_the_same_consent_twice_is_one_and_a_renewal_is_another(store: Store) -> None:
    store.consents.add_many([consent()])
    renewed = consent(given_at=NOON - timedelta(days=1))
    assert store.consents.add_many([consent(), consent(), renewed]) == (1, 2)
    assert [each.given_at for each in store.consents.of(NUMBER)] == [consent().given_at, renewed.given_at]


def test_taking_back_ends_all_consents_of_a_number_for_one_seller_and_keeps_their_rows(store: Store) -> None:
    others = (consent(seller="Other"), consent(number="+12125550102"))
    store.consents.add_many([consent(), consent(purpose="survey"), *others])
    now = NOON + timedelta(hours=1)
    gone = store.consents.revoke(NUMBER, "Acme", "boris", "said so", now)
    assert {(each.purpose, each.revoked_at, each.revoked_by, each.revoked_reason) for each in gone} == {
        ("sales", now, "boris", "said so"),
        ("survey", now, "boris", "said so"),
    }
    assert [each.revoked_at for each in store.consents.of(NUMBER) if each.seller == "Other"] == [None]
    assert [each.revoked_at for each in store.consents.of("+12125550102")] == [None]
    assert store.consents.revoke(NUMBER, "Acme", "boris", "again", now) == ()


def test_a_file_with_one_consent_that_cannot_be_stored_stores_none(store: Store) -> None:
    many = [consent(number=f"+1212556{n:04}") for n in range(600)]
    broken = replace(consent(number="+12125550103"), kind="no such kind")  # type: ignore[arg-type]
    with pytest.raises(StatementError):
        store.consents.add_many([consent(), *many, broken])
    assert store.consents.of(NUMBER) == ()
