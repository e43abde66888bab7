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
    CustomerCall,
    Ender,
    Network,
    OriginateRefused,
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
