"""Is a lead judged by the rules of every place where he may be?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import campaigns.rules
from campaigns.dialable import GateCode, judge
from campaigns.hours import PRACTICE, STRICT, US_FEDERAL, judge_hours
from campaigns.place import Address
from campaigns.rules import PROFILES, ProfileFault, RuleProfile, rules_of_places, shipped_file, shipped_names
from tests.campaigns.rule_builders import PRACTICE_TRUNK, candidate, contact_point, rules

STATES = {
    region: name
    for name in shipped_names()
    if (applies := shipped_file(name).applies) is not None
    for region in applies.regions
}
SUNDAY = datetime(2027, 2, 7, 12, tzinfo=ZoneInfo("America/Chicago"))
EVENING = datetime(2027, 2, 1, 20, 30, tzinfo=ZoneInfo("America/Chicago"))


def legal(profile: RuleProfile, at: datetime, zone: str = "America/Chicago") -> bool:
    return judge_hours([zone], profile, at).open


def test_a_state_with_stricter_hours_closes_and_one_without_leaves_the_federal_hours() -> None:
    assert not legal(rules_of_places(US_FEDERAL, ("US-FL",)), EVENING)
    assert legal(rules_of_places(US_FEDERAL, ("US-OH",)), EVENING)
    assert not legal(rules_of_places(US_FEDERAL, ("US-OH", "US-AL")), SUNDAY), "one of two places is closed"
    assert legal(rules_of_places(US_FEDERAL, ("US-OH", "US-FL")), SUNDAY)


@given(
    st.lists(st.sampled_from(sorted(STATES)), min_size=1, max_size=5, unique=True),
    st.integers(0, 14 * 96).map(lambda n: datetime(2026, 12, 20, tzinfo=UTC) + timedelta(minutes=15 * n)),
)
def test_a_call_is_legal_only_when_it_is_in_every_place(regions: list[str], at: datetime) -> None:
    each = [legal(PROFILES[STATES[region]], at) for region in regions]
    assert legal(rules_of_places(US_FEDERAL, tuple(regions)), at) == (legal(US_FEDERAL, at) and all(each))


def test_an_unknown_state_is_every_state_only_where_the_profile_asks_for_it() -> None:
    by_state = PROFILES["us-by-state"]
    for unknown in (("US",), ()):
        assert legal(rules_of_places(US_FEDERAL, unknown), EVENING)
        whole = rules_of_places(by_state, unknown)
        assert not legal(whole, EVENING)
        assert set(whole.made_of) >= set(STATES.values())
    assert legal(rules_of_places(by_state, ("US-OH",)), EVENING), "a known state has its own rules only"


def test_what_no_profile_covers_is_never_open() -> None:
    shut = rules_of_places(US_FEDERAL, ("US-FL", "MX"))
    verdict = judge_hours(["America/Chicago"], shut, SUNDAY)
    assert (verdict.open, verdict.opens_at) == (False, None)
    assert "no rule profile covers MX" in verdict.reason
    abroad = rules_of_places(US_FEDERAL, ("DE",))
    assert abroad.why_not_dialled("+12125550123", "mobile", "US"), "rules of both countries share no number"


def test_the_campaigns_purpose_leaves_out_only_profiles_of_another() -> None:
    research, sales = PROFILES["au-research"], PROFILES["au"]
    sunday = datetime(2027, 2, 7, 12, tzinfo=ZoneInfo("Australia/Sydney"))
    assert legal(rules_of_places(research, ("AU",)), sunday, "Australia/Sydney")
    assert not legal(rules_of_places(sales, ("AU",)), sunday, "Australia/Sydney")
    debts = rules_of_places(PROFILES["us-reg-f"], ("US-AL",))
    assert not legal(debts, SUNDAY), "when in doubt a state's rules hold for debts too"


def test_practice_numbers_are_nowhere_and_no_region_changes_nothing() -> None:
    assert rules_of_places(PRACTICE, ("US-FL", "MX")) is PRACTICE
    for profile in (US_FEDERAL, STRICT):
        assert rules_of_places(profile, ()) is profile


def test_a_lead_is_judged_by_the_places_it_may_be_in() -> None:
    chicago = ("America/Chicago",)
    ohioan = contact_point(number="+16145550123", zones=chicago)
    floridian = candidate(contact_point=contact_point(number="+18505550123", zones=chicago))
    verdict = judge(floridian, rules(), EVENING)
    assert verdict.hold is not None
    assert verdict.hold.code is GateCode.CALLING_HOURS
    assert "closed under us-fl" in verdict.hold.reason
    assert verdict.ask_again_at == EVENING.replace(hour=8, minute=0, day=2).astimezone(UTC)
    assert judge(candidate(contact_point=ohioan), rules(), EVENING).dialable
    moved = candidate(contact_point=ohioan, address=Address(country="US", region="Florida"))
    assert not judge(moved, rules(), EVENING).dialable
    nowhere = judge(candidate(contact_point=ohioan, address=Address(country="Mexico")), rules(), EVENING)
    assert nowhere.hold is not None
    assert nowhere.ask_again_at is None


def test_a_place_whose_profile_cannot_be_used_holds_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(name: str) -> None:
        raise ProfileFault(f"{name}.yaml", ("line 1: torn",))

    monkeypatch.setattr("campaigns.rules.places.shipped_file", unreadable)
    campaigns.rules.places._placed.cache_clear()
    base = replace(US_FEDERAL, name="us-federal as never asked before")
    floridian = candidate(contact_point=contact_point(number="+13055550123"))
    verdict = judge(floridian, rules(profile=base), EVENING.replace(hour=12))
    campaigns.rules.places._placed.cache_clear()
    assert verdict.hold is not None
    assert "line 1: torn" in verdict.hold.reason


def test_practice_stays_as_it_was_whatever_the_places() -> None:
    pupil = candidate(contact_point=contact_point(number="+13055550123", practice=True))
    assert judge(pupil, rules(trunk=PRACTICE_TRUNK, profile=PRACTICE), EVENING.replace(hour=3)).dialable


def test_files_that_are_needed_for_places_are_all_there() -> None:
    folder = Path(campaigns.rules.__file__).parent / "profiles"
    assert {path.stem for path in folder.glob("*.yaml")} == set(shipped_names())
    assert len(STATES) >= 27
