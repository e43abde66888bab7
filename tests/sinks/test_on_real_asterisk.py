"""If hostile text got past every guard of ours, would a real Asterisk's dialplan and manager still do no harm?

Sent by a plain manager session that guards nothing, as the dialer's own user.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sinks.hostile import HOSTILE
from tests.telephony.pair import Pair, running_pair, until

pytestmark = pytest.mark.asterisk

ANSWERS = "+12015550100"
PLAIN = re.compile(r"[a-z0-9-]*")
SENDABLE = {name: text for name, text in HOSTILE.items() if not re.search("[\r\n\0\ud800]", text) and len(text) < 900}
"""One line of a manager's message; the others are another message or none, which the second test sends."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running_pair(tmp_path_factory.mktemp("hostile")) as running:
        yield running


@pytest.fixture
def owned(pair: Pair) -> Iterator[Path]:
    """What a text that is carried out would make; Asterisk's working folder is unknown to it, so its path is whole."""
    marker = pair.lab.settings.folders.root / "owned"
    yield marker
    assert not marker.exists(), "a text was carried out as a command"
    until(lambda: "0 active channels" in pair.lab.asterisk.command("core show channels count"), 30)


def _refused(pair: Pair) -> int:
    """Calls that ended before they had a channel of their own: the answer names what was asked for."""
    answers = [event for event in list(pair.manager.events) if event.get("Event") == "OriginateResponse"]
    return sum(event.get("Channel") == f"PJSIP/{ANSWERS}@practice" for event in answers)


def _begun(pair: Pair) -> set[str]:
    return {event.get("Uniqueid", "") for event in pair.manager.of("Newchannel")}


def _placed(pair: Pair, name: str, bad: str) -> str:
    """The id of its call. A busy machine may refuse one before it has a channel; then it is sent again."""
    for again in range(3):
        call, refused = f"{name}-{again}", _refused(pair)
        pair.manager.ask(
            "Originate", f"CALL={bad}", f"MSG={bad}", f"AG={bad}", f"SAFEMS={bad}", f"TALKS={bad}", "REC=0",
            Channel=f"PJSIP/{ANSWERS}@practice", ChannelId=call, Context="cust", Exten="s",
            Priority="1", Async="true", CallerID="<+12025550100>", Timeout="6000",
        )  # fmt: skip
        until(lambda call=call, refused=refused: call in _begun(pair) or _refused(pair) > refused)  # type: ignore[misc]
        if call in _begun(pair):
            return call
    raise AssertionError(f"{name} was refused three times")


def test_hostile_variables_are_filtered_by_the_dialplan_and_move_no_call(pair: Pair, owned: Path) -> None:
    """Every text as CALL, MSG, AG, OPTKEY and message start: what the dialplan tells of it holds [a-z0-9-] only."""
    calls = [
        _placed(pair, f"hostile-{number}", text.replace("touch owned", f"touch {owned}"))
        for number, text in enumerate(SENDABLE.values())
    ]
    for call in calls:
        pair.gone(call, 60)
    told = [event for event in list(pair.manager.events) if event.get("UserEvent") == "Dialer"]
    assert len({event["Call"] for event in told}) > len(SENDABLE) // 2, "the calls really came to the message"
    assert [event for event in told if not PLAIN.fullmatch(event.get("Call", ""))] == []
    assert {event["Stage"] for event in told} <= {"Safe", "SafeDone"}
    assert _begun(pair) == set(calls), "a call began that nobody placed"


def test_a_message_that_was_broken_open_runs_no_program(pair: Pair, owned: Path) -> None:
    """CR LF in a value makes a second action; Asterisk refuses it, because the dialer's user may not do that."""
    actions = (
        f"Action: Originate\r\nChannel: Local/s@tone-play\r\nApplication: System\r\nData: touch {owned}",
        f"Action: Originate\r\nChannel: Local/s@tone-play\r\nApplication: TrySystem\r\nData: touch {owned}",
        f"Action: Originate\r\nChannel: Local/s@tone-play\r\nApplication: MixMonitor\r\nData: x.wav,,touch {owned}",
        f"Action: Command\r\nCommand: !touch {owned}",
        "Action: Command\r\nCommand: dialplan add extension 1,1,System,touch into from-trunk",
        "Action: UpdateConfig\r\nSrcFilename: manager.conf\r\nDstFilename: manager.conf",
        "Action: GetConfig\r\nFilename: manager.conf",
        "Action: ModuleLoad\r\nModule: app_system.so\r\nLoadType: load",
        f"Action: Setvar\r\nVariable: FILE({owned})\r\nValue: x",
        f"Action: Getvar\r\nVariable: SHELL(touch {owned})",
        "Action: ListCategories\r\nFilename: /etc/passwd",
        "Action: DBPut\r\nFamily: x\r\nKey: y\r\nVal: z",
    )
    for action in actions:
        known = len(pair.manager.responses)
        pair.manager.ask("Ping", ActionID=f"first\r\n\r\n{action}")
        until(lambda known=known: len(pair.manager.responses) >= known + 2)  # type: ignore[misc]
        answer = pair.manager.responses[known + 1]
        assert answer["Response"] == "Error", (action, answer)
    assert "tone-play" not in pair.lab.asterisk.command("core show channels concise")


def test_the_modules_that_run_programs_are_not_there(pair: Pair) -> None:
    for name in ("app_system", "app_exec", "app_externalivr", "res_agi", "func_shell", "func_env", "app_dial"):
        assert f"{name}.so" not in pair.lab.asterisk.command(f"module show like {name}"), name
