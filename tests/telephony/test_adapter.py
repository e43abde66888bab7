"""Does a call survive every order of events? Against a manager that tests play."""

from __future__ import annotations

import itertools

import pytest

from telephony.asterisk.ami import ReplyKind
from telephony.port import (
    CallAnswered,
    CallEnded,
    CallProgress,
    CallRinging,
    CallScreened,
    CallsListed,
    CustomerCall,
    Ender,
    Joined,
    JoinFailed,
    LinkUp,
    Network,
    OriginateRefused,
    Verdict,
)
from tests.telephony.played_manager import (
    BUSY,
    BYE,
    CHANNEL,
    DIAL_RINGING,
    GONE,
    NO,
    OK,
    RANG_OUT,
    RINGING,
    TIMED_OUT,
    UP,
    Floor,
    Said,
    channel,
)


@pytest.fixture
def floor() -> Floor:
    return Floor()


# --- what goes out ---------------------------------------------------------------------------------


def test_a_call_goes_straight_on_the_trunk_under_its_own_id_with_a_caller_id(floor: Floor) -> None:
    floor.call(safe_harbour_ms=1500, talk_limit_s=600)
    (sent,) = floor.manager.sent("Originate")
    assert sent["Channel"] == "PJSIP/+12025550143@carrier"
    assert sent["ChannelId"] == sent["Variable CALL"] == sent["Variable PJSIP_HEADER(add,X-Attempt-Id)"] == "a-1"
    assert (sent["Async"], sent["Timeout"], sent["CallerID"]) == ("true", "20000", "<+12025550100>")
    assert (sent["Variable SAFEMS"], sent["Variable TALKS"]) == ("1500", "600")


@pytest.mark.parametrize("message", ["x\r\nAction: Ping", "a,B=1"])
def test_nothing_goes_out_that_could_mean_more_than_it_says(floor: Floor, message: str) -> None:
    call = CustomerCall(id="a-1", number="+12025550143", trunk="carrier", caller_id="+12025550100", ring_timeout_s=9)
    object.__setattr__(call, "message", message)  # the port refuses it before; this is the second guard
    floor.port.originate(call)
    floor.clock.advance(0)
    assert floor.manager.sent("Originate") == []
    assert floor.kinds() == [OriginateRefused]


def test_a_number_that_got_past_the_port_is_still_refused(floor: Floor) -> None:
    call = CustomerCall(id="a-1", number="+12025550143", trunk="carrier", caller_id="+12025550100", ring_timeout_s=9)
    object.__setattr__(call, "number", "+1202555@evil&PJSIP/1001")
    floor.port.originate(call)
    floor.clock.advance(0)
    assert floor.kinds() == [OriginateRefused]
    assert floor.manager.sent("Originate") == []


def test_an_id_without_our_prefix_is_refused_since_recovery_would_not_find_it(floor: Floor) -> None:
    floor.call("b-1")
    assert floor.kinds() == [OriginateRefused]


def test_a_plain_no_means_that_nothing_was_placed(floor: Floor) -> None:
    floor.manager.answers["Originate"] = ReplyKind.REFUSED
    floor.call()
    assert floor.kinds() == [OriginateRefused]
    floor.clock.advance(60)
    assert floor.ends() == []


# --- every order of events -------------------------------------------------------------------------


def orders(events: tuple[Said, ...], *in_order: tuple[Said, Said]) -> list[tuple[Said, ...]]:
    """All orders in which Asterisk may tell these; one channel's own events keep theirs."""
    return [
        order
        for order in itertools.permutations(events)
        if all(order.index(first) < order.index(then) for first, then in in_order)
    ]


def hear_all(order: tuple[Said, ...]) -> Floor:
    floor = Floor()
    floor.call()
    for name, headers in order:
        floor.say(name, **headers)
    floor.clock.advance(60)
    return floor


@pytest.mark.parametrize(
    "order", orders((CHANNEL, DIAL_RINGING, RINGING, NO, BUSY), (CHANNEL, RINGING), (RINGING, BUSY))
)
def test_a_busy_call_ends_once_in_whatever_order_it_is_told(order: tuple[Said, ...]) -> None:
    floor = hear_all(order)
    assert [c.network for c in floor.ends()] == [Network.BUSY]
    assert floor.kinds().count(CallRinging) <= 1
    assert CallAnswered not in floor.kinds()


