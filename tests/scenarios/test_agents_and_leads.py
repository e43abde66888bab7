"""Can an agent come by his phone alone, does nobody sit in silence when a phone dies, is a hostile lead harmless?"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from telephony.practice import PracticeKind
from telephony.softphone import Softphone
from tests.scenarios.conftest import opened
from tests.scenarios.practice_floor import PracticeFloor

pytestmark = [pytest.mark.asterisk, pytest.mark.scenario]

AGENTS = ("Agent 1", "Agent 2", "Agent 3")
LONG_TALK = 25.0
LOG_IN, PIN = "*55", "4711"


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeFloor]:
    with opened(tmp_path_factory.mktemp("people"), agents=len(AGENTS), talk=LONG_TALK) as floor:
        yield floor


def dial_in(floor: PracticeFloor, phone: Softphone, pin: str) -> None:
    """Dial the log-in extension and enter a PIN, as a person does: he hears it ask, types, and listens on."""
    call = phone.call(LOG_IN)
    floor.until(lambda: call.is_talking, 5, "the log-in extension answers")
    phone.send_digits(f"{pin}#")
    floor.until(lambda: call.is_over, 10, "the log-in extension hangs up")


def alarms(floor: PracticeFloor) -> str:
    return " ".join(alarm["words"] for alarm in floor.do("engine.status").data["alarms"])


def test_an_agent_logs_in_with_his_phone_and_pin_and_is_rung_once(floor: PracticeFloor) -> None:
    floor.campaign("by-phone", floor.fresh(PracticeKind.BUSY), AGENTS[:1])
    phone = floor.phones["Agent 1"]
    dial_in(floor, phone, PIN)
    floor.until(lambda: floor.agent("Agent 1")["state"] == "READY", 10, "the agent is ready")
    assert phone.is_talking
    assert [call.incoming for call in phone.calls] == [False, True]


def test_a_wrong_pin_rings_nothing_and_is_told_to_the_supervisors(floor: PracticeFloor) -> None:
    floor.campaign("wrong-pin", floor.fresh(PracticeKind.BUSY), AGENTS[1:2])
    phone = floor.phones["Agent 2"]
    dial_in(floor, phone, "0000")
    floor.until(lambda: "Wrong PIN" in alarms(floor), 5, "the alarm")
    floor.throughout(lambda: floor.agent("Agent 2")["state"] == "LOGGED_OUT", 1.0, "nobody is logged in")
    assert [call.incoming for call in phone.calls] == [False]
    assert "0000" not in alarms(floor)


def customer_channel(floor: PracticeFloor) -> list[str]:
    """Context, extension and application of the only customer's channel."""
    lines = [line.split("!") for line in floor.command("core show channels concise").splitlines()]
    (line,) = [line for line in lines if line[0].startswith("PJSIP/practice-")]
    return [line[1], line[2], line[5]]


def test_a_customer_whose_agents_phone_dies_is_held_and_joined_to_the_next_agent(floor: PracticeFloor) -> None:
    dies, takes_over = "Agent 2", "Agent 3"
    (number,) = floor.fresh(PracticeKind.ANSWERS_SPEECH)
    name = floor.campaign("phone-dies", [number], [dies, takes_over])
    floor.log_in(dies, takes_over)
    floor.do("agent.pause", {"agent": takes_over, "code": "break"})
    floor.start(name)
    floor.until(lambda: floor.agent(dies)["state"] == "TALK", 10, "they talk")
    died_s = time.monotonic()
    floor.phones[dies].vanish()
    attempt = floor.attempt(number)["id"]
    floor.until(lambda: customer_channel(floor)[0] == "hold", 10, "the customer hears the holding message")
    print(f"MEASURED agent's phone dead to holding message: {time.monotonic() - died_s:.1f} s")  # noqa: T201
    floor.until(lambda: "agent_lost" in {e["kind"] for e in floor.events(attempt)}, 5, "the loss is on record")
    assert "hears the holding message" in alarms(floor)
    floor.do("agent.ready", {"agent": takes_over})
    floor.until(lambda: floor.agent(takes_over)["state"] == "TALK", 5, "the other agent has him")
    assert customer_channel(floor) == ["room", "1003", "ConfBridge"]
    floor.finish_call(takes_over, "sale")
    call, row = floor.ended_at_far_end(number), floor.attempt(number)
    assert (row["id"], row["agent"], row["disposition"], row["routing"]) == (attempt, takes_over, "sale", "AGENT")
    assert (call.attempt_id, call.answered, call.ended_by) == (attempt, True, "caller")


def hostile_texts(marker: Path) -> dict[str, str]:
    order = (
        f"\r\nAction: Originate\r\nChannel: Local/s@tone-play\r\nApplication: System\r\nData: touch {marker}\r\n\r\n"
    )
    return {
        "first_name": f"Eve{order}",
        "last_name": f"${{SHELL(touch {marker})}}[/x][@click=app.quit]\x1b]0;owned\x07\x1b[31m",
        "display_name": f"=cmd|' /C touch {marker}'!A0",
        "email": f"a@b\nVariable: X=1\x00\u202e$(touch {marker})",
        "note": "../../../etc/passwd'; DROP TABLE attempt; --",
    }


