"""Does the adapter survive lost links, lost events and restarts, and find its calls again?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from telephony.asterisk.ami import LinkDown as ManagerDown
from telephony.asterisk.ami import LinkFault, ReplyKind
from telephony.port import (
    AgentLegEnded,
    AgentLost,
    CallAnswered,
    CallEnded,
    CallsListed,
    Ender,
    KeyPressed,
    LinkDown,
    LinkUp,
    ListedCall,
    Network,
    OriginateRefused,
    SafeHarbourStarted,
    TrunkUp,
)
from tests.telephony.played_manager import (
    BYE,
    CHANNEL,
    GONE,
    START,
    Floor,
    Headers,
    channel,
)


@pytest.fixture
def floor() -> Floor:
    return Floor()


# --- the link --------------------------------------------------------------------------------------


def test_the_link_is_up_only_when_asterisk_has_booted_and_told_what_runs() -> None:
    floor = Floor()
    (up,) = floor.of(LinkUp)
    assert isinstance(up, LinkUp)
    assert up.started_at == START - timedelta(seconds=100)
    assert up.version == "22.10.1"
    names = [action["Action"] for action in floor.manager.actions]
    assert names == ["CoreSettings", "Getvar", "CoreStatus", "DeviceStateList", "Status"]
    assert [type(e) for e in floor.told] == [LinkUp, TrunkUp]


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


def test_why_there_is_no_link_is_told_once_for_each_reason(floor: Floor) -> None:
    floor.lose_link()
    link = floor.manager.links["dialer"]
    for reason in ("closed", "wrong secret", "wrong secret"):
        link.on_down(ManagerDown(fault=LinkFault.CLOSED, reason=reason, was_up=False, retry_in_s=1.0))
    floor.clock.advance(0)
    assert [e.reason for e in floor.told if isinstance(e, LinkDown)] == ["closed", "wrong secret"]


def test_a_watching_session_that_cannot_log_in_is_told_as_the_reason(floor: Floor) -> None:
    floor.lose_link()
    floor.manager.links["watch"].on_down(
        ManagerDown(fault=LinkFault.CLOSED, reason="wrong secret", was_up=False, retry_in_s=1.0)
    )
    floor.clock.advance(0)
    assert [e.reason for e in floor.told if isinstance(e, LinkDown)][-1] == "the watching session: wrong secret"


def test_a_lost_watching_session_alone_stops_nothing(floor: Floor) -> None:
    floor.manager.links["watch"].go_down()
    floor.call()
    assert floor.of(LinkDown) == []
    assert len(floor.manager.sent("Originate")) == 1


def test_an_exchange_that_lists_no_devices_is_up_with_its_trunks_down() -> None:
    floor = Floor(refused="DeviceStateList")
    floor.call()
    assert len(floor.of(LinkUp)) == 1
    assert [c.network for c in floor.ends()] == [Network.NOT_ATTEMPTED]


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


def test_a_call_placed_a_moment_before_the_exchange_is_asked_is_not_missed_yet(floor: Floor) -> None:
    floor.clock.advance(14.5)
    floor.call()
    floor.clock.advance(5)
    assert floor.ends() == []


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
        ListedCall(id="a-2", agent="", answered=False, joined_agent="", started_at=started, ringing=True),
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


def test_an_adopted_call_that_rang_is_no_answer_even_if_its_time_is_up_before_the_next_look(floor: Floor) -> None:
    floor.port.adopt(
        ListedCall(id="a-2", agent="", answered=False, joined_agent="", started_at=START, ringing=True),
    )
    floor.say("Hangup", "a-2", Cause="0")
    floor.say("OriginateResponse", "a-2", Response="Failure", Reason="3")
    assert [c.network for c in floor.ends()] == [Network.NO_ANSWER]


def test_without_a_link_a_list_is_answered_by_link_down(floor: Floor) -> None:
    floor.lose_link()
    floor.port.list_calls("a-", "r-1")
    floor.clock.advance(0)
    assert len(floor.of(LinkDown)) == 2


def test_a_stranger_is_hung_up_by_its_id(floor: Floor) -> None:
    floor.port.drop_call("a-old")
    assert [action["Channel"] for action in floor.manager.sent("Hangup")] == ["a-old"]


def test_a_call_that_comes_alive_after_its_end_was_told_is_hung_up(
    floor: Floor, caplog: pytest.LogCaptureFixture
) -> None:
    floor.call()
    floor.say("OriginateResponse", Response="Failure", Reason="0")
    floor.clock.advance(1)
    assert [c.network for c in floor.ends()] == [Network.NOT_ATTEMPTED]
    floor.say(*CHANNEL[:1], **CHANNEL[1])
    assert [action["Channel"] for action in floor.manager.sent("Hangup")] == ["a-1"]
    assert "came alive" in caplog.text
    assert len(floor.ends()) == 1


def test_events_of_others_are_not_told(floor: Floor) -> None:
    floor.say("Newchannel", "x-1", Channel="PJSIP/carrier-9")
    floor.say("Hangup", "x-1", Cause="16")
    assert floor.kinds() == []
    floor.answered()
    floor.say("UserEvent", "a-1", UserEvent="Somebody", Stage="Safe")
    assert floor.kinds() == [CallAnswered]


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
