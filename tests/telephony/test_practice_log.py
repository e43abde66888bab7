"""The practice exchange's own log, read back."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telephony.asterisk.configuration import Folders
from telephony.practice_log import read_practice_log
from telephony.practice_plan import PracticePace, render_practice

ANSWERED = (
    '{"at":1700000000.250,"number":"+12015550100","attempt_id":"a-1","kind":"answers-speech","answered":true,'
    '"answered_at":1700000001.500,"ended_at":1700000003.000,"ended_by":"callee","sip_code":200}\n'
)
VANISHED = (
    '{"at":{"s":1699999999.000000,"us":250000.000000},"number":"+12015550192","attempt_id":"a-2","kind":"vanishes",'
    '"answered":false,"answered_at":null,"ended_at":null,"ended_by":"nobody","sip_code":null}\n'
)


def test_calls_of_all_far_ends_come_in_the_order_of_their_invites(tmp_path: Path) -> None:
    (tmp_path / "asterisk.jsonl").write_text(ANSWERED)
    (tmp_path / "vanishes.jsonl").write_text(VANISHED)
    first, second = read_practice_log(tmp_path)
    assert (first.attempt_id, second.attempt_id) == ("a-2", "a-1")
    assert first.at == datetime.fromtimestamp(1699999999.25, UTC)
    assert first.sip_code is None
    assert first.answered_at is None
    assert second.answered_at == datetime.fromtimestamp(1700000001.5, UTC)


def test_a_line_still_being_written_is_left_for_later(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    log.write_text(ANSWERED + VANISHED[:50])
    assert [call.attempt_id for call in read_practice_log(log)] == ["a-1"]


@pytest.mark.parametrize("line", ["{}", "[1]", "nonsense", '{"at":"x","number":"1"}'])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    log = tmp_path / "calls.jsonl"
    log.write_text(ANSWERED + line + "\n" + ANSWERED)
    with pytest.raises(ValueError, match=r"calls\.jsonl line 2"):
        read_practice_log(log)


def test_no_log_yet_means_no_calls_yet(tmp_path: Path) -> None:
    assert read_practice_log(tmp_path / "calls.jsonl") == ()
    assert read_practice_log(tmp_path) == ()


def test_a_call_given_up_before_its_first_step_leaves_a_whole_line(tmp_path: Path) -> None:
    """Seen once in 12,000 calls: nothing was set yet when the caller was gone, and the whole log became unreadable."""
    folders = Folders.under(tmp_path, tmp_path)
    plan = render_practice(folders, host="127.0.0.9", port=5060, calls=tmp_path / "c", pace=PracticePace())
    line = next(text for text in plan["extensions.conf"].splitlines() if "Set(FILE(" in text).partition("=>")[2]
    written = line[line.index("{") : line.rindex("}") + 1]
    written = written.replace("${STRFTIME(,,%s.%3q)}", "1700000000.250")
    written = re.sub(r'\$\{IF\(\$\["\$\{\w+\}" = ""\]\?([^:]*):[^)]*\)\}', r"\1", written)  # none of them is set
    log = tmp_path / "calls.jsonl"
    log.write_text(re.sub(r"\$\{\w+\}", "", written) + "\n")
    (call,) = read_practice_log(log)
    assert (call.kind, call.answered, call.ended_by, call.sip_code) == ("", False, "caller", 487)