@pytest.mark.parametrize(
    "order", orders((CHANNEL, RINGING, UP, OK, BYE, GONE), (CHANNEL, RINGING), (RINGING, UP), (UP, BYE), (BYE, GONE))
)
def test_an_answered_call_is_answered_once_and_ends_once_in_whatever_order(order: tuple[Said, ...]) -> None:
    floor = hear_all(order)
    assert [(c.network, c.ended_by) for c in floor.ends()] == [(Network.ANSWERED, Ender.FAR_END)]
    assert floor.kinds().count(CallAnswered) == 1
    assert floor.kinds()[-1] is CallEnded


@pytest.mark.parametrize(
    "order", orders((CHANNEL, RINGING, TIMED_OUT, RANG_OUT), (CHANNEL, RINGING), (RINGING, RANG_OUT))
)
def test_a_call_that_rang_out_is_not_answered_in_whatever_order(order: tuple[Said, ...]) -> None:
    assert [c.network for c in hear_all(order).ends()] == [Network.NO_ANSWER]


@pytest.mark.parametrize("order", orders((CHANNEL, TIMED_OUT, RANG_OUT), (CHANNEL, RANG_OUT)))
def test_a_call_without_any_sign_is_no_progress(order: tuple[Said, ...]) -> None:
    assert [c.network for c in hear_all(order).ends()] == [Network.NO_PROGRESS]


def test_early_media_is_told_as_progress_and_in_the_end(floor: Floor) -> None:
    floor.call()
    floor.say(*CHANNEL[:1], **CHANNEL[1])
    floor.say("DialState", "", DestUniqueid="a-1", DialStatus="PROGRESS")
    floor.say(*TIMED_OUT[:1], **TIMED_OUT[1])
    floor.say(*RANG_OUT[:1], **RANG_OUT[1])
    assert floor.kinds() == [CallProgress, CallEnded]
    assert (floor.ends()[0].network, floor.ends()[0].detail) == (Network.NO_ANSWER, "EARLY_MEDIA")


def test_a_call_that_never_had_a_channel_was_not_attempted_and_is_told_within_a_second(floor: Floor) -> None:
    floor.call()
    floor.say("OriginateResponse", Response="Failure", Reason="0")
    assert floor.ends() == []
    floor.clock.advance(0.9)
    assert [c.network for c in floor.ends()] == [Network.NOT_ATTEMPTED]


def test_a_hang_up_that_was_lost_ends_the_call_all_the_same(floor: Floor) -> None:
    floor.call()
    for name, headers in (CHANNEL, RINGING, TIMED_OUT):
        floor.say(name, **headers)
    floor.clock.advance(3)
    assert [c.network for c in floor.ends()] == [Network.NO_ANSWER]


def test_a_response_that_was_lost_ends_the_call_all_the_same(floor: Floor) -> None:
    floor.call()
    for name, headers in (CHANNEL, BUSY):
        floor.say(name, **headers)
    floor.clock.advance(3)
    assert [c.network for c in floor.ends()] == [Network.BUSY]


def test_ringing_that_is_told_late_is_no_news(floor: Floor) -> None:
    floor.call()
    for name, headers in (CHANNEL, OK, RINGING, UP):
        floor.say(name, **headers)
    assert floor.kinds() == [CallAnswered]


def test_events_told_twice_change_nothing(floor: Floor) -> None:
    floor.call()
    for said in (CHANNEL, RINGING, UP, OK, BYE, GONE):
        for _ in range(2):
            floor.say(said[0], **said[1])
    floor.clock.advance(60)
    assert floor.kinds() == [CallRinging, CallAnswered, CallEnded]


def test_what_cannot_follow_is_logged_as_our_fault_and_harms_nothing(
    floor: Floor, caplog: pytest.LogCaptureFixture
) -> None:
    floor.call()
    floor.say(*CHANNEL[:1], **CHANNEL[1])
    floor.say("ConfbridgeJoin", Conference="ag1001")
    assert "a-1 is dialling" in caplog.text
    floor.say(*BUSY[:1], **BUSY[1])
    floor.say(*NO[:1], **NO[1])
    assert [c.network for c in floor.ends()] == [Network.BUSY]


# --- hanging up ------------------------------------------------------------------------------------


def test_a_call_hung_up_before_it_had_a_channel_is_hung_up_again_when_it_has_one(floor: Floor) -> None:
    floor.manager.answers["Hangup"] = ReplyKind.REFUSED
    floor.call()
    floor.port.hang_up("a-1")
    floor.say(*CHANNEL[:1], **CHANNEL[1])
    assert [action["Channel"] for action in floor.manager.sent("Hangup")] == ["a-1", "a-1"]
    floor.say(*NO[:1], **NO[1])
    floor.say("Hangup", Cause="0")
    assert [(c.network, c.ended_by) for c in floor.ends()] == [(Network.CANCELLED, Ender.US)]


