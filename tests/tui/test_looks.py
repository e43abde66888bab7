"""Does each screen still look as it was last agreed? Pictures of fixed moments; renew with --snapshot-update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui import scenes
from tests.tui.driving import FAST_MS, Driver, strips_of
from tests.tui.fake_dialer import FakeDialer
from tui.app import DialerApp
from tui.desk import DeskApp
from tui.feed import Feed
from tui.managers import ManagersApp

Compare = Callable[..., bool]
NARROW, WIDE = (80, 24), (140, 36)


def the_managers_app(fake: FakeDialer) -> DialerApp:
    return ManagersApp(Feed(fake.path, actor="mia", every_ms=FAST_MS))


def the_desk(fake: FakeDialer) -> DialerApp:
    return DeskApp(Feed(fake.path, actor="anna", every_ms=FAST_MS), agent="anna")


def after(fake: FakeDialer, *keys: str, sign: str) -> Callable[[Pilot[Any]], Any]:
    """Press the keys once the screen has drawn something, then wait for a sign of what they do."""

    async def run(pilot: Pilot[Any]) -> None:
        see = Driver(pilot, fake)
        await see.until(lambda: see.words("#freshness"))
        await come_to_rest(pilot)  # a screen covered before its first picture stays blank behind the window
        for key in keys:
            await see.press(key)
        await see.until(lambda: sign in see.everything())
        for written in see.app.screen.query(Input):
            written.cursor_blink = False
        await come_to_rest(pilot)

    return run


async def come_to_rest(pilot: Pilot[Any]) -> None:
    """Wait until nothing on the screen has changed for a few looks: focus and scroll bars come a little later."""
    same, before = 0, None
    while same < 5:
        await pilot.pause(0.02)
        now = strips_of(pilot.app)
        same, before = same + 1 if now == before else 0, now


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_the_board(fake: FakeDialer, snap_compare: Compare, size: tuple[int, int]) -> None:
    run = after(fake, sign="Trunk north")
    assert snap_compare(the_managers_app(fake), terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_the_campaign(fake: FakeDialer, snap_compare: Compare, size: tuple[int, int]) -> None:
    run = after(fake, "c", sign="Maria Lopez")
    assert snap_compare(the_managers_app(fake), terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_the_decisions(fake: FakeDialer, snap_compare: Compare, size: tuple[int, int]) -> None:
    run = after(fake, "c", "4", "down", sign="no answer to OPTIONS")
    assert snap_compare(the_managers_app(fake), terminal_size=size, run_before=run)


def test_a_minute_told(fake: FakeDialer, snap_compare: Compare) -> None:
    run = after(fake, "c", "4", "enter", sign="more changes")
    assert snap_compare(the_managers_app(fake), terminal_size=NARROW, run_before=run)


def test_why_not(fake: FakeDialer, snap_compare: Compare) -> None:
    run = after(fake, "c", "3", "down", "w", sign="America/Denver")
    assert snap_compare(the_managers_app(fake), terminal_size=NARROW, run_before=run)


def test_a_report(fake: FakeDialer, snap_compare: Compare) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        see = Driver(pilot, fake)
        await after(fake, "r", sign="2026-11-24")(pilot)
        await after(fake, "f2", sign="42.7 %")(pilot)
        await see.until(lambda: see.rows("#block-2"))
        await come_to_rest(pilot)

    assert snap_compare(the_managers_app(fake), terminal_size=NARROW, run_before=run)


def test_a_checked_list(fake: FakeDialer, snap_compare: Compare) -> None:
    run = after(fake, "i", "a", "f2", "escape", sign="1200 accepted")
    assert snap_compare(the_managers_app(fake), terminal_size=NARROW, run_before=run)


def test_the_emergency_question(fake: FakeDialer, snap_compare: Compare) -> None:
    run = after(fake, "e", sign="every ringing call")
    assert snap_compare(the_managers_app(fake), terminal_size=NARROW, run_before=run)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_the_forecast(fake: FakeDialer, snap_compare: Compare, size: tuple[int, int]) -> None:
    fake.answers["forecast"] = scenes.forecast_answer()
    run = after(fake, "c", "f", sign="runs dry")
    assert snap_compare(the_managers_app(fake), terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_the_funnel(fake: FakeDialer, snap_compare: Compare, size: tuple[int, int]) -> None:
    fake.answers["funnel"] = scenes.funnel_answer()
    run = after(fake, "c", "x", sign="130 never")
    assert snap_compare(the_managers_app(fake), terminal_size=size, run_before=run)


def test_the_help(fake: FakeDialer, snap_compare: Compare) -> None:
    run = after(fake, "question_mark", sign="Figures")
    assert snap_compare(the_managers_app(fake), terminal_size=(100, 50), run_before=run)


def test_no_service(fake: FakeDialer, snap_compare: Compare) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await after(fake, sign="Trunk north")(pilot)
        fake.stop()
        await after(fake, sign="NOT CONNECTED")(pilot)
        pilot.app.screen.query_one("#banner").display = False  # it names the socket's folder, another each time
        await come_to_rest(pilot)

    assert snap_compare(the_managers_app(fake), terminal_size=NARROW, run_before=run)


@pytest.mark.parametrize("state", ["LOGGED_OUT", "READY", "TALK", "WRAP_UP", "PAUSE"])
def test_the_desk(fake: FakeDialer, snap_compare: Compare, state: str) -> None:
    fake.publish("desk:anna", scenes.desk(state))
    run = after(fake, sign="choose" if state in ("TALK", "WRAP_UP") else "Nobody on the line")
    assert snap_compare(the_desk(fake), terminal_size=NARROW, run_before=run)


def test_the_desk_with_a_lead_to_look_at(fake: FakeDialer, snap_compare: Compare) -> None:
    fake.publish("desk:anna", scenes.preview_desk())
    assert snap_compare(the_desk(fake), terminal_size=NARROW, run_before=after(fake, sign="s: skip"))


def test_the_callback_question(fake: FakeDialer, snap_compare: Compare) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await after(fake, "f3", sign="Call back when?")(pilot)
        see = Driver(pilot, fake)
        await see.write("tomorrow 15:00")
        await see.until_words("#seen", "Wednesday 25 November")
        await come_to_rest(pilot)

    assert snap_compare(the_desk(fake), terminal_size=NARROW, run_before=run)
