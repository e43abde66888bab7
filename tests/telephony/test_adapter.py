"""Does the adapter survive every order of events, lost events and lost links? Against a manager that tests play."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from telephony.asterisk.adapter import AsteriskTelephony
from telephony.asterisk.adapter_link import ManagerAccess
from telephony.asterisk.ami import LinkDown as ManagerDown
from telephony.asterisk.ami import LinkError, LinkFault, LinkInfo, ManagerEvent, Reply, ReplyKind
from telephony.asterisk.messages import ActionLike, ManagerResponse, build_action
from telephony.call_log import CallLog
from telephony.clock import ManualClock
from telephony.port import (
    AgentLeg,
    AgentLegEnded,
    AgentLegUp,
    AgentLost,
    CallAnswered,
    CallEnded,
    CallEvent,
    CallProgress,
    CallRinging,
    CallsListed,
    CustomerCall,
    EndCause,
    Ender,
    Event,
    Joined,
    JoinFailed,
    KeyPressed,
    LinkDown,
    LinkUp,
    ListedCall,
    LoginRequested,
    Network,
    OptOutKey,
    OriginateRefused,
    PhoneReachable,
    SafeHarbourStarted,
    TrunkDown,
    TrunkUp,
)

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
Headers = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Access:
    host: str = "127.0.0.1"
    port: int = 5038
    dialer_secret: str = "d"
    watch_secret: str = "w"


@dataclass
class PlayedLink:
    """One manager session whose other end is the test."""

    manager: PlayedManager
    user: str
    on_event: Callable[[ManagerEvent], None]
    on_up: Callable[[LinkInfo], None]
    on_down: Callable[[ManagerDown], None]
    up: bool = False

    def start(self) -> None:
        self.come_up()

    def close(self) -> None:
        self.up = False

    def come_up(self) -> None:
        self.up = True
        self.on_up(LinkInfo(host="127.0.0.1", port=5038, version="11.0.0", connection=1))
        if self.user == "watch":
            self.on_event(event("FullyBooted", Uptime="100"))

    def go_down(self) -> None:
        self.up = False
        self.on_down(ManagerDown(fault=LinkFault.CLOSED, reason="closed", was_up=True, retry_in_s=1.0))

    def send(self, action: ActionLike, on_response: Callable[[Reply], None] | None = None) -> str:
        return self.manager.take(self, action, on_response)

    def ask_list(self, action: ActionLike, on_done: Callable[[Reply], None]) -> str:
        return self.manager.take(self, action, on_done)


@dataclass
class PlayedManager:
    """Answers lists from `channels` and `devices`; every other action is kept, and answered when `answers` says so."""

    links: dict[str, PlayedLink] = field(default_factory=dict)
    actions: list[Headers] = field(default_factory=list)
    channels: list[Headers] = field(default_factory=list)
    devices: Headers = field(default_factory=lambda: {"PJSIP/carrier": "NOT_INUSE"})
    started: str = "14:00:00"
    answers: dict[str, ReplyKind] = field(default_factory=dict)

    def connect(
        self,
        access: ManagerAccess,
        user: str,
        *,
        on_event: Callable[[ManagerEvent], None],
        on_up: Callable[[LinkInfo], None],
        on_down: Callable[[ManagerDown], None],
    ) -> PlayedLink:
        self.links[user] = PlayedLink(manager=self, user=user, on_event=on_event, on_up=on_up, on_down=on_down)
        return self.links[user]

    def take(self, link: PlayedLink, action: ActionLike, told: Callable[[Reply], None] | None) -> str:
        if not link.up:
            raise LinkError(LinkFault.CLOSED)
        built = build_action(action, "id-1")  # refuses what the real link refuses
        headers = {"Action": str(built.name), **{str(k): str(v) for k, v in built.keys.items()}}
        headers |= {f"Variable {k}": str(v) for k, v in built.variables.items()}
        self.actions.append(headers)
        reply = self._reply(headers["Action"])
        if told is not None and reply is not None:
            told(reply)
        return "id-1"

    def _reply(self, name: str) -> Reply | None:
        kind = self.answers.get(name, ReplyKind.DONE)
        events: tuple[ManagerEvent, ...] = ()
        headers: tuple[tuple[str, str], ...] = (("Message", f"{name} was answered"),)
        if name == "CoreStatus":
            headers = (("CoreStartupDate", "2026-03-02"), ("CoreStartupTime", self.started))
        elif name == "Status":
            events = tuple(status(channel) for channel in self.channels)
        elif name == "DeviceStateList":
            events = tuple(event("DeviceStateChange", Device=d, State=s) for d, s in self.devices.items())
        elif name == "Originate" and kind is ReplyKind.DONE:
            return None if "Originate" in self.answers else Reply(kind=kind, action_id="")
        response = ManagerResponse(status="Success" if kind is ReplyKind.DONE else "Error", headers=headers)
        return Reply(kind=kind, action_id="", response=response, events=events, reason=headers[0][1])

    def sent(self, name: str) -> list[Headers]:
        return [action for action in self.actions if action["Action"] == name]


def event(name: str, **headers: str) -> ManagerEvent:
    return ManagerEvent(name=name, headers=tuple(headers.items()))


def status(channel: Headers) -> ManagerEvent:
    plain = {k: v for k, v in channel.items() if not k.startswith("var ")}
    pairs = [*plain.items(), *(("Variable", f"{k[4:]}={v}") for k, v in channel.items() if k.startswith("var "))]
    return ManagerEvent(name="Status", headers=tuple(pairs))


class Floor:
    """An adapter whose manager is played; `told` is what the port said."""

    def __init__(self, log: Path | None = None) -> None:
        self.clock = ManualClock(START)
        self.manager = PlayedManager()
        self.told: list[Event] = []
        self.port = AsteriskTelephony(
            self.clock,
            exchange="lab",
            access=Access(),
            connect=self.manager.connect,
            trunks=("carrier",),
            prefix="a-",
            log=CallLog(log, self.clock) if log is not None else None,
        )
        self.port.start(self.told.append)
        self.clock.advance(0)

    def call(self, call_id: str = "a-1", **fields: object) -> None:
        values: dict[str, object] = {
            "id": call_id,
            "number": "+12025550143",
            "trunk": "carrier",
            "caller_id": "+12025550100",
            "ring_timeout_s": 20,
        }
        self.port.originate(CustomerCall(**{**values, **fields}))  # type: ignore[arg-type]
        self.clock.advance(0)

    def say(self, name: str, call_id: str = "a-1", **headers: str) -> None:
        self.manager.links["dialer"].on_event(event(name, Uniqueid=call_id, **headers))
        self.clock.advance(0)

    def watched(self, name: str, **headers: str) -> None:
        self.manager.links["watch"].on_event(event(name, **headers))
        self.clock.advance(0)

    def stage(self, stage: str, call_id: str = "a-1", **headers: str) -> None:
        self.say("UserEvent", call_id, UserEvent="Dialer", Stage=stage, **headers)

    def answered(self, call_id: str = "a-1") -> None:
        self.call(call_id)
        self.say("Newchannel", call_id, Channel=f"PJSIP/carrier-{call_id}", ChannelState="0")
        self.say("Newstate", call_id, Channel=f"PJSIP/carrier-{call_id}", ChannelState="6")
        self.say("OriginateResponse", call_id, Response="Success", Reason="4")

    def agent_up(self, leg_id: str = "a-leg-1", agent: str = "1001") -> None:
        self.port.ring_agent(AgentLeg(id=leg_id, agent=agent))
        self.say("Newchannel", leg_id, Channel=f"PJSIP/{agent}-1", ChannelState="0")
        self.stage("AgentUp", leg_id, Agent=agent)

    def joined(self) -> None:
        self.agent_up()
        self.answered()
        self.port.join("a-1", "1001")
        self.say("ConfbridgeJoin", Conference="ag1001")

    def lose_link(self) -> None:
        self.manager.links["dialer"].go_down()
        self.clock.advance(0)

    def find_link(self) -> None:
        self.manager.links["dialer"].come_up()
        self.clock.advance(0)

    def kinds(self) -> list[type[Event]]:
        return [type(e) for e in self.told if isinstance(e, CallEvent)]

    def of(self, kind: type[Event]) -> list[Event]:
        return [e for e in self.told if isinstance(e, kind)]

    def ends(self) -> list[EndCause]:
        return [e.cause for e in self.told if isinstance(e, CallEnded)]


@pytest.fixture
def floor() -> Floor:
    return Floor()


def channel(call_id: str = "a-1", **headers: str) -> Headers:
    values = {"Channel": f"PJSIP/carrier-{call_id}", "ChannelState": "6", "Seconds": "7", "Uniqueid": call_id}
    return {**values, "Context": "cust", "Application": "Wait", "Data": "1", **headers}


# --- what goes out ---------------------------------------------------------------------------------


def test_a_call_goes_straight_on_the_trunk_under_its_own_id_with_a_caller_id(floor: Floor) -> None:
    floor.call(safe_harbour_ms=1500, talk_limit_s=600)
    (sent,) = floor.manager.sent("Originate")
    assert sent["Channel"] == "PJSIP/+12025550143@carrier"
    assert sent["ChannelId"] == sent["Variable CALL"] == sent["Variable PJSIP_HEADER(add,X-Attempt-Id)"] == "a-1"
    assert (sent["Async"], sent["Timeout"], sent["CallerID"]) == ("true", "20000", "<+12025550100>")
    assert (sent["Variable SAFEMS"], sent["Variable TALKS"]) == ("1500", "600")


def test_nothing_goes_out_that_could_mean_more_than_it_says(floor: Floor) -> None:
    floor.call(message="x\r\nAction: Ping")
    floor.call("a-2", message="a,B=1")
    assert floor.manager.sent("Originate") == []
    assert floor.kinds() == [OriginateRefused, OriginateRefused]


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

Said = tuple[str, Headers]
CHANNEL: Said = ("Newchannel", {"Channel": "PJSIP/carrier-1", "ChannelState": "0"})
RINGING: Said = ("Newstate", {"ChannelState": "5"})
DIAL_RINGING: Said = ("DialState", {"DialStatus": "RINGING"})
UP: Said = ("Newstate", {"ChannelState": "6"})
OK: Said = ("OriginateResponse", {"Response": "Success", "Reason": "4"})
NO: Said = ("OriginateResponse", {"Response": "Failure", "Reason": "0"})
TIMED_OUT: Said = ("OriginateResponse", {"Response": "Failure", "Reason": "3"})
BYE: Said = ("HangupRequest", {"Cause": "16"})
BUSY: Said = ("Hangup", {"Cause": "17", "TechCause": "486"})
GONE: Said = ("Hangup", {"Cause": "16"})
RANG_OUT: Said = ("Hangup", {"Cause": "19", "TechCause": "480"})


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


# --- the link --------------------------------------------------------------------------------------


def test_the_link_is_up_only_when_asterisk_has_booted_and_told_what_runs() -> None:
    floor = Floor()
    (up,) = floor.of(LinkUp)
    assert isinstance(up, LinkUp)
    assert up.started_at == START - timedelta(seconds=100)
    names = [action["Action"] for action in floor.manager.actions]
    assert names == ["CoreStatus", "Status", "DeviceStateList"]


def test_a_list_that_is_refused_is_asked_again_before_the_link_is_up(floor: Floor) -> None:
    floor.lose_link()
    floor.manager.answers["Status"] = ReplyKind.TIMED_OUT
    floor.find_link()
    floor.call()
    assert floor.kinds() == [OriginateRefused]
    assert len(floor.of(LinkUp)) == 1
    del floor.manager.answers["Status"]
    floor.clock.advance(1.1)
    assert len(floor.of(LinkUp)) == 2


def test_while_the_link_is_down_nothing_is_placed_and_the_id_is_spent(floor: Floor) -> None:
    floor.lose_link()
    floor.call()
    floor.find_link()
    floor.call()
    assert floor.kinds() == [OriginateRefused, OriginateRefused]
    assert floor.manager.sent("Originate") == []


def test_a_call_gone_when_the_link_is_back_is_unknown_and_one_that_runs_is_caught_up(floor: Floor) -> None:
    floor.call("a-1")
    floor.call("a-2")
    for call_id in ("a-1", "a-2"):
        floor.say("Newchannel", call_id, Channel=f"PJSIP/carrier-{call_id}", ChannelState="0")
    floor.lose_link()
    floor.manager.channels = [channel("a-2")]
    floor.find_link()
    assert [(c.network, c.detail) for c in floor.ends()] == [(Network.UNKNOWN, "LINK_LOST")]
    assert [e.call.id for e in floor.told if isinstance(e, CallAnswered)] == ["a-2"]
    assert len(floor.manager.sent("Originate")) == 2, "nothing is placed again"


def test_after_a_restart_every_call_and_leg_is_gone_and_says_why(floor: Floor) -> None:
    floor.joined()
    for link in floor.manager.links.values():
        link.go_down()
    floor.manager.started = "14:05:00"
    for link in floor.manager.links.values():
        link.come_up()
    floor.clock.advance(0)
    assert [(c.network, c.detail) for c in floor.ends()] == [(Network.UNKNOWN, "EXCHANGE_RESTARTED")]
    assert len(floor.of(AgentLegEnded)) == 1
    floor.clock.advance(120)
    assert len(floor.ends()) == 1


def test_an_exchange_that_has_not_booted_is_not_up(floor: Floor) -> None:
    for link in floor.manager.links.values():
        link.go_down()
    floor.find_link()
    floor.clock.advance(5)
    assert len(floor.of(LinkUp)) == 1
    floor.manager.links["watch"].come_up()
    floor.clock.advance(0)
    assert len(floor.of(LinkUp)) == 2


def test_what_changed_while_the_link_was_down_is_told(floor: Floor) -> None:
    floor.joined()
    floor.lose_link()
    assert len(floor.of(LinkDown)) == 1
    leg = channel("a-leg-1", Channel="PJSIP/1001-1", Application="ConfBridge", Data="ag1001,room,agent")
    floor.manager.channels = [channel(Context="hold"), {**leg, "var AG": "1001"}]
    floor.find_link()
    assert len(floor.of(AgentLost)) == 1
    assert len(floor.of(AgentLegEnded)) == 0


# --- lost events -----------------------------------------------------------------------------------


def test_a_call_whose_hang_up_was_lost_is_found_to_be_gone(floor: Floor) -> None:
    floor.answered()
    floor.clock.advance(14)
    assert floor.ends() == []
    floor.clock.advance(10)
    assert [c.network for c in floor.ends()] == [Network.ANSWERED]


def test_a_call_of_which_nothing_was_ever_told_is_unknown(floor: Floor) -> None:
    floor.manager.answers["Originate"] = ReplyKind.TIMED_OUT
    floor.call()
    floor.clock.advance(20)
    assert [(c.network, c.detail) for c in floor.ends()] == [(Network.UNKNOWN, "LINK_LOST")]


def test_a_call_that_runs_is_left_alone_and_caught_up_with(floor: Floor) -> None:
    floor.answered()
    floor.manager.channels = [channel(Application="Read", Context="safe")]
    floor.clock.advance(60)
    assert floor.ends() == []
    assert floor.kinds() == [CallAnswered, SafeHarbourStarted]


def test_a_leg_that_vanished_is_told(floor: Floor) -> None:
    floor.agent_up()
    floor.clock.advance(20)
    assert len(floor.of(AgentLegEnded)) == 1


# --- recovery --------------------------------------------------------------------------------------


def rows() -> list[Headers]:
    leg = channel("a-leg-1", Channel="PJSIP/1001-1", Application="ConfBridge", Data="ag1001,room,agent")
    return [
        channel("a-1", Application="ConfBridge", Data="ag1001,room,cust"),
        channel("a-2", ChannelState="5"),
        {**leg, "var AG": "1001"},
        channel("x-9"),
        channel("a-3", Channel="Local/1001@tone-1;1"),
    ]


def test_what_runs_is_listed_with_state_agent_and_start(floor: Floor) -> None:
    floor.manager.channels = rows()
    floor.port.list_calls("a-", "r-1")
    floor.clock.advance(0)
    (listed,) = [e for e in floor.told if isinstance(e, CallsListed)]
    started = START - timedelta(seconds=7)
    assert listed.request == "r-1"
    assert listed.calls == (
        ListedCall(id="a-1", agent="", answered=True, joined_agent="1001", started_at=started),
        ListedCall(id="a-2", agent="", answered=False, joined_agent="", started_at=started),
        ListedCall(id="a-leg-1", agent="1001", answered=True, joined_agent="", started_at=started),
    )


def test_an_adopted_call_and_leg_go_on_as_if_they_were_ours(floor: Floor) -> None:
    floor.manager.channels = rows()
    floor.port.list_calls("a-", "r-1")
    floor.clock.advance(0)
    (listed,) = [e for e in floor.told if isinstance(e, CallsListed)]
    for call in listed.calls:
        floor.port.adopt(call)
    floor.clock.advance(1)
    assert CallEnded not in floor.kinds()
    floor.say("DTMFEnd", "a-leg-1", Digit="1", Direction="Received")
    floor.say(*BYE[:1], **BYE[1])
    floor.say(*GONE[:1], **GONE[1])
    floor.say("Hangup", "a-2", Cause="17", TechCause="486")
    floor.say("OriginateResponse", "a-2", Response="Failure", Reason="0")
    assert [(c.network, c.ended_by) for c in floor.ends()] == [
        (Network.ANSWERED, Ender.FAR_END),
        (Network.BUSY, Ender.FAR_END),
    ]
    assert len(floor.of(KeyPressed)) == 1
    floor.call("a-1")
    assert floor.kinds()[-1] is OriginateRefused


def test_an_adopted_call_that_ended_meanwhile_is_told_as_ended(floor: Floor) -> None:
    floor.port.adopt(ListedCall(id="a-1", agent="", answered=False, joined_agent="", started_at=START))
    floor.clock.advance(3)
    assert [c.network for c in floor.ends()] == [Network.UNKNOWN]


def test_without_a_link_a_list_is_answered_by_link_down(floor: Floor) -> None:
    floor.lose_link()
    floor.port.list_calls("a-", "r-1")
    floor.clock.advance(0)
    assert len(floor.of(LinkDown)) == 2


def test_a_stranger_is_hung_up_by_its_id(floor: Floor) -> None:
    floor.port.drop_call("a-old")
    assert [action["Channel"] for action in floor.manager.sent("Hangup")] == ["a-old"]


def test_events_of_others_are_not_told(floor: Floor) -> None:
    floor.say("Newchannel", "x-1", Channel="PJSIP/carrier-9")
    floor.say("Hangup", "x-1", Cause="16")
    floor.say("UserEvent", "a-1", UserEvent="Somebody", Stage="Safe")
    assert floor.kinds() == []


def test_after_close_nothing_is_told(floor: Floor) -> None:
    floor.answered()
    told = len(floor.told)
    floor.port.close()
    floor.say(*GONE[:1], **GONE[1])
    floor.clock.advance(60)
    assert len(floor.told) == told


def test_every_move_is_written_down(tmp_path: Path) -> None:
    floor = Floor(tmp_path / "calls.jsonl")
    floor.answered()
    floor.say(*BYE[:1], **BYE[1])
    floor.say(*GONE[:1], **GONE[1])
    text = (tmp_path / "calls.jsonl").read_text()
    assert "dialling -[answered]-> waiting" in text
    assert "gone -[settled]-> over: ANSWERED" in text
