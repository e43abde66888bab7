"""Does the funnel's window show both instants side by side, with what holds the leads?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from campaigns.dialable import GateCode
from tests.tui import scenes
from tests.tui.driving import Driver, managers
from tests.tui.fake_dialer import FakeDialer
from tests.tui.test_hostile import harmless, poisoned


@asynccontextmanager
async def funnel(fake: FakeDialer, **changes: Any) -> AsyncIterator[Driver]:
    status, message, data = scenes.funnel_answer()
    fake.answers["funnel"] = (status, message, data | changes)
    async with managers(fake, (140, 40)) as see:
        await see.press("c")
        await see.until(lambda: see.rows("#calls-table"))
        await see.press("x")
        await see.until(lambda: see.place() == "FunnelView")
        await see.until(lambda: see.rows("#hours"))
        yield see


async def test_both_instants_stand_side_by_side_with_the_gates_that_hold_leads(fake: FakeDialer) -> None:
    async with funnel(fake) as see:
        assert fake.asked("funnel") == [{"campaign": "spring-offer", "list": None, "at": []}]
        rows = see.rows("#hours")
        assert rows[:4] == [
            ["callable", "", "866", "742"],
            ["later", "", "301", "425"],
            ["", "waits for its next try or the callback asked for", "301", "0"],
            ["", GateCode.CALLING_HOURS.words, "0", "425"],
        ]
        assert ["", "the lead is closed (sale)", "96", "96"] in rows
        assert "24 12:00 on: 24 more" in see.words("#dry")
        assert "and at 2 hours more" in see.words("#dry")
        await see.press("escape")
        await see.until(lambda: see.place() == "CampaignScreen")


async def test_a_refused_funnel_opens_no_window(fake: FakeDialer) -> None:
    fake.answers["funnel"] = ("refused", "spring-offer cannot dial: it needs a trunk. Nothing was counted.", {})
    async with managers(fake, (140, 40)) as see:
        await see.press("c")
        await see.until(lambda: see.rows("#calls-table"))
        await see.press("x")
        await see.until_told("it needs a trunk")
        assert see.place() == "CampaignScreen"


async def test_hostile_words_in_a_funnel_do_nothing(fake: FakeDialer) -> None:
    _, _, data = scenes.funnel_answer()
    for hostile in scenes.HOSTILE:
        async with funnel(fake, **poisoned(data, hostile.encode("utf-8", "replace").decode())) as see:
            assert harmless(see)
