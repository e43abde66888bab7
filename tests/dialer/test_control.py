"""Does every line of the wire read back to the value it was made from, and is a bad one answered?"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone

import pytest

from dialer.control import (
    MAX_REQUEST_BYTES,
    Answer,
    AnswerStatus,
    BadLine,
    Command,
    Snapshot,
    Subscribe,
    decode_reply,
    decode_request,
    encode,
    new_command,
)
from dialer.use_cases import HANDLERS

NOW = datetime(2026, 11, 21, 19, 0, tzinfo=UTC)


def a_command(**changes: object) -> bytes:
    plain = {
        "type": "command",
        "id": "c-1",
        "actor": "anna",
        "name": "campaign.start",
        "args": {"name": "Autumn"},
        "reason": "",
        "at": NOW.isoformat(),
    }
    return json.dumps(plain | changes).encode()


def test_a_command_reads_back_equal() -> None:
    command = new_command("campaign.start", {"name": "Autumn"}, actor="anna", reason="agreed", at=NOW)
    assert decode_request(encode(command)) == command


def test_what_json_has_no_number_for_goes_as_text_however_deep_it_is() -> None:
    """It was a fault of ours in the shell or screen that asked, and no word reached the service."""
    args = {"share": math.nan, "rates": (1.5, math.inf), "more": {"least": -math.inf, "count": 3, "no": None}}
    command = new_command("staffing", args, actor="anna", at=NOW)
    assert decode_request(encode(command)) == command
    assert command.args == {"share": "nan", "rates": [1.5, "inf"], "more": {"least": "-inf", "count": 3, "no": None}}


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_every_command_there_is_can_be_sent_to_the_service(name: str) -> None:
    command = new_command(name, {}, actor="anna", reason="agreed", at=NOW)
    assert decode_request(encode(command)) == command


def test_two_new_commands_never_share_an_id() -> None:
    assert new_command("board", actor="a", at=NOW).id != new_command("board", actor="a", at=NOW).id


def test_an_answer_and_a_snapshot_read_back_equal() -> None:
    answer = Answer(id="c-1", status=AnswerStatus.REFUSED, message="No.", data={"faults": ["x"]})
    snapshot = Snapshot(topic="board", seq=17, at=NOW, data={"campaigns": []})
    assert decode_reply(encode(answer)) == answer
    assert decode_reply(encode(snapshot)) == snapshot


def test_a_name_with_line_ends_stays_on_one_line() -> None:
    command = new_command("leads.find", {"text": "A\r\nB\u2028C\ud800"}, actor="anna", at=NOW)
    assert encode(command).count(b"\n") == 1
    assert encode(command).isascii()
    assert decode_request(encode(command)) == command


def test_an_instant_of_another_zone_is_kept_in_utc() -> None:
    abroad = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    read = decode_request(a_command(at=abroad.isoformat()))
    assert isinstance(read, Command)
    assert read.at == NOW
    assert read.at.tzinfo is UTC


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"[1]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"type":"other"}',
        a_command(id=""),
        a_command(id="../x"),
        a_command(id=7),
        a_command(name="rm -rf"),
        a_command(name=None),
        a_command(args=[1]),
        a_command(actor=""),
        a_command(actor="a\nb"),
        a_command(actor="a\x1b[31m"),
        a_command(reason="x" * 1001),
        a_command(at="yesterday"),
        a_command(at="2026-11-21T19:00:00"),
        b'{"type":"subscribe","topic":"everything"}',
        b'{"type":"subscribe","topic":"desk:a\\u0000"}',
        b'{"type":"subscribe","topic":"board","every_ms":"often"}',
        a_command(filling="x" * MAX_REQUEST_BYTES),
    ],
)
def test_a_bad_line_is_told_in_one_sentence_and_does_nothing(line: bytes) -> None:
    with pytest.raises(BadLine) as told:
        decode_request(line)
    assert told.value.message.endswith(("nothing was done.", "nothing was subscribed."))


def test_a_faulty_command_is_answered_under_its_own_id() -> None:
    with pytest.raises(BadLine) as told:
        decode_request(a_command(args=[1]))
    assert told.value.id == "c-1"


def test_a_subscription_can_ask_neither_too_often_nor_too_seldom() -> None:
    def every_ms(asked: int) -> int:
        request = decode_request(encode(Subscribe(topic="board", every_ms=asked)))
        assert isinstance(request, Subscribe)
        return request.every_ms

    assert (every_ms(0), every_ms(400), every_ms(10**9)) == (100, 400, 60_000)


def test_a_snapshot_of_another_version_is_refused() -> None:
    line = encode(Snapshot(topic="board", seq=1, at=NOW, data={}, version=2))
    with pytest.raises(BadLine, match="same version"):
        decode_reply(line)


def test_exit_codes_are_0_done_2_refused_1_our_fault() -> None:
    assert [status.exit_code for status in AnswerStatus] == [0, 2, 1]
