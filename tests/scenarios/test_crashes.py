"""After a kill -9 of the dialer or of Asterisk: is nobody called twice, no call without a record, nobody forgotten?"""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from telephony.practice import PracticeCallee, PracticeKind
from telephony.practice_compare import compare
from telephony.practice_log import PracticeCall
from telephony.softphone.calls import EndedBy
from tests.scenarios.conftest import opened
from tests.scenarios.practice_floor import PracticeFloor, Row

pytestmark = [pytest.mark.asterisk, pytest.mark.scenario]

AGENTS = ("Agent 1", "Agent 2", "Agent 3", "Agent 4")
LONG_TALK = 15.0
KINDS = (
    (PracticeKind.ANSWERS_SPEECH, 10),
    (PracticeKind.NO_ANSWER, 4),
    (PracticeKind.BUSY, 8),
    (PracticeKind.UNALLOCATED, 6),
    (PracticeKind.REJECTED, 6),
    (PracticeKind.ANSWERS_SLOWLY, 4),
    (PracticeKind.CONGESTION, 4),
)


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeFloor]:
    with opened(tmp_path_factory.mktemp("crashes"), agents=len(AGENTS), talk=LONG_TALK) as floor:
        yield floor


@pytest.fixture(autouse=True)
def running(floor: PracticeFloor) -> None:
    floor.ensure_service()


def dice() -> random.Random:
    seed = secrets.token_hex(4)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails
    return random.Random(seed)


def wind_up(floor: PracticeFloor, name: str) -> tuple[PracticeCall, ...]:
    """Hang up what rings, end what is talked, and have every call in the far end's log, which is returned."""
    floor.do("campaign.emergency_stop", {"name": name})

    def quiet() -> bool:
        floor.work(AGENTS)
        return floor.state(name) == "STOPPED"

    floor.until(quiet, 15, "the campaign is quiet")
    floor.hang_up_far_end()
    ids = {row["id"] for row in floor.attempts(name)}
    return tuple(call for call in floor.far_end_log() if call.attempt_id in ids)


def nobody_was_called_twice_or_without_a_record(floor: PracticeFloor, name: str, log: tuple[PracticeCall, ...]) -> None:
    rows = {row["id"]: row for row in floor.attempts(name)}
    assert max(Counter(call.number for call in log).values()) == 1
    assert max(Counter(row["number"] for row in rows.values()).values()) == 1
    written_late = [c for c in log if rows[c.attempt_id]["created_at"] > c.at + timedelta(milliseconds=1)]
    assert written_late == [], "every INVITE was written before it was sent"
    unknown_ids = {call.attempt_id for call in floor.far_end_log()} - {row["id"] for row in floor.attempts()}
    assert unknown_ids == set(), "an INVITE without a record"
    assert all(row["closed"] for row in rows.values())
    differences = compare(floor.recorded(name), log, unknown_allowed=True)
    assert differences == (), "\n".join(map(str, differences))


def talkers(floor: PracticeFloor) -> dict[str, str]:
    """Which agent has which call."""
    seats = {agent: floor.agent(agent) for agent in AGENTS}
    return {agent: seat["call"] for agent, seat in seats.items() if seat["state"] == "TALK"}


def test_a_killed_dialer_calls_nobody_twice_and_adopts_what_runs(floor: PracticeFloor) -> None:
    luck = dice()
    plan = [number for kind, count in KINDS for number in floor.fresh(kind, count)]
    luck.shuffle(plan)
    name = floor.campaign("killed", plan, AGENTS)
    floor.log_in(*AGENTS)
    legs = [phone.current for phone in floor.phones.values()]
    floor.start(name)
    floor.until(lambda: floor.calls(name)["talking"] >= 2 and floor.calls(name)["ringing"] >= 1, 30, "talk and ringing")
    floor.kill_service()
    before = talking_rows(floor, name)
    floor.start_service()
    assert talkers(floor).items() >= {row["agent"]: row["id"] for row in before}.items(), "with the same agents"
    stray = floor.channel_ids() - {row["id"] for row in floor.attempts(name) if not row["closed"]}
    assert {channel.split("-a-")[-1][:4] for channel in stray} == {"1001", "1002", "1003", "1004"}, (
        "legs and no strangers"
    )
    for row in before:
        floor.finish_call(row["agent"], "sale")
        assert adopted_and_sold(floor.attempt(row["number"]))
    assert [phone.current for phone in floor.phones.values()] == legs, "no phone was rung again"
    for _ in range(2):
        pause_s, kills_at = luck.uniform(0.3, 3.0), len(floor.attempts(name)) + luck.randrange(1, 6)
        begun = datetime.now().astimezone()

        def far_enough(begun: datetime = begun, pause_s: float = pause_s, kills_at: int = kills_at) -> bool:
            floor.work(AGENTS, talk_s=1.0)
            late = (datetime.now().astimezone() - begun).total_seconds()
            return late >= pause_s and (len(floor.attempts(name)) >= kills_at or late > 10)

        floor.until(far_enough, 20, "some more calls")
        floor.kill_service()
        floor.start_service()
    log = wind_up(floor, name)
    nobody_was_called_twice_or_without_a_record(floor, name, log)


