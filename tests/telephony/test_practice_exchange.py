"""The practice exchange plays its table over real SIP and tells the truth about it in its own log."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.asterisk.laboratory import free_loopback_address
from telephony.asterisk.provisioning import find_or_unpack
from telephony.practice import PracticeKind, behaviour_of, numbers
from telephony.practice_exchange import PracticeError, PracticeExchange
from telephony.practice_log import PracticeCall
from tests.telephony.pair import Pair, running_pair, until

pytestmark = pytest.mark.asterisk

RING_S = 7.0  # longer than the slowest answer, much shorter than any time-out of SIP
LATE_MS = 150  # two cores, fourteen calls at once


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pair, dict[str, str]]]:
    """One call of every kind, placed at once and over; call id to number."""
    with running_pair(tmp_path_factory.mktemp("pair")) as pair:
        calls = {pair.dial(next(numbers(kind)), ring_s=RING_S): next(numbers(kind)) for kind in PracticeKind}
        for call in calls:
            pair.gone(call, 30)
        until(lambda: len(pair.lab.practice_log()) == len(calls))
        yield pair, calls


def seen(played: tuple[Pair, dict[str, str]], kind: PracticeKind) -> PracticeCall:
    pair, calls = played
    call_id = next(call for call, number in calls.items() if behaviour_of(number).kind is kind)
    [call] = [call for call in pair.lab.practice_log() if call.attempt_id == call_id]
    return call


@pytest.mark.parametrize("kind", PracticeKind)
def test_the_log_holds_one_line_with_the_attempt_id_and_the_tables_kind(
    played: tuple[Pair, dict[str, str]], kind: PracticeKind
) -> None:
    call = seen(played, kind)
    assert call.number == next(numbers(kind))
    assert call.kind == kind.value
    assert call.answered == kind.answers


@pytest.mark.parametrize("kind", PracticeKind)
def test_the_status_it_sent_is_the_tables_or_487_for_a_cancelled_call(
    played: tuple[Pair, dict[str, str]], kind: PracticeKind
) -> None:
    cancelled = kind in (PracticeKind.NO_ANSWER, PracticeKind.ANNOUNCEMENT)
    assert seen(played, kind).sip_code == (487 if cancelled else kind.sip_code)


@pytest.mark.parametrize("kind", [kind for kind in PracticeKind if kind.answers])
def test_it_answers_when_the_table_says(played: tuple[Pair, dict[str, str]], kind: PracticeKind) -> None:
    call = seen(played, kind)
    assert call.answered_at is not None
    rang_ms = (call.answered_at - call.at).total_seconds() * 1000
    assert 0 <= rang_ms - behaviour_of(call.number).ring_ms <= LATE_MS


@pytest.mark.parametrize("kind", [PracticeKind.ANSWERS_SPEECH, PracticeKind.HANGS_UP_AT_ONCE])
def test_it_hangs_up_by_itself_when_the_table_says(played: tuple[Pair, dict[str, str]], kind: PracticeKind) -> None:
    call = seen(played, kind)
    assert call.ended_by == "callee"
    assert call.answered_at is not None
    assert call.ended_at is not None
    talked_ms = (call.ended_at - call.answered_at).total_seconds() * 1000
    assert 0 <= talked_ms - behaviour_of(call.number).talk_ms <= LATE_MS


@pytest.mark.parametrize(
    ("kind", "cause", "code"),
    [
        (PracticeKind.BUSY, "17", "486"),
        (PracticeKind.UNALLOCATED, "1", "404"),
        (PracticeKind.REJECTED, "21", "603"),
        (PracticeKind.CONGESTION, "34", "503"),
        (PracticeKind.UNAVAILABLE, "19", "480"),
        (PracticeKind.VANISHES, "44", None),
    ],
)
def test_the_dialers_side_sees_the_cause_and_the_sip_status(
    played: tuple[Pair, dict[str, str]], kind: PracticeKind, cause: str, code: str | None
) -> None:
    pair, _calls = played
    hangup = pair.gone(seen(played, kind).attempt_id)
    assert (hangup["Cause"], hangup.get("TechCause")) == (cause, code)


def test_one_who_never_replies_gives_no_sign_of_life(played: tuple[Pair, dict[str, str]]) -> None:
    pair, _calls = played
    call = seen(played, PracticeKind.NEVER_REPLIES).attempt_id
    states = {event.get("ChannelStateDesc") for event in pair.manager.events if event.get("Uniqueid") == call}
    assert states == {"Down", None}


def test_the_opt_out_key_is_read_in_the_message(played: tuple[Pair, dict[str, str]]) -> None:
    pair, _calls = played
    call = seen(played, PracticeKind.OPTS_OUT).attempt_id
    assert pair.manager.stage("SafeDone", Call=call)["Opt"] == "9"


def test_a_number_that_is_not_reserved_is_refused_and_logged_as_a_stranger(
    played: tuple[Pair, dict[str, str]],
) -> None:
    pair, _calls = played
    call = pair.dial("+12125551234")
    assert pair.gone(call)["TechCause"] == "404"
    until(lambda: any(seen.attempt_id == call for seen in pair.lab.practice_log()))
    [logged] = [seen for seen in pair.lab.practice_log() if seen.attempt_id == call]
    assert (logged.kind, logged.number) == ("stranger", "+12125551234")


def test_it_stays_on_loopback(tmp_path: Path) -> None:
    with pytest.raises(PracticeError, match="not on loopback"):
        PracticeExchange(find_or_unpack(), tmp_path, "10.0.0.1")


def test_without_sipp_it_says_which_package_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PracticeError, match="sip-tester"):
        PracticeExchange(replace(find_or_unpack(), sipp=None), tmp_path, free_loopback_address())
