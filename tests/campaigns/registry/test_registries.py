"""What do all registries together say about a number, and which of them must have spoken?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from campaigns.phone import nanp_area_codes
from campaigns.registry import (
    Answer,
    Coverage,
    Registries,
    canada,
    open_registries,
    united_kingdom,
    us_numbers,
    us_state,
)
from campaigns.rules import NO_LISTS_ASKED, Lifted, ListsAsked
from tests.campaigns.registry.registry_builders import (
    NOW,
    UK,
    US,
    A,
    B,
    C,
    flat,
    imported,
    order,
    with_list,
    written,
)

CTPS = united_kingdom(corporate=True)
JAMAICA, CANADA, GERMANY, TOLL_FREE = "+18765550101", "+14165550101", "+493012345678", "+18005550101"
UK_LISTED, UK_CLEAR = "+442079460101", "+447700900123"
DAY = timedelta(days=1)


@pytest.fixture
def registries(tmp_path: Path) -> Registries:
    """US of yesterday with A in 202 only; the UK's of yesterday; the corporate one five days older."""
    root = with_list(tmp_path, A)
    uk = written(tmp_path, f"{UK_LISTED}\n", "uk.txt")
    imported(root, order(uk, registry=UK))
    imported(root, order(written(tmp_path, "01204620830\n", "ctps.txt"), registry=CTPS, list_date=NOW - 6 * DAY))
    return open_registries(root, [US, UK, CTPS])


@pytest.mark.parametrize(
    ("number", "answer", "list_id"),
    [
        (A, Answer.LISTED, "us-ftc"),
        (B, Answer.CLEAR, "us-ftc"),
        (C, Answer.UNKNOWN, "us-ftc"),
        (UK_LISTED, Answer.LISTED, "uk-tps"),
        (UK_CLEAR, Answer.CLEAR, "uk-tps"),
        ("+441204620830", Answer.LISTED, "uk-ctps"),
        (JAMAICA, Answer.CLEAR, None),
        (CANADA, Answer.CLEAR, None),
        (TOLL_FREE, Answer.CLEAR, None),
        (GERMANY, Answer.CLEAR, None),
        ("+17875550101", Answer.UNKNOWN, "us-ftc"),
        ("+12995550101", Answer.UNKNOWN, "us-ftc"),
        ("12025550102", Answer.UNKNOWN, None),
        ("+1202555010", Answer.UNKNOWN, None),
        ("+0202555010", Answer.UNKNOWN, None),
        ("+" + "1" * 5000, Answer.UNKNOWN, None),
        ("+", Answer.UNKNOWN, None),
        ("", Answer.UNKNOWN, None),
    ],
)
def test_the_lists_that_protect_a_number_decide(
    registries: Registries, number: str, answer: Answer, list_id: str | None
) -> None:
    verdict = registries.ask(number, NOW)
    assert (verdict.answer, verdict.list_id) == (answer, list_id)
    assert verdict.answer.blocks is (answer is not Answer.CLEAR)


def test_a_verdict_says_by_which_generation_it_was_given(registries: Registries) -> None:
    verdict = registries.ask(A, NOW)
    assert (verdict.generation, verdict.list_date) == (1, NOW - DAY)
    assert verdict.reason == "The number is on the US National Do Not Call Registry of 2026-11-21 12:00:00 UTC."
    assert registries.ask(C, NOW).reason == (
        "The US National Do Not Call Registry of 2026-11-21 12:00:00 UTC does not cover this number's area,"
        " so nobody can say whether it is listed. Extend the subscription."
    )
    consulted = registries.ask(UK_CLEAR, NOW).consulted
    assert [(each.list_id, each.answer.name, each.required) for each in consulted] == [
        ("uk-tps", "CLEAR", True),
        ("uk-ctps", "CLEAR", True),
    ]


@pytest.mark.parametrize(
    ("number", "now", "answer", "list_id"),
    [
        (B, NOW + 30 * DAY, Answer.CLEAR, "us-ftc"),
        (B, NOW + 30 * DAY + timedelta(seconds=1), Answer.UNKNOWN, "us-ftc"),
        (A, NOW + 300 * DAY, Answer.LISTED, "us-ftc"),
        (B, NOW - 2 * DAY, Answer.UNKNOWN, "us-ftc"),
        (UK_CLEAR, NOW + 22 * DAY, Answer.CLEAR, "uk-tps"),
        (UK_CLEAR, NOW + 22 * DAY + timedelta(seconds=1), Answer.UNKNOWN, "uk-ctps"),
        (UK_LISTED, NOW + 22 * DAY + timedelta(seconds=1), Answer.LISTED, "uk-tps"),
        (JAMAICA, NOW + 300 * DAY, Answer.CLEAR, None),
    ],
)
def test_a_list_that_is_too_old_blocks_whom_it_protects(
    registries: Registries, number: str, now: datetime, answer: Answer, list_id: str | None
) -> None:
    verdict = registries.ask(number, now)
    assert (verdict.answer, verdict.list_id) == (answer, list_id)