def test_a_call_hung_up_while_the_link_is_down_is_hung_up_when_it_is_back(floor: Floor) -> None:
    floor.answered()
    floor.lose_link()
    floor.port.hang_up("a-1")
    assert floor.manager.sent("Hangup") == []
    floor.manager.channels = [channel()]
    floor.find_link()
    assert [action["Channel"] for action in floor.manager.sent("Hangup")] == ["a-1"]


# --- answering machine detection -------------------------------------------------------------------

PERSON: Said = (
    "UserEvent",
    {"UserEvent": "Dialer", "Stage": "Screened", "Verdict": "HUMAN", "Words": "HUMAN-HUMAN-801"},
)
MACHINE: Said = ("UserEvent", {"UserEvent": "Dialer", "Stage": "Screened", "Verdict": "MACHINE", "Words": "MAXWORDS"})


def listened_to(floor: Floor) -> None:
    floor.call(detect=True)
    for name, headers in (CHANNEL, UP, OK):
        floor.say(name, **headers)


def verdicts(floor: Floor) -> list[tuple[Verdict, str, bool]]:
    return [(e.verdict, e.words, e.late) for e in floor.told if isinstance(e, CallScreened)]


@pytest.mark.parametrize(("detect", "said"), [(True, "1"), (False, "0")])
def test_a_call_says_whether_it_is_to_be_listened_to(floor: Floor, detect: bool, said: str) -> None:
    floor.call(detect=detect)
    assert floor.manager.sent("Originate")[0]["Variable DETECT"] == said


@pytest.mark.parametrize(
    "order",
    orders(
        (CHANNEL, RINGING, UP, OK, PERSON, BYE, GONE),
        (CHANNEL, RINGING),
        (RINGING, UP),
        (UP, PERSON),
        (PERSON, BYE),
        (BYE, GONE),
    ),
)
def test_a_verdict_is_told_once_after_the_answer_in_whatever_order(order: tuple[Said, ...]) -> None:
    floor = Floor()
    floor.call(detect=True)
    for name, headers in order:
        floor.say(name, **headers)
    floor.clock.advance(60)
    kinds = [kind for kind in floor.kinds() if kind is not CallRinging]
    assert kinds == [CallAnswered, CallScreened, CallEnded]
    assert [e.screening for e in floor.told if isinstance(e, CallAnswered)] == [True]


def test_a_verdict_told_twice_or_before_the_answer_is_one_verdict(floor: Floor) -> None:
    floor.call(detect=True)
    floor.say(*CHANNEL[:1], **CHANNEL[1])
    for said in (PERSON, PERSON, UP, OK):
        floor.say(said[0], **said[1])
    assert floor.kinds() == [CallAnswered, CallScreened]
    assert verdicts(floor) == [(Verdict.HUMAN, "HUMAN-HUMAN-801", False)]


def test_the_first_verdict_stands_and_another_is_no_fault_of_ours(
    floor: Floor, caplog: pytest.LogCaptureFixture
) -> None:
    listened_to(floor)
    for said in (PERSON, MACHINE):
        floor.say(said[0], **said[1])
    assert [verdict for verdict, _words, _late in verdicts(floor)] == [Verdict.HUMAN]
    assert "cannot follow" not in caplog.text


def test_a_word_nobody_knows_is_no_proof_of_a_machine(floor: Floor) -> None:
    listened_to(floor)
    floor.stage("Screened", Verdict="PARROT")
    assert [verdict.person for verdict, _words, _late in verdicts(floor)] == [True]


def test_a_machine_is_joined_by_nobody_and_its_end_is_ours(floor: Floor) -> None:
    floor.agent_up()
    listened_to(floor)
    floor.say(*MACHINE[:1], **MACHINE[1])
    floor.port.join("a-1", "1001")
    floor.say(*GONE[:1], **GONE[1])
    assert floor.kinds() == [CallAnswered, CallScreened, JoinFailed, CallEnded]
    assert [(c.network, c.ended_by) for c in floor.ends()] == [(Network.ANSWERED, Ender.US)]
    assert floor.manager.sent("Redirect") == []


