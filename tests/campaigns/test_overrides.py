"""Does a looser rule reach only whom it may, only while it holds, and never what must not be loosened?"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from campaigns.consent import Consent, ConsentAsked, ConsentKind
from campaigns.dialable import GateCode, PastCall, Verdict, judge
from campaigns.override import LONGEST, Override, OverrideStanding, why_not_confirmed
from campaigns.receipts import Issue, receipt_of
from campaigns.registry import Answer
from campaigns.rules import DAY_MIN, PROFILES
from campaigns.rules.duties import ABANDONED
from campaigns.rules.loosening import changes, loosened, loosening_of
from tests.campaigns.receipts.test_reading import Listed
from tests.campaigns.rule_builders import NOON, candidate, contact_point, rules, settings, suppression

NUMBER, OTHER = "+12125550123", "+12125550124"
LATE = datetime.fromisoformat("2026-11-20T21:30:00-05:00")  # a Friday in New York, half an hour after the last call
DAY = timedelta(days=1)
ISSUE = Issue(at=LATE, campaign_id=1, campaign="autumn", settings_version=2)


def override(**changes: Any) -> Override:
    """In force: until ten at night on Fridays, for one number."""
    usual: dict[str, Any] = {
        "id": 3,
        "campaign_id": 1,
        "number": NUMBER,
        "key": "hours.fri",
        "value": "20:00-22:00",
        "reason": "asked to be called at half past nine",
        "asked_by": "anna",
        "asked_at": NOON - DAY,
        "until": NOON + 5 * DAY,
        "confirmed_by": "boris",
        "confirmed_at": NOON,
        "asked_account": "anna (uid 1001)",
        "confirmed_account": "boris (uid 1002)",
    }
    return Override(**usual | changes)


def consent(**changes: Any) -> Consent:
    usual: dict[str, Any] = {"number": NUMBER, "seller": "Acme", "purpose": "sales", "kind": ConsentKind.EXPRESS}
    usual |= {"given_at": NOON - DAY, "proof": "form 7", "source": "test", "actor": "anna", "recorded_at": NOON}
    return Consent(**usual | changes)


def judged(*overrides: Override, at: datetime = LATE, of: Any = None, **changes: Any) -> Verdict:
    return judge(of or candidate(), rules(overrides=overrides, **changes), at)


def test_a_number_that_it_names_is_called_by_it_and_the_receipt_says_so() -> None:
    assert judged().hold is not None
    verdict = judged(override())
    assert verdict.dialable
    (gate,) = (gate for gate in verdict.gates if gate.overrides)
    assert gate.code is GateCode.CALLING_HOURS
    assert "only by override 3 (hours.fri = 20:00-22:00 until 2026-11-25 17:00 UTC, by anna and boris)" in gate.reason
    made = receipt_of(candidate(), verdict, ISSUE, "abcdef-1")
    assert [(each.id, each.key, each.value) for each in made.overrides] == [(3, "hours.fri", "20:00-22:00")]
    assert (made.profile, made.places[0].hours) == ("us-ny", "08:00-22:00")
    assert made.places[0].inside


def test_a_call_that_did_not_need_it_does_not_name_it() -> None:
    verdict = judged(override(), at=NOON)
    assert verdict.dialable
    assert receipt_of(candidate(), verdict, ISSUE, "abcdef-1").overrides == ()


def test_the_receipts_hours_are_those_of_the_overrides_that_were_needed() -> None:
    needed, same, mornings = override(), override(id=4, value="20:00-23:00"), override(id=5, value="06:00-08:00")
    verdict = judged(mornings, same, needed)
    (gate,) = (gate for gate in verdict.gates if gate.overrides)
    assert [each.id for each in gate.overrides] == [3]
    assert verdict.basis is not None
    assert [window.closes_min for window in verdict.basis.hours.week[4]] == [22 * 60]
    both = judged(override(value="20:00-21:30"), override(id=4, value="21:15-23:00"), at=LATE)
    assert [each.id for gate in both.gates for each in gate.overrides] == [4]  # by the first it closed at half past


def test_nobody_else_is_called_by_an_override_for_one_number() -> None:
    assert not judged(override(), of=candidate(contact_point=contact_point(number=OTHER))).dialable


@pytest.mark.parametrize(
    ("consents", "may"),
    [
        ((consent(),), True),
        ((), False),
        (None, False),
        ((consent(seller="Other Ltd"),), False),
        ((consent(purpose="research"),), False),
        ((consent(revoked_at=NOON),), False),
    ],
)
def test_without_a_number_it_is_for_those_who_agreed(consents: Any, may: bool) -> None:
    assert judged(override(number=""), of=candidate(consents=consents)).dialable is may


@pytest.mark.parametrize(
    "changes",
    [
        {"confirmed_by": "", "confirmed_at": None},
        {"confirmed_by": "Anna "},
        {"confirmed_account": "boris (uid 1001)"},
        {"confirmed_account": ""},
        {"asked_account": ""},
        {"confirmed_at": LATE + DAY},
        {"until": LATE},
        {"revoked_at": NOON},
        {"until": NOON + LONGEST + 2 * DAY},
        {"key": "numbers.denied"},
        {"value": "twenty to ten"},
        {"value": "20:07-22:00"},
        {"reason": " "},
    ],
)
def test_what_has_ended_or_cannot_be_read_or_stands_on_one_person_is_not_in_force(changes: dict[str, Any]) -> None:
    assert judged(override()).dialable
    assert not judged(override(**changes)).dialable


class Broken(Override):
    """One of which nothing can be asked."""

    def holds(self, now: datetime) -> bool:
        raise RuntimeError("cannot be read")


def test_a_fault_of_an_override_leaves_the_rules_as_they_are() -> None:
    values = {field.name: getattr(override(), field.name) for field in fields(Override)}
    verdict = judged(override(), Broken(**values))
    assert verdict.hold is not None
    assert verdict.hold.code is GateCode.CALLING_HOURS


EVERYTHING = (
    override(key="hours.mon-sun", value="00:00-24:00"),
    override(id=4, key="attempts.24h", value="100"),
    override(id=5, key="cooldowns.abandoned", value="1h"),
)


@pytest.mark.parametrize(
    ("code", "of", "changes"),
    [
        (GateCode.DO_NOT_CALL, {"suppressions": (suppression(),)}, {}),
        (GateCode.DO_NOT_CALL, {"suppressions": None}, {}),
        (GateCode.REGISTRY, {}, {"registries": Listed(Answer.LISTED)}),
        (GateCode.REGISTRY_KNOWN, {}, {"registries": Listed(Answer.UNKNOWN)}),
        (GateCode.CONSENT, {}, {"settings": settings(consent=ConsentAsked.EXPRESS)}),
        (GateCode.NUMBER, {"contact_point": contact_point(kind="premium_rate")}, {}),
        (GateCode.NUMBER, {"contact_point": contact_point(kind="erased")}, {}),
        (GateCode.LIVE_CALL, {"live_call": True}, {}),
        (GateCode.ATTEMPTS, {"attempted_at": None}, {}),
        (GateCode.ATTEMPTS, {"attempted_at": (NOON, NOON, NOON)}, {}),  # the campaign's own limit of three
    ],
)
def test_it_never_reaches_lists_consent_numbers_or_the_campaigns_own_limits(code: Any, of: Any, changes: Any) -> None:
    verdict = judged(*EVERYTHING, of=candidate(**of), **changes)
    assert code in [gate.code for gate in verdict.gates if not gate.passed]


def test_a_closed_day_a_held_zone_and_a_lapsed_verification_stay_closed() -> None:
    shut = replace(PROFILES["us-federal"], closed_dates=(LATE.date(),))
    held = replace(PROFILES["us-federal"], held_zones=("America/New_York",))
    lapsed = replace(PROFILES["us-federal"], good_until=NOON.date() - DAY)
    for profile in (shut, held, lapsed):
        assert not judged(*EVERYTHING, profile=profile).dialable


class TestAttempts:
    FLORIDA = "+18505550123"
    THREE = tuple(LATE.replace(hour=hour) for hour in (9, 10, 11))
    GENEROUS = settings(max_attempts_per_number_per_day=20)

    def at(self, *overrides: Override) -> Verdict:
        point = contact_point(number=self.FLORIDA)
        someone = candidate(contact_point=point, attempted_at=self.THREE)
        return judged(*overrides, of=someone, at=LATE.replace(hour=15), settings=self.GENEROUS)

    def test_a_limit_of_the_profile_is_lifted_to_the_number_of_calls_that_it_names(self) -> None:
        held = self.at()
        assert held.hold is not None
        assert "us-fl allows 3" in held.hold.reason
        assert self.at(override(number=self.FLORIDA, key="attempts.24h", value="4")).dialable
        assert not self.at(override(number=self.FLORIDA, key="attempts.24h", value="3")).dialable
        assert not self.at(override(number=self.FLORIDA, key="attempts.7d", value="9")).dialable

    def test_of_several_in_force_only_those_are_named_without_which_it_would_be_held(self) -> None:
        usual = {"number": self.FLORIDA, "key": "attempts.24h"}
        five, four = override(id=3, **usual, value="5"), override(id=4, **usual, value="4")
        idle = [override(id=5, **usual | {"key": "attempts.7d"}, value="9"), override(id=6, number=self.FLORIDA)]
        (gate,) = (gate for gate in self.at(*idle, four, five).gates if gate.overrides)
        assert [each.id for each in gate.overrides] == [3]
        assert "override 3 (" in gate.reason
        assert "override 4 (" not in gate.reason

    def test_the_rest_after_an_abandoned_call_is_shortened(self) -> None:
        british = contact_point(number="+442079460123", region="GB", zones=("Europe/London",), kind="fixed")
        lost = (PastCall(at=NOON - 2 * DAY, ended_at=NOON - 2 * DAY, outcomes=frozenset({ABANDONED})),)
        someone = candidate(contact_point=british, past_calls=lost)
        uk: dict[str, Any] = {"profile": PROFILES["uk"], "at": NOON - timedelta(hours=4), "of": someone}
        assert GateCode.ATTEMPTS in [gate.code for gate in judged(**uk).gates if not gate.passed]
        short = override(number="+442079460123", key="cooldowns.abandoned", value="24h", confirmed_at=NOON - DAY)
        assert GateCode.ATTEMPTS not in [gate.code for gate in judged(short, **uk).gates if not gate.passed]


def test_a_lead_that_is_still_held_is_asked_again_when_the_looser_hours_begin() -> None:
    early = LATE.replace(hour=5, minute=0)
    verdict = judged(override(key="hours.fri", value="06:00-21:00"), at=early, of=candidate())
    assert not verdict.dialable
    assert verdict.ask_again_at == LATE.replace(hour=8, minute=0)  # it begins at noon only, when it was confirmed
    sooner = override(value="06:00-21:00", confirmed_at=early - DAY, asked_at=early - 2 * DAY)
    assert judged(sooner, at=early).ask_again_at == LATE.replace(hour=6, minute=0)


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_a_profile_is_only_ever_looser_and_in_nothing_but_hours_and_attempts(name: str) -> None:
    before = PROFILES[name]
    read = (loosening_of("hours.sat-sun", "10:00-12:00"), loosening_of("attempts.24h", "9"))
    after = loosened(before, read)
    for mine, others in zip(before.week, after.week, strict=True):
        minutes = [{m for w in day for m in range(w.opens_min, w.closes_min)} for day in (mine, others)]
        assert minutes[0] <= minutes[1] <= set(range(DAY_MIN))
    assert after.duties.abandonment == before.duties.abandonment
    assert after.duties.consents == before.duties.consents
    same = [field.name for field in fields(before) if field.name not in ("name", "week", "duties")]
    assert [getattr(after, each) for each in same] == [getattr(before, each) for each in same]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("abandonment.cap", "0.1"),
        ("consent.needed", "none"),
        ("hours.funday", "08:00-21:00"),
        ("hours.mon", "21:00-08:00"),
        ("hours.mon", ""),
        ("attempts.24h", "0"),
        ("attempts.24h", "101"),
        ("attempts.24h", "-3"),
        ("attempts.day", "3"),
        ("cooldowns.refusal", "1h"),
        ("cooldowns.abandoned", "0h"),
        ("", ""),
    ],
)
def test_what_cannot_be_loosened_is_refused_in_words(key: str, value: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        loosening_of(key, value)


@pytest.mark.parametrize(
    ("key", "value", "of", "may"),
    [
        ("hours.fri", "20:00-21:30", "us-federal", True),
        ("hours.fri", "08:00-21:00", "us-federal", False),
        ("hours.mon-fri", "10:00-12:00", "us-federal", False),
        ("attempts.24h", "4", "us-fl", True),
        ("attempts.24h", "3", "us-fl", False),
        ("attempts.7d", "9", "us-fl", False),
        ("cooldowns.abandoned", "24h", "uk", True),
        ("cooldowns.abandoned", "366d", "uk", False),
        ("cooldowns.abandoned", "1h", "us-fl", False),
    ],
)
def test_it_is_known_whether_a_loosening_makes_anything_legal(key: str, value: str, of: str, may: bool) -> None:
    assert changes(PROFILES[of], loosening_of(key, value)) is may


def test_a_request_stands_where_its_dates_say() -> None:
    pending = override(confirmed_by="", confirmed_at=None)
    assert pending.standing(NOON) is OverrideStanding.PENDING
    boris = "boris (uid 1002)"
    assert why_not_confirmed(pending, "boris", boris, NOON) == ""
    assert "another person than anna" in why_not_confirmed(pending, " ANNA", boris, NOON)
    assert "another account" in why_not_confirmed(pending, "boris", "anna (uid 1001)", NOON)
    assert "ended" in why_not_confirmed(pending, "boris", boris, NOON + 6 * DAY)
    assert "in force" in why_not_confirmed(override(), "carla", boris, NOON)