def slip_past_the_importer(floor: PracticeFloor, number: str, texts: dict[str, str]) -> None:
    """Put texts into the database that the importer would have refused."""
    sets = ", ".join(f"{column} = ?" for column in texts)
    link = sqlite3.connect(floor.home.database_file, timeout=10)
    with link:
        changed = link.execute(
            f"UPDATE person SET {sets}, custom = ? WHERE id = (SELECT person_id FROM contact_point WHERE number = ?)",  # noqa: S608 (our own column names)
            (*texts.values(), json.dumps([["plan", texts["display_name"]]]), number),
        ).rowcount
    link.close()
    assert changed == 1


def test_numbers_that_would_steer_a_call_are_refused_by_the_importer(floor: PracticeFloor, tmp_path: Path) -> None:
    path = tmp_path / "hostile.csv"
    hostile = ("sip:x@host", "1&PJSIP/1001", "+12125550150@127.0.0.1:5071", "*55", '"+12125550150\r\nAction: Ping"')
    path.write_text("phone,first_name\n" + "".join(f"{number},Eve\n" for number in hostile))
    report = floor.do("leads.check", {"path": str(path)}).data["report"]
    assert (report["status"], report["numbers"]) == ("REJECT", [])
    assert len(report["rejected"]) == len(hostile)


def test_a_hostile_lead_goes_through_a_whole_call_and_does_no_harm(floor: PracticeFloor, tmp_path: Path) -> None:
    agent, marker = "Agent 3", tmp_path / "owned-marker"
    texts = hostile_texts(marker)
    (number,) = floor.fresh(PracticeKind.ANSWERS_SPEECH)
    name = floor.campaign("hostile", [number], [agent])
    slip_past_the_importer(floor, number, texts)
    floor.log_in(agent)
    before = set(floor.channels())
    floor.start(name)
    floor.until(lambda: floor.agent(agent)["state"] == "TALK", 10, "they talk")
    floor.until(lambda: texts["display_name"] in str(floor.desk(agent)["lead"]), 3, "the hostile text is on the desk")
    floor.do("desk.step", {"agent": agent, "step": "offer", "answers": {}})
    floor.do("desk.leave", {"agent": agent, "reason": texts["display_name"]})
    floor.do("desk.dispose", {"agent": agent, "disposition": "refused", "note": f"@SUM(1)\n{texts['note']}"})
    # The beep's channel passes, and the customer talks for a few seconds only: never more than his own stays.
    floor.until(lambda: len(set(floor.channels()) - before) <= 1, 5, "there is no channel but the customer's")
    floor.do("desk.hang_up", {"agent": agent})
    floor.until(lambda: floor.attempt(number)["closed"], 5, "the attempt is closed")
    assert floor.ended_at_far_end(number).answered
    assert set(floor.channels()) == before
    assert not marker.exists(), "a text of the lead was carried out"
    no_trace_in_the_logs(floor, marker)
    inert_in_exports(floor, name, texts)


def no_trace_in_the_logs(floor: PracticeFloor, marker: Path) -> None:
    ours = [floor.root / "serve.out", *floor.home.logs.iterdir()]
    theirs = [path for path in (floor.asterisk_folder / "log").iterdir() if path.is_file()]
    assert len(ours) >= 3
    assert theirs
    for path in (*ours, *theirs):
        content = path.read_bytes()
        assert not any(sign in content for sign in (b"\x1b", b"\x07", b"\x00")), path
        assert b"Action: Originate" not in content, path
    for path in theirs:
        assert marker.name.encode() not in path.read_bytes(), "nothing of a lead ever gets to Asterisk"


def inert_in_exports(floor: PracticeFloor, campaign: str, texts: dict[str, str]) -> None:
    today = floor.report("calls", campaign)["period"]["to"]
    for kind in ("calls", "refusal", "completion", "campaign"):
        args: dict[str, Any] = {"kind": kind, "campaign": campaign, "from": today, "to": today, "format": "csv"}
        cells = [cell for row in csv.reader(io.StringIO(floor.do("report.get", args).data["text"])) for cell in row]
        assert not [c for c in cells if c[:1] in ("=", "+", "-", "@", "\t", "\r")]
        assert not [c for c in cells if any(sign in c for sign in ("\x1b", "\x07", "\x00", "\u202e"))]
        if kind in ("calls", "refusal"):
            assert any("cmd|" in cell for cell in cells), f"the hostile reason is in the {kind} report"
    days = ("--from", today, "--to", today)
    shown = floor.shell("leads", "find", "Eve") + floor.shell("report", "refusal", "--campaign", campaign, *days)
    assert "cmd|" in shown
    assert not any(sign in shown for sign in ("\x1b", "\x07", "\x00", "\u202e", "\r"))
