"""Can a name, a note or an answer from outside do anything on the screen? One test for each sink."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from textual.widgets import Input

from tests.tui import scenes
from tests.tui.driving import Driver, desk, managers, strips_of
from tests.tui.fake_dialer import FakeDialer
from tui.safe import safe_str
from tui.screens.help import SettingsView

DANGEROUS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def poisoned(value: Any, hostile: str) -> Any:
    """The same value with every text in it hostile, but for the codes the screens branch on."""
    kept = {"state", "mode", "kind", "key", "ask_again_at", "at", "passes_at", "added_at", "local", "status"}
    if isinstance(value, dict):
        return {key: item if key in kept else poisoned(item, hostile) for key, item in value.items()}
    if isinstance(value, list):
        return [poisoned(item, hostile) for item in value]
    return hostile if isinstance(value, str) else value


def harmless(see: Driver) -> bool:
    """Nothing that a terminal could obey is on the screen, and every line is as wide as the terminal."""
    width, _ = see.app.size
    strips = strips_of(see.app)
    assert all(strip.cell_length == width for strip in strips)
    return not DANGEROUS.search(see.everything().replace("\n", ""))


async def each(see: Driver, publish: Callable[[str], None]) -> None:
    """Publish one hostile value after the other and look at the screen after each."""
    for number, hostile in enumerate(scenes.HOSTILE):
        see.fake.at = f"2026-11-24T14:05:{10 + number}+00:00"
        publish(hostile)
        await see.until_words("#freshness", f"14:05:{10 + number}")
        await see.pilot.pause()
        assert harmless(see)


async def test_names_and_reasons_on_the_board(fake: FakeDialer) -> None:
    async with managers(fake, size=(140, 40)) as see:
        await each(see, lambda hostile: fake.publish("board", poisoned(scenes.board(), hostile)))
        assert len(see.rows("#campaigns")) == 3
        await see.press("e")
        await see.until(lambda: see.place() == "Confirm")
        assert harmless(see)


async def test_a_campaign_with_its_calls_agents_leads_and_settings(fake: FakeDialer) -> None:
    async with managers(fake, size=(140, 40)) as see:
        await see.press("c")
        await see.until(lambda: see.rows("#held-table"))
        topic = "campaign:spring-offer"
        await each(see, lambda hostile: fake.publish(topic, poisoned(scenes.campaign(), hostile)))
        for hostile in scenes.HOSTILE:
            see.app.push_screen(SettingsView(hostile, {hostile: hostile, "list": [hostile, {"label": hostile}]}))
            await see.until(lambda: len(see.rows("#settings")) == 2)
            assert harmless(see)
            await see.press("escape")


async def test_a_lead_his_script_and_the_outcomes_on_the_desk(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await each(see, lambda hostile: fake.publish("desk:anna", poisoned(scenes.desk(), hostile)))
        await see.until(lambda: see.app.screen.query(".script-field"))
        await see.press("o")
        await see.until(lambda: see.place() == "Choose")
        assert harmless(see)


async def test_answers_on_the_desk(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        for number, hostile in enumerate(scenes.HOSTILE, start=1):
            fake.answers["desk.hang_up"] = ("refused", hostile, {})
            await see.press("h")
            await see.until_asked("desk.hang_up", number)
            await see.until_told("Refused: ", safe_str(hostile)[:20])
            assert harmless(see)


async def test_answers_in_toasts(fake: FakeDialer) -> None:
    async with managers(fake, size=(120, 60)) as see:
        for number, hostile in enumerate(scenes.HOSTILE, start=1):
            fake.answers["campaign.start"] = ("refused", hostile, {})
            await see.press("s")
            await see.until_asked("campaign.start", number)
        await see.until(lambda: len(see.toasts()) == len(scenes.HOSTILE))
        await see.pilot.pause()
        assert harmless(see)


async def test_gates_reports_and_rejected_rows(fake: FakeDialer) -> None:
    async with managers(fake, size=(110, 30)) as see:
        for number, hostile in enumerate(scenes.HOSTILE, start=1):
            fake.answers["why"] = ("done", hostile, poisoned(scenes.WHY, hostile))
            fake.answers["report.get"] = ("done", hostile, poisoned(scenes.REPORT, hostile) | {hostile: hostile})
            fake.answers["leads.check"] = ("done", hostile, {"report": poisoned(scenes.CHECKED, hostile)})
            see.app.open_why(number="+13105550107", campaign=hostile)
            await see.until(lambda: len(see.rows("#result")) == 5)
            assert harmless(see)
            await see.press("escape", "b", "r")
            await see.until(lambda: see.app.screen.query_one("#to", Input).value)
            await see.press("f2")
            await see.until(lambda: see.rows("#block-2"))
            assert harmless(see)
            await see.press("escape", "i")
            await see.until(lambda: see.place() == "ImportScreen")
            await see.write("leads.csv")
            await see.press("f2")
            await see.until_asked("leads.check", number)
            await see.until(lambda: len(see.rows("#rows")) == 4)
            assert harmless(see)
            await see.press("escape")


async def test_markup_is_shown_as_it_was_written_and_can_not_be_clicked(fake: FakeDialer) -> None:
    lead = scenes.desk()["lead"] | {"name": "[@click=app.quit]hi[/] [/foo]"}
    fake.publish("desk:anna", scenes.desk() | {"lead": lead})
    async with desk(fake, size=(120, 30)) as see:
        await see.until_words("#lead", "[@click=app.quit]hi[/] [/foo]")
        await see.pilot.click("#lead", offset=(2, 0))
        assert see.app.is_running


async def test_wide_and_combining_characters_keep_the_columns_straight(fake: FakeDialer) -> None:
    value = scenes.campaign()
    for call, name in zip(value["calls"], ("王小明", "Олександр", "é\u0301\u0302", "👩‍👩‍👧 x", "ﷺ", "a"), strict=True):
        call["agent"] = name
    fake.publish("campaign:spring-offer", value)
    async with managers(fake) as see:
        await see.press("c")
        await see.until(lambda: see.rows("#calls-table"))
        assert harmless(see)
        strips = strips_of(see.app)
        from rich.cells import cell_len

        starts = set()
        for strip in strips:
            line = "".join(segment.text for segment in strip)
            for lead in ("Maria Lopez", "Ann O'Neill", "Bob Stone", "Li Wei", "Zoë Müller"):
                if lead in line:
                    starts.add(cell_len(line[: line.index(lead)]))
        assert len(starts) == 1
