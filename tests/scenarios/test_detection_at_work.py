"""With the clock at the greeting: does the whole dialer on a real Asterisk send persons to agents and no machine?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from telephony.practice import PracticeKind
from telephony.practice_compare import compare
from tests.patience import within
from tests.scenarios.conftest import opened
from tests.scenarios.practice_floor import PracticeFloor, Row

pytestmark = [pytest.mark.asterisk, pytest.mark.scenario]

AGENTS = ("Agent 1", "Agent 2")
LONG_TALK = 25.0
GREETING = {"clock_from": "greeting", "mode": "progressive"}


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeFloor]:
    with opened(tmp_path_factory.mktemp("detection"), agents=len(AGENTS), talk=LONG_TALK) as floor:
        yield floor


@pytest.fixture(autouse=True)
def quiet(floor: PracticeFloor) -> Iterator[None]:
    floor.ensure_service()
    yield
    floor.quieten(AGENTS)


def log_of(floor: PracticeFloor, number: str) -> dict[str, Row]:
    """The events of the only attempt on this number, by kind."""
    return {event["kind"]: event for event in floor.events(floor.attempt(number)["id"])}


def listened_to(floor: PracticeFloor, name: str) -> bool:
    return floor.calls(name)["screening"] == 1


def test_a_person_reaches_an_agent_after_the_verdict_and_a_machine_reaches_nobody(floor: PracticeFloor) -> None:
    (person,), (machine,) = floor.fresh(PracticeKind.ANSWERS_SPEECH), floor.fresh(PracticeKind.ANSWERING_MACHINE)
    name = floor.campaign("both", [person, machine], AGENTS, **GREETING)
    floor.log_in(*AGENTS)
    floor.start(name)
    floor.until(lambda: any(floor.agent(a)["state"] == "TALK" for a in AGENTS), 15, "the person has an agent")
    floor.until(lambda: floor.placed(machine), 20, "the machine's call is over at the far end")
    (talker,) = (agent for agent in AGENTS if floor.agent(agent)["state"] == "TALK")
    floor.finish_call(talker, "sale")
    spoken, heard = floor.attempt(person), floor.attempt(machine)
    assert (spoken["routing"], spoken["detector_said"], spoken["disposition"]) == ("AGENT", "HUMAN", "sale")
    verdict_s = (
        log_of(floor, person)["screened"]["data"]["mono_s"] - log_of(floor, person)["answered"]["data"]["mono_s"]
    )
    assert 1.0 < verdict_s < within(3.5)
    assert spoken["connect_delay_ms"] < 1000 * within(0.5)
    print(f"MEASURED verdict after {verdict_s:.2f} s, joined {spoken['connect_delay_ms']} ms later")  # noqa: T201
    assert (heard["network"], heard["routing"], heard["answered_by"]) == ("ANSWERED", "NOT_ROUTED", "MACHINE")
    assert (heard["answered_by_source"], heard["agent_id"]) == ("DETECTOR", None)
    assert floor.placed(machine)[0].ended_by == "caller"
    assert floor.lead_state(machine)["state"] == "RETRY"
    figures = {figure["name"]: figure for figure in floor.report("campaign", name)["figures"]}
    assert (figures["machines_heard"]["numerator"], figures["machines_heard"]["denominator"]) == (1, 2)
    assert figures["abandonment"]["numerator"] == 0


def test_with_nobody_free_a_person_hears_the_message_after_the_verdict_and_is_an_abandonment(
    floor: PracticeFloor,
) -> None:
    (number,) = floor.fresh(PracticeKind.ANSWERS_SPEECH)
    name = floor.campaign("alone", [number], AGENTS[:1], **GREETING)
    floor.log_in(AGENTS[0])
    floor.start(name)
    floor.until(lambda: listened_to(floor, name), 10, "the call is listened to")
    floor.do("agent.pause", {"agent": AGENTS[0], "code": "break"})
    floor.until(lambda: "safe_harbour" in log_of(floor, number), 10, "the message")
    log = log_of(floor, number)
    waited_s = log["safe_harbour"]["data"]["mono_s"] - log["screened"]["data"]["mono_s"]
    assert 1.6 < waited_s < within(2.0)
    floor.do("agent.ready", {"agent": AGENTS[0]})
    floor.until(lambda: floor.attempt(number)["closed"], 25, "the call is over")
    row = floor.attempt(number)
    assert (row["routing"], row["answered_by"]) == ("ABANDONED_NO_AGENT", "HUMAN")


def test_a_dialer_killed_while_it_listens_adopts_the_call_and_the_person_gets_his_agent(floor: PracticeFloor) -> None:
    (number,) = floor.fresh(PracticeKind.ANSWERS_SPEECH)
    name = floor.campaign("killed-listening", [number], AGENTS, **GREETING)
    floor.log_in(*AGENTS)
    floor.start(name)
    floor.until(lambda: listened_to(floor, name), 10, "the call is listened to")
    floor.until(lambda: "answered" in log_of(floor, number), 2, "the answer is on record")
    floor.kill_service()
    floor.start_service()
    floor.until(lambda: {"screened", "joined"} <= log_of(floor, number).keys(), 15, "heard and joined")
    (talker,) = (agent for agent in AGENTS if floor.agent(agent)["state"] == "TALK")
    floor.finish_call(talker, "sale")
    row = floor.attempt(number)
    assert (row["detector_said"], row["disposition"]) == ("HUMAN", "sale")
    # The verdict was given while nobody heard it, or told to the next process: never better than it was.
    assert row["routing"] == (
        "ABANDONED_NO_AGENT" if log_of(floor, number)["screened"]["data"].get("late") else "AGENT"
    )
    floor.hang_up_far_end()
    ids = {row["id"] for row in floor.attempts(name)}
    assert compare(floor.recorded(name), tuple(c for c in floor.far_end_log() if c.attempt_id in ids)) == ()