def test_a_list_that_is_missing_blocks_whom_it_protects(tmp_path: Path) -> None:
    registries = open_registries(with_list(tmp_path, A), [US, UK, canada()])
    assert [registries.ask(number, NOW).answer.name for number in (B, UK_CLEAR, CANADA, GERMANY)] == [
        *("CLEAR", "UNKNOWN", "UNKNOWN", "CLEAR")
    ]
    assert registries.ask(UK_CLEAR, NOW).reason.startswith("uk-tps cannot be read: no list was imported yet.")


def test_a_list_blocks_numbers_that_it_need_not_protect(tmp_path: Path) -> None:
    """A state's list may name numbers of other states; they asked all the same."""
    state = replace(US, id="florida", name="Florida", required_for=Coverage(["1305"]))
    root = with_list(tmp_path, A, registry=state)
    verdict = open_registries(root, [state]).ask(A, NOW)
    assert (verdict.answer, verdict.list_id, verdict.consulted[0].required) == (Answer.LISTED, "florida", False)


def test_many_numbers_get_the_verdicts_of_single_ones(registries: Registries) -> None:
    numbers = [A, B, C, UK_LISTED, UK_CLEAR, JAMAICA, CANADA, GERMANY, TOLL_FREE, "+1202555010", "+123"]
    array = np.array([int(number) for number in numbers], np.int64)
    for now in (NOW, NOW + 22 * DAY + timedelta(seconds=1), NOW + 31 * DAY, NOW - 9 * DAY):
        expected = [registries.ask(number, now).answer for number in numbers]
        assert registries.ask_many(array, now).tolist() == expected
    assert registries.ask_many(np.array([0, -1, 10**15, 10**17]), NOW).tolist() == [Answer.UNKNOWN] * 4


def test_only_a_list_that_changed_is_opened_again(tmp_path: Path, registries: Registries) -> None:
    assert registries.refreshed() is registries
    imported(tmp_path / "registries", order(written(tmp_path, flat([A, B]))))
    refreshed = registries.refreshed()
    assert refreshed is not registries
    assert [new is old for (_, new), (_, old) in zip(refreshed.lists, registries.lists, strict=True)] == [
        *(False, True, True)
    ]
    assert (registries.ask(B, NOW).answer, refreshed.ask(B, NOW).answer) == (Answer.CLEAR, Answer.LISTED)


def test_each_list_says_how_it_stands(registries: Registries, tmp_path: Path) -> None:
    found = open_registries(tmp_path / "registries", [US, UK, CTPS, canada()]).standings(NOW + 24 * DAY)
    words = {name: each if isinstance(each, str) else each.freshness.value for name, each in found.items()}
    missing = words.pop("ca-dncl")
    assert words == {"us-ftc": "fresh", "uk-tps": "fresh", "uk-ctps": "too old"}
    assert missing.startswith("ca-dncl cannot be read: no list was imported yet.")


def test_the_rule_of_the_usa_ends_at_its_area_codes() -> None:
    covered = us_numbers()
    ours = {area for region in ("US", "PR", "VI", "GU", "MP", "AS") for area in nanp_area_codes(region)}
    assert all(covered.covers(f"1{area}5550101") for area in ours)
    others = {area for region in ("CA", "JM", "DO", "BS", "TT") for area in nanp_area_codes(region)}
    assert len(others) > 60
    assert not any(covered.covers(f"1{area}5550101") for area in others)


# --- lists that a rule profile asks for -----------------------------------------------------------------


def asks(*wanted: tuple[str, int], lifted: str = "") -> ListsAsked:
    why = (Lifted(list_id=lifted, by="consent", why="a form of May"),) if lifted else ()
    return ListsAsked(wanted=wanted, lifted=why, by="us-federal", purpose="sales")


def test_a_list_that_is_asked_for_and_not_kept_is_not_known_and_says_what_to_do(registries: Registries) -> None:
    for lists, number in ((registries, B), (registries, JAMAICA), (Registries(lists=()), B)):
        verdict = lists.ask(number, NOW, asks(("us-fl", 31)))
        assert (verdict.answer, verdict.list_id) == (Answer.UNKNOWN, "us-fl")
        assert "us-federal asks for us-fl in a version of at most 31 days" in verdict.reason
        assert "dialer dnc import-registry us-fl" in verdict.reason
        evidence = verdict.consulted[-1]
        assert (evidence.list_id, evidence.required, evidence.generation) == ("us-fl", True, None)


