"""Is every change of a chain of receipts found, at its first row: a field, a removal, an insertion, a move?"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from campaigns.dialable import Gate, GateCode, Verdict, Verified
from campaigns.number_answers import Answered, NumberAnswer
from campaigns.receipts import (
    AnswerSeen,
    ConsentSeen,
    Fault,
    FaultKind,
    GateSeen,
    ListSeen,
    LocalTime,
    Outcome,
    OverrideSeen,
    Receipt,
    UnreadableReceipt,
    canonical,
    first_fault,
    key_id,
    link,
    private,
    receipt_from,
    seal_fault,
    seal_of,
)
from campaigns.receipts.making import Issue, receipt_of
from tests.campaigns.receipts.receipt_builders import FIRST_DAY, NOON, receipt, three_days, with_text
from tests.campaigns.rule_builders import candidate

KEY = b"k" * 32
WHERE = st.tuples(st.integers(0, 2), st.integers(0, 3))
TEXT = st.text(max_size=30)
OTHER: dict[str, st.SearchStrategy[Any]] = {
    "at": st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=900)).map(lambda span: NOON + span),
    "attempt_id": st.none() | TEXT,
    "outcome": st.sampled_from(Outcome),
    "gates": st.lists(st.builds(GateSeen, code=TEXT, passed=st.booleans(), reason=TEXT), max_size=3).map(tuple),
    "lists": st.lists(
        st.builds(
            ListSeen,
            list_id=TEXT,
            answer=TEXT,
            required=st.booleans(),
            generation=st.none() | st.integers(),
            list_date=st.just(NOON),
        ),
        max_size=2,
    ).map(tuple),
    "consents": st.lists(
        st.builds(ConsentSeen, id=st.none() | st.integers(0), kind=TEXT, given_at=st.just(NOON), proof=TEXT), max_size=2
    ).map(tuple),
    "overrides": st.lists(
        st.builds(OverrideSeen, id=st.integers(0), key=TEXT, value=TEXT, until=st.just(NOON)), max_size=2
    ).map(tuple),
    "answers": st.lists(
        st.builds(
            AnswerSeen,
            id=st.none() | st.integers(0),
            list_id=TEXT,
            answer=TEXT,
            about=st.none() | st.just(NOON.date()),
            asked_at=st.just(NOON),
        ),
        max_size=2,
    ).map(tuple),
    "verified": st.lists(
        st.builds(Verified, profile=TEXT, version=st.integers(0), by=TEXT, on=st.just(NOON.date())), max_size=2
    ).map(tuple),
    "places": st.lists(st.builds(LocalTime, zone=TEXT, local=TEXT, hours=TEXT), max_size=3).map(tuple),
    "calls_in_24h": st.none() | st.integers(0, 9),
} | dict.fromkeys(("campaign_id", "person_id", "profile_version", "settings_version", "tries"), st.integers(0, 10**9))
FIELDS = [field.name for field in fields(Receipt) if field.name != "fingerprint"]


def found(days: Any, links: Any) -> Fault:
    fault = first_fault(links, days)
    assert fault is not None, "the change was not found"
    return fault


def test_a_whole_chain_has_no_fault() -> None:
    days, links, _ = three_days()
    assert first_fault(links, days) is None
    assert first_fault([], []) is None


@pytest.mark.parametrize("field", FIELDS)
@given(data=st.data(), where=WHERE)
def test_any_change_of_any_field_of_any_row_is_found_at_that_row(
    field: str, data: st.DataObject, where: tuple[int, int]
) -> None:
    days, links, receipts = three_days()
    day, row = where
    before = receipts[day][row]
    changed = replace(before, **{field: data.draw(OTHER.get(field, TEXT))})
    assume(changed != before)
    links[day][row] = with_text(links[day][row], changed)
    fault = found(days, links)
    assert (fault.kind, fault.day, fault.seq) == (FaultKind.CHANGED, days[day].day, row + 1)
    assert f"row {row + 1} of {days[day].day}" in fault.words


@given(where=WHERE, hashes=st.text("0123456789abcdef", min_size=64, max_size=64))
def test_a_changed_hash_is_found_at_that_row(where: tuple[int, int], hashes: str) -> None:
    days, links, _ = three_days()
    day, row = where
    assume(links[day][row].hash != hashes)
    links[day][row] = replace(links[day][row], hash=hashes)
    fault = found(days, links)
    assert (fault.kind, fault.day, fault.seq) == (FaultKind.CHANGED, days[day].day, row + 1)


@given(where=WHERE)
def test_a_row_changed_with_its_own_hash_is_found_at_the_next_one_or_the_head(where: tuple[int, int]) -> None:
    days, links, receipts = three_days()
    day, row = where
    changed = with_text(links[day][row], replace(receipts[day][row], number="+12125550199"))
    before = links[day][row - 1].hash if row else ""
    links[day][row] = replace(changed, hash=link(before, changed.digest)) if row else changed
    fault = found(days, links)
    assert fault.day == days[day].day
    assert fault.seq in (row + 1, row + 2, None)
    assert fault.kind in (FaultKind.CHANGED, FaultKind.HEAD)


@given(where=WHERE)
def test_a_removed_row_is_found_and_named(where: tuple[int, int]) -> None:
    days, links, _ = three_days()
    day, row = where
    del links[day][row]
    fault = found(days, links)
    assert (fault.kind, fault.day, fault.seq) == (FaultKind.REMOVED, days[day].day, row + 1)


@given(where=WHERE, of=WHERE)
def test_a_row_put_in_again_is_found_and_named(where: tuple[int, int], of: tuple[int, int]) -> None:
    days, links, _ = three_days()
    day, place = where
    copy = links[of[0]][of[1]]
    links[day].insert(place, copy)
    fault = found(days, links)
    assert (fault.day, fault.seq) == (days[day].day, copy.seq)
    assert fault.kind is FaultKind.INSERTED


@given(where=WHERE)
def test_a_row_of_one_s_own_making_is_found(where: tuple[int, int]) -> None:
    """Put in with the right hash and all later rows numbered anew: their hashes do not follow."""
    days, links, _ = three_days()
    day, place = where
    before = links[day][place - 1].hash if place else ""
    made = with_text(links[day][place], receipt(attempt_id="made-up"))
    links[day].insert(place, replace(made, hash=link(before, made.digest)))
    links[day] = [replace(each, seq=seq) for seq, each in enumerate(links[day], start=1)]
    fault = found(days, links)
    assert fault.day == days[day].day
    assert fault.seq in (place + 1, place + 2)


@given(day=st.integers(0, 2), one=st.integers(0, 3), other=st.integers(0, 3))
def test_moved_rows_are_found_at_the_first_wrong_place(day: int, one: int, other: int) -> None:
    assume(one != other)
    days, links, _ = three_days()
    rows = links[day]
    rows[one], rows[other] = rows[other], rows[one]
    fault = found(days, links)
    assert (fault.kind, fault.seq) == (FaultKind.REORDERED, min(one, other) + 1)


@given(day=st.integers(0, 2), one=st.integers(0, 3), other=st.integers(0, 3))
def test_rows_moved_with_their_numbers_are_found_too(day: int, one: int, other: int) -> None:
    assume(one != other)
    days, links, _ = three_days()
    rows = links[day]
    rows[one], rows[other] = replace(rows[other], seq=one + 1), replace(rows[one], seq=other + 1)
    fault = found(days, links)
    assert (fault.kind, fault.seq) == (FaultKind.CHANGED, min(one, other) + 1)


def test_the_first_of_several_faults_is_named() -> None:
    days, links, receipts = three_days()
    for day, row in ((2, 0), (1, 3), (1, 1)):
        links[day][row] = with_text(links[day][row], replace(receipts[day][row], tries=99))
    assert found(days, links).words.startswith(f"row 2 of {days[1].day}")


def test_a_day_taken_out_is_found_at_the_next_one() -> None:
    days, links, _ = three_days()
    fault = found([days[0], days[2]], [links[0], links[2]])
    assert (fault.kind, fault.day) == (FaultKind.HEAD, days[2].day)


def test_a_pruned_day_keeps_its_place_by_its_head() -> None:
    days, links, _ = three_days()
    days[0] = replace(days[0], pruned=True)
    assert first_fault([[], *links[1:]], days) is None
    days[0] = replace(days[0], head="f" * 64)
    assert found(days, [[], *links[1:]]).day == days[1].day


def test_rows_that_were_removed_from_a_day_that_was_not_pruned_are_found() -> None:
    days, links, _ = three_days()
    fault = found(days, [[], *links[1:]])
    assert (fault.kind, fault.seq) == (FaultKind.REMOVED, 1)


def test_a_day_that_goes_on_has_no_head_and_its_rows_are_followed_all_the_same() -> None:
    days, links, receipts = three_days()
    days[2] = replace(days[2], rows=None, head=None)
    assert first_fault(links, days) is None
    links[2][1] = with_text(links[2][1], replace(receipts[2][1], tries=99))
    assert found(days, links).seq == 2


def test_a_seal_fits_one_day_and_one_key() -> None:
    days, _, _ = three_days()
    sealed = replace(days[1], seal=seal_of(KEY, "abcdef", days[1]), key_id=key_id(KEY))
    assert seal_fault(sealed, KEY, "abcdef") is None
    assert seal_fault(days[1], KEY, "abcdef") is None, "it has no seal yet"
    for forged in (
        replace(sealed, head="f" * 64),
        replace(sealed, rows=5),
        replace(sealed, previous_head="f" * 64),
        replace(sealed, day=FIRST_DAY),
        replace(sealed, seal="f" * 64),
    ):
        fault = seal_fault(forged, KEY, "abcdef")
        assert fault is not None
        assert fault.kind is FaultKind.SEAL
    assert seal_fault(sealed, KEY, "other") is not None
    other = seal_fault(sealed, b"x" * 32, "abcdef")
    assert other is not None
    assert "another key" in other.words


def test_a_chain_written_anew_over_a_changed_row_does_not_fit_the_seal() -> None:
    days, _, _ = three_days()
    sealed = replace(days[0], seal=seal_of(KEY, "abcdef", days[0]), key_id=key_id(KEY))
    rechained, _, _ = three_days(rows=3)
    assert first_fault(three_days(rows=3)[1], rechained) is None, "it is whole in itself"
    assert seal_fault(replace(sealed, head=rechained[0].head, rows=3), KEY, "abcdef") is not None


@pytest.mark.parametrize("field", FIELDS)
@given(data=st.data())
def test_a_receipt_is_read_back_as_it_was(field: str, data: st.DataObject) -> None:
    made = receipt(**{field: data.draw(OTHER.get(field, TEXT))})
    text = canonical(made)
    assert text.isascii()
    assert receipt_from(text, private(made)) == made
    assert canonical(receipt_from(text, private(made))) == text


def test_an_erased_receipt_tells_no_number_and_no_reason_and_keeps_its_place_in_the_chain() -> None:
    made = receipt(salt="ab", gates=(GateSeen(code="DO_NOT_CALL", passed=False, reason="Ada wrote"),))
    text = canonical(made)
    for trace in ("2125550123", "Ada"):
        assert trace in private(made)
        assert trace not in text
    gone = receipt_from(text, "")
    assert gone.erased
    assert (gone.number, gone.gates[0].reason, gone.gates[0].passed) == ("erased (person 7)", "", False)
    assert (canonical(gone), private(gone)) == (text, "")


@pytest.mark.parametrize("other", [{"number": "+12125550124"}, {"salt": "cd"}])
def test_a_private_part_that_is_not_the_one_that_was_written_is_found(other: dict[str, str]) -> None:
    made = receipt(salt="ab")
    with pytest.raises(UnreadableReceipt, match="its number or a reason was changed"):
        receipt_from(canonical(made), private(replace(made, **other)))  # type: ignore[arg-type]


def test_the_proof_of_a_consent_goes_with_the_number_and_its_row_stays() -> None:
    made = receipt(consents=(ConsentSeen(id=12, kind="express", given_at=NOON, proof="form of Ada"),))
    text = canonical(made)
    assert "Ada" not in text
    assert '"consents":[[12,"express","2026-11-20T17:00:00.000000Z"]]' in text
    gone = receipt_from(text, "")
    assert [(each.id, each.proof) for each in gone.consents] == [(12, "")]
    assert canonical(gone) == text


def test_the_answer_about_the_number_that_a_call_stood_on_is_named_in_its_receipt() -> None:
    answer = NumberAnswer(
        list_id="us-rnd",
        number="+12125550123",
        answer=Answered.NO,
        asked_at=NOON,
        about=date(2026, 3, 1),
        source="answers.csv",
        actor="anna",
        recorded_at=NOON,
        id=5,
    )
    gate = Gate(code=GateCode.REASSIGNED, passed=True, reason="no", answers=(answer,))
    verdict = Verdict(dialable=True, gates=(gate,), hold=None, ask_again_at=None)
    issue = Issue(at=NOON, campaign_id=1, campaign="Autumn", settings_version=1)
    made = receipt_of(candidate(), verdict, issue, "abcdef-1")
    assert '"answers":[[5,"us-rnd","no","2026-03-01","2026-11-20T17:00:00.000000Z"]]' in canonical(made)
    assert receipt_from(canonical(made), private(made)) == made
    assert receipt_of(candidate(), verdict, issue, None).answers == (), "a hold relied on nothing"


def test_the_canonical_text_is_what_the_documentation_says() -> None:
    """Byte for byte: a change here would make every stored receipt unverifiable."""
    assert canonical(receipt(campaign="Осень", lists=(), gates=(GateSeen(code="NUMBER", passed=True),))) == (
        '{"at":"2026-11-20T17:00:00.000000Z","attempt_id":"abcdef-1","caller_id":"+12025550100","calls_in_24h":1,'
        '"campaign":"\\u041e\\u0441\\u0435\\u043d\\u044c","campaign_id":1,"gates":[["NUMBER",true]],"hold":"",'
        '"lists":[],"outcome":"dialled","person_id":7,'
        '"places":[["America/New_York","2026-11-20T12:00:00-05:00","08:00-21:00"]],'
        '"private":"e799bfbd0a06744e6bc5695714578cbd9e96b5b32454979090c1b4b7a4c31663","profile":"us-federal",'
        '"profile_version":1,"program":"0.1.0","settings_version":3,"tries":2,"trunk":"carrier","tz":"tzdata 2026.6",'
        '"v":1}'
    )
