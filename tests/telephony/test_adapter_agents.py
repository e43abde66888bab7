"""Are joins, agents, keys, trunks and phones told as they are? Against a manager that tests play."""

from __future__ import annotations

import pytest

from telephony.asterisk.ami import ReplyKind
from telephony.port import (
    AgentLeg,
    AgentLegEnded,
    AgentLegUp,
    AgentLost,
    CallAnswered,
    CallEnded,
    Joined,
    JoinFailed,
    KeyPressed,
    LoginRequested,
    Network,
    OptOutKey,
    PhoneReachable,
    SafeHarbourStarted,
    TrunkDown,
    TrunkUp,
)
from tests.telephony.played_manager import (
    BYE,
    CHANNEL,
    GONE,
    RANG_OUT,
    TIMED_OUT,
    Floor,
    Said,
)


@pytest.fixture
def floor() -> Floor:
    return Floor()


# --- joins -----------------------------------------------------------------------------------------


def test_a_join_is_told_by_the_conference_and_not_by_the_response(floor: Floor) -> None:
    floor.agent_up()
    floor.answered()
    floor.port.join("a-1", "1001")
    floor.clock.advance(0.5)
    assert Joined not in floor.kinds()
    (sent,) = floor.manager.sent("Redirect")
    assert (sent["Channel"], sent["Context"], sent["Exten"]) == ("PJSIP/carrier-a-1", "room", "1001")
    floor.say("ConfbridgeJoin", Conference="ag1001")
    assert floor.kinds()[-1] is Joined


def test_an_agent_is_there_when_his_line_is_in_its_room_and_not_a_moment_before(floor: Floor) -> None:
    floor.port.ring_agent(AgentLeg(id="a-leg-1", agent="1001"))
    floor.say("Newchannel", "a-leg-1", Channel="PJSIP/1001-1", ChannelState="0")
    floor.stage("AgentUp", "a-leg-1", Agent="1001")
    assert not floor.of(AgentLegUp), "a customer joined now would find an empty room"
    floor.say("ConfbridgeJoin", "a-leg-1", Conference="ag1001")
    assert len(floor.of(AgentLegUp)) == 1


def test_a_join_that_is_never_confirmed_fails_within_a_second(floor: Floor) -> None:
    floor.agent_up()
    floor.answered()
    floor.port.join("a-1", "1001")
    floor.clock.advance(0.95)
    assert floor.kinds()[-1] is JoinFailed
    floor.say("ConfbridgeJoin", Conference="ag1001")
    assert floor.kinds()[-1] is Joined, "what is true after all is told as soon as it is known"


@pytest.mark.parametrize(("why", "words"), [("busy", "already has"), ("empty", "not on the line")])
def test_a_join_refused_by_the_dialplan_fails_at_once(floor: Floor, why: str, words: str) -> None:
    floor.agent_up()
    floor.answered()
    floor.port.join("a-1", "1001")
    floor.stage("JoinRefused", Call="a-1", Agent="1001", Reason=why)
    (failed,) = floor.of(JoinFailed)
    assert isinstance(failed, JoinFailed)
    assert words in failed.reason


def test_a_join_whose_redirect_is_refused_fails_at_once(floor: Floor) -> None:
    floor.manager.answers["Redirect"] = ReplyKind.REFUSED
    floor.agent_up()
    floor.answered()
    floor.port.join("a-1", "1001")
    floor.clock.advance(0)
    assert floor.kinds()[-1] is JoinFailed


def test_the_failed_join_of_a_customer_who_left_comes_before_his_end(floor: Floor) -> None:
    floor.agent_up()
    floor.answered()
    floor.port.join("a-1", "1001")
    floor.say(*BYE[:1], **BYE[1])
    floor.say(*GONE[:1], **GONE[1])
    floor.clock.advance(5)
    assert floor.kinds() == [CallAnswered, JoinFailed, CallEnded]


def test_an_agent_without_a_line_or_with_a_customer_gets_nobody(floor: Floor) -> None:
    floor.answered()
    floor.port.join("a-1", "1001")
    assert floor.manager.sent("Redirect") == []
    floor.agent_up()
    floor.answered("a-2")
    floor.port.join("a-1", "1001")
    floor.port.join("a-2", "1001")
    floor.clock.advance(0)
    assert len(floor.manager.sent("Redirect")) == 1
    assert len(floor.of(JoinFailed)) == 2


def test_a_lost_agent_is_told_and_the_customer_can_be_joined_again(floor: Floor) -> None:
    floor.joined()
    floor.stage("AgentLost", Call="a-1", Agent="1001")
    floor.say("Hangup", "a-leg-1", Cause="16")
    floor.agent_up("a-leg-2", "1002")
    floor.port.join("a-1", "1002")
    floor.say("ConfbridgeJoin", Conference="ag1002")
    assert floor.kinds() == [CallAnswered, Joined, AgentLost, Joined]


def test_the_message_and_its_key_are_told(floor: Floor) -> None:
    floor.answered()
    floor.stage("Safe", Call="a-1")
    floor.stage("SafeDone", Call="a-1", Opt="5")
    assert OptOutKey not in floor.kinds()
    floor.stage("SafeDone", Call="a-1", Opt="9")
    assert floor.kinds() == [CallAnswered, SafeHarbourStarted, OptOutKey]


