"""Does the campaign's screen show calls, agents and held leads, and act on what the cursor is on?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.tui import scenes
from tests.tui.driving import Driver, managers
from tests.tui.fake_dialer import FakeDialer


@asynccontextmanager
async def campaign(fake: FakeDialer, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Driver]:
    async with managers(fake, size) as see:
        await see.press("c")
        await see.until(lambda: see.rows("#calls-table"))
        yield see


async def test_live_calls_agents_and_held_leads_are_listed(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        value = scenes.campaign()
        value["calls"][0] |= {"agent": "1001", "seconds": 50.0}  # the engine names agents by their number
        fake.publish("campaign:spring-offer", value)
        call = ["+12025550143", "talking", "0:50", "anna", "Maria Lopez"]
        await see.until(lambda: see.rows("#calls-table")[0] == call)
        assert see.rows("#agents-table")[4:6] == [
            ["eve", "1005", "WRAP-UP", "0:21"],
            ["fred", "1006", "PAUSE lunch", "21:00"],
        ]
        held = see.rows("#held-table")
        assert held[1][2:] == ["Tue 24 Nov 16:00", "06:05 in America/Los_Angeles; calls from 08:00"]
        assert held[2][2] == "never by itself"
        assert "hit rate" in see.words("#summary").lower()


async def test_a_narrow_terminal_shows_one_panel_and_its_neighbours_names(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        assert "1 Live calls  6" in see.words("#calls-title")
        assert "3 Held leads  3" in see.words("#calls-title")
        await see.press("3")
        await see.until(lambda: see.app.screen.query_one("#held").display)
        await see.press("down")
        await see.until_words("#hint", "06:05 in America/Los_Angeles; calls from 08:00")  # whole, however narrow
        assert not see.app.screen.query_one("#calls").display
        assert "Hugo Diaz" in see.everything()
        await see.press("2")
        await see.until(lambda: see.app.screen.query_one("#agents").display)
        assert "PAUSE lunch" in see.everything()


async def test_a_wide_terminal_shows_all_four_panels(fake: FakeDialer) -> None:
    async with campaign(fake, size=(140, 40)) as see:
        wanted = ("Maria Lopez", "PAUSE lunch", "Hugo Diaz", "a trunk that is down")
        await see.until(lambda: all(words in see.everything() for words in wanted))


async def test_why_is_asked_for_the_held_lead_under_the_cursor(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        await see.press("3", "down", "enter")
        await see.until(lambda: see.place() == "DoNotCallScreen")
        asked = await see.until_asked("why")
        assert asked == [{"number": "+13105550107", "campaign": "spring-offer", "at": None}]


async def test_do_not_call_starts_with_the_number_under_the_cursor(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        await see.press("down", "n")
        await see.until(lambda: see.place() == "NoCallDialog")
        await see.write("asked on the phone")  # the reason has the focus: the number is there already
        await see.press("enter")
        asked = await see.until_asked("dnc.add")
        assert asked[0]["number"] == "+12025550171"


async def test_agents_are_logged_in_and_out(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        await see.press("l")
        await see.until_told("Put the cursor on an agent first")
        await see.press("2", "ctrl+end", "l")
        assert await see.until_asked("agent.login") == [{"agent": "ivan"}]
        await see.press("ctrl+home", "o")
        assert await see.until_asked("agent.logout") == [{"agent": "anna"}]


async def test_the_campaigns_actions_are_on_this_screen_too(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        await see.press("s", "p", "e", "y")
        for name in ("campaign.start", "campaign.pause", "campaign.emergency_stop"):
            assert await see.until_asked(name) == [{"name": "spring-offer"}]


async def test_the_settings_in_force_can_be_read(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        await see.press("v")
        await see.until(lambda: ["abandon_cap", "0.03"] in see.rows("#settings"))
        await see.press("escape")
        await see.until(lambda: see.place() == "CampaignScreen")


async def test_only_two_hundred_rows_are_drawn(fake: FakeDialer) -> None:
    value = scenes.campaign()
    value["held"] = [dict(value["held"][0], lead=f"lead {place}") for place in range(450)]
    async with campaign(fake) as see:
        fake.publish("campaign:spring-offer", value)
        await see.until(lambda: len(see.rows("#held-table")) == 200)
        await see.until_words("#calls-title", "first 200")


async def test_an_update_changes_cells_and_keeps_the_cursor(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        await see.press("down", "down")
        value = scenes.campaign()
        del value["calls"][0]  # the first call ended
        value["calls"][1]["seconds"] = 66.0
        fake.publish("campaign:spring-offer", value)
        await see.until(lambda: len(see.rows("#calls-table")) == 5)
        assert see.table("#calls-table").current_key == "a-2"
        assert see.rows("#calls-table")[1][2] == "1:06"


async def test_two_calls_with_the_same_id_do_not_break_the_screen(fake: FakeDialer) -> None:
    value = scenes.campaign()
    value["calls"][1]["id"] = value["calls"][0]["id"]
    async with campaign(fake) as see:
        fake.publish("campaign:spring-offer", value)
        await see.until(lambda: see.table("#calls-table")._drawn[1][0] == "a-0 #2")
        assert len(see.rows("#calls-table")) == 6


async def test_a_call_without_an_outcome_is_chosen_and_given_one(fake: FakeDialer) -> None:
    call = {"attempt": "a-7", "number": "+12025550143", "lead": "Maria [/b] Lopez", "agent": "anna", "talk_s": 42.0}
    fake.answers["outcomes.list"] = ("done", "1 call.", {"calls": [call], "total": 1})
    value = scenes.campaign()
    value["settings"]["dispositions"] = [{"code": "sale", "label": "Sale", "key": "1", "callback": False}]
    fake.publish("campaign:spring-offer", value)
    async with campaign(fake) as see:
        await see.press("u")
        await see.until(lambda: see.place() == "Choose")
        assert "Maria [/b] Lopez" in see.everything()
        await see.press("1")
        await see.until(lambda: "Its outcome" in see.everything())
        await see.press("1")
        (asked,) = await see.until_asked("outcomes.set")
        assert (asked["attempt"], asked["disposition"]) == ("a-7", "sale")


async def test_promised_calls_are_listed_and_the_missed_one_says_so(fake: FakeDialer) -> None:
    promised = {"number": "+12025550143", "local": "2026-11-24T15:00:00-05:00", "lead": "Maria", "missed": True}
    fake.answers["callbacks.list"] = ("done", "1 call.", {"callbacks": [promised]})
    async with campaign(fake) as see:
        await see.press("k")
        await see.until(lambda: "2026-11-24 15:00  MISSED  Maria" in see.everything())


async def test_the_last_decisions_are_listed_and_the_one_under_the_cursor_is_told_whole(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        await see.press("4")
        await see.until(lambda: see.rows("#decisions-table"))
        assert see.rows("#decisions-table")[0] == ["09:05", "3", "55 %", "the risk of one call too many"]
        assert see.rows("#decisions-table")[2] == ["09:03", "9", "", "nothing"]
        await see.press("down")
        await see.until_words("#hint", "launch 0: trunk north is down: no answer to OPTIONS")


async def test_enter_on_a_decision_asks_for_its_minute_in_the_campaigns_zone(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        await see.press("4", "down", "enter")
        (asked,) = await see.until_asked("pace.explain")
        assert asked == {"campaign": "spring-offer", "date": "2026-11-24", "at": "09:04"}
        await see.until(lambda: see.place() == "DecisionsView")
        told = see.words("#told")
        for words in (scenes.PACE_SAID, "max_calls allows", "09:04:17  launch 0: 4 idle", "and 3 more changes"):
            assert words in told


async def test_a_stretch_is_asked_for_and_told_row_by_row(fake: FakeDialer) -> None:
    rows = [
        {"time": "09:00-09:30", "launched": 30, "by_hand": 1, "held_by": "no agent ready", "share": 0.42, "gap": ""},
        {"time": "09:30-11:00", "launched": 0, "by_hand": 0, "held_by": "", "share": 0.0, "gap": "paused by [b]anna"},
    ]
    fake.answers["pace.explain"] = ("done", "09:00-11:00: 31 calls.", {"rows": rows})
    async with campaign(fake) as see:
        await see.press("y")
        await see.until(lambda: see.place() == "OneLine")
        await see.write("quarter past")
        await see.press("enter")
        await see.until_words("#seen", "Write 10:40")
        await see.press(*["backspace"] * len("quarter past"))
        await see.write("9:00-11:00")
        await see.press("enter")
        (asked,) = await see.until_asked("pace.explain")
        assert asked == {"campaign": "spring-offer", "from": "9:00", "to": "11:00"}
        await see.until_words("#told", "09:30-11:00", "paused by [b]anna")
        assert ["09:00-09:30", "31", "42", "%", "no", "agent", "ready"] in [
            line.split() for line in see.words("#told").splitlines()
        ]


async def test_a_minute_in_which_nothing_was_decided_is_told_in_the_services_words(fake: FakeDialer) -> None:
    fake.answers["pace.explain"] = ("refused", "the campaign was paused from 10:12 by anna", {})
    async with campaign(fake) as see:
        await see.press("4", "enter")
        await see.until_told("Refused", "paused from 10:12 by anna")
        assert see.place() == "CampaignScreen"


async def test_a_rename_asks_for_the_name_and_the_screen_follows_it(fake: FakeDialer) -> None:
    fake.answers["campaign.rename"] = ("done", "Campaign spring-offer is called summer now.", {"name": "summer"})
    fake.publish("campaign:summer", scenes.campaign("summer"))
    async with campaign(fake) as see:
        await see.press("f6")
        await see.until(lambda: see.place() == "OneLine")
        await see.press("ctrl+u")
        await see.write("summer")
        await see.press("enter")
        assert await see.until_asked("campaign.rename") == [{"name": "spring-offer", "new_name": "summer"}]
        await see.until_told("is called summer now")
        await see.until_words("#summary", "summer")


async def test_a_refused_rename_leaves_the_screen_where_it_is(fake: FakeDialer) -> None:
    fake.answers["campaign.rename"] = ("refused", "There is a campaign 'summer' already.", {})
    async with campaign(fake) as see:
        await see.press("f6")
        await see.until(lambda: see.place() == "OneLine")
        await see.press("ctrl+u")
        await see.write("summer")
        await see.press("enter")
        await see.until_told("already")
        assert "spring-offer" in see.words("#summary")
        assert not any("no campaign to open" in told for told in see.toasts())


async def test_a_clone_asks_for_its_name_and_for_its_leads(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        for key, leads in (("1", False), ("2", True)):
            await see.press("f7")
            await see.until(lambda: see.place() == "OneLine")
            await see.write("autumn")
            await see.press("enter")
            await see.until(lambda: see.place() == "Choose")
            await see.press(key)
            asked = await see.until_asked("campaign.clone", 1 + leads)
            assert asked[-1] == {"name": "spring-offer", "new_name": "autumn", "leads": leads}


async def test_a_spent_budget_says_what_it_waits_for_and_who_shares_it(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        value = scenes.campaign()
        value["row"]["budget"] = scenes.budget(today=(9, 312), month=(40, 4000), shared_with=["winter", "autumn"])
        fake.publish("campaign:spring-offer", value)
        await see.until_words("#summary", "0 more today · 82 in 30 days   spent until 21 more answers")
        assert "with autumn, winter" in see.words("#summary")


async def test_agents_who_look_at_leads_are_counted_where_agents_dial_themselves(fake: FakeDialer) -> None:
    async with campaign(fake) as see:
        assert "preview" not in see.words("#summary")
        value = scenes.campaign()
        value["row"]["agents"] |= {"preview": 2}
        fake.publish("campaign:spring-offer", value)
        await see.until_words("#summary", "1 wrap-up   2 preview   1 pause")
