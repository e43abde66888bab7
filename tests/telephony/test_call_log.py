"""Does the call log hold what happened, and nothing that could do harm?"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telephony.call_log import CallLog
from telephony.clock import ManualClock
from telephony.port import (
    CallEnded,
    CallRef,
    CustomerCall,
    EndCause,
    Event,
    LoginRequested,
    Network,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def test_an_event_is_one_line_with_its_cause_and_instant(tmp_path: Path, clock: ManualClock) -> None:
    heard: list[Event] = []
    log = CallLog(tmp_path / "calls.jsonl", clock)
    ref = CallRef(exchange="sim", id="a-1")
    event = CallEnded(at=NOON, mono_s=1.5, call=ref, cause=EndCause(network=Network.BUSY, sip_code=486))
    log.listening(heard.append)(event)
    assert heard == [event]
    (line,) = lines(tmp_path / "calls.jsonl")
    assert line["event"] == "CallEnded"
    assert line["at"] == "2026-03-02T12:00:00.000+00:00"
    assert line["call"] == {"exchange": "sim", "id": "a-1"}
    assert isinstance(line["cause"], dict)
    assert line["cause"]["network"] == "BUSY"


def test_lines_are_added_and_older_ones_stay(tmp_path: Path, clock: ManualClock) -> None:
    CallLog(tmp_path / "calls.jsonl", clock).move("a-1", "ringing -[answered]-> talking")
    CallLog(tmp_path / "calls.jsonl", clock).move("a-1", "talking -[ended]-> over")
    assert [line["move"] for line in lines(tmp_path / "calls.jsonl")] == [
        "ringing -[answered]-> talking",
        "talking -[ended]-> over",
    ]


def test_foreign_text_stays_on_its_line_as_plain_ascii(tmp_path: Path, clock: ManualClock) -> None:
    CallLog(tmp_path / "calls.jsonl", clock).command("note", text='\x1b]0;own\x07\r\n{"a":1}\u2028 Ж')
    (line,) = lines(tmp_path / "calls.jsonl")
    assert line["text"] == '\x1b]0;own\x07\r\n{"a":1}\u2028 Ж'
    assert b"\x1b" not in (tmp_path / "calls.jsonl").read_bytes()


def test_no_pin_and_no_full_number_is_written(tmp_path: Path, clock: ManualClock) -> None:
    log = CallLog(tmp_path / "calls.jsonl", clock)
    log.event(LoginRequested(at=NOON, mono_s=0.0, agent="1001", pin="4711"))
    call = CustomerCall(id="a-1", number="+12025550143", trunk="t", caller_id="+12025550100", ring_timeout_s=20)
    log.command("originate", call=call)
    text = (tmp_path / "calls.jsonl").read_text()
    assert "4711" not in text
    assert "2025550143" not in text
    assert "...43" in text


def test_the_log_is_private_and_bounded(tmp_path: Path, clock: ManualClock) -> None:
    log = CallLog(tmp_path / "calls.jsonl", clock, max_bytes=500)
    for _ in range(50):
        log.command("ping")
    assert (tmp_path / "calls.jsonl").stat().st_mode & 0o777 == 0o600
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 1000


def test_a_log_that_cannot_be_written_says_so_once_and_stops_nothing(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    log = CallLog(tmp_path / "missing" / "calls.jsonl", clock)
    with caplog.at_level(logging.WARNING):
        log.command("ping")
        log.command("ping")
    assert len(caplog.records) == 1
    assert "cannot be written" in caplog.text
