"""The practice table: reserved numbers only, each with one behaviour that every part reads the same way."""

from itertools import islice

import phonenumbers
import pytest

from telephony.port import DIALABLE, Network
from telephony.practice import NotPracticeError, PracticeKind, behaviour_of, endings, is_practice_number, numbers


@pytest.mark.parametrize("kind", PracticeKind)
def test_every_kind_has_hundreds_of_numbers_that_behave_like_it(kind: PracticeKind) -> None:
    found = list(numbers(kind))
    assert len(found) >= 300
    assert len(set(found)) == len(found)
    assert {behaviour_of(number).kind for number in found} == {kind}


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        ("00", PracticeKind.ANSWERS_SPEECH), ("39", PracticeKind.ANSWERS_SPEECH), ("40", PracticeKind.NO_ANSWER),
        ("54", PracticeKind.BUSY), ("62", PracticeKind.UNALLOCATED), ("68", PracticeKind.REJECTED),
        ("72", PracticeKind.CONGESTION), ("76", PracticeKind.HANGS_UP_AT_ONCE),
        ("79", PracticeKind.ANSWERING_MACHINE), ("86", PracticeKind.ANNOUNCEMENT),
        ("89", PracticeKind.NEVER_REPLIES), ("92", PracticeKind.VANISHES), ("95", PracticeKind.ANSWERS_SLOWLY),
        ("97", PracticeKind.UNAVAILABLE), ("98", PracticeKind.OPTS_OUT), ("99", PracticeKind.OPTS_OUT),
    ],
)  # fmt: skip
def test_sample_lists_can_rely_on_what_an_ending_means(ending: str, kind: PracticeKind) -> None:
    assert behaviour_of(f"+121255501{ending}").kind is kind
    assert behaviour_of(f"+4420794600{ending}").kind is kind


def test_the_kinds_share_no_number_and_leave_none_over() -> None:
    assert sorted(ending for kind in PracticeKind for ending in endings(kind)) == list(range(100))


@pytest.mark.parametrize("kind", PracticeKind)
def test_every_number_is_one_that_an_import_accepts(kind: PracticeKind) -> None:
    for number in islice(numbers(kind), 0, None, 20):
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_valid_number(parsed), number
        assert phonenumbers.region_code_for_number(parsed) == "US"
        assert DIALABLE.fullmatch(number)


@pytest.mark.parametrize(
    "number",
    [
        "+12125550100", "+19895550199", "+442079460000", "+447700900999", "+441632960555", "+448081570123",
    ],
)  # fmt: skip
def test_numbers_reserved_for_fiction_are_practice_numbers(number: str) -> None:
    assert is_practice_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "+12125550200", "+12125551234", "+11125550100", "+1212555010", "+121255501000", "12125550100",
        "+442079461000", "+447700901000", "+12125550100\n", " +12125550100", "+1212555010٠", "", "+8005550100",
        "+12125550100;ext=1",
    ],
)  # fmt: skip
def test_a_number_that_somebody_may_own_is_not_for_practice(number: str) -> None:
    assert not is_practice_number(number)
    with pytest.raises(NotPracticeError, match="nothing was dialled"):
        behaviour_of(number)


def test_every_outcome_a_callee_can_cause_is_in_the_table() -> None:
    ours_alone = {Network.CANCELLED, Network.TECHNICAL, Network.NOT_ATTEMPTED, Network.UNKNOWN}
    assert {Network(kind.network) for kind in PracticeKind} == set(Network) - ours_alone


def test_only_those_who_answer_send_a_200() -> None:
    for kind in PracticeKind:
        assert (kind.sip_code == 200) == kind.answers


def test_the_same_number_always_behaves_the_same_and_its_neighbours_differ() -> None:
    callees = [behaviour_of(number) for number in islice(numbers(PracticeKind.ANSWERS_SPEECH), 60)]
    assert callees == [behaviour_of(callee.number) for callee in callees]
    assert len({callee.ring_ms for callee in callees}) > 5
    assert len({callee.talk_ms for callee in callees}) > 3
    assert all(300 <= callee.ring_ms <= 2000 and 2000 <= callee.talk_ms <= 5000 for callee in callees)


def test_slow_people_answer_at_many_different_times() -> None:
    """At one and the same instant, the figures of a practice day would be unlike those of any real one."""
    rings = [behaviour_of(number).ring_ms for number in islice(numbers(PracticeKind.ANSWERS_SLOWLY), 60)]
    assert len(set(rings)) > 8
    assert all(4000 <= ring_ms < 6000 for ring_ms in rings)
