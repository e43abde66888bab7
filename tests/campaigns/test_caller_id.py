"""Is nobody called with a number that the rules of his place forbid to show, or whose right to use nobody recorded?"""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.dialable import GateCode, ShownNumber, Verdict, judge, why_never_shown, why_not_shown
from campaigns.rules import PROFILES
from campaigns.rules.duties import CallerIdRule
from tests.campaigns.rule_builders import NOON, PRACTICE_TRUNK, candidate, contact_point, rules

OURS = ShownNumber(number="+12025550100", right_to_use="LOA of 2026-03-01")
PARIS = "+33162123456"  # a number of the range that France gives to automated and sales calls
PHONE_OF_PARIS, MOBILE = "+33145678901", "+33612345678"


def asked(rule: CallerIdRule, number: str, *countries: str, proof: str = "contract 7") -> str:
    return why_not_shown(ShownNumber(number=number, right_to_use=proof), (rule,), countries)


def gate(shown: ShownNumber | None, **changes: Any) -> Any:
    verdict: Verdict = judge(changes.pop("of", candidate()), rules(caller_id=shown, **changes), NOON)
    return next(each for each in verdict.gates if each.code is GateCode.CALLER_ID)


@pytest.mark.parametrize("proof", ["", "  "])
def test_a_number_without_a_recorded_right_is_not_shown_under_us_rules(proof: str) -> None:
    shut = gate(ShownNumber(number=OURS.number, right_to_use=proof))
    assert not shut.passed
    assert shut.reason == "the caller ID +12025550100 has no right to use on record ('dialer trunk caller-id add')"
    assert shut.passes_at is None
    told = gate(OURS)
    assert (told.passed, told.reason) == (True, "+12025550100 may be shown (LOA of 2026-03-01)")


def test_calls_on_practice_trunks_show_a_number_to_nobody() -> None:
    someone = candidate(contact_point=contact_point(practice=True))
    assert gate(ShownNumber(number=""), of=someone, trunk=PRACTICE_TRUNK).passed


def test_no_number_or_one_that_cannot_be_read_is_shown_nowhere() -> None:
    shown = CallerIdRule(shown=True)
    assert "must be shown" in asked(shown, "")
    assert "can be read" in asked(shown, "+999123")
    assert asked(shown, PARIS) == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [(MOBILE, "is a mobile number"), (PHONE_OF_PARIS, "begins with none of 0162"), (PARIS, "")],
)
def test_france_wants_numbers_of_its_own_ranges_and_no_mobile_ones(number: str, words: str) -> None:
    french = contact_point(number="+33145678902", region="FR", zones=("Europe/Paris",), kind="fixed")
    told = gate(ShownNumber(number=number), of=candidate(contact_point=french), profile=PROFILES["fr"])
    assert told.passed is (words == "")
    assert words in told.reason


def test_spain_bans_mobile_numbers_and_italy_foreign_ones() -> None:
    (spain,), (italy,) = PROFILES["es"].duties.caller_ids, PROFILES["it"].duties.caller_ids
    assert "mobile" in asked(spain, "+34612345678", "ES")
    assert asked(spain, "+34912345678", "ES") == ""
    assert "only numbers of IT may be shown there" in asked(italy, "+34912345678", "IT")
    assert asked(italy, "+390612345678", "IT") == ""


def test_a_number_abroad_that_only_looks_like_the_prefix_is_not_taken_for_it() -> None:
    (france,) = PROFILES["fr"].duties.caller_ids
    british = "+441622123456"  # 01622 in the United Kingdom
    assert "begins with none" in asked(france, british, "FR")


def test_every_rule_of_every_place_must_be_kept() -> None:
    both = (*PROFILES["us-federal"].duties.caller_ids, *PROFILES["es"].duties.caller_ids)
    mobile = ShownNumber(number="+34612345678", right_to_use="contract")
    assert "mobile" in why_not_shown(mobile, both, ("ES",))
    assert "right to use" in why_not_shown(ShownNumber(number="+34912345678"), both, ("ES",))


def test_where_no_rule_asks_nothing_is_asked() -> None:
    assert why_not_shown(ShownNumber(number=""), (), ("US",)) == ""


@pytest.mark.parametrize(
    ("profile", "number", "words"),
    [
        ("it", "+390269821234", ""),
        ("it", PARIS, "only numbers of"),
        ("fr", "+33162301234", ""),
        ("fr", PHONE_OF_PARIS, "begins with none of 0162"),
        ("us-federal", OURS.number, ""),
    ],
)
def test_a_campaign_may_begin_with_a_number_that_some_of_its_people_may_be_shown(
    profile: str, number: str, words: str
) -> None:
    shown, of = ShownNumber(number=number, right_to_use="LOA"), PROFILES[profile]
    told = why_never_shown(shown, of.duties.caller_ids, of.regions)
    assert words in told
    assert bool(told) is bool(words)
