"""What does the adapter tell when Asterisk dies, freezes or is cut off, and when events are lost or repeated?"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from telephony.port import (
    AgentLegEnded,
    CallAnswered,
    CallEnded,
    CallEvent,
    CallRinging,
    CallsListed,
    Ender,
    Joined,
    KeyPressed,
    LinkDown,
    LinkUp,
    Network,
    OriginateRefused,
)
from tests.contract.asterisk_bench import AsteriskBench, AsteriskSite
from tests.contract.bench import PREFIX

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskSite]:
    site = AsteriskSite(tmp_path_factory.mktemp("exchange"))
    yield site
    site.close()


@pytest.fixture
def bench(site: AsteriskSite) -> Iterator[AsteriskBench]:
    bench = AsteriskBench(site)
    yield bench
    bench.close()


def joined_call(bench: AsteriskBench) -> tuple[str, str]:
    leg_id = bench.agent_on_line()
    call_id = bench.answered()
    bench.telephony.join(call_id, bench.agent)
    bench.until(lambda: bench.told(Joined, call_id), 1, "joined")
    return leg_id, call_id


def test_a_killed_asterisk_loses_its_calls_says_so_and_takes_new_ones(bench: AsteriskBench) -> None:
    leg_id, joined = joined_call(bench)
    ringing = bench.call("rings_on", ring_timeout_s=60)
    bench.until(lambda: bench.told(CallRinging, ringing), 5, "it rings")
    pid = bench.site.laboratory.asterisk.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    bench.until(lambda: bench.of_kind(LinkDown), 3, "the loss of the link")
    refused = bench.call("answers")
    bench.until(lambda: bench.told(OriginateRefused, refused), 1, "no call is taken meanwhile")
    bench.until(lambda: len(bench.of_kind(LinkUp)) == 2, 20, "the link is up again")
    for call_id in (joined, ringing):
        cause = bench.ended(call_id, 1)
        assert (cause.network, cause.detail) == (Network.UNKNOWN, "EXCHANGE_RESTARTED")
    assert len(bench.leg_told(AgentLegEnded, leg_id)) == 1
    first, second = bench.of_kind(LinkUp)
    assert second.started_at > first.started_at
    bench.site.phone.hang_up()
    bench.site.phone.register()
    bench.until(bench.trunk_is_up, 20, "the trunk is up")
    bench.barrier()
    assert bench.times_placed(refused) == 0
    assert [len(bench.told(CallEnded, c)) for c in (joined, ringing)] == [1, 1]


def test_a_frozen_asterisk_is_noticed_and_its_calls_go_on_afterwards(bench: AsteriskBench) -> None:
    call_id = bench.answered()
    pid = bench.site.laboratory.asterisk.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        bench.until(lambda: bench.of_kind(LinkDown), 7, "the freeze is noticed")
    finally:
        os.kill(pid, signal.SIGCONT)
    bench.until(lambda: len(bench.of_kind(LinkUp)) == 2, 15, "the link is up again")
    bench.until(bench.trunk_is_up, 20, "the trunk is up")
    assert bench.told(CallEnded, call_id) == []
    bench.telephony.hang_up(call_id)
    cause = bench.ended(call_id, 1)
    assert (cause.network, cause.ended_by) == (Network.ANSWERED, Ender.US)


def test_a_call_given_to_a_frozen_asterisk_is_placed_once_at_most_and_never_left_alone(bench: AsteriskBench) -> None:
    pid = bench.site.laboratory.asterisk.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        call_id = bench.call("answers", safe_harbour_ms=20_000)
        bench.until(lambda: bench.of_kind(LinkDown), 7, "the freeze is noticed")
    finally:
        os.kill(pid, signal.SIGCONT)
    bench.until(lambda: len(bench.of_kind(LinkUp)) == 2, 15, "the link is up again")
    bench.until(bench.trunk_is_up, 20, "the trunk is up")
    bench.telephony.hang_up(call_id)
    bench.ended(call_id, 3)
    bench.until(lambda: bench.site.channels() == 0, 3, "no channel is left")
    bench.barrier()
    assert bench.times_placed(call_id) <= 1
    assert len(bench.told(CallEnded, call_id)) == 1


def test_a_lost_response_does_not_keep_a_call_open(bench: AsteriskBench) -> None:
    lost = bench.site.proxy.drop(b"Event: OriginateResponse")
    call_id = bench.call("busy")
    assert bench.ended(call_id, 8).network is Network.BUSY
    assert lost.met == 1


@pytest.mark.slow
def test_a_lost_hang_up_is_found_by_asking(bench: AsteriskBench) -> None:
    lost = bench.site.proxy.drop(b"Event: Hangup\r\n")
    call_id = bench.call("hangs_up")
    assert bench.ended(call_id, 25).network is Network.ANSWERED
    assert lost.met == 1
    assert bench.told(CallEvent, call_id)[-1] is bench.told(CallEnded, call_id)[0]


def test_events_told_twice_are_told_once(bench: AsteriskBench) -> None:
    often = {b"Event: Newchannel": 1, b"Event: Newstate": 2, b"Event: OriginateResponse": 1, b"Event: Hangup\r\n": 1}
    rules = [bench.site.proxy.repeat(pattern, times=times) for pattern, times in often.items()]
    call_id = bench.call("hangs_up")
    bench.ended(call_id, 8)
    bench.barrier()
    assert [rule.met for rule in rules] == list(often.values())
    assert [type(event) for event in bench.told(CallEvent, call_id)] == [CallRinging, CallAnswered, CallEnded]


def test_a_slow_link_in_small_pieces_changes_nothing(bench: AsteriskBench) -> None:
    bench.site.proxy.delay_s, bench.site.proxy.slice_bytes = 0.05, 700
    try:
        calls = [bench.call(kind) for kind in ("busy", "rejects", "hangs_up")]
        networks = [bench.ended(call_id, 15).network for call_id in calls]
    finally:
        bench.site.proxy.delay_s, bench.site.proxy.slice_bytes = 0.0, 0
    assert networks == [Network.BUSY, Network.REJECTED, Network.ANSWERED]
    assert [bench.times_placed(call_id) for call_id in calls] == [1, 1, 1]


def test_a_dialer_that_was_started_again_adopts_what_runs_and_hangs_up_the_rest(bench: AsteriskBench) -> None:
    leg_id, joined = joined_call(bench)
    ringing, stranger = bench.call("rings_on", ring_timeout_s=60), bench.answered()
    bench.until(lambda: bench.told(CallRinging, ringing), 5, "it rings")
    bench.telephony.close()
    again = AsteriskBench(bench.site)
    again.telephony.list_calls(PREFIX, "recovery")
    again.until(lambda: again.of_kind(CallsListed), 2, "the list")
    listed = {call.id: call for call in again.of_kind(CallsListed)[0].calls}
    assert set(listed) == {leg_id, joined, ringing, stranger}
    for call_id in (leg_id, joined, ringing):
        again.telephony.adopt(listed[call_id])
    again.telephony.drop_call(stranger)
    again.press("5")
    again.until(lambda: again.of_kind(KeyPressed), 3, "keys of the adopted leg")
    again.telephony.hang_up(joined)
    again.telephony.hang_up(ringing)
    assert again.ended(joined, 2).network is Network.ANSWERED
    assert again.ended(ringing, 2).network is Network.CANCELLED
    again.barrier()
    assert again.told(CallEvent, stranger) == [], "what was not adopted is not told of"
    assert again.telephony_refuses(joined)
    again.hang_up_phone()
    again.until(lambda: again.leg_told(AgentLegEnded, leg_id), 3, "the adopted leg's end")
    again.close()


def test_a_call_listed_but_gone_when_it_is_adopted_is_told_as_ended(bench: AsteriskBench) -> None:
    call_id = bench.answered()
    bench.telephony.list_calls(PREFIX, "r")
    bench.until(lambda: bench.of_kind(CallsListed), 2, "the list")
    listed = next(call for call in bench.of_kind(CallsListed)[0].calls if call.id == call_id)
    bench.telephony.hang_up(call_id)
    bench.ended(call_id, 2)
    bench.telephony.adopt(replace(listed, id=bench.new_id()))
    bench.until(lambda: len(bench.of_kind(CallEnded)) == 2, 6, "the vanished call's end")
    assert bench.of_kind(CallEnded)[-1].cause.network in (Network.UNKNOWN, Network.ANSWERED)
