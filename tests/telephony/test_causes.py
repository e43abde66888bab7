"""Is every end of a call told by the right name?"""

from __future__ import annotations

import ast
import inspect
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony import causes
from telephony.causes import CallEvidence, judge, unknown_end
from telephony.port import EndCause, Ender, Network

OUR_TIME_OUT = CallEvidence(reason=3, sip_code=480, q850=19)

MEASURED = [
    # what was seen                                                          network, detail, ended by
    (CallEvidence(reason=4, up_seen=True, q850=16, we_hung_up=True), (Network.ANSWERED, "", Ender.US)),
    (CallEvidence(reason=4, up_seen=True, q850=16), (Network.ANSWERED, "", Ender.US)),
    (CallEvidence(reason=4, up_seen=True, q850=0, far_end_hung_up=True), (Network.ANSWERED, "", Ender.FAR_END)),
    (CallEvidence(reason=4, up_seen=True, q850=0), (Network.ANSWERED, "", Ender.US)),
    (CallEvidence(reason=4, up_seen=True, q850=44), (Network.ANSWERED, "MEDIA_LOST", Ender.NETWORK)),
    (CallEvidence(reason=4, q850=16), (Network.ANSWERED, "", Ender.US)),
    (CallEvidence(up_seen=True), (Network.ANSWERED, "", Ender.UNKNOWN)),
    (CallEvidence(reason=3, sip_code=480, q850=19, ringing_seen=True), (Network.NO_ANSWER, "", Ender.US)),
    (CallEvidence(reason=3, sip_code=480, q850=19, progress_seen=True), (Network.NO_ANSWER, "EARLY_MEDIA", Ender.US)),
    (
        CallEvidence(reason=3, sip_code=480, q850=19, ringing_seen=True, progress_seen=True),
        (Network.NO_ANSWER, "", Ender.US),
    ),
    (OUR_TIME_OUT, (Network.NO_PROGRESS, "", Ender.US)),
    (CallEvidence(reason=0, sip_code=480, q850=19, ringing_seen=True), (Network.UNAVAILABLE, "", Ender.NETWORK)),
    (CallEvidence(reason=0, sip_code=486, q850=17), (Network.BUSY, "", Ender.FAR_END)),
    (CallEvidence(reason=0, sip_code=600, q850=17), (Network.BUSY, "EVERYWHERE", Ender.FAR_END)),
    (CallEvidence(reason=0, sip_code=404, q850=1), (Network.INVALID_NUMBER, "", Ender.NETWORK)),
    (CallEvidence(reason=0, sip_code=604, q850=1), (Network.INVALID_NUMBER, "", Ender.NETWORK)),
    (CallEvidence(reason=0, sip_code=410, q850=22), (Network.INVALID_NUMBER, "", Ender.NETWORK)),
    (CallEvidence(reason=0, sip_code=484, q850=28), (Network.INVALID_NUMBER, "", Ender.NETWORK)),
    (CallEvidence(reason=0, sip_code=603, q850=21), (Network.REJECTED, "", Ender.FAR_END)),
    (CallEvidence(reason=0, sip_code=503, q850=34), (Network.CONGESTION, "", Ender.NETWORK)),
    (CallEvidence(reason=0, sip_code=500, q850=38), (Network.TECHNICAL, "", Ender.NETWORK)),
    (CallEvidence(reason=0, sip_code=408, q850=18), (Network.TECHNICAL, "", Ender.NETWORK)),
    (CallEvidence(reason=0, sip_code=302, q850=23), (Network.TECHNICAL, "", Ender.NETWORK)),
    (CallEvidence(reason=0, q850=0), (Network.TECHNICAL, "", Ender.NETWORK)),
    (CallEvidence(reason=0, channel_existed=False), (Network.NOT_ATTEMPTED, "", Ender.NETWORK)),
    (CallEvidence(reason=0, channel_existed=False, we_hung_up=True), (Network.NOT_ATTEMPTED, "", Ender.NETWORK)),
    (
        CallEvidence(reason=0, sip_code=480, q850=16, ringing_seen=True, we_hung_up=True),
        (Network.CANCELLED, "", Ender.US),
    ),
    (
        CallEvidence(reason=3, sip_code=480, q850=19, ringing_seen=True, we_hung_up=True),
        (Network.CANCELLED, "", Ender.US),
    ),
    (
        CallEvidence(reason=0, sip_code=486, q850=17, we_hung_up=True, far_end_hung_up=True),
        (Network.BUSY, "", Ender.FAR_END),
    ),
    (
        CallEvidence(reason=0, sip_code=603, q850=21, we_hung_up=True, far_end_hung_up=True),
        (Network.CANCELLED, "", Ender.US),
    ),
    (
        CallEvidence(reason=0, sip_code=603, q850=21, we_hung_up=True, far_end_hung_up=True, ringing_seen=True),
        (Network.REJECTED, "", Ender.FAR_END),
    ),
    (
        CallEvidence(reason=0, sip_code=487, q850=127, we_hung_up=True, far_end_hung_up=True),
        (Network.CANCELLED, "", Ender.US),
    ),
    (CallEvidence(ringing_seen=True), (Network.UNKNOWN, "", Ender.UNKNOWN)),
    (CallEvidence(we_hung_up=True), (Network.UNKNOWN, "", Ender.UNKNOWN)),
]

