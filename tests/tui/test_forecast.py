"""Does the forecast's window show its hours and when the list runs dry, and ask again for other agents?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.tui import scenes
from tests.tui.driving import Driver, managers
from tests.tui.fake_dialer import FakeDialer
from tests.tui.test_hostile import harmless, poisoned
from tui.screens.forecast import sparkline


@asynccontextmanager
async def forecast(fake: FakeDialer, **changes: Any) -> AsyncIterator[Driver]:
    status, message, data = scenes.forecast_answer()
    fake.answers["forecast"] = (status, message, data | changes)
    async with managers(fake, (140, 40)) as see:
        await see.press("c")
        await see.until(lambda: see.rows("#calls-table"))
        await see.press("f")
        await see.until(lambda: see.place() == "ForecastView")
        await see.until(lambda: see.rows("#hours"))
        yield see


async def test_the_hours_are_shown_with_date_and_offset_and_when_the_list_is_dry(fake: FakeDialer) -> None:
    async with forecast(fake) as see:
        assert fake.asked("forecast") == [{"campaign": "spring-offer", "agents": None, "at": None}]
        rows = see.rows("#hours")
        assert len(rows) == 24
        assert rows[0] == ["24 09:05 -05:00", "866", "425", "122 (66-178)", "441"]
        assert "It runs dry Tue 10:57" in see.words("#sentence")
        assert "Dry 24 10:57 to 24 11:00: resting until their next try" in see.words("#dry")
        assert "hit rate 28.6 % (118 of 412)" in see.words("#dry")
        assert "Leads in a call now are left out." in see.words("#dry")


async def test_it_is_asked_again_for_another_number_of_agents(fake: FakeDialer) -> None:
    async with forecast(fake) as see:
        await see.press("g")
        await see.until(lambda: see.place() == "OneLine")
        await see.write("many")
        await see.until_words("#seen", "A whole number")
        await see.press("enter")
        assert see.place() == "OneLine"
        see.app.screen.query_one("#line").value = "12"  # type: ignore[attr-defined]
        await see.press("enter")
        asked = await see.until_asked("forecast", 2)
        assert asked[1]["agents"] == 12
        await see.until(lambda: see.place() == "ForecastView")
        await see.press("escape")
        await see.until(lambda: see.place() == "CampaignScreen")


async def test_what_is_not_known_is_none_and_not_zero(fake: FakeDialer) -> None:
    unknown = {"dialable": None, "attempts": None, "humans": None, "left": None, "dialable_untouched": 7}
    hour = {"begins_at": "2026-11-24T09:05:00-05:00", "date": "2026-11-24", "time": "09:05", "utc_offset": "-05:00"}
    async with forecast(fake, hours=[hour | unknown], dry_spells=[], agents=None) as see:
        assert see.rows("#hours") == [["24 09:05 -05:00", "7", "none", "none", "none"]]
        assert "no agents known" in see.words("#dry")


async def test_a_refused_forecast_opens_no_window(fake: FakeDialer) -> None:
    fake.answers["forecast"] = ("refused", "spring-offer cannot dial: it needs a trunk. Nothing was forecast.", {})
    async with managers(fake, (140, 40)) as see:
        await see.press("c")
        await see.until(lambda: see.rows("#calls-table"))
        await see.press("f")
        await see.until_told("it needs a trunk")
        assert see.place() == "CampaignScreen"


async def test_hostile_words_in_a_forecast_do_nothing(fake: FakeDialer) -> None:
    _, _, data = scenes.forecast_answer()
    for hostile in scenes.HOSTILE:
        async with forecast(fake, **poisoned(data, hostile.encode("utf-8", "replace").decode())) as see:
            assert harmless(see)


def test_few_leads_are_the_lowest_bar_and_none_is_blank() -> None:
    hours = [{"dialable": n, "time": "09:00"} for n in (800, 400, 1, 0)]
    assert "█▄▁ " in sparkline({"hours": hours}).plain
    assert "at most 0" in sparkline({}).plain
