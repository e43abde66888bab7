"""Is a number called only when an answer covers the day of the consent, is young enough and is not contradicted?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns.consent import Consent, ConsentKind
from campaigns.dialable import GateCode, judge
from campaigns.number_answers import (
    REASSIGNED,
    Answered,
    NumberAnswer,
    ReassignedAsked,
    judge_reassigned,
    judge_washed,
    known_since,
)
from campaigns.rules import PROFILES
from tests.campaigns.rule_builders import NOON, candidate, contact_point, rules, settings

DAY = timedelta(days=1)
GIVEN = date(2026, 5, 1)
ROMAN = "+393123456789"


def answer(
    said: Answered = Answered.NO, about: date | None = GIVEN, days_ago: float = 1, **changes: object
) -> NumberAnswer:
    made = NumberAnswer(
        list_id=REASSIGNED,
        number="+12125550123",
        answer=said,
        about=about,
        asked_at=NOON - days_ago * DAY,
        source="answers.csv",
        actor="anna",
        recorded_at=NOON,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def consent(given_at: datetime, **changes: object) -> Consent:
    made = Consent(
        number="+12125550123",
        seller="Acme",
        purpose="sales",
        kind=ConsentKind.EXPRESS,
        given_at=given_at,
        proof="form",
        source="form.csv",
        actor="anna",
        recorded_at=NOON,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answers", "passes", "words"),
    [
        ([answer()], True, "counts until 2026-12-19 17:00"),
        ([answer(about=date(2026, 4, 30))], True, "counts until"),
        ([answer(about=date(2026, 5, 2))], False, "no answer that covers 2026-05-01 (its newest: no about 2026-05-02)"),
        ([answer(Answered.YES)], False, "given to somebody else since 2026-05-01"),
        ([answer(Answered.NO_DATA)], False, "no data about 2026-05-01"),
        ([], False, "was not asked about 2026-05-01"),
        ([answer(list_id="it-rpo", answer=Answered.CLEAR)], False, "was not asked"),
        ([answer(days_ago=30)], True, "counts until"),
        ([answer(days_ago=30 + 1 / 86_400)], False, "counted for 30 days"),
        ([answer(days_ago=-1 / 86_400)], False, "dated in the future"),
        ([answer(days_ago=2), answer(Answered.YES, days_ago=1)], False, "somebody else"),
        ([answer(Answered.YES, days_ago=2), answer(days_ago=1)], True, "counts until"),
        ([answer(Answered.YES, date(2026, 1, 1)), answer()], True, "counts until"),
        ([answer(about=date(2026, 1, 1)), answer(Answered.YES, date(2026, 2, 1))], False, "somebody else"),
        ([answer(days_ago=40), answer(Answered.NO_DATA, days_ago=1)], False, "counted for 30 days"),
    ],
    ids=[
        *("a no", "a no about a day before", "a no about a later day", "a yes", "no data", "nothing", "another list"),
        *("30 days old", "and a second", "of tomorrow", "a later yes", "a later no", "a yes long before the no"),
        *("a yes about a later day", "an old no"),
    ],
)
def test_only_a_young_no_that_covers_the_day_of_the_consent_lets_a_number_pass(
    answers: list[NumberAnswer], passes: bool, words: str
) -> None:
    for each in (answers, answers[::-1]):
        verdict = judge_reassigned(each, GIVEN, 30, NOON)
        assert verdict.passes is passes
        assert words in verdict.reason


def test_without_a_consent_or_a_look_into_the_store_nobody_passes() -> None:
    assert "no consent is on record" in judge_reassigned([answer()], None, 30, NOON).reason
    assert "could not be looked up" in judge_reassigned(None, GIVEN, 30, NOON).reason
    assert "could not be looked up" in judge_washed(None, "it-rpo", 15, NOON).reason


@pytest.mark.parametrize(
    ("given_at", "asked_about"),
    [
        (datetime(2026, 5, 1, 23, 59, tzinfo=UTC), date(2026, 5, 1)),
        (datetime(2026, 5, 2, 3, 0, tzinfo=UTC), date(2026, 5, 1)),
        (datetime(2026, 5, 1, 0, 0, tzinfo=UTC), date(2026, 4, 30)),
    ],
)
def test_a_consent_counts_from_the_first_day_that_it_was_anywhere(given_at: datetime, asked_about: date) -> None:
    """23:00 in New York is the next day in UTC; the day before in Honolulu."""
    assert known_since([consent(given_at)], "Acme", "sales", NOON) == asked_about


def test_only_consents_in_force_to_this_seller_for_this_purpose_say_since_when_a_number_is_known() -> None:
    old, new = consent(NOON - 90 * DAY), consent(NOON - 9 * DAY)
    assert known_since([old, new], "Acme", "sales", NOON) == (NOON - 9 * DAY).date()
    others = [
        replace(new, seller="Other"),
        replace(new, purpose="research"),
        replace(new, revoked_at=NOON - DAY),
        replace(new, given_at=NOON + DAY),
    ]
    assert known_since([old, *others], "Acme", "sales", NOON) == (NOON - 90 * DAY).date()
    assert known_since(others, "Acme", "sales", NOON) is None
    assert known_since(None, "Acme", "sales", NOON) is None


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([(Answered.CLEAR, 15.0)], Answered.CLEAR),
        ([(Answered.CLEAR, 15 + 1 / 86_400)], None),
        ([(Answered.LISTED, 900.0)], Answered.LISTED),
        ([(Answered.LISTED, 9.0), (Answered.CLEAR, 8.0)], Answered.CLEAR),
        ([(Answered.CLEAR, 8.0), (Answered.LISTED, 8.0)], Answered.LISTED),
        ([(Answered.CLEAR, -1.0)], None),
        ([], None),
    ],
)
def test_of_a_washed_list_the_newest_answer_counts_and_a_clear_one_for_its_days_only(
    answers: list[tuple[Answered, float]], said: Answered | None
) -> None:
    known = [answer(each, None, days_ago, list_id="it-rpo") for each, days_ago in answers]
    assert judge_washed(known, "it-rpo", 15, NOON).answer is said


def test_a_campaign_that_asks_holds_who_may_be_somebody_else() -> None:
    asks = rules(settings=settings(reassigned=ReassignedAsked.ASK))
    mine = (consent(NOON - 9 * DAY),)
    since = (NOON - 9 * DAY).date()
    known = candidate(consents=mine, answers=(answer(about=since),))
    assert judge(known, asks, NOON).dialable
    for someone in (candidate(), candidate(consents=mine), replace(known, answers=None), replace(known, consents=None)):
        verdict = judge(someone, asks, NOON)
        assert verdict.hold is not None
        assert (verdict.hold.code, verdict.ask_again_at) == (GateCode.REASSIGNED, None)
        assert judge(someone, rules(), NOON).dialable, "who does not ask is not held"


def test_the_database_knows_numbers_of_the_usa_only() -> None:
    asks = rules(settings=settings(reassigned=ReassignedAsked.ASK), profile=PROFILES["uk"])
    abroad = contact_point(number="+447400123456", region="GB", kind="mobile", zones=("Europe/London",))
    assert judge(candidate(contact_point=abroad), asks, NOON).dialable


def test_italy_calls_who_was_answered_clear_within_fifteen_days() -> None:
    by = rules(profile=PROFILES["it"], registries=None)
    point = contact_point(number=ROMAN, kind="mobile", region="IT", zones=("Europe/Rome",))

    def held(*answers: NumberAnswer) -> GateCode | None:
        verdict = judge(candidate(contact_point=point, answers=answers), by, NOON)
        return None if verdict.hold is None else verdict.hold.code

    washed = answer(Answered.CLEAR, None, 15, list_id="it-rpo")
    assert held(washed) is None
    assert held() is GateCode.REGISTRY_KNOWN
    assert held(replace(washed, asked_at=NOON - 15 * DAY - timedelta(seconds=1))) is GateCode.REGISTRY_KNOWN
    assert held(washed, answer(Answered.LISTED, None, 1, list_id="it-rpo")) is GateCode.REGISTRY
    verdict = judge(candidate(contact_point=point, answers=(washed,)), by, NOON)
    assert verdict.basis is not None
    assert verdict.basis.registry is not None
    (seen,) = verdict.basis.registry.consulted
    assert (seen.list_id, seen.answer.name, seen.list_date) == ("it-rpo", "CLEAR", NOON - 15 * DAY)
