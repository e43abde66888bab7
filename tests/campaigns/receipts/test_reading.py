"""Is a text that is no receipt refused in a word, and does a receipt say what was judged?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.dialable import judge
from campaigns.receipts import (
    Issue,
    ListSeen,
    LocalTime,
    Outcome,
    UnreadableReceipt,
    canonical,
    mark_of,
    private,
    receipt_from,
    receipt_of,
)
from campaigns.registry import Answer, Consulted, RegistryVerdict
from tests.campaigns.receipts.receipt_builders import receipt
from tests.campaigns.rule_builders import NOON, candidate, contact_point, rules, settings, suppression

ISSUE = Issue(
    at=NOON, campaign_id=1, campaign="autumn", settings_version=2, trunk="carrier", trunk_caller_id="+12025550100"
)


class Listed:
    """A registry of one generation that answers for every number."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def ask(self, number: str, now: object, asked: object) -> RegistryVerdict:
        seen = Consulted(
            list_id="us-ftc", answer=self._answer, required=True, generation=4, list_date=NOON - timedelta(days=3)
        )
        return RegistryVerdict(answer=self._answer, reason="as the test says", list_id="us-ftc", consulted=(seen,))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "null", '{"v":1}', '{"v":2}', '{"v":1,"at":7}', '{"v":1,"gates":[[1]]}', "[" * 100_000],
)
def test_what_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(UnreadableReceipt):
        receipt_from(text, "{}")


def test_a_call_tells_by_which_rules_lists_and_local_times_it_was_allowed() -> None:
    someone = candidate(
        contact_point=contact_point(zones=("America/New_York", "America/Chicago")), attempted_at=(NOON,)
    )
    verdict = judge(someone, rules(registries=Listed(Answer.CLEAR)), NOON)
    made = receipt_of(someone, verdict, replace(ISSUE, at=NOON + timedelta(minutes=1)), "abcdef-1")
    assert (made.outcome, made.hold, made.attempt_id) == (Outcome.DIALLED, "", "abcdef-1")
    assert (made.profile, made.profile_version, made.settings_version) == ("us-ny", 3, 2)
    assert made.places == (
        LocalTime(zone="America/New_York", local="2026-11-20T12:01:00-05:00", hours="08:00-21:00"),
        LocalTime(zone="America/Chicago", local="2026-11-20T11:01:00-06:00", hours="08:00-21:00"),
    )
    assert all(place.inside for place in made.places)
    assert [(each.list_id, each.answer, each.generation) for each in made.lists] == [("us-ftc", "clear", 4)]
    assert made.lists[0].age(made.at) == timedelta(days=3, minutes=1)
    assert all(gate.passed for gate in made.gates)
    assert {"DO_NOT_CALL", "REGISTRY", "CALLING_HOURS", "ATTEMPTS"} <= {gate.code for gate in made.gates}
    assert (made.calls_in_24h, made.caller_id) == (1, "+12025550100")
    assert made.tz.endswith(tuple("0123456789"))


def test_the_campaign_s_own_caller_id_is_shown_before_the_trunk_s() -> None:
    own = rules(settings=settings(caller_id="+13035550100"))
    assert receipt_of(candidate(), judge(candidate(), own, NOON), ISSUE, "a").caller_id == "+13035550100"


def test_a_hold_tells_every_shut_gate_and_why() -> None:
    someone = candidate(suppressions=(suppression(),))
    made = receipt_of(someone, judge(someone, rules(), NOON), ISSUE, None)
    assert (made.outcome, made.hold, made.attempt_id) == (Outcome.HELD, "DO_NOT_CALL", None)
    (shut,) = (gate for gate in made.gates if not gate.passed)
    assert "asked us" in shut.reason


def test_a_zone_that_nobody_knows_is_outside_all_hours() -> None:
    someone = candidate(contact_point=contact_point(zones=("Nowhere/At_All",)))
    (place,) = receipt_of(someone, judge(someone, rules(), NOON), ISSUE, None).places
    assert not place.inside


@pytest.mark.parametrize(
    ("local", "inside"),
    [("07:59:59", False), ("08:00:00", True), ("20:59:59", True), ("21:00:00", False), ("23:59:59", False)],
)
def test_the_end_of_the_hours_is_not_in_them(local: str, inside: bool) -> None:
    assert LocalTime(zone="UTC", local=f"2026-11-20T{local}+00:00", hours="08:00-21:00").inside is inside
    assert not LocalTime(zone="UTC", local=f"2026-11-20T{local}+00:00", hours="").inside


def test_two_windows_and_the_end_of_the_day_are_understood() -> None:
    def at(clock: str) -> bool:
        return LocalTime(zone="UTC", local=f"2026-11-20T{clock}:00+00:00", hours="10:00-13:00,14:00-24:00").inside

    assert [at(clock) for clock in ("09:59", "12:59", "13:30", "14:00", "23:59")] == [False, True, False, True, True]


def test_the_same_hold_an_hour_later_has_the_same_mark_and_another_reason_another() -> None:
    listed = candidate(suppressions=(suppression(),))

    def mark(someone: object, **changes: object) -> str:
        given = rules(**changes)
        return mark_of(receipt_of(someone, judge(someone, given, NOON), ISSUE, None))  # type: ignore[arg-type]

    later = mark_of(
        receipt_of(
            listed,
            judge(listed, rules(), NOON + timedelta(hours=1)),
            replace(ISSUE, at=NOON + timedelta(hours=1)),
            None,
        )
    )
    assert mark(listed) == later
    others = {
        mark(listed),
        mark(candidate(live_call=True)),
        mark(candidate(suppressions=(suppression(),), live_call=True)),
        mark(listed, registries=Listed(Answer.CLEAR)),
        mark(listed, registries=Listed(Answer.UNKNOWN)),
    }
    assert len(others) == 5


def test_a_list_that_a_consent_lifted_is_told_and_one_that_counted_is_written_as_before() -> None:
    told = receipt(lists=(ListSeen(list_id="us-ftc", answer="listed", required=False, generation=4, lifted="consent"),))
    assert receipt_from(canonical(told), private(told)).lists == told.lists
    assert '"lists":[["us-ftc","listed",false,4,null,"consent"]]' in canonical(told)
    assert '"lists":[["us-ftc","clear",true,4,"2026-11-17T17:00:00.000000Z"]]' in canonical(receipt())


def test_the_receipt_of_a_lead_without_a_list_says_which_one_was_missing() -> None:
    someone = candidate()
    made = receipt_of(someone, judge(someone, rules(registries=None), NOON), ISSUE, None)
    assert (made.outcome, made.hold) == (Outcome.HELD, "REGISTRY_KNOWN")
    assert [(each.list_id, each.answer, each.required, each.generation) for each in made.lists] == [
        ("us-ftc", "unknown", True, None)
    ]
