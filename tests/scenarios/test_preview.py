"""Is a previewed lead called exactly when his agent or the time limit says so, as the far end saw it?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from dialer.refusal import Refused
from telephony.practice import PracticeKind
from tests.scenarios.conftest import opened
from tests.scenarios.practice_floor import PracticeFloor

pytestmark = [pytest.mark.asterisk, pytest.mark.scenario]

ANNA, BERT = AGENTS = ("Agent 1", "Agent 2")
LIMIT_S = 6


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeFloor]:
    with opened(tmp_path_factory.mktemp("preview"), agents=len(AGENTS), talk=20.0) as floor:
        yield floor


def dials(floor: PracticeFloor, agent: str, number: str) -> bool:
    """Whether he was let: in the first second after its start the dialer places no call."""
    with suppress(Refused):
        floor.do("desk.dial", {"agent": agent, "number": number})
        return True
    return False


def on_desk(floor: PracticeFloor, agent: str) -> str:
    preview = floor.desk(agent)["preview"]
    return "" if preview is None else str(preview["number"])


def ends(floor: PracticeFloor, number: str) -> list[tuple[str, str, str]]:
    """What became of this number on desks: end, reason, agent."""
    rows = floor.rows(
        'SELECT p."end", p.reason, a.name FROM preview p JOIN agent a ON a.id = p.agent_id'
        " WHERE p.number = ? ORDER BY p.id",
        number,
    )
    return [(row["end"], row["reason"], row["name"]) for row in rows]


def test_dial_skip_and_time_limit(floor: PracticeFloor) -> None:
    dialled, skipped, passed = floor.fresh(PracticeKind.ANSWERS_SPEECH, 3)
    name = floor.campaign("preview", [dialled, skipped, passed], [ANNA], mode="preview", preview_limit_s=LIMIT_S)
    floor.log_in(ANNA)
    floor.start(name)

    floor.until(lambda: on_desk(floor, ANNA) == dialled, 20, "the first lead is on the desk")
    desk = floor.desk(ANNA)
    assert (desk["agent"]["state"], desk["lead"]["name"], desk["script"]["next"]) == ("PREVIEW", "Lead 1", [])
    assert floor.attempts(name) == []
    floor.until(lambda: dials(floor, ANNA, dialled), 5, "she may dial")
    floor.until(lambda: floor.agent(ANNA)["state"] == "TALK", 15, "they talk")
    floor.finish_call(ANNA, "refused")
    assert floor.ended_at_far_end(dialled).number == dialled

    floor.until(lambda: on_desk(floor, ANNA) == skipped, 15, "the second lead is on the desk")
    with pytest.raises(Refused, match="Skip with one of these reasons"):
        floor.do("desk.skip", {"agent": ANNA, "reason": "because"})
    floor.do("desk.skip", {"agent": ANNA, "reason": "wrong time", "number": skipped})

    floor.until(lambda: on_desk(floor, ANNA) == passed, 15, "the third lead is on the desk")
    floor.until(lambda: floor.agent(ANNA)["state"] == "TALK", LIMIT_S + 15, "the time limit dialled him")
    floor.finish_call(ANNA, "no_decision")

    assert ends(floor, dialled) == [("dialled", "", ANNA)]
    assert ends(floor, skipped) == [("skipped", "wrong time", ANNA)]
    assert ends(floor, passed) == [("dialled", "", ANNA)]
    assert [row["number"] for row in floor.attempts(name)] == [dialled, passed]
    floor.quieten(AGENTS)
    assert floor.placed(skipped) == []
    assert len(floor.placed(passed)) == 1
    why = floor.do("why", {"number": skipped, "campaign": name})
    gate = next(g for g in why.data["gates"] if g["code"] == "PREVIEW")
    assert not gate["passed"]
    assert "skipped by Agent 1" in gate["reason"]
    spent = floor.rows("SELECT count(*) AS spans FROM agent_span WHERE state = 'PREVIEW' AND ended_at IS NOT NULL")
    assert spent[0]["spans"] >= 3


def test_a_lead_on_a_desk_survives_the_service_and_is_called_once(floor: PracticeFloor) -> None:
    (number,) = floor.fresh(PracticeKind.ANSWERS_SPEECH)
    name = floor.campaign("crash", [number], [BERT], mode="preview")
    floor.log_in(BERT)
    floor.start(name)
    floor.until(lambda: on_desk(floor, BERT) == number, 20, "the lead is on the desk")
    floor.kill_service()
    floor.start_service()
    floor.until(lambda: on_desk(floor, BERT) == number, 20, "the lead is on the desk again")
    assert [end for end, _, _ in ends(floor, number)] == ["released", None]
    floor.until(lambda: dials(floor, BERT, number), 5, "he may dial")
    floor.until(lambda: floor.agent(BERT)["state"] == "TALK", 15, "they talk")
    floor.finish_call(BERT, "refused")
    floor.quieten(AGENTS)
    assert len(floor.placed(number)) == 1