evidence = st.builds(
    CallEvidence,
    channel_existed=st.booleans(),
    reason=st.none() | st.integers(0, 9),
    sip_code=st.none() | st.integers(100, 699),
    q850=st.none() | st.integers(0, 127),
    up_seen=st.booleans(),
    ringing_seen=st.booleans(),
    progress_seen=st.booleans(),
    we_hung_up=st.booleans(),
    far_end_hung_up=st.booleans(),
)


@pytest.mark.parametrize(("seen", "told"), MEASURED)
def test_what_was_measured_on_the_line_has_its_name(seen: CallEvidence, told: tuple[Network, str, Ender]) -> None:
    cause = judge(seen)
    assert (cause.network, cause.detail, cause.ended_by) == told
    if seen.reason == 3 or cause.network is Network.CANCELLED:
        assert cause.sip_code is None, "the exchange made that status up"


@pytest.mark.parametrize("code", [401, 403, 407])
def test_an_account_fault_is_ours_and_suspends_the_trunk(code: int) -> None:
    cause = judge(CallEvidence(reason=0, sip_code=code, q850=21))
    assert (cause.network, cause.detail, cause.suspends_trunk) == (Network.TECHNICAL, "ACCOUNT", True)


@given(evidence)
def test_every_combination_has_an_answer_and_only_account_faults_suspend_a_trunk(seen: CallEvidence) -> None:
    cause = judge(seen)
    assert isinstance(cause, EndCause)
    assert not cause.suspends_trunk or seen.sip_code in (401, 403, 407)


@given(evidence)
def test_a_call_is_answered_exactly_when_an_answer_was_seen(seen: CallEvidence) -> None:
    assert (judge(seen).network is Network.ANSWERED) == (seen.up_seen or seen.reason == 4)


@given(evidence)
def test_a_call_that_never_left_is_never_an_attempt_and_the_others_always_are(seen: CallEvidence) -> None:
    answered = seen.up_seen or seen.reason == 4
    assert (judge(seen).network is Network.NOT_ATTEMPTED) == (not seen.channel_existed and not answered)


@given(evidence, st.sampled_from([0, 3, 4]))
def test_a_status_the_exchange_made_up_is_not_reported(seen: CallEvidence, reason: int) -> None:
    seen = replace(seen, channel_existed=True, reason=reason, sip_code=480)
    made_up = reason != 0 or seen.up_seen or (seen.we_hung_up and not seen.far_end_hung_up)
    assert judge(seen).sip_code == (None if made_up else 480)


def test_a_call_gone_while_nobody_looked_is_unknown_with_the_reason() -> None:
    assert unknown_end(exchange_restarted=True) == EndCause(network=Network.UNKNOWN, detail="EXCHANGE_RESTARTED")
    assert unknown_end(exchange_restarted=False) == EndCause(network=Network.UNKNOWN, detail="LINK_LOST")


def test_the_dial_status_is_never_asked() -> None:
    names = {node.id for node in ast.walk(ast.parse(inspect.getsource(causes))) if isinstance(node, ast.Name)}
    fields = set(CallEvidence.__dataclass_fields__)
    assert not any("dial" in name.lower() and "status" in name.lower() for name in names | fields)
