"""Is nobody called on a consent that he did not give, that he took back, or that is too old?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.consent import Consent, ConsentAsked, ConsentKind, ConsentNeed, judge_consent, kinds_enough
from campaigns.dialable import GateCode, judge
from campaigns.settings import SettingsFault
from tests.campaigns.rule_builders import NOON, candidate, contact_point, rules, settings

DAY = timedelta(days=1)
NEED = ConsentNeed(seller="Acme", max_age=730 * DAY)


def consent(**changes: object) -> Consent:
    usual = Consent(
        number="+12125550123",
        seller="Acme",
        purpose="sales",
        kind=ConsentKind.EXPRESS,
        given_at=NOON - 30 * DAY,
        proof="form 4711",
        source="form.csv",
        actor="anna",
        recorded_at=NOON - 29 * DAY,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_a_consent_for_this_seller_and_purpose_is_enough_and_its_day_is_named() -> None:
    verdict = judge_consent([consent()], NEED, NOON)
    assert verdict.given
    assert "2026-10-21" in verdict.reason


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seller": "Other"}, "no consent of this number for sales by Acme"),
        ({"purpose": "survey"}, "no consent of this number"),
        ({"revoked_at": NOON - DAY}, "was revoked on 2026-11-19"),
        ({"given_at": NOON + DAY}, "which is not past"),
        ({"given_at": NOON - 730 * DAY}, "older than 730 days"),
    ],
)
def test_a_consent_of_another_kind_or_time_is_none(changes: dict[str, object], words: str) -> None:
    verdict = judge_consent([consent(**changes)], NEED, NOON)
    assert not verdict.given
    assert words in verdict.reason


def test_the_last_second_of_a_consents_age_is_still_good() -> None:
    young = consent(given_at=NOON - 730 * DAY + timedelta(seconds=1))
    assert judge_consent([young], NEED, NOON).given


def test_a_written_consent_is_enough_where_an_express_one_is_asked_and_not_the_other_way() -> None:
    written = replace(NEED, kinds=ConsentAsked.EXPRESS_WRITTEN.kinds)
    assert judge_consent([consent(kind=ConsentKind.EXPRESS_WRITTEN)], NEED, NOON).given
    assert not judge_consent([consent()], written, NOON).given


def test_a_renewed_consent_holds_although_an_older_one_was_taken_back() -> None:
    old, new = consent(given_at=NOON - 60 * DAY, revoked_at=NOON - 50 * DAY), consent()
    assert judge_consent([new, old], NEED, NOON).given


def test_consents_that_could_not_be_looked_up_are_none() -> None:
    assert not judge_consent(None, NEED, NOON).given


@given(ages=st.lists(st.integers(0, 1500), max_size=5), revoked=st.lists(st.booleans(), min_size=5, max_size=5))
def test_some_consent_holds_exactly_when_one_of_them_does(ages: list[int], revoked: list[bool]) -> None:
    known = [
        consent(given_at=NOON - age * DAY, revoked_at=NOON - DAY if gone else None)
        for age, gone in zip(ages, revoked, strict=False)
    ]
    by_hand = any(age < 730 and not gone for age, gone in zip(ages, revoked, strict=False))
    assert judge_consent(known, NEED, NOON).given is by_hand


def test_the_gate_is_open_where_no_consent_is_asked_for_and_shut_without_one_where_it_is() -> None:
    assert judge(candidate(), rules(), NOON).dialable
    asks = rules(settings=settings(consent=ConsentAsked.EXPRESS))
    verdict = judge(candidate(), asks, NOON)
    assert verdict.hold is not None
    assert (verdict.hold.code, verdict.ask_again_at) == (GateCode.CONSENT, None)
    assert judge(candidate(consents=(consent(),)), asks, NOON).dialable
    assert not judge(candidate(consents=None), asks, NOON).dialable


def test_a_place_whose_rules_ask_for_consent_is_called_only_with_it() -> None:
    """Connecticut asks for written consent (Conn. Gen. Stat. 42-288a), whatever the campaign asks for itself."""
    point = contact_point(number="+12035550123")
    alone = judge(candidate(contact_point=point), rules(), NOON)
    assert alone.hold is not None
    assert alone.hold.code is GateCode.CONSENT
    spoken, written = consent(), consent(kind=ConsentKind.EXPRESS_WRITTEN)
    assert not judge(candidate(contact_point=point, consents=(spoken,)), rules(), NOON).dialable
    assert judge(candidate(contact_point=point, consents=(written,)), rules(), NOON).dialable
    both = rules(settings=settings(consent=ConsentAsked.EXPRESS, consent_max_age_days=7))
    old = judge(candidate(contact_point=point, consents=(written,)), both, NOON)
    assert old.hold is not None
    assert "older than 7 days" in old.hold.reason


def test_a_word_for_consent_that_is_unknown_asks_for_the_strictest() -> None:
    assert kinds_enough("something new") == (ConsentKind.EXPRESS_WRITTEN,)


def test_settings_that_ask_for_consent_must_say_for_whom() -> None:
    with pytest.raises(SettingsFault, match="a consent is given to somebody"):
        settings(consent=ConsentAsked.EXPRESS, seller_name="")
    with pytest.raises(SettingsFault, match="purpose"):
        settings(purpose="Sales & more")