def talking_rows(floor: PracticeFloor, campaign: str) -> list[Row]:
    """Attempts that are joined and not ended, by their raw events (the dialer that folds them is dead)."""
    found = []
    for row in floor.attempts(campaign):
        events = floor.events(row["id"])
        kinds = [event["kind"] for event in events]
        if "joined" in kinds and "ended" not in kinds:
            agent_id = next(event["data"]["agent_id"] for event in events if event["kind"] == "joined")
            (agent,) = floor.rows("SELECT name FROM agent WHERE id = ?", agent_id)
            found.append(row | {"agent": agent["name"]})
    return found


def adopted_and_sold(row: Row) -> bool:
    return (row["network"], row["routing"], row["disposition"]) == ("ANSWERED", "AGENT", "sale") and bool(row["closed"])


RATE = 2.0


def test_a_killed_asterisk_loses_its_calls_calls_agents_back_and_resumes_without_a_burst(floor: PracticeFloor) -> None:
    rings, speech = floor.fresh(PracticeKind.NO_ANSWER, 1), floor.fresh(PracticeKind.ANSWERS_SPEECH, 4, suits=late)
    later = floor.fresh(PracticeKind.UNALLOCATED, 60)
    two = AGENTS[:2]
    name = floor.campaign("asterisk", [*rings, *speech, *later], two, mode="power", ratio=3.0, attempts_per_second=RATE)
    floor.log_in(*two)
    floor.start(name)

    def all_kinds() -> bool:
        calls = floor.calls(name)
        return calls["talking"] == 2 and calls["waiting"] >= 1 and calls["ringing"] >= 1

    floor.until(all_kinds, 15, "somebody talks, somebody waits, somebody is rung")
    killed = floor.kill_asterisk()
    lost = {row["id"] for row in floor.attempts(name) if not row["closed"]}
    floor.until(lambda: floor.asterisk_pid not in (None, killed), 10, "Asterisk runs again")
    floor.until(lambda: all(rung_in_vain(floor, agent) for agent in two), 15, "the phones are rung, but still busy")
    for agent in AGENTS:  # a person who hears nothing hangs up
        floor.phones[agent].hang_up()

    def over() -> bool:
        floor.work(two)
        return all(row["closed"] for row in floor.attempts(name) if row["id"] in lost)

    floor.until(over, 20, "the lost calls are closed")
    rows = [row for row in floor.attempts(name) if row["id"] in lost]
    assert {row["network_detail"] for row in rows} == {"EXCHANGE_RESTARTED"}
    assert {row["network"] for row in rows if row["answered_at"]} == {"ANSWERED"}
    assert {row["network"] for row in rows if not row["answered_at"]} == {"UNKNOWN"}
    unjoined = [row for row in floor.attempts(name) if row["answered_at"] and not row["joined_at"]]
    assert unjoined
    assert {row["routing"] for row in unjoined} <= {"ABANDONED_SYSTEM", "ABANDONED_NO_AGENT"}
    figures = {f["name"]: f for f in floor.report("campaign", name)["figures"]}
    assert figures["abandonment"]["numerator"] == len(unjoined)
    floor.until(lambda: all(floor.agent(a)["state"] == "READY" for a in two), 60, "the agents were called back")
    dialled = len(floor.attempts(name))
    floor.until(lambda: len(floor.attempts(name)) >= dialled + 25, 40, "dialling goes on")
    log = wind_up(floor, name)
    no_burst([call.at for call in log if call.attempt_id not in lost and call.number in later])
    nobody_was_called_twice_or_without_a_record(floor, name, log)


def late(callee: PracticeCallee) -> bool:
    """One of several who are dialled half a second apart, all before the first answers, and who talk long enough."""
    return callee.ring_ms >= 1700 and callee.talk_ms >= 3000


def rung_in_vain(floor: PracticeFloor, agent: str) -> bool:
    """Whether his phone refused a call because of the one that died under it."""
    return any(call.ended_by is EndedBy.REFUSED for call in floor.phones[agent].calls)


def no_burst(invites: list[datetime]) -> None:
    """In the 10 s after the first INVITE no more than 1.2 times the rate, and never a heap of them at once."""
    first = min(invites)
    within = [at for at in invites if at - first < timedelta(seconds=10)]
    print(f"MEASURED after the restart: {len(within)} INVITEs in 10 s at a rate of {RATE:g} a second")  # noqa: T201
    assert 5 <= len(within) <= 1.2 * RATE * 10
    gaps = [(b - a).total_seconds() for a, b in pairwise(sorted(invites))]
    assert min(gaps) > 0.5 / RATE, "evenly, as before"