# --- agents ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([("OriginateResponse", {"Response": "Failure", "Reason": "0"})], "not reachable"),
        ([("OriginateResponse", {"Response": "Failure", "Reason": "3"})], "not answered"),
        ([("Hangup", {"Cause": "17"}), ("OriginateResponse", {"Response": "Failure", "Reason": "0"})], "busy"),
        ([("OriginateResponse", {"Response": "Failure", "Reason": "0"}), ("Hangup", {"Cause": "21"})], "refused"),
    ],
)
def test_a_leg_that_does_not_come_up_is_told_once_with_the_reason(floor: Floor, said: list[Said], reason: str) -> None:
    floor.port.ring_agent(AgentLeg(id="a-leg-1", agent="1001"))
    for name, headers in said:
        floor.say(name, "a-leg-1", **headers)
    floor.clock.advance(2)
    (ended,) = floor.of(AgentLegEnded)
    assert isinstance(ended, AgentLegEnded)
    assert reason in ended.reason


def test_keys_count_on_the_agents_leg_only(floor: Floor) -> None:
    floor.joined()
    floor.say("DTMFEnd", "a-leg-1", Digit="1", Direction="Received")
    floor.say("DTMFEnd", "a-leg-1", Digit="2", Direction="Sent")
    floor.say("DTMFEnd", "a-1", Digit="3", Direction="Received")
    floor.say("DTMFEnd", "a-leg-1", Digit="A", Direction="Received")
    assert [k.digit for k in floor.told if isinstance(k, KeyPressed)] == ["1"]


def test_a_leg_dropped_before_it_has_a_channel_is_dropped_when_it_has_one(floor: Floor) -> None:
    floor.port.ring_agent(AgentLeg(id="a-leg-1", agent="1001"))
    floor.port.drop_agent("a-leg-1")
    floor.say("Newchannel", "a-leg-1", Channel="PJSIP/1001-1")
    assert len(floor.manager.sent("Hangup")) == 2
    floor.say("Hangup", "a-leg-1", Cause="0")
    (ended,) = floor.of(AgentLegEnded)
    assert isinstance(ended, AgentLegEnded)
    assert ended.reason == "hung up by the dialer"


def test_an_agent_is_rung_on_one_line_only(floor: Floor) -> None:
    floor.agent_up()
    floor.port.ring_agent(AgentLeg(id="a-leg-2", agent="1001"))
    floor.clock.advance(0)
    assert len(floor.of(AgentLegUp)) == 1
    assert len(floor.of(AgentLegEnded)) == 1
    assert len(floor.manager.sent("Originate")) == 1


def test_a_log_in_from_the_phone_is_told_for_real_agents_only(floor: Floor) -> None:
    floor.stage("LoginRequest", "x", Agent="1001", Pin="4711")
    floor.stage("LoginRequest", "x", Agent="carrier", Pin="4711")
    assert [(e.agent, e.pin) for e in floor.told if isinstance(e, LoginRequested)] == [("1001", "4711")]


def test_a_tone_goes_to_an_agent_who_is_there(floor: Floor) -> None:
    floor.port.tone("1001")
    floor.agent_up()
    floor.port.tone("1001")
    assert [a["Channel"] for a in floor.manager.sent("Originate")] == ["PJSIP/1001", "Local/1001@tone/n"]


# --- trunks and phones -----------------------------------------------------------------------------


def test_a_trunk_is_up_when_its_device_or_contact_says_so(floor: Floor) -> None:
    assert len(floor.of(TrunkUp)) == 1
    floor.watched("ContactStatus", EndpointName="carrier", ContactStatus="Unreachable")
    assert len(floor.of(TrunkDown)) == 1
    floor.call()
    assert [c.network for c in floor.ends()] == [Network.NOT_ATTEMPTED]
    assert floor.manager.sent("Originate") == []
    floor.watched("ContactStatus", EndpointName="carrier", ContactStatus="Reachable")
    assert len(floor.of(TrunkUp)) == 2


def test_a_trunk_of_which_nothing_is_known_takes_no_call() -> None:
    floor = Floor()
    floor.call(trunk="other")
    assert [c.network for c in floor.ends()] == [Network.NOT_ATTEMPTED]
    assert floor.manager.sent("Originate") == []


def test_three_calls_without_progress_take_the_trunk_down(floor: Floor) -> None:
    for number in range(3):
        floor.call(f"a-{number}")
        floor.clock.advance(1)
        for name, headers in (CHANNEL, TIMED_OUT, RANG_OUT):
            floor.say(name, f"a-{number}", **headers)
    assert len(floor.of(TrunkDown)) == 1


def test_phones_are_told_when_they_come_and_go(floor: Floor) -> None:
    floor.watched("PeerStatus", Peer="PJSIP/1001", PeerStatus="Reachable")
    floor.watched("ContactStatus", EndpointName="1001", ContactStatus="Reachable")
    floor.watched("ContactStatus", EndpointName="1001", ContactStatus="Removed")
    assert [(e.agent, e.reachable) for e in floor.told if isinstance(e, PhoneReachable)] == [
        ("1001", True),
        ("1001", False),
    ]
