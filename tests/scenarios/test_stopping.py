"""Is a call that must not be made not made, and one that must end ended at once? Judged by the far end's own log."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dialer.refusal import Refused
from telephony.practice import PracticeKind
from tests.scenarios.conftest import opened
from tests.scenarios.practice_floor import PracticeFloor

pytestmark = [pytest.mark.asterisk, pytest.mark.scenario]

AGENTS = ("Agent 1", "Agent 2", "Agent 3", "Agent 4")
LONG_TALK = 15.0  # conversations of 30 s and more: nobody leaves by himself in these tests
AT_ONCE_MS = 1000.0


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeFloor]:
    with opened(tmp_path_factory.mktemp("stopping"), agents=len(AGENTS), talk=LONG_TALK) as floor:
        yield floor


@pytest.fixture(autouse=True)
def ready_agents(floor: PracticeFloor) -> Iterator[None]:
    """Every test begins with its agents ready and leaves no call behind."""
    floor.log_in(*AGENTS)
    yield
    floor.quieten(AGENTS)


def ms_between(start: datetime, end: datetime | None) -> float:
    assert end is not None
    return (end - start).total_seconds() * 1000


def measured(what: str, ms: float) -> None:
    print(f"MEASURED {what}: {ms:.0f} ms")  # noqa: T201 - shown with -s or -rP


def test_a_number_put_on_do_not_call_while_it_rings_is_hung_up_within_a_second(floor: PracticeFloor) -> None:
    (number,) = floor.fresh(PracticeKind.NO_ANSWER)
    name = floor.campaign("dnc-ringing", [number], AGENTS[:1])
    floor.start(name)
    floor.until(lambda: floor.calls(name)["ringing"] == 1, 10, "it rings")
    asked_at = datetime.now(UTC)
    floor.do("dnc.add", {"number": number, "reason": "asked by letter"})
    call = floor.ended_at_far_end(number)
    measured("do-not-call while ringing, command to end at the far end", ms_between(asked_at, call.ended_at))
    assert ms_between(asked_at, call.ended_at) <= AT_ONCE_MS
    assert (call.ended_by, call.sip_code, call.answered) == ("caller", 487, False)
    floor.until(lambda: floor.attempt(number)["closed"], 5, "the attempt is closed")
    row, lead = floor.attempt(number), floor.lead_state(number)
    assert (row["network"], row["cancel_reason"], row["ended_by"]) == ("CANCELLED", "dnc", "US")
    assert (lead["state"], lead["close_reason"]) == ("CLOSED", "suppressed")


def test_a_number_put_on_do_not_call_while_it_waits_is_never_dialled(floor: PracticeFloor) -> None:
    (rings,), (waits,) = floor.fresh(PracticeKind.NO_ANSWER), floor.fresh(PracticeKind.BUSY)
    name = floor.campaign("dnc-queued", [rings, waits], AGENTS[:1])
    floor.start(name)
    floor.until(lambda: floor.calls(name)["ringing"] == 1, 10, "the first one rings")
    floor.do("dnc.add", {"number": waits, "reason": "asked by letter"})
    floor.do("dnc.add", {"number": rings, "reason": "makes way"})
    floor.until(lambda: floor.lead_state(waits)["hold_code"] == "DO_NOT_CALL", 5, "the second one was judged")
    floor.ended_at_far_end(rings)
    floor.until(lambda: "no lead" in floor.pace(name), 5, "nobody is left to call")
    assert floor.placed(waits) == []
    assert [row["number"] for row in floor.attempts(name)] == [rings]


@pytest.mark.parametrize("moment", ["in conversation", "in wrap-up", "with a callback promised"])
def test_a_number_put_on_do_not_call_after_its_answer_is_never_dialled_again(floor: PracticeFloor, moment: str) -> None:
    """The conversation itself goes on; the callback that was promised in it is not made."""
    (number,) = floor.fresh(PracticeKind.ANSWERS_SPEECH)
    agent, name = AGENTS[0], f"dnc-{moment.replace(' ', '-')}"
    floor.start(floor.campaign(name, [number], [agent]))
    floor.until(lambda: floor.agent(agent)["state"] == "TALK", 10, "they talk")
    entry = {"number": number, "reason": "asked by letter"}
    due = datetime.now(UTC) + timedelta(seconds=6)
    promise = {"agent": agent, "disposition": "callback", "callback_at": due.isoformat()}
    if moment == "in conversation":
        floor.do("dnc.add", entry)
        floor.throughout(lambda: floor.agent(agent)["state"] == "TALK", 1.0, "the conversation goes on")
    if moment == "in wrap-up":
        floor.do("desk.hang_up", {"agent": agent})
        floor.until(lambda: floor.agent(agent)["state"] == "WRAP_UP", 5, "the agent writes")
        floor.do("dnc.add", entry)
    floor.do("desk.dispose", promise)
    if moment == "with a callback promised":
        floor.do("desk.hang_up", {"agent": agent})
        floor.until(lambda: floor.lead_state(number)["state"] == "CALLBACK", 5, "the callback is promised")
        floor.do("dnc.add", entry)
    else:
        with contextlib.suppress(Refused):  # in wrap-up he has hung up already
            floor.do("desk.hang_up", {"agent": agent})
    floor.until(lambda: floor.lead_state(number)["state"] == "CLOSED", 15, "the lead is closed when his time comes")
    floor.until(lambda: datetime.now(UTC) > due + timedelta(seconds=2), 15, "the callback would have been due")
    assert len(floor.attempts(name)) == 1
    floor.hang_up_far_end()
    assert len(floor.placed(number)) == 1


def a_busy_floor(floor: PracticeFloor, name: str) -> tuple[list[str], list[str], list[str]]:
    """Two conversations, two ringing calls, and six more leads in the queue; who talks, who rings, who waits."""
    talk, ring = floor.fresh(PracticeKind.ANSWERS_SPEECH, 2), floor.fresh(PracticeKind.NO_ANSWER, 2)
    wait = floor.fresh(PracticeKind.NO_ANSWER, 6)
    floor.start(floor.campaign(name, [*talk, *ring, *wait], AGENTS))
    floor.until(
        lambda: (floor.calls(name)["talking"], floor.calls(name)["ringing"]) == (2, 2), 10, "two talk, two ring"
    )
    return talk, ring, wait


def end_conversations(floor: PracticeFloor) -> None:
    for agent in AGENTS:
        if floor.agent(agent)["state"] == "TALK":
            floor.finish_call(agent, "sale")


def test_an_emergency_stop_hangs_up_what_rings_leaves_conversations_and_dials_no_more(floor: PracticeFloor) -> None:
    talk, ring, wait = a_busy_floor(floor, "emergency")
    asked_s, asked_at = time.monotonic(), datetime.now(UTC)
    floor.do("campaign.emergency_stop", {"name": "emergency"})
    acknowledged_ms = (time.monotonic() - asked_s) * 1000
    measured("emergency stop, command to acknowledgement", acknowledged_ms)
    assert acknowledged_ms <= AT_ONCE_MS
    for number in ring:
        call = floor.ended_at_far_end(number)
        measured("emergency stop, command to end of a ringing call", ms_between(asked_at, call.ended_at))
        assert ms_between(asked_at, call.ended_at) <= AT_ONCE_MS
        assert call.ended_by == "caller"
    floor.until(lambda: floor.calls("emergency")["ringing"] == 0, 5, "nothing rings")
    floor.throughout(lambda: floor.calls("emergency")["talking"] == 2, 1.0, "conversations go on")
    end_conversations(floor)
    floor.throughout(lambda: len(floor.attempts("emergency")) == 4, 1.0, "free agents bring no new call")
    floor.hang_up_far_end()
    assert sorted(row["number"] for row in floor.attempts("emergency")) == sorted([*talk, *ring])
    assert {row["cancel_reason"] for row in floor.attempts("emergency") if row["number"] in ring} == {"emergency_stop"}
    assert [floor.attempt(n)["disposition"] for n in talk] == ["sale", "sale"]
    assert all(floor.ended_at_far_end(n).answered for n in talk)
    assert not any(floor.placed(n) for n in wait)


def test_a_pause_lets_ringing_calls_and_conversations_go_on_and_dials_no_more(floor: PracticeFloor) -> None:
    _talk, ring, wait = a_busy_floor(floor, "pause")
    floor.do("campaign.pause", {"name": "pause"})
    end_conversations(floor)
    floor.throughout(lambda: floor.calls("pause")["ringing"] == 2, 1.0, "what rang still rings")
    assert len(floor.attempts("pause")) == 4
    floor.start("pause")
    floor.until(lambda: len(floor.attempts("pause")) == 6, 5, "the free agents get calls again")
    # Two are written in one claim, at one instant: which of them comes first is no promise.
    assert {row["number"] for row in floor.attempts("pause")[4:]} == set(wait[:2])
    assert not any(floor.placed(number) for number in ring)


def test_a_stop_logs_the_agents_off_when_their_last_call_has_ended(floor: PracticeFloor) -> None:
    talk = floor.fresh(PracticeKind.ANSWERS_SPEECH, 2)
    waits = floor.fresh(PracticeKind.BUSY, 4)
    floor.start(floor.campaign("stop", [*talk, *waits], AGENTS[:2]))
    floor.until(lambda: floor.calls("stop")["talking"] == 2, 10, "two talk")
    floor.do("campaign.stop", {"name": "stop"})
    floor.throughout(lambda: floor.calls("stop")["talking"] == 2, 1.0, "conversations go on")
    assert floor.state("stop") == "STOPPING"
    end_conversations(floor)
    floor.until(lambda: floor.state("stop") == "STOPPED", 5, "the campaign is stopped")
    states = [floor.agent(agent)["state"] for agent in AGENTS]
    assert states == ["LOGGED_OUT", "LOGGED_OUT", "READY", "READY"]
    floor.until(lambda: not floor.phones["Agent 1"].is_talking, 5, "the phone was hung up")
    assert len(floor.attempts("stop")) == 2
