"""Which lists does a profile ask for: by purpose, by consent, and together with others?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from campaigns.rules import PROFILES, ListsAsked, RuleProfile, lists_asked, rules_of_places
from campaigns.rules.duties import DoNotCallSource, Duties

SALES: dict[str, Any] = {"purposes": ("sales",)}


def profile(*sources: DoNotCallSource, name: str = "house") -> RuleProfile:
    return replace(PROFILES["strict"], name=name, duties=Duties(do_not_call=sources), made_of=(name,))


def source(name: str = "us-ftc", days: int = 31, **fields: Any) -> DoNotCallSource:
    return DoNotCallSource(list_id=name, max_age_days=days, **fields)


def wanted(asked: ListsAsked) -> dict[str, int]:
    return dict(asked.wanted)


def agreed_in(*kinds: str) -> Callable[[str], str]:
    return lambda needed: "form of May" if needed in kinds else ""


def test_our_own_list_is_no_list_that_must_be_kept() -> None:
    assert lists_asked(profile(source("internal", 0)), "sales", None).wanted == ()


def test_of_two_ages_for_a_list_the_smaller_one_is_asked() -> None:
    assert wanted(lists_asked(profile(source(days=31), source(days=28)), "sales", None)) == {"us-ftc": 28}


@pytest.mark.parametrize(
    ("purpose", "asks"),
    [("sales", True), ("research", False), ("debts", False), ("charity", False), ("information", False)],
)
def test_a_list_for_sales_is_asked_for_sales_only(purpose: str, asks: bool) -> None:
    asked = lists_asked(profile(source(**SALES)), purpose, None)
    assert bool(asked.wanted) is asks
    assert [(each.list_id, each.by) for each in asked.lifted] == ([] if asks else [("us-ftc", "purpose")])


@pytest.mark.parametrize("purpose", ["", "marketing", "Research", "reactivation"])
def test_a_purpose_of_the_houses_own_wording_is_taken_for_sales(purpose: str) -> None:
    assert wanted(lists_asked(profile(source(**SALES)), purpose, None)) == {"us-ftc": 31}


def test_a_list_that_one_profile_asks_for_any_purpose_is_asked_whatever_another_says() -> None:
    asked = lists_asked(profile(source(**SALES), source(days=60)), "research", None)
    assert wanted(asked) == {"us-ftc": 60}
    assert asked.lifted == ()


def test_a_consent_lifts_a_list_only_where_everyone_who_asks_for_it_agrees() -> None:
    lifting = source(consent_lifts="express_written")
    both_lift = profile(lifting, source(days=28, consent_lifts="express"))
    written = agreed_in("express_written", "express")
    assert lists_asked(profile(lifting), "sales", written).wanted == ()
    assert lists_asked(both_lift, "sales", written).wanted == ()
    assert wanted(lists_asked(both_lift, "sales", agreed_in("express"))) == {"us-ftc": 28}
    stubborn = profile(lifting, source(days=90))
    assert wanted(lists_asked(stubborn, "sales", written)) == {"us-ftc": 31}


def test_what_a_consent_lifted_says_so() -> None:
    asked = lists_asked(profile(source(consent_lifts="express")), "sales", agreed_in("express"))
    (lifted,) = asked.lifted
    assert (lifted.by, lifted.why) == ("consent", "form of May: us-ftc need not be asked")


@pytest.mark.parametrize("state", ["co", "fl", "in", "la", "ma", "mo", "ok", "pa", "tn", "tx", "wy"])
def test_states_with_lists_of_their_own_ask_for_them_beside_the_national_one(state: str) -> None:
    there = rules_of_places(PROFILES["us-federal"], (f"US-{state.upper()}",))
    assert wanted(lists_asked(there, "sales", None)) == {"us-ftc": 31, f"us-{state}": 92 if state == "ma" else 31}
    assert lists_asked(there, "research", None).wanted == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("uk", {"uk-tps": 28, "uk-ctps": 28}),
        ("ca", {"ca-dncl": 31}),
        ("it", {"it-rpo": 15}),
        ("au", {"au-dncr": 30}),
        ("es", {"es-robinson": 30}),
        ("br", {"br-nao-me-perturbe": 30}),
        ("practice", {}),
        ("au-research", {}),
    ],
)
def test_each_nation_asks_for_its_list_in_its_age(name: str, expected: dict[str, int]) -> None:
    assert wanted(lists_asked(PROFILES[name], "sales", None)) == expected


def test_debts_under_regulation_f_ask_no_list_of_sales_calls() -> None:
    assert lists_asked(PROFILES["us-reg-f"], "debts", None).wanted == ()
    assert wanted(lists_asked(PROFILES["us-reg-f"], "sales", None)) == {"us-ftc": 31}
