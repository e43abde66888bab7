"""Does the comparison find every way in which a record can be wrong?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from telephony.port import Network
from telephony.practice_compare import RecordedCall, compare, crossed_answers
from telephony.practice_log import PracticeCall

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def seen(attempt_id: str, kind: str, **fields: object) -> PracticeCall:
    plain = PracticeCall(
        at=NOON,
        number=f"+1202555{attempt_id[-4:]}",
        attempt_id=attempt_id,
        kind=kind,
        answered=False,
        answered_at=None,
        ended_at=NOON + timedelta(seconds=5),
        ended_by="callee",
        sip_code=486,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def recorded(attempt_id: str, network: Network, detail: str = "", number: str = "") -> RecordedCall:
    return RecordedCall(id=attempt_id, number=number or f"+1202555{attempt_id[-4:]}", network=network, detail=detail)


SEEN = (
    seen("a-0001", "busy"),
    seen("a-0002", "rejected", sip_code=603),
    seen("a-0003", "answers-speech", answered=True, sip_code=200),
    seen("a-0004", "no-answer", ended_by="caller", sip_code=487),
    seen("a-0005", "announcement", ended_by="caller", sip_code=487),
    seen("a-0006", "never-replies", ended_by="nobody", sip_code=None, ended_at=None),
    seen("a-0007", "vanishes", answered=True, ended_by="nobody", sip_code=200),
    seen("a-0008", "unallocated", sip_code=404),
)
RIGHT = (
    recorded("a-0001", Network.BUSY),
    recorded("a-0002", Network.REJECTED),
    recorded("a-0003", Network.ANSWERED),
    recorded("a-0004", Network.NO_ANSWER),
    recorded("a-0005", Network.NO_ANSWER, "EARLY_MEDIA"),
    recorded("a-0006", Network.NO_PROGRESS),
    recorded("a-0007", Network.ANSWERED, "MEDIA_LOST"),
    recorded("a-0008", Network.INVALID_NUMBER),
    recorded("a-0009", Network.NOT_ATTEMPTED),
)


def test_a_true_record_has_no_differences() -> None:
    assert compare(RIGHT, SEEN) == ()


@pytest.mark.parametrize("row", range(len(SEEN)))
def test_one_swapped_row_is_found(row: int) -> None:
    other = (row + 1) % len(SEEN)
    swapped = list(RIGHT)
    swapped[row] = replace(RIGHT[row], network=RIGHT[other].network, detail=RIGHT[other].detail)
    swapped[other] = replace(RIGHT[other], network=RIGHT[row].network, detail=RIGHT[row].detail)
    found = {difference.attempt_id for difference in compare(swapped, SEEN)}
    assert {RIGHT[row].id, RIGHT[other].id} & found
    assert found <= {RIGHT[row].id, RIGHT[other].id}


def test_a_call_placed_twice_is_found() -> None:
    (difference,) = compare(RIGHT, (*SEEN, SEEN[0]))
    assert (difference.attempt_id, difference.reason) == ("a-0001", "it was placed 2 times")


def test_a_call_without_an_attempt_is_found() -> None:
    (difference,) = compare(RIGHT[1:], SEEN)
    assert (difference.attempt_id, difference.recorded) == ("a-0001", "nothing")


def test_an_attempt_the_far_end_never_saw_is_found_unless_it_says_so() -> None:
    (difference,) = compare(RIGHT, SEEN[1:])
    assert difference.attempt_id == "a-0001"
    assert compare((recorded("a-1", Network.UNKNOWN), recorded("a-2", Network.CANCELLED)), ()) == ()


def test_an_attempt_said_not_to_be_sent_that_arrived_is_found() -> None:
    (difference,) = compare((recorded("a-0001", Network.NOT_ATTEMPTED),), SEEN[:1])
    assert "expected BUSY" in str(difference)


def test_another_number_is_found() -> None:
    (difference,) = compare((recorded("a-0001", Network.BUSY, number="+12025550000"),), SEEN[:1])
    assert "another number" in difference.reason


def test_a_call_we_cancelled_agrees_only_with_one_that_was_given_up() -> None:
    assert compare((recorded("a-0004", Network.CANCELLED),), SEEN[3:4]) == ()
    assert len(compare((recorded("a-0001", Network.CANCELLED),), SEEN[:1])) == 1


def test_unknown_agrees_with_anything_only_where_that_is_asked_for() -> None:
    unknown = (recorded("a-0001", Network.UNKNOWN),)
    assert len(compare(unknown, SEEN[:1])) == 1
    assert compare(unknown, SEEN[:1], unknown_allowed=True) == ()


@pytest.mark.parametrize("detail", ["LINK_LOST", "EXCHANGE_RESTARTED"])
def test_an_answered_call_whose_end_was_lost_agrees_only_where_that_is_allowed(detail: str) -> None:
    lost = [recorded("a-0003", Network.ANSWERED, detail)]
    assert compare(lost, SEEN[2:3], unknown_allowed=True) == ()
    assert len(compare(lost, SEEN[2:3])) == 1
    assert len(compare([recorded("a-0001", Network.ANSWERED, detail)], SEEN[:1], unknown_allowed=True)) == 1


@pytest.mark.parametrize(("before_our_hang_up_ms", "agree"), [(-500, True), (200, True), (300, False)])
def test_a_hang_up_may_stand_for_a_refusal_only_when_they_crossed(before_our_hang_up_ms: int, agree: bool) -> None:
    refused_at = NOON + timedelta(seconds=5)
    ours = replace(
        recorded("a-0008", Network.CANCELLED),
        ended_at=refused_at + timedelta(milliseconds=before_our_hang_up_ms),
    )
    assert (compare([ours], [seen("a-0008", "unallocated", sip_code=404)]) == ()) is agree


def test_answers_that_crossed_our_hang_up_are_named_so_that_they_are_counted_as_abandoned() -> None:
    log = [
        seen("a-0003", "answers-speech", answered=True, sip_code=200),
        seen("a-0004", "rings-on"),
        seen("a-0005", "answers-speech", answered=True, sip_code=200),
    ]
    ours = [recorded(f"a-000{n}", Network.CANCELLED) for n in (3, 4)] + [recorded("a-0005", Network.ANSWERED)]
    assert crossed_answers(ours, log) == ("a-0003",)


def test_an_answer_that_crossed_our_hang_up_is_never_explained_away() -> None:
    ours = replace(recorded("a-0003", Network.CANCELLED), ended_at=NOON)
    assert len(compare([ours], [seen("a-0003", "answers-speech", answered=True, sip_code=200)])) == 1
