"""Is every gate judged as its rule says, and is the first that is shut the reason told?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.consent import Consent, ConsentAsked, ConsentKind
from campaigns.dialable import Candidate, GateCode, Rules, judge
from campaigns.hours import PRACTICE, US_FEDERAL, RuleProfile, Window
from campaigns.model import CampaignState, CloseReason, LeadState, Scope
from campaigns.number_answers import REASSIGNED, Answered, NumberAnswer, ReassignedAsked
from campaigns.place import Address
from campaigns.registry import Answer, RegistryVerdict
from campaigns.rules import ListsAsked
from tests.campaigns.rule_builders import (
    NOON,
    PRACTICE_TRUNK,
    candidate,
    contact_point,
    dialling_state,
    rules,
    settings,
    suppression,
)

DAY = timedelta(hours=24)


def hold(someone: Candidate, by: Rules | None = None, now: datetime = NOON) -> tuple[GateCode, str, datetime | None]:
    verdict = judge(someone, by or rules(), now)
    assert verdict.hold is not None
    assert not verdict.dialable
    return verdict.hold.code, verdict.hold.reason, verdict.ask_again_at


def test_a_new_lead_at_noon_with_nothing_against_it_is_dialable() -> None:
    verdict = judge(candidate(), rules(), NOON)
    assert verdict.dialable
    assert verdict.hold is None
    assert verdict.ask_again_at is None
    assert [gate.code for gate in verdict.gates] == [code for code in GateCode if code != "CAMPAIGN_STATE"]


def test_the_campaigns_state_is_asked_first_where_somebody_asks_why() -> None:
    code, reason, again = hold(candidate(campaign_state=CampaignState.PAUSED))
    assert (code, again) == (GateCode.CAMPAIGN_STATE, None)
    assert "PAUSED" in reason
    assert judge(candidate(campaign_state=CampaignState.RUNNING), rules(), NOON).dialable


def test_a_practice_number_is_refused_on_a_real_trunk() -> None:
    code, reason, again = hold(candidate(contact_point=contact_point(practice=True)))
    assert (code, again) == (GateCode.PRACTICE, None)
    assert "practice number" in reason


def test_a_real_number_is_refused_on_a_practice_trunk() -> None:
    code, reason, _ = hold(candidate(), rules(trunk=PRACTICE_TRUNK))
    assert code is GateCode.PRACTICE
    assert "real number" in reason


def test_the_practice_profile_is_refused_on_a_trunk_that_is_not_loopback() -> None:
    far = PRACTICE_TRUNK.__class__(name="far", practice=True, loopback=False)
    pupil = candidate(contact_point=contact_point(practice=True))
    assert hold(pupil, rules(trunk=far, profile=PRACTICE))[0] is GateCode.PRACTICE
    assert judge(pupil, rules(trunk=PRACTICE_TRUNK, profile=PRACTICE), NOON).dialable


def test_the_practice_profile_never_opens_the_hours_of_a_real_number() -> None:
    near = PRACTICE_TRUNK.__class__(name="near", practice=False, loopback=True)
    assert hold(candidate(), rules(trunk=near, profile=PRACTICE))[0] is GateCode.PRACTICE


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "premium", "number": "+19005550123"},
        {"kind": "toll_free"},
        {"kind": ""},
        {"number": "+12129761234"},
        {"number": "+881612345678", "kind": "voip"},
        {"region": "CA"},
        {"number": "+18765551234", "region": "JM", "kind": "mobile", "zones": ("America/Jamaica",)},
        {"number": "+18095551234", "region": "DO", "zones": ("America/Santo_Domingo",)},
        {"number": "+14734091234", "region": "GD", "zones": ("America/Grenada",)},
        {"region": ""},
    ],
)
def test_numbers_of_costly_kinds_or_uncovered_regions_are_held(changes: dict[str, Any]) -> None:
    assert hold(candidate(contact_point=contact_point(**changes)))[0] is GateCode.NUMBER


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (dialling_state(state=LeadState.CLOSED, close_reason=CloseReason.SALE), "sale"),
        (dialling_state(state=LeadState.IN_PROGRESS), "being called"),
    ],
)
def test_a_closed_lead_and_one_in_progress_are_held_until_somebody_changes_them(state: Any, word: str) -> None:
    code, reason, again = hold(candidate(state=state))
    assert (code, again) == (GateCode.LEAD_STATE, None)
    assert word in reason


def test_a_do_not_call_entry_names_who_when_why_and_how_far() -> None:
    code, reason, again = hold(candidate(suppressions=(suppression(scope=Scope.SELLER, value="Acme"),)))
    assert (code, again) == (GateCode.DO_NOT_CALL, None)
    for word in ("seller Acme", "asked us", "anna", "2026-11-17 17:00", "desk"):
        assert word in reason


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({}, True),
        ({"scope": Scope.SELLER, "value": "Acme"}, True),
        ({"scope": Scope.SELLER, "value": " ACME "}, True),
        ({"scope": Scope.SELLER, "value": "Other"}, False),
        ({"scope": Scope.CAMPAIGN, "value": "autumn"}, True),
        ({"scope": Scope.CAMPAIGN, "value": "spring"}, False),
        ({"removed_at": NOON, "removed_by": "boss"}, False),
    ],
)
def test_only_entries_in_force_that_reach_this_seller_or_campaign_hold(changes: dict[str, Any], held: bool) -> None:
    assert judge(candidate(suppressions=(suppression(**changes),)), rules(), NOON).dialable is not held


def test_a_lead_out_of_tries_is_held_but_a_promised_callback_is_made() -> None:
    spent = {"tries": 6, "ask_again_at": NOON}
    assert hold(candidate(state=dialling_state(state=LeadState.RETRY, **spent)))[0] is GateCode.ATTEMPTS
    assert judge(candidate(state=dialling_state(state=LeadState.CALLBACK, **spent)), rules(), NOON).dialable


def test_the_fourth_call_to_a_number_waits_until_the_first_of_three_is_24_hours_old() -> None:
    called = (NOON - timedelta(hours=23), NOON - timedelta(hours=5), NOON - timedelta(hours=1))
    code, _, again = hold(candidate(attempted_at=called))
    assert code is GateCode.ATTEMPTS
    assert again == NOON + timedelta(hours=1)
    assert judge(candidate(attempted_at=called), rules(), NOON + timedelta(hours=1)).dialable
    assert not judge(candidate(attempted_at=called), rules(), NOON + timedelta(hours=1, seconds=-1)).dialable


def test_a_retry_and_a_callback_wait_for_their_time() -> None:
    due = NOON + timedelta(hours=2)
    for state in (LeadState.RETRY, LeadState.CALLBACK):
        someone = candidate(state=dialling_state(state=state, ask_again_at=due))
        assert hold(someone)[::2] == (GateCode.RETRY_TIME, due)
        assert judge(someone, rules(), due).dialable


def test_a_callback_asked_for_at_night_is_made_when_the_hours_open() -> None:
    night, morning = NOON.replace(day=21, hour=4), NOON.replace(day=21, hour=13)  # 23:00 and 08:00 in New York
    someone = candidate(state=dialling_state(state=LeadState.CALLBACK, ask_again_at=night))
    assert hold(someone)[2] == morning
    assert hold(someone, now=night)[::2] == (GateCode.CALLING_HOURS, morning)
    assert judge(someone, rules(), morning).dialable


def test_a_retry_without_a_stored_time_is_held() -> None:
    assert hold(candidate(state=dialling_state(state=LeadState.RETRY)))[0] is GateCode.RETRY_TIME


def test_a_lead_on_a_desk_or_skipped_there_waits_until_its_time_and_says_why() -> None:
    due = NOON + timedelta(hours=4)
    for state in (LeadState.NEW, LeadState.RETRY):
        someone = candidate(
            state=dialling_state(state=state, ask_again_at=due, hold_code="PREVIEW", hold_reason="skipped by Anna")
        )
        assert hold(someone) == (GateCode.PREVIEW, "skipped by Anna", due)
        assert judge(someone, rules(), due).dialable


def test_a_number_that_may_be_in_two_zones_is_called_only_when_both_are_open() -> None:
    split = candidate(contact_point=contact_point(zones=("America/New_York", "America/Los_Angeles")))
    early = NOON.replace(hour=14)  # 09:00 in New York, 06:00 in Los Angeles
    code, reason, again = hold(split, now=early)
    assert code is GateCode.CALLING_HOURS
    assert "06:00 in America/Los_Angeles" in reason
    assert again == NOON.replace(hour=16)


def test_the_leads_own_zone_counts_beside_those_of_the_number() -> None:
    moved = candidate(lead_zone="Pacific/Guam")
    assert hold(moved)[0] is GateCode.CALLING_HOURS


def test_the_zone_of_the_address_counts_beside_those_of_the_number() -> None:
    moved = candidate(address=Address(postal_code="96815"))  # Honolulu, where it is 07:00
    code, reason, again = hold(moved)
    assert code is GateCode.CALLING_HOURS
    assert "07:00 in Pacific/Honolulu" in reason
    assert again == NOON + timedelta(hours=1)
    assert moved.regions == ("US-NY", "US-HI")


def test_a_lead_whose_address_has_no_known_zone_is_held_with_that_reason() -> None:
    forces = candidate(address=Address(region="AE", postal_code="09001"))
    code, reason, again = hold(forces)
    assert (code, again) == (GateCode.CALLING_HOURS, None)
    assert "military post" in reason


@pytest.mark.parametrize(
    "changes",
    [
        {"contact_point": contact_point(zones=())},
        {"contact_point": contact_point(zones=("Etc/Unknown",))},
        {"lead_zone": "Mars/Olympus"},
        {"lead_zone": "../../etc/passwd"},
    ],
)
def test_a_number_without_a_known_zone_is_held_until_its_data_is_mended(changes: dict[str, Any]) -> None:
    code, _, again = hold(candidate(**changes))
    assert (code, again) == (GateCode.CALLING_HOURS, None)


def test_a_number_with_a_live_call_is_looked_at_again_in_a_minute() -> None:
    assert hold(candidate(live_call=True))[::2] == (GateCode.LIVE_CALL, NOON + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"suppressions": None}, GateCode.DO_NOT_CALL),
        ({"attempted_at": None}, GateCode.ATTEMPTS),
        ({"live_call": None}, GateCode.LIVE_CALL),
    ],
)
def test_what_could_not_be_looked_up_holds(changes: dict[str, Any], code: GateCode) -> None:
    assert hold(candidate(**changes))[::2] == (code, None)


def test_the_next_time_is_when_all_shut_gates_are_open_and_calling_is_legal() -> None:
    late = NOON.replace(hour=1, day=21)  # 20:00 in New York; the gap ends at 22:00, which is too late
    someone = candidate(state=dialling_state(state=LeadState.RETRY, ask_again_at=late + timedelta(hours=2)))
    assert hold(someone, now=late)[2] == NOON.replace(hour=13, day=21)  # 08:00 on Saturday


def test_a_practice_number_of_the_held_area_is_held_until_tomorrow_and_again() -> None:
    pupil = candidate(contact_point=contact_point(practice=True, zones=("Pacific/Honolulu",)))
    by = rules(trunk=PRACTICE_TRUNK, profile=PRACTICE)
    code, reason, again = hold(pupil, by)
    assert code is GateCode.CALLING_HOURS
    assert "tomorrow" in reason
    assert again == NOON.replace(day=21, hour=10)  # midnight in Honolulu
    assert hold(pupil, by, now=again)[2] == NOON.replace(day=22, hour=10)


class BrokenProfile(RuleProfile):
    """Its hours cannot be evaluated."""

    def windows(self, day: date) -> tuple[Window, ...]:
        raise ZeroDivisionError


BROKEN = BrokenProfile(
    name="broken", week=US_FEDERAL.week, practice=True, source="a test", verified_on=date(2026, 11, 21)
)


def test_a_rule_that_raises_holds_and_says_so() -> None:
    pupil = candidate(contact_point=contact_point(practice=True))  # judged by this profile alone, whatever his place
    code, reason, again = hold(pupil, rules(profile=BROKEN, trunk=PRACTICE_TRUNK))
    assert (code, again) == (GateCode.CALLING_HOURS, None)
    assert "could not be evaluated (ZeroDivisionError)" in reason


# Each entry shuts exactly one gate.
LISTED, UNKNOWN = "+12125550124", "+13105550125"


class _Registered:
    """Knows one area code and one number in it."""

    def ask(self, number: str, _now: datetime, _asked: ListsAsked) -> RegistryVerdict:
        if not number.startswith("+1212"):
            return RegistryVerdict(answer=Answer.UNKNOWN, reason="area not covered")
        answer = Answer.LISTED if number == LISTED else Answer.CLEAR
        return RegistryVerdict(answer=answer, reason=f"the list says {answer.name}")


class _Broken:
    def ask(self, _number: str, _now: datetime, _asked: ListsAsked) -> RegistryVerdict:
        raise OSError("the disk is gone")


REGISTERED = _Registered()


def test_a_number_on_a_registry_is_barred_with_the_lists_own_words() -> None:
    someone = candidate(contact_point=contact_point(number=LISTED))
    assert hold(someone, rules(registries=REGISTERED)) == (GateCode.REGISTRY, "the list says LISTED", None)


def test_a_number_no_registry_can_tell_of_waits_for_a_list_that_can() -> None:
    someone = candidate(contact_point=contact_point(number=UNKNOWN))
    assert hold(someone, rules(registries=REGISTERED)) == (GateCode.REGISTRY_KNOWN, "area not covered", None)


def test_registries_that_cannot_be_read_hold_every_number() -> None:
    assert hold(candidate(), rules(registries=_Broken()))[0] is GateCode.REGISTRY


def test_a_practice_number_is_looked_up_in_no_registry() -> None:
    pupil = candidate(contact_point=contact_point(number=UNKNOWN, practice=True))
    verdict = judge(pupil, rules(trunk=PRACTICE_TRUNK, profile=PRACTICE, registries=_Broken()), NOON)
    assert verdict.dialable


def test_without_registries_the_gate_says_so() -> None:
    survey = rules(registries=None, settings=settings(purpose="research"))
    (gate,) = (gate for gate in judge(candidate(), survey, NOON).gates if gate.code is GateCode.REGISTRY)
    assert gate.passed
    assert "no national registry is kept here" in gate.reason


AGREED = Consent(
    number="+12125550123",
    seller="Acme",
    purpose="sales",
    kind=ConsentKind.EXPRESS_WRITTEN,
    given_at=NOON - DAY,
    proof="form 4711",
    source="form.csv",
    actor="anna",
    recorded_at=NOON - DAY,
)
STILL_HIS = NumberAnswer(
    list_id=REASSIGNED,
    number="+12125550123",
    answer=Answered.NO,
    about=(NOON - 2 * DAY).date(),
    asked_at=NOON - DAY,
    source="answers.csv",
    actor="anna",
    recorded_at=NOON - DAY,
)


FAILURES: dict[GateCode, dict[str, Any]] = {
    GateCode.CAMPAIGN_STATE: {"campaign_state": CampaignState.STOPPED},
    GateCode.PRACTICE: {"practice": True},
    GateCode.NUMBER: {"kind": "pager"},
    GateCode.LEAD_STATE: {"state": LeadState.CLOSED},
    GateCode.DO_NOT_CALL: {"suppressions": (suppression(),)},
    GateCode.REGISTRY: {"number": LISTED},
    GateCode.REGISTRY_KNOWN: {"number": UNKNOWN},
    GateCode.CONSENT: {"consents": (replace(AGREED, kind=ConsentKind.EXPRESS),)},
    GateCode.REASSIGNED: {"answers": ()},
    GateCode.ATTEMPTS: {"attempted_at": (NOON - DAY / 2,) * 3},
    GateCode.PREVIEW: {"hold_code": "PREVIEW", "hold_reason": "on a desk", "ask_again_at": NOON + DAY},
    GateCode.RETRY_TIME: {"state": LeadState.RETRY, "ask_again_at": NOON + DAY},
    GateCode.CALLING_HOURS: {"zones": ("Asia/Tokyo",)},
    GateCode.LIVE_CALL: {"live_call": True},
}


ALL_ASKED = rules(
    registries=REGISTERED,
    settings=settings(consent=ConsentAsked.EXPRESS_WRITTEN, reassigned=ReassignedAsked.ASK),
)
STATE = ("state", "ask_again_at", "hold_code", "hold_reason")


def failing(codes: set[GateCode]) -> Candidate:
    changes: dict[str, Any] = {"consents": (AGREED,), "answers": (STILL_HIS,)}
    for code in sorted(codes):
        changes |= FAILURES[code]
    point = {key: changes.pop(key) for key in ("practice", "kind", "zones", "number") if key in changes}
    state = {key: changes.pop(key) for key in STATE if key in changes}
    return candidate(contact_point=contact_point(**point), state=dialling_state(**state), **changes)


# What is shown is no part of a lead: its gate has tests of its own (test_caller_id.py).
@pytest.mark.parametrize("code", sorted(set(GateCode) - {GateCode.CALLER_ID}))
def test_each_gate_alone_makes_a_lead_not_dialable(code: GateCode) -> None:
    verdict = judge(failing({code}), ALL_ASKED, NOON)
    assert not verdict.dialable
    assert [gate.code for gate in verdict.gates if not gate.passed] == [code]


# A lead has one number and one state, so of these two pairs only one gate can fail at a time.
TOGETHER = sorted(set(GateCode) - {GateCode.LEAD_STATE, GateCode.REGISTRY_KNOWN, GateCode.PRACTICE, GateCode.CALLER_ID})


@given(st.sets(st.sampled_from(TOGETHER), min_size=1))
def test_all_failing_gates_are_told_and_the_first_of_them_is_the_hold(codes: set[GateCode]) -> None:
    verdict = judge(failing(codes), ALL_ASKED, NOON)
    assert {gate.code for gate in verdict.gates if not gate.passed} == codes
    assert verdict.hold is not None
    assert verdict.hold.code is next(code for code in GateCode if code in codes)
    assert not verdict.dialable


@given(
    retry_h=st.integers(0, 60),
    called_h=st.lists(st.integers(1, 30), max_size=5),
    zones=st.sets(
        st.sampled_from(["America/New_York", "America/Phoenix", "Asia/Kolkata", "Europe/London"]), min_size=1
    ),
)
def test_at_the_time_named_the_lead_is_dialable_and_a_minute_before_it_is_not(
    retry_h: int, called_h: list[int], zones: set[str]
) -> None:
    someone = candidate(
        contact_point=contact_point(zones=tuple(sorted(zones))),
        state=dialling_state(state=LeadState.RETRY, ask_again_at=NOON + timedelta(hours=retry_h)),
        attempted_at=tuple(NOON - timedelta(hours=h) for h in called_h),
    )
    verdict = judge(someone, rules(), NOON)
    if verdict.ask_again_at is not None:
        assert judge(someone, rules(), verdict.ask_again_at).dialable
        assert not judge(someone, rules(), verdict.ask_again_at - timedelta(minutes=1)).dialable
    else:
        assert verdict.dialable or verdict.hold is not None


@given(st.sampled_from(["settings", "trunk", "profile"]))
def test_rules_that_are_broken_anywhere_never_let_a_call_through(field: str) -> None:
    verdict = judge(candidate(), rules(**{field: None}), NOON)
    assert not verdict.dialable
    assert verdict.ask_again_at is None


def test_the_seller_of_an_entry_is_compared_with_the_campaigns_own() -> None:
    entry = suppression(scope=Scope.SELLER, value="Umbrella")
    assert not judge(candidate(suppressions=(entry,)), rules(settings=settings(seller_name="Umbrella")), NOON).dialable