def test_a_listed_number_stays_listed_when_another_list_is_missing(registries: Registries) -> None:
    assert registries.ask(A, NOW, asks(("us-fl", 31))).answer is Answer.LISTED


@pytest.mark.parametrize(
    ("now", "days", "answer"),
    [
        (NOW + 30 * DAY, 31, Answer.CLEAR),
        (NOW + 30 * DAY + timedelta(seconds=1), 31, Answer.UNKNOWN),
        (NOW + 27 * DAY, 28, Answer.CLEAR),
        (NOW + 27 * DAY + timedelta(microseconds=1), 28, Answer.UNKNOWN),
        (NOW + 30 * DAY + timedelta(seconds=1), 90, Answer.UNKNOWN),
        (NOW - 2 * DAY, 31, Answer.UNKNOWN),
    ],
    ids=[
        "31 days",
        "31 days and a second",
        "28 days",
        "28 days and a moment",
        "a laxer profile",
        "dated in the future",
    ],
)
def test_the_age_that_is_asked_for_counts_to_the_second_and_never_loosens(
    registries: Registries, now: datetime, days: int, answer: Answer
) -> None:
    """The list is of yesterday, and by itself it counts for 31 days."""
    assert registries.ask(B, now, asks(("us-ftc", days))).answer is answer


def test_a_number_outside_the_subscription_of_a_list_that_is_asked_for_is_not_known(registries: Registries) -> None:
    assert registries.ask(C, NOW, asks(("us-ftc", 31))).answer is Answer.UNKNOWN
    assert registries.ask(JAMAICA, NOW).answer is Answer.CLEAR
    assert registries.ask(JAMAICA, NOW, asks(("us-ftc", 31))).answer is Answer.UNKNOWN


def test_a_list_that_is_lifted_decides_nothing_and_is_evidence_all_the_same(registries: Registries) -> None:
    for number, now, said in ((A, NOW, Answer.LISTED), (C, NOW, Answer.UNKNOWN), (B, NOW + 99 * DAY, Answer.UNKNOWN)):
        verdict = registries.ask(number, now, asks(lifted="us-ftc"))
        assert (verdict.answer, verdict.reason) == (Answer.CLEAR, "A form of May.")
        (evidence,) = verdict.consulted
        assert (evidence.answer, evidence.required) == (said, False)
        assert evidence.lifted is not None
    assert registries.ask(UK_LISTED, NOW, asks(lifted="us-ftc")).answer is Answer.LISTED


def test_a_list_that_is_kept_may_stand_for_another_one_too(tmp_path: Path) -> None:
    both = replace(US, serves=frozenset({"us-wy"}))
    registries = open_registries(with_list(tmp_path, A), [both])
    assert registries.ask(B, NOW, asks(("us-ftc", 31), ("us-wy", 31))).answer is Answer.CLEAR
    assert registries.ask(B, NOW, asks(("us-fl", 31))).answer is Answer.UNKNOWN
    state_asks = replace(asks(("us-wy", 31)), lifted=asks(lifted="us-ftc").lifted)
    assert registries.ask(A, NOW, state_asks).answer is Answer.LISTED, "it is lifted as the one, not as the other"


def test_a_states_list_covers_whoever_kept_a_number_of_elsewhere(tmp_path: Path) -> None:
    florida = us_state("us-fl", "Florida")
    file = written(tmp_path, "3055550101\n2125550102\n", "fl.txt")
    imported(tmp_path / "registries", order(file, registry=florida))
    registries = open_registries(tmp_path / "registries", [florida])
    said = [registries.ask(n, NOW, asks(("us-fl", 31))).answer.name for n in ("+12125550102", "+12125550103", B)]
    assert said == ["LISTED", "CLEAR", "CLEAR"]
    assert registries.ask(B, NOW).list_id is None


def test_numbers_that_are_not_told_apart_get_the_same_answer_whatever_is_asked(registries: Registries) -> None:
    numbers = [A, B, C, UK_LISTED, UK_CLEAR, JAMAICA, CANADA, GERMANY, TOLL_FREE, "+1202555010", "+12025550177"]
    codes = registries.told_apart(numbers)
    assert len(set(codes)) > 4
    questions = [NO_LISTS_ASKED, asks(("us-ftc", 5), ("us-fl", 31)), asks(lifted="us-ftc"), asks(("uk-tps", 28))]
    for asked in questions:
        for now in (NOW, NOW + 5 * DAY, NOW + 40 * DAY):
            found: dict[int, Answer] = {}
            for number, code in zip(numbers, codes, strict=True):
                answer = registries.ask(number, now, asked).answer
                assert found.setdefault(code, answer) is answer
