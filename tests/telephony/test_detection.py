"""What does answering machine detection make of real sound, and where does the dialplan send the call then?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from telephony.asterisk.probe import ManagerLogin, probe
from telephony.practice import PracticeKind, behaviour_of, numbers
from tests.patience import within
from tests.telephony.pair import Pair, running_pair, until
from tests.telephony.raw_manager import Packet
from tests.telephony.tone_phone import TonePhone

pytestmark = pytest.mark.asterisk

NUMBER = "+12025550100"
DETECT = "DETECT=1"
VERDICT_S = 7.0


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running_pair(tmp_path_factory.mktemp("pair")) as running:
        yield running


@pytest.fixture(autouse=True)
def _nothing_left_over(pair: Pair) -> Iterator[None]:
    yield
    until(lambda: "0 active channels" in pair.lab.asterisk.command("core show channels count"), 15)


def after_answer_s(customer: TonePhone, event: Packet) -> float:
    return float(event["_at"]) - (customer.answered_at_s or 0.0)


def test_a_word_and_silence_is_a_person_who_waits_on(pair: Pair) -> None:
    with pair.customer() as customer:
        customer.fall_silent_after(0.6)
        call = pair.dial(NUMBER, DETECT, "SAFEMS=700", trunk="tones")
        verdict = pair.manager.stage("Screened", VERDICT_S, Call=call)
        assert verdict["Verdict"] == "HUMAN"
        assert 1.2 < after_answer_s(customer, verdict) < within(2.2)
        safe = pair.manager.stage("Safe", Call=call)
        assert 0.65 < float(safe["_at"]) - float(verdict["_at"]) < within(0.85)
        pair.hang_up(call)


def test_somebody_who_talks_on_is_a_machine_and_hung_up_without_the_message(pair: Pair) -> None:
    with pair.customer() as customer:
        call = pair.dial(NUMBER, DETECT, "SAFEMS=0", trunk="tones")
        verdict = pair.manager.stage("Screened", VERDICT_S, Call=call)
        assert verdict["Verdict"] == "MACHINE"
        assert after_answer_s(customer, verdict) < within(2.5)
        gone = pair.gone(call, 2)
        assert float(gone["_at"]) - float(verdict["_at"]) < 0.3
        assert pair.manager.of("UserEvent", Call=call, Stage="Safe") == []


def test_somebody_who_says_nothing_is_no_machine(pair: Pair) -> None:
    with pair.customer() as customer:
        customer.fall_silent_after(0.0)
        call = pair.dial(NUMBER, DETECT, trunk="tones")
        verdict = pair.manager.stage("Screened", VERDICT_S, Call=call)
        assert verdict["Verdict"] == "UNKNOWN"
        assert verdict["Words"].startswith("MACHINE-INITIALSILENCE")
        assert pair.manager.stage("Safe", Call=call)
        pair.hang_up(call)


def test_after_a_refused_join_he_is_not_listened_to_again(pair: Pair) -> None:
    with pair.customer() as customer:
        customer.fall_silent_after(0.6)
        call = pair.dial(NUMBER, DETECT, trunk="tones")
        verdict = pair.manager.stage("Screened", VERDICT_S, Call=call)
        pair.join(call, "1001")
        pair.manager.stage("JoinRefused", Call=call)
        safe = pair.manager.stage("Safe", Call=call)
        assert 1.7 < float(safe["_at"]) - float(verdict["_at"]) < 2.0
        assert len(pair.manager.of("UserEvent", Call=call, Stage="Screened")) == 1
        pair.hang_up(call)


def test_a_call_hung_up_while_it_is_listened_to_has_no_verdict(pair: Pair) -> None:
    with pair.customer():
        call = pair.dial(NUMBER, DETECT, trunk="tones")
        pair.up(call)
        pair.hang_up(call)
        following = pair.dial(NUMBER, DETECT, trunk="tones")
        pair.manager.stage("Screened", VERDICT_S, Call=following)
        pair.gone(following)
        assert pair.manager.of("UserEvent", Call=call, Stage="Screened") == []


def test_a_call_that_does_not_ask_for_it_is_not_listened_to(pair: Pair) -> None:
    with pair.customer():
        call = pair.dial(NUMBER, "DETECT=0", trunk="tones")
        pair.manager.stage("Safe", Call=call)
        assert pair.manager.of("UserEvent", Call=call, Stage="Screened") == []
        pair.hang_up(call)


def test_without_the_module_nobody_is_taken_for_a_machine_and_the_doctor_names_it(pair: Pair) -> None:
    access = pair.lab.manager
    login = ManagerLogin(
        host=access.host, port=access.port, dialer_secret=access.dialer_secret, watch_secret=access.watch_secret
    )
    pair.lab.asterisk.command("module unload app_amd.so")
    try:
        with pair.customer() as customer:
            call = pair.dial(NUMBER, DETECT, trunk="tones")
            verdict = pair.manager.stage("Screened", Call=call)
            assert (verdict["Verdict"], after_answer_s(customer, verdict) < within(0.5)) == ("UNKNOWN", True)
            pair.hang_up(call)
        (missing,) = (finding for finding in probe(login, "practice") if not finding.ok)
        assert (missing.name, missing.needed) == ("answering machine detection", False)
    finally:
        pair.lab.asterisk.command("module load app_amd.so")


def test_practice_callees_are_told_apart(pair: Pair) -> None:
    expected = {
        PracticeKind.ANSWERS_SPEECH: "HUMAN",
        PracticeKind.ANSWERS_SLOWLY: "HUMAN",
        PracticeKind.OPTS_OUT: "HUMAN",
        PracticeKind.ANSWERING_MACHINE: "MACHINE",
    }
    placed = {pair.dial(_long_talker(kind), DETECT, ring_s=9): word for kind, word in expected.items()}
    told = {call: pair.manager.stage("Screened", 15, Call=call)["Verdict"] for call in placed}
    assert told == placed
    for call in placed:
        if not pair.manager.of("Hangup", Uniqueid=call):
            pair.hang_up(call)


def _long_talker(kind: PracticeKind) -> str:
    """One who stays on the line until the verdict is in."""
    return next(number for number in numbers(kind) if behaviour_of(number).talk_ms >= 4000)
