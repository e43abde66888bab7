"""Does a telephone system keep the port's promises? One test for each, the same for every implementation.

The far end is driven by the number dialled. Every test listens past the end with one more call, and waits
far shorter than anything would end by itself: a duplicate end, or a hang-up that does nothing, was seen to
survive tests without both.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import partial
from itertools import pairwise

import pytest

from telephony.port import (
    AgentLeg,
    AgentLegEnded,
    AgentLost,
    CallAnswered,
    CallEnded,
    CallEvent,
    CallRinging,
    CallScreened,
    CallsListed,
    Ender,
    Joined,
    JoinFailed,
    KeyPressed,
    KeysSent,
    LinkDown,
    LinkUp,
    Network,
    OptOutKey,
    OriginateRefused,
    SafeHarbourStarted,
    TrunkDown,
    TrunkUp,
    Verdict,
)
from tests.contract.bench import PREFIX, VERDICT_LIMIT_S, Bench
from tests.patience import within


class TelephonyContract:
    """Inherit and give a `bench` fixture."""

    # 1
    def test_every_call_ends_exactly_once_and_nothing_comes_after_its_end(self, bench: Bench) -> None:
        calls = [bench.call("busy"), bench.call("hangs_up"), bench.call("rings_on", ring_timeout_s=2)]
        for call_id in calls:
            bench.ended(call_id, 12)
        bench.barrier()
        for call_id in calls:
            told = bench.told(CallEvent, call_id)
            assert [type(event) for event in told].count(CallEnded) == 1, told
            assert isinstance(told[-1], CallEnded), told

    @pytest.mark.parametrize(
        ("behaviour", "network"),
        [("busy", Network.BUSY), ("rejects", Network.REJECTED), ("hangs_up", Network.ANSWERED)],
    )
    def test_the_end_says_what_the_far_end_did(self, bench: Bench, behaviour: str, network: Network) -> None:
        cause = bench.ended(bench.call(behaviour), 12)
        assert (cause.network, cause.ended_by) == (network, Ender.FAR_END)

    def test_a_call_that_only_rings_ends_at_its_own_time_out_as_no_answer(self, bench: Bench) -> None:
        call_id = bench.call("rings_on", ring_timeout_s=2)
        assert bench.ended(call_id, 5).network is Network.NO_ANSWER
        assert bench.told(CallRinging, call_id) != []

    # 2
    def test_ringing_and_answer_are_told_once_and_before_the_end(self, bench: Bench) -> None:
        call_id = bench.answered("answers")
        bench.barrier()
        bench.telephony.hang_up(call_id)
        bench.ended(call_id, 2)
        bench.barrier()
        kinds = [type(event) for event in bench.told(CallEvent, call_id)]
        assert kinds == [CallRinging, CallAnswered, CallEnded]

    def test_a_busy_number_is_never_told_as_answered(self, bench: Bench) -> None:
        call_id = bench.call("busy")
        bench.ended(call_id)
        bench.barrier()
        assert bench.told(CallAnswered, call_id) == []

    # 3
    def test_an_id_used_before_is_refused_and_places_nothing(self, bench: Bench) -> None:
        call_id = bench.call("busy")
        bench.ended(call_id)
        bench.call("answers", call_id=call_id)
        bench.until(lambda: bench.told(OriginateRefused, call_id) != [], 1, "the second use is refused")
        bench.barrier()
        assert bench.times_placed(call_id) == 1
        assert bench.told(CallAnswered, call_id) == []
        assert len(bench.told(CallEnded, call_id)) == 1

    def test_an_id_in_use_is_refused_and_the_running_call_goes_on(self, bench: Bench) -> None:
        call_id = bench.answered()
        bench.call("busy", call_id=call_id)
        bench.until(lambda: bench.told(OriginateRefused, call_id) != [], 1, "the second use is refused")
        bench.barrier()
        assert not bench.told(CallEnded, call_id)
        bench.telephony.hang_up(call_id)
        bench.ended(call_id, 1)
        bench.barrier()
        assert len(bench.told(CallEnded, call_id)) == 1
        assert bench.times_placed(call_id) == 1

    # 4
    def test_hanging_up_a_ringing_call_cancels_it_promptly(self, bench: Bench) -> None:
        call_id = bench.call("rings_on", ring_timeout_s=60)
        bench.until(lambda: bench.told(CallRinging, call_id) != [], 5, "it rings")
        bench.telephony.hang_up(call_id)
        cause = bench.ended(call_id, 1)
        assert (cause.network, cause.ended_by) == (Network.CANCELLED, Ender.US)

    def test_hanging_up_an_answered_call_ends_it_promptly(self, bench: Bench) -> None:
        call_id = bench.answered()
        bench.telephony.hang_up(call_id)
        cause = bench.ended(call_id, 1)
        assert (cause.network, cause.ended_by) == (Network.ANSWERED, Ender.US)

    def test_hanging_up_at_once_ends_the_call_too(self, bench: Bench) -> None:
        call_id = bench.call("rings_on", ring_timeout_s=60)
        bench.telephony.hang_up(call_id)
        assert bench.ended(call_id, 2).network in (Network.CANCELLED, Network.NOT_ATTEMPTED)

    def test_hanging_up_an_unknown_or_finished_call_does_nothing(self, bench: Bench) -> None:
        finished = bench.call("busy")
        bench.ended(finished)
        bench.telephony.hang_up(finished)
        bench.telephony.hang_up("contract-never-placed")
        bench.barrier()
        assert len(bench.told(CallEnded, finished)) == 1
        assert bench.told(CallEvent, "contract-never-placed") == []

    # 5
    def test_twenty_calls_at_once_end_once_each(self, bench: Bench) -> None:
        calls = [bench.call(("busy", "hangs_up", "rejects", "busy")[i % 4]) for i in range(20)]
        bench.until(lambda: all(bench.is_over(c) for c in calls), 15, "all twenty end")
        bench.barrier()
        assert [len(bench.told(CallEnded, c)) for c in calls] == [1] * 20
        assert [bench.times_placed(c) for c in calls] == [1] * 20

    # 6
    def test_while_the_link_is_down_nothing_is_placed_then_or_later(self, bench: Bench) -> None:
        self._lose_link(bench)
        call_id = bench.call("hangs_up")  # the far end writes such a call down at once
        bench.until(lambda: bench.told(OriginateRefused, call_id) != [], 1, "originate is refused")
        self._find_link(bench)
        bench.wait(lambda: bench.times_placed(call_id), 3)
        bench.barrier()
        assert bench.times_placed(call_id) == 0
        assert bench.told(CallEnded, call_id) == []

    def test_a_call_running_while_the_link_is_lost_is_not_placed_again_and_ends_once(self, bench: Bench) -> None:
        call_id = bench.answered()
        short = bench.call("busy_after_a_while")
        bench.until(lambda: bench.told(CallRinging, short) != [], 2, "it rings")
        self._lose_link(bench)
        bench.wait(lambda: False, 3)
        self._find_link(bench)
        assert bench.ended(short, 2).network is Network.UNKNOWN
        bench.barrier()
        assert bench.told(CallEnded, call_id) == []
        bench.telephony.hang_up(call_id)
        bench.ended(call_id, 1)
        bench.barrier()
        assert [bench.times_placed(c) for c in (call_id, short)] == [1, 1]
        assert [len(bench.told(CallEnded, c)) for c in (call_id, short)] == [1, 1]

    @staticmethod
    def _lose_link(bench: Bench) -> None:
        before = len(bench.of_kind(LinkDown))
        bench.cut_link()
        bench.until(lambda: len(bench.of_kind(LinkDown)) > before, 6, "the lost link is told")

    @staticmethod
    def _find_link(bench: Bench) -> None:
        before = len(bench.of_kind(LinkUp))
        bench.restore_link()
        bench.until(lambda: len(bench.of_kind(LinkUp)) > before, 10, "the link is up again")
        bench.until(bench.trunk_is_up, 10, "the trunk is up")

    # 7
    def test_a_join_is_confirmed_within_a_second(self, bench: Bench) -> None:
        bench.agent_on_line()
        call_id = bench.answered()
        bench.telephony.join(call_id, bench.agent)
        bench.until(lambda: bench.told(Joined, call_id) != [], 1, "joined")
        bench.barrier()
        assert len(bench.told(Joined, call_id)) == 1
        assert bench.told(JoinFailed, call_id) == []

    def test_a_join_with_an_agent_who_is_not_there_fails_within_a_second(self, bench: Bench) -> None:
        call_id = bench.answered()
        bench.telephony.join(call_id, bench.absent_agent)
        bench.until(lambda: bench.told(JoinFailed, call_id) != [], 1, "the join fails")
        bench.barrier()
        assert bench.told(Joined, call_id) == []
        assert bench.told(CallEnded, call_id) == [], "the customer still waits"

    def test_a_join_of_an_unknown_or_unanswered_call_fails_within_a_second(self, bench: Bench) -> None:
        bench.agent_on_line()
        ringing = bench.call("rings_on")
        for call_id in (ringing, "contract-nobody"):
            bench.telephony.join(call_id, bench.agent)
            bench.until(partial(bench.told, JoinFailed, call_id), 1, "the join fails")

    def test_a_join_whose_customer_leaves_at_that_moment_is_answered_before_his_end(self, bench: Bench) -> None:
        bench.agent_on_line()
        call_id = bench.answered()
        bench.telephony.join(call_id, bench.agent)
        bench.telephony.hang_up(call_id)
        bench.ended(call_id, 2)
        bench.barrier()
        answers = bench.told(Joined, call_id) + bench.told(JoinFailed, call_id)
        assert len(answers) == 1
        assert isinstance(bench.told(CallEvent, call_id)[-1], CallEnded)

    def test_a_second_customer_is_not_put_into_a_room_that_has_one(self, bench: Bench) -> None:
        bench.agent_on_line()
        first, second = bench.answered(), bench.answered()
        bench.telephony.join(first, bench.agent)
        bench.telephony.join(second, bench.agent)
        bench.until(lambda: bench.told(JoinFailed, second) != [], 1, "the second join fails")
        bench.until(lambda: bench.told(Joined, first) != [], 1, "the first is joined")
        bench.barrier()
        assert bench.told(Joined, second) == []

    # 8
    def test_a_leg_that_is_dropped_is_told_once(self, bench: Bench) -> None:
        leg_id = bench.agent_on_line()
        bench.telephony.drop_agent(leg_id)
        bench.until(lambda: bench.leg_told(AgentLegEnded, leg_id) != [], 1, "the leg's end")
        bench.telephony.drop_agent(leg_id)
        bench.barrier()
        assert len(bench.leg_told(AgentLegEnded, leg_id)) == 1

    def test_a_leg_whose_phone_hangs_up_is_told_once(self, bench: Bench) -> None:
        leg_id = bench.agent_on_line()
        bench.hang_up_phone()
        bench.until(lambda: bench.leg_told(AgentLegEnded, leg_id) != [], 3, "the leg's end")
        bench.barrier()
        assert len(bench.leg_told(AgentLegEnded, leg_id)) == 1

    def test_a_phone_that_cannot_be_reached_is_told_as_an_ended_leg(self, bench: Bench) -> None:
        leg_id = bench.new_id()
        bench.telephony.ring_agent(AgentLeg(id=leg_id, agent=bench.absent_agent))
        bench.until(lambda: bench.leg_told(AgentLegEnded, leg_id) != [], 3, "the leg's end")
        bench.barrier()
        assert len(bench.leg_told(AgentLegEnded, leg_id)) == 1
        assert bench.leg_told(AgentLegEnded, leg_id)[0].reason

    # 9
    def test_a_customer_whose_agent_is_lost_stays_and_can_be_joined_again(self, bench: Bench) -> None:
        leg_id = bench.agent_on_line()
        call_id = bench.answered()
        bench.telephony.join(call_id, bench.agent)
        bench.until(lambda: bench.told(Joined, call_id) != [], 1, "joined")
        bench.hang_up_phone()
        bench.until(lambda: bench.told(AgentLost, call_id) != [], 3, "the loss is told")
        bench.until(lambda: bench.leg_told(AgentLegEnded, leg_id) != [], 3, "the leg's end")
        bench.agent_on_line()
        bench.telephony.join(call_id, bench.agent)
        bench.until(lambda: len(bench.told(Joined, call_id)) == 2, 1, "joined again")
        bench.barrier()
        assert len(bench.told(AgentLost, call_id)) == 1
        assert bench.told(SafeHarbourStarted, call_id) == [], "somebody already served does not hear that message"
        assert bench.told(CallEnded, call_id) == []

    # 10
    def test_keys_on_the_agents_phone_are_told_in_order(self, bench: Bench) -> None:
        bench.agent_on_line()
        call_id = bench.answered()
        bench.telephony.join(call_id, bench.agent)
        bench.until(lambda: bench.told(Joined, call_id) != [], 1, "joined")
        for count, digit in enumerate("15#", start=1):
            bench.press(digit)
            bench.until(partial(self._keys_told, bench, count), 3, f"key {digit}")
        assert [(key.agent, key.digit) for key in bench.of_kind(KeyPressed)] == [(bench.agent, d) for d in "15#"]

    @staticmethod
    def _keys_told(bench: Bench, count: int) -> bool:
        return len(bench.of_kind(KeyPressed)) >= count

    # 11
    def test_a_customer_nobody_takes_hears_the_message_in_time_and_the_call_ends(self, bench: Bench) -> None:
        call_id = bench.answered("answers", safe_harbour_ms=1000)
        bench.until(lambda: bench.told(SafeHarbourStarted, call_id) != [], 2, "the message starts")
        waited = bench.told(SafeHarbourStarted, call_id)[0].mono_s - bench.told(CallAnswered, call_id)[0].mono_s
        assert 0.9 <= waited <= within(1.3)
        assert bench.ended(call_id, 20).network is Network.ANSWERED
        bench.barrier()
        assert len(bench.told(SafeHarbourStarted, call_id)) == 1

    def test_the_opt_out_key_is_told_and_ends_the_call(self, bench: Bench) -> None:
        call_id = bench.answered("opts_out", safe_harbour_ms=500)
        bench.until(lambda: bench.told(OptOutKey, call_id) != [], 12, "the key")
        bench.ended(call_id, 6)
        bench.barrier()
        kinds = [type(event) for event in bench.told(CallEvent, call_id) if not isinstance(event, CallRinging)]
        assert kinds == [CallAnswered, SafeHarbourStarted, OptOutKey, CallEnded]

    def test_a_joined_customer_never_hears_the_message(self, bench: Bench) -> None:
        bench.agent_on_line()
        call_id = bench.answered(safe_harbour_ms=1000)
        bench.telephony.join(call_id, bench.agent)
        bench.until(lambda: bench.told(Joined, call_id) != [], 1, "joined")
        bench.wait(lambda: bench.told(SafeHarbourStarted, call_id) != [], 2)
        assert bench.told(SafeHarbourStarted, call_id) == []
        assert bench.told(CallEnded, call_id) == []

    # 12
    def test_a_trunk_tells_that_it_is_down_and_up_and_takes_no_call_meanwhile(self, bench: Bench) -> None:
        bench.fail_trunk()
        bench.until(lambda: bench.of_kind(TrunkDown) != [], 15, "the trunk is down")
        call_id = bench.call("answers")
        assert bench.ended(call_id, 1).network is Network.NOT_ATTEMPTED
        ups = len(bench.of_kind(TrunkUp))
        bench.restore_trunk()
        bench.until(lambda: len(bench.of_kind(TrunkUp)) > ups, 20, "the trunk is up")
        bench.barrier()
        assert bench.times_placed(call_id) == 0
        assert len(bench.told(CallEnded, call_id)) == 1
        assert {event.trunk for event in bench.of_kind(TrunkDown)} == {bench.trunk}

    def test_a_trunk_nobody_configured_takes_no_call(self, bench: Bench) -> None:
        bench.trunk, trunk = "no-such-trunk", bench.trunk
        call_id = bench.call("answers")
        bench.trunk = trunk
        assert bench.ended(call_id, 1).network is Network.NOT_ATTEMPTED

    # 13
    def test_a_list_names_every_channel_of_ours_once_with_its_state(self, bench: Bench) -> None:
        leg_id = bench.agent_on_line()
        joined, waiting, ringing = bench.answered(), bench.answered(), bench.call("rings_on")
        bench.telephony.join(joined, bench.agent)
        bench.until(lambda: bench.told(Joined, joined) != [], 1, "joined")
        bench.until(lambda: bench.told(CallRinging, ringing) != [], 5, "rings")
        listed = self._list(bench, PREFIX)
        found = {c.id: (c.agent, c.answered, c.joined_agent) for c in listed.calls}
        assert found == {
            leg_id: (bench.agent, True, ""),
            joined: ("", True, bench.agent),
            waiting: ("", True, ""),
            ringing: ("", False, ""),
        }
        assert len(listed.calls) == 4
        for call in listed.calls:
            assert timedelta(0) <= listed.at - call.started_at < timedelta(seconds=30)
        assert self._list(bench, "somebody-else-").calls == ()

    @staticmethod
    def _list(bench: Bench, prefix: str) -> CallsListed:
        request = f"list of {prefix}"
        bench.telephony.list_calls(prefix, request)
        found = [e for e in bench.of_kind(CallsListed) if e.request == request]
        bench.until(
            lambda: [e for e in bench.of_kind(CallsListed) if e.request == request] != [], 2, "the list is answered"
        )
        found = [e for e in bench.of_kind(CallsListed) if e.request == request]
        bench.barrier()
        assert len([e for e in bench.of_kind(CallsListed) if e.request == request]) == 1
        return found[0]

    def test_without_a_link_a_list_is_answered_by_link_down(self, bench: Bench) -> None:
        self._lose_link(bench)
        before = len(bench.of_kind(LinkDown))
        bench.telephony.list_calls(PREFIX, "while down")
        bench.until(lambda: len(bench.of_kind(LinkDown)) > before, 1, "answered by LinkDown")
        self._find_link(bench)
        assert bench.of_kind(CallsListed) == []

    # 14
    def test_a_person_heard_is_told_once_after_his_answer(self, bench: Bench) -> None:
        call_id, screened = bench.screened("answers")
        bench.barrier()
        assert (screened.person, screened.late) == (True, False)
        assert [answer.screening for answer in bench.told(CallAnswered, call_id)] == [True]
        kinds = [type(event) for event in bench.told(CallEvent, call_id)]
        assert kinds == [CallRinging, CallAnswered, CallScreened]
        listened_s = screened.mono_s - bench.told(CallAnswered, call_id)[0].mono_s
        assert 0.5 <= listened_s <= VERDICT_LIMIT_S

    def test_a_call_that_does_not_ask_for_it_is_not_listened_to(self, bench: Bench) -> None:
        bench.agent_on_line()
        call_id = bench.answered("machine")
        bench.telephony.join(call_id, bench.agent)
        bench.until(lambda: bench.told(Joined, call_id) != [], 1, "joined")
        bench.wait(lambda: bench.told(CallScreened, call_id) != [], 4)
        assert bench.told(CallScreened, call_id) == []
        assert [answer.screening for answer in bench.told(CallAnswered, call_id)] == [False]

    # 15
    def test_a_machine_heard_is_hung_up_by_the_exchange_and_reaches_nobody(self, bench: Bench) -> None:
        call_id, screened = bench.screened("machine", safe_harbour_ms=0)
        assert (screened.verdict, screened.person) == (Verdict.MACHINE, False)
        cause = bench.ended(call_id, 1)
        assert (cause.network, cause.ended_by) == (Network.ANSWERED, Ender.US)
        bench.barrier()
        kinds = [type(event) for event in bench.told(CallEvent, call_id)]
        assert kinds == [CallRinging, CallAnswered, CallScreened, CallEnded]

    # 16
    def test_before_the_verdict_a_join_is_refused_and_afterwards_a_person_is_joined(self, bench: Bench) -> None:
        bench.agent_on_line()
        call_id = bench.answered(detect=True)
        bench.telephony.join(call_id, bench.agent)
        bench.until(lambda: bench.told(JoinFailed, call_id) != [], 1, "the join is refused")
        assert bench.told(CallScreened, call_id) == []
        bench.until(lambda: bench.told(CallScreened, call_id) != [], VERDICT_LIMIT_S, "the verdict")
        bench.telephony.join(call_id, bench.agent)
        bench.until(lambda: bench.told(Joined, call_id) != [], 1, "joined")
        bench.barrier()
        assert [len(bench.told(kind, call_id)) for kind in (JoinFailed, CallScreened, Joined)] == [1, 1, 1]

    def test_the_message_starts_so_long_after_the_verdict(self, bench: Bench) -> None:
        call_id, screened = bench.screened("answers", safe_harbour_ms=1000)
        bench.until(lambda: bench.told(SafeHarbourStarted, call_id) != [], 2, "the message starts")
        waited_s = bench.told(SafeHarbourStarted, call_id)[0].mono_s - screened.mono_s
        assert 0.9 <= waited_s <= within(1.3)
        bench.barrier()
        assert len(bench.told(CallScreened, call_id)) == 1

    def test_a_person_whose_verdict_came_while_the_link_was_lost_is_told_late_and_can_be_joined(
        self, bench: Bench
    ) -> None:
        bench.agent_on_line()
        call_id = bench.answered(detect=True)
        self._lose_link(bench)
        bench.wait(lambda: False, VERDICT_LIMIT_S)
        self._find_link(bench)
        bench.until(lambda: bench.told(CallScreened, call_id) != [], 2, "the verdict is made up for")
        assert [(e.person, e.late) for e in bench.told(CallScreened, call_id)] == [(True, True)]
        bench.telephony.join(call_id, bench.agent)
        bench.until(lambda: bench.told(Joined, call_id) != [], 1, "joined")
        bench.barrier()
        assert len(bench.told(CallScreened, call_id)) == 1

    # 17
    def test_a_customer_who_hangs_up_while_he_is_listened_to_has_no_verdict(self, bench: Bench) -> None:
        call_id = bench.call("hangs_up", detect=True)
        cause = bench.ended(call_id, 12)
        assert (cause.network, cause.ended_by) == (Network.ANSWERED, Ender.FAR_END)
        bench.barrier()
        assert bench.told(CallScreened, call_id) == []

    # 18
    def test_keys_are_heard_by_the_far_end_in_order_while_an_agent_is_on_the_call(self, bench: Bench) -> None:
        bench.agent_on_line()
        call_id = bench.answered()
        bench.telephony.join(call_id, bench.agent)
        bench.until(lambda: bench.told(Joined, call_id) != [], 1, "joined")
        bench.telephony.send_keys(call_id, "12*0#")
        bench.until(lambda: bench.told(KeysSent, call_id) != [], 5, "the keys are out")
        bench.telephony.hang_up(call_id)
        bench.ended(call_id)
        bench.barrier()
        assert [event.keys for event in bench.told(KeysSent, call_id)] == ["12*0#"]
        assert bench.keys_heard(call_id) == "12*0#"
        assert bench.of_kind(KeyPressed) == [], "the agent pressed nothing"

    def test_keys_are_sent_after_the_pause_and_to_a_customer_without_an_agent_too(self, bench: Bench) -> None:
        call_id = bench.answered()
        bench.telephony.send_keys(call_id, "7", wait_ms=1000)
        bench.until(lambda: bench.told(KeysSent, call_id) != [], 5, "the key is out")
        (answered,), (sent,) = bench.told(CallAnswered, call_id), bench.told(KeysSent, call_id)
        assert sent.mono_s - answered.mono_s >= 1.0

    def test_before_the_answer_and_after_the_end_no_key_is_sent(self, bench: Bench) -> None:
        ringing = bench.call("rings_on")
        bench.until(lambda: bench.told(CallRinging, ringing) != [], 5, "it rings")
        bench.telephony.send_keys(ringing, "1")
        over = bench.answered()
        bench.telephony.send_keys(over, "2", wait_ms=2000)
        bench.telephony.hang_up(over)
        bench.ended(over)
        bench.telephony.send_keys(over, "3")
        bench.telephony.send_keys("nobody", "4")
        bench.barrier()
        bench.wait(lambda: bench.of_kind(KeysSent) != [], 3)
        assert bench.of_kind(KeysSent) == []
        assert bench.keys_heard(over) == ""

    @pytest.mark.parametrize(("keys", "wait_ms"), [("", 0), ("12a", 0), ("1" * 33, 0), ("1", -1), ("1", 20_001)])
    def test_what_no_telephone_can_send_is_refused_with_a_reason(self, bench: Bench, keys: str, wait_ms: int) -> None:
        call_id = bench.answered()
        with pytest.raises(ValueError, match="no key was sent"):
            bench.telephony.send_keys(call_id, keys, wait_ms)

    # 13, of calls that ring
    def test_a_list_says_whether_a_call_rings(self, bench: Bench) -> None:
        call_id = bench.call("rings_on")
        bench.until(lambda: bench.told(CallRinging, call_id) != [], 5, "it rings")
        talking = bench.answered()
        listed = {c.id: (c.ringing, c.answered) for c in self._list_now(bench, "both").calls}
        assert listed == {call_id: (True, False), talking: (False, True)}

    # 13, of calls that are listened to
    def test_a_list_says_whether_a_call_is_still_listened_to_and_what_was_heard(self, bench: Bench) -> None:
        call_id = bench.answered(detect=True)
        listed = {c.id: (c.answered, c.screening, c.verdict) for c in self._list_now(bench, "before").calls}
        assert listed == {call_id: (True, True, None)}
        bench.until(lambda: bench.told(CallScreened, call_id) != [], VERDICT_LIMIT_S, "the verdict")
        verdict = bench.told(CallScreened, call_id)[0].verdict
        listed = {c.id: (c.answered, c.screening, c.verdict) for c in self._list_now(bench, "after").calls}
        assert listed == {call_id: (True, False, verdict)}

    @staticmethod
    def _list_now(bench: Bench, request: str) -> CallsListed:
        bench.telephony.list_calls(PREFIX, request)
        bench.until(lambda: any(e.request == request for e in bench.of_kind(CallsListed)), 2, "the list is answered")
        return next(e for e in bench.of_kind(CallsListed) if e.request == request)

    # recovery, which stands on 3 and 13
    def test_a_stranger_found_in_the_list_can_be_hung_up(self, bench: Bench) -> None:
        call_id = bench.answered()
        bench.telephony.drop_call(call_id)
        bench.ended(call_id, 1)
        bench.barrier()
        assert len(bench.told(CallEnded, call_id)) == 1

    # all of them
    def test_events_carry_aware_instants_and_come_in_order(self, bench: Bench) -> None:
        bench.ended(bench.call("hangs_up"), 12)
        assert all(event.at.tzinfo is UTC for event in bench.events)
        assert all(a.mono_s <= b.mono_s for a, b in pairwise(bench.events))
