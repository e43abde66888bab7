"""Does a lead behind a switchboard, from the file to the far end's own log, get his extension keyed?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from telephony.practice import PracticeKind
from tests.scenarios.conftest import opened
from tests.scenarios.practice_floor import PracticeFloor

pytestmark = [pytest.mark.asterisk, pytest.mark.scenario]

AGENT = "Agent 1"
LONG_TALK = 25.0


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeFloor]:
    with opened(tmp_path_factory.mktemp("extensions"), agents=1, talk=LONG_TALK) as floor:
        yield floor


def test_an_extension_from_the_file_is_keyed_at_the_far_end_while_the_agent_listens(floor: PracticeFloor) -> None:
    (number,) = floor.fresh(PracticeKind.ANSWERS_SPEECH)
    # Detection is asked for, and must leave a switchboard alone.
    name = floor.campaign("switchboard", [f"{number} ext. 045"], [AGENT], clock_from="greeting")
    floor.log_in(AGENT)
    floor.start(name)
    floor.until(lambda: floor.agent(AGENT)["state"] == "TALK", 15, "the agent talks to the switchboard")
    floor.until(lambda: "was keyed" in floor.desk(AGENT)["message"], 10, "the extension was keyed")
    assert floor.desk(AGENT)["call"]["extension"] == "045"
    floor.do("desk.keys", {"agent": AGENT, "keys": "2#"})
    floor.until(lambda: _keyed(floor, number) == ["045", "2#"], 10, "the agent's own keys are in the log")
    floor.finish_call(AGENT, "sale")
    assert floor.ended_at_far_end(number).keys == "0452#"
    kinds = [event["kind"] for event in floor.events(floor.attempt(number)["id"])]
    assert "screened" not in kinds
    (row,) = (r for r in floor.report("calls", name)["rows"] if r["number"] == number)
    assert row["extension"] == "045"


def _keyed(floor: PracticeFloor, number: str) -> list[str]:
    events = floor.events(floor.attempt(number)["id"])
    return [event["data"]["keys"] for event in events if event["kind"] == "keys_sent"]
