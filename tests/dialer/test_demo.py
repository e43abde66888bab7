"""Does the demo put what the dialer recorded beside what the far end saw, and fail when they differ?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dialer.demo import far_end
from dialer.demo.practice_day import PracticeDay
from dialer.refusal import Refused
from telephony.practice_log import PracticeCall

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Day:
    """A practice day that is over: what each side wrote down."""

    simulated = False

    def __init__(self, seen: tuple[PracticeCall, ...], rows: list[dict[str, str]]) -> None:
        self.seen, self.rows = seen, rows

    def far_end_log(self) -> tuple[PracticeCall, ...]:
        return self.seen

    def do(self, name: str, args: Mapping[str, Any]) -> Any:
        assert (name, args["kind"]) == ("report.get", "calls")
        return SimpleNamespace(data={"rows": self.rows})


def busy(attempt_id: str) -> PracticeCall:
    return PracticeCall(
        at=AT,
        number="+12025550101",
        attempt_id=attempt_id,
        kind="busy",
        answered=False,
        answered_at=None,
        ended_at=AT,
        ended_by="callee",
        sip_code=486,
    )


def row(attempt_id: str, network: str, detail: str = "") -> dict[str, str]:
    return {"attempt": attempt_id, "number": "+12025550101", "network": network, "detail": detail}


def shown(seen: tuple[PracticeCall, ...], rows: list[dict[str, str]]) -> bool:
    day: Any = Day(seen, rows)
    return far_end.show_far_end(day)


def test_calls_recorded_as_the_far_end_saw_them_are_equal(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row("a-1", "BUSY"), row("a-2", "BUSY"), row("a-3", "NOT_ATTEMPTED")]
    assert shown((busy("a-1"), busy("a-2")), rows)
    out = capsys.readouterr().out
    assert "BUSY                    2       2" in out
    assert "equal: 3 of 3" in out


@pytest.mark.parametrize(
    ("seen", "rows", "words", "count"),
    [
        (("a-1",), [row("a-1", "ANSWERED")], "a-1: recorded ANSWERED, the far end saw busy 486", "0 of 1"),
        (("a-1", "a-2"), [row("a-1", "BUSY")], "a-2: recorded nothing", "1 of 2"),
        (("a-1",), [row("a-1", "")], "a-1: recorded UNKNOWN", "0 of 1"),
        ((), [row("a-1", "BUSY")], "it never arrived there", "0 of 1"),
    ],
)
def test_every_call_told_differently_is_named_and_counted(
    seen: tuple[str, ...],
    rows: list[dict[str, str]],
    words: str,
    count: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(far_end, "FAR_END_LIMIT_S", 0.0)
    assert not shown(tuple(busy(each) for each in seen), rows)
    out = capsys.readouterr().out
    assert words in out
    assert f"equal: {count}" in out


@pytest.mark.parametrize("attempts", [0, 1])
def test_a_headless_demo_in_which_nobody_was_called_has_failed(
    attempts: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = {"attempts": attempts, "humans": 0, "sales": 0}
    shown_now = {"calls": {"ringing": 0, "talking": 0}, "today": figures, "pace": "no lead is due"}
    day: Any = SimpleNamespace(
        do=lambda _name, _args: SimpleNamespace(data=shown_now), home=SimpleNamespace(root=tmp_path)
    )
    demo_run = import_module("dialer.demo.run")  # the package gives its name to the function
    monkeypatch.setattr(demo_run, "PROGRESS_EVERY_S", 0.0)
    assert demo_run._watch(day) == bool(attempts)
    told = capsys.readouterr()
    assert ("Nobody was called" in told.out + told.err) == (not attempts)


def test_a_machine_too_busy_for_the_demo_is_told_of_in_a_sentence_and_is_no_fault_of_the_dialer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.demo.practice_day.SHELL_LIMIT_S", 0.01)
    day = PracticeDay(tmp_path, simulated=True, say=lambda _: None)
    with pytest.raises(Refused, match=r"rules list: no answer within .* too busy\. Nobody real was called"):
        day.shell("rules", "list")
