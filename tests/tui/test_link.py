"""What does a person see when the service goes, hangs or comes back, and how does a screen start and end?"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dialer.control import Snapshot
from tests.tui import scenes
from tests.tui.driving import FAST_MS, desk, managers
from tests.tui.fake_dialer import FakeDialer
from tui import feed as feed_module
from tui import picture
from tui.__main__ import main
from tui.app import actor_name
from tui.feed import Feed, Lost
from tui.managers import ManagersApp


@pytest.fixture(autouse=True)
def _tries_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "TRY_AGAIN_S", 0.02)


async def test_a_lost_service_is_told_and_its_return_is_seen(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        fake.stop()
        await see.until_words("#banner", "NOT CONNECTED", "What you see is of 14:05:09")
        await see.until_words("#banner", "Start it with: dialer serve", "Trying again")
        assert see.words("#freshness") == "not connected"
        assert "spring-offer" in see.everything()  # the last known values stay readable
        fake.at = "2026-11-24T14:06:00+00:00"
        fake.start()
        await see.until_words("#freshness", "14:06:00")
        await see.until(lambda: not see.app.screen.query_one("#banner").display)


async def test_a_command_without_a_service_is_told_as_not_done(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        fake.stop()
        await see.until_words("#banner", "NOT CONNECTED")
        await see.press("s")
        await see.until_told("Not done", "No service answers at")


async def test_a_screen_may_start_before_the_service(fake: FakeDialer) -> None:
    fake.stop()
    app = ManagersApp(Feed(fake.path, actor="mia", every_ms=FAST_MS))
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(300):
            await pilot.pause(0.01)
            if len(app.screen.query("#banner")) and app.screen.query_one("#banner").display:
                break
        assert app.screen.query_one("#banner").display
        fake.start()
        for _ in range(300):
            await pilot.pause(0.01)
            if not app.screen.query_one("#banner").display:
                break
        assert not app.screen.query_one("#banner").display


async def test_a_service_that_hangs_is_taken_for_lost(fake: FakeDialer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "SILENT_AFTER_S", 0.1)
    async with desk(fake) as see:
        fake.silent = True
        await see.until_words("#banner", "said nothing for 0.1 s")
        fake.silent = False
        fake.publish("desk:anna", scenes.desk("READY"))
        await see.until_words("#state", "READY")


async def test_the_last_value_wins_over_those_nobody_drew(fake: FakeDialer) -> None:
    feed = Feed(fake.path, actor="mia", every_ms=1000)
    taken: list[Snapshot | Lost] = []
    async with contextlib.aclosing(feed.watch("board")) as values:
        async for value in values:
            taken.append(value)
            if len(taken) == 1:
                for number in range(20):
                    fake.publish("board", {"number": number})
                await asyncio.sleep(0.3)  # a slow screen; the feed must not queue what came meanwhile
                fake.silent = True
            if len(taken) == 2:
                break
    assert isinstance(taken[1], Snapshot)
    assert taken[1].data == {"number": 19}


async def test_a_newer_value_takes_the_place_of_one_nobody_took() -> None:
    slot = feed_module._Slot()
    slot.put(Lost(reason="first"))
    slot.put(Lost(reason="second"))
    assert await slot.take() == Lost(reason="second")


async def test_values_are_drawn_at_most_a_few_times_a_second(fake: FakeDialer) -> None:
    drawn = 0
    async with managers(fake) as see:
        board = see.app.screen
        before = board.draw  # type: ignore[attr-defined]

        async def counted(snapshot: Snapshot) -> None:
            nonlocal drawn
            drawn += 1
            await before(snapshot)

        board.draw = counted  # type: ignore[attr-defined]
        see.app.feed._every_ms = 400
        begun = time.monotonic()
        for number in range(40):
            fake.publish("board", scenes.board() | {"number": number})
            await asyncio.sleep(0.01)
        await see.until(lambda: see.app.screen.latest.data.get("number") == 39)  # type: ignore[attr-defined]
        assert drawn <= (time.monotonic() - begun) / 0.2 + 2


async def test_a_snapshot_of_another_version_does_not_break_the_screen(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        fake.at = "2026-11-24T14:07:00+00:00"
        fake.publish(
            "board", {"campaigns": [{"name": 7, "calls": [], "hit_rate": "x", "leads": None}, "odd"], "alarms": 3}
        )
        await see.until_words("#freshness", "14:07:00")
        assert see.rows("#campaigns")[0][4:7] == ["none", "none", "none"]
        fake.publish("board", scenes.board())
        await see.until(lambda: len(see.rows("#campaigns")) == 3)


async def test_closing_a_screen_sends_nothing(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.press("ctrl+q")
    assert fake.commands == []


def test_the_screen_needs_a_terminal(fake: FakeDialer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--socket", str(fake.path)]) == 2
    assert "needs a terminal" in capsys.readouterr().err


def test_a_desk_needs_an_agent(fake: FakeDialer, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["desk", "--socket", str(fake.path)])
    assert ended.value.code == 2
    assert "desk needs --agent NAME" in capsys.readouterr().err


def test_a_picture_of_the_board_is_written_without_a_terminal(fake: FakeDialer, tmp_path: Path) -> None:
    path = tmp_path / "board.svg"
    assert main(["picture", "--socket", str(fake.path), "--to", str(path)]) == 0
    drawn = path.read_text()
    assert "spring-offer" in drawn
    assert 'url("http' not in drawn  # nothing is loaded from elsewhere
    assert "@font-face" not in drawn


def test_without_a_service_no_picture_is_written(
    fake: FakeDialer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.stop()
    monkeypatch.setattr(picture, "LOOKS", 5)
    path = tmp_path / "board.svg"
    assert main(["picture", "--socket", str(fake.path), "--to", str(path)]) == 2
    assert "no picture was written" in capsys.readouterr().err
    assert not path.exists()


def test_who_sits_here_is_named_plainly() -> None:
    assert actor_name("mia\x1b[31m\n") == "mia\ufffd[31m"
    assert actor_name(" ") == "screen"


@pytest.mark.parametrize(
    ("arguments", "sign", "topic"),
    [([], "spring-offer", "board"), (["desk", "--agent", "anna"], "Maria Lopez", "desk:anna")],
    ids=["managers", "desk"],
)
def test_the_screen_runs_in_a_real_terminal_and_restores_it(
    fake: FakeDialer, arguments: list[str], sign: str, topic: str
) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tui", *arguments, "--socket", str(fake.path)]
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    folder = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=folder) as child:
        os.close(theirs)
        try:
            seen = _read_until(ours, sign.encode())
            assert sign.encode() in seen
            assert topic in fake.subscribed
            os.write(ours, b"\x11")  # Ctrl+Q
            rest = _read_until(ours, b"\x1b[?1049l")
            assert b"\x1b[?1049l" in rest  # back from the alternate screen
            assert child.wait(10) == 0
        finally:
            child.kill()
            os.close(ours)
    assert fake.commands == []


def _read_until(terminal: int, sign: bytes) -> bytes:
    seen = b""
    deadline = time.monotonic() + 15
    while sign not in seen and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
    return seen