def test_before_the_verdict_nobody_is_joined_and_afterwards_he_is(floor: Floor) -> None:
    floor.agent_up()
    listened_to(floor)
    floor.port.join("a-1", "1001")
    floor.clock.advance(0)
    assert (floor.kinds()[-1], floor.manager.sent("Redirect")) == (JoinFailed, [])
    floor.say(*PERSON[:1], **PERSON[1])
    floor.port.join("a-1", "1001")
    floor.say("ConfbridgeJoin", Conference="ag1001")
    assert floor.kinds()[-1] is Joined


def test_a_verdict_given_while_the_link_was_lost_is_found_on_the_channel_and_told_late(floor: Floor) -> None:
    listened_to(floor)
    floor.lose_link()
    floor.manager.channels = [channel(**{"var DETECT": "1", "var VERDICT": "UNKNOWN"})]
    floor.find_link()
    assert verdicts(floor) == [(Verdict.UNKNOWN, "found on the channel", True)]
    floor.say(*PERSON[:1], **PERSON[1])
    assert len(verdicts(floor)) == 1


def test_a_call_answered_and_joined_by_nobody_while_the_link_was_lost_is_still_listened_to(floor: Floor) -> None:
    floor.call(detect=True)
    floor.lose_link()
    floor.manager.channels = [channel(Context="screen", Application="AMD", **{"var DETECT": "1", "var VERDICT": ""})]
    floor.find_link()
    assert [e.screening for e in floor.told if isinstance(e, CallAnswered)] == [True]
    assert verdicts(floor) == []
    floor.say(*PERSON[:1], **PERSON[1])
    assert verdicts(floor) == [(Verdict.HUMAN, "HUMAN-HUMAN-801", False)]


def test_a_call_of_a_former_process_is_listened_to_on(floor: Floor) -> None:
    floor.manager.channels = [channel("a-9", Context="screen", **{"var DETECT": "1", "var VERDICT": "(null)"})]
    floor.port.list_calls("a-", "mine")
    floor.clock.advance(0)
    (listed,) = next(e for e in floor.told if isinstance(e, CallsListed)).calls
    assert (listed.answered, listed.screening, listed.verdict) == (True, True, None)
    floor.port.adopt(listed)
    floor.clock.advance(0)
    floor.say(*PERSON[:1], "a-9", **PERSON[1])
    assert floor.kinds() == [CallScreened]


def test_a_ringing_call_of_a_former_process_that_asked_for_detection_is_listened_to(floor: Floor) -> None:
    floor.manager.channels = [channel("a-9", ChannelState="5", **{"var DETECT": "1"})]
    floor.port.list_calls("a-", "mine")
    floor.clock.advance(0)
    (listed,) = next(e for e in floor.told if isinstance(e, CallsListed)).calls
    assert (listed.answered, listed.screening) == (False, False)
    floor.port.adopt(listed)
    floor.clock.advance(0)
    floor.say("Newstate", "a-9", ChannelState="6")
    assert [e.screening for e in floor.told if isinstance(e, CallAnswered)] == [True]


def test_a_call_of_a_former_process_whose_verdict_is_in_waits_and_can_be_joined(floor: Floor) -> None:
    floor.agent_up()
    floor.manager.channels = [
        channel("a-9", **{"var DETECT": "1", "var VERDICT": "HUMAN"}),
        channel("a-leg-1", Channel="PJSIP/1001-1", Application="ConfBridge", Data="ag1001", **{"var AG": "1001"}),
    ]
    floor.port.list_calls("a-", "mine")
    floor.clock.advance(0)
    listed = next(c for e in floor.told if isinstance(e, CallsListed) for c in e.calls if not c.agent)
    assert (listed.screening, listed.verdict) == (False, Verdict.HUMAN)
    floor.port.adopt(listed)
    floor.port.join("a-9", "1001")
    assert len(floor.manager.sent("Redirect")) == 1


def test_an_exchange_without_detection_says_so_and_is_asked_for_none() -> None:
    floor = Floor(refused="Getvar")
    assert [e.detects for e in floor.told if isinstance(e, LinkUp)] == [False]
    floor.call(detect=True)
    assert floor.kinds() == [OriginateRefused]
    assert floor.manager.sent("Originate") == []


def test_an_exchange_is_asked_anew_whether_it_detects_after_every_connect(floor: Floor) -> None:
    floor.lose_link()
    floor.manager.detects = False
    floor.find_link()
    assert [e.detects for e in floor.told if isinstance(e, LinkUp)] == [True, False]
