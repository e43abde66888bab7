"""Does the board show every campaign, and does every key on it do what it says?"""

from __future__ import annotations

from typing import Any

from tests.tui import scenes
from tests.tui.driving import managers
from tests.tui.fake_dialer import FakeDialer
from tui.screens.board import columns_for


async def test_each_campaign_has_a_row_with_its_figures(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        assert see.rows("#campaigns")[0] == ["spring-offer", "RUNNING", "6", "4 of 9", "28.6 %", "1.7 %", "0.7 %", "1"]
        assert see.rows("#campaigns")[1][5:7] == ["3.8 %", "2.3 %"]


async def test_no_data_is_none_and_never_zero(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        assert see.rows("#campaigns")[2][4:7] == ["none", "none", "none"]


async def test_the_chosen_campaign_is_told_in_full_with_numerators_and_denominators(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        told = see.words("#summary")
        assert "launch 3: 4 ready x 1.5, 3 in flight, 14 more may be lost" in told
        assert "28.6 % (118 of 412)" in told
        assert "today 1.7 % (2 of 120)" in told
        assert "30 days 0.7 % (31 of 4210)" in told
        assert "1 more today · 98 in 30 days   tight" in told
        await see.press("down")
        await see.until_words("#summary", "winback-uk", "no agent is ready", "26.0 % (25 of 96)")


async def test_alarms_and_the_exchange_are_seen(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        assert see.words("#freshness") == "asterisk up  14:05:09"
        assert see.words("#alarms").startswith("! 13:58:40  Trunk north answers 503")
        fake.publish("board", scenes.board() | {"exchange": {"name": "asterisk", "up": False, "reason": "link lost"}})
        await see.until_words("#freshness", "DOWN")


async def test_a_wide_terminal_shows_calls_and_agents_in_columns(fake: FakeDialer) -> None:
    async with managers(fake, size=(140, 40)) as see:
        assert len(see.rows("#campaigns")[0]) == len(columns_for(140))
        assert see.rows("#campaigns")[0][2:11] == ["power 1.5", "1", "2", "0", "3", "4", "3", "1", "1"]
        await see.pilot.resize_terminal(80, 24)
        await see.until(lambda: len(see.rows("#campaigns")[0]) == len(columns_for(80)))
        assert see.table("#campaigns").current_key == "spring-offer"


async def test_calls_that_are_listened_to_are_shown_where_a_campaign_has_detection(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        assert "listening" not in see.words("#summary")
        calls = {"dialling": 1, "ringing": 2, "screening": 5, "waiting": 0, "talking": 3}
        fake.publish("board", scenes.board() | {"campaigns": [scenes.row(calls=calls)]})
        await see.until_words("#summary", "2 ringing   5 listening   0 waiting")
        assert see.rows("#campaigns")[0][2] == "11"


async def test_the_cursor_stays_on_its_campaign_when_rows_come_and_go(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("down")
        value = scenes.board()
        value["campaigns"].insert(0, scenes.row("a-new-one"))
        fake.publish("board", value)
        await see.until(lambda: len(see.rows("#campaigns")) == 4)
        assert see.table("#campaigns").current_key == "winback-uk"
        await see.until_words("#summary", "winback-uk")


async def test_start_and_pause_are_sent_for_the_chosen_campaign_and_the_answer_is_told(fake: FakeDialer) -> None:
    fake.answers["campaign.start"] = ("done", "Campaign winback-uk runs.", {})
    fake.answers["campaign.pause"] = ("refused", "The campaign is stopped; nothing was changed.", {})
    async with managers(fake) as see:
        await see.press("down", "s")
        assert await see.until_asked("campaign.start") == [{"name": "winback-uk"}]
        await see.until_told("Campaign winback-uk runs.")
        await see.press("p")
        await see.until_told("Refused", "The campaign is stopped; nothing was changed.")
        assert fake.commands[0]["actor"] == "mia"


async def test_a_fault_of_the_service_is_told_as_such(fake: FakeDialer) -> None:
    fake.answers["campaign.start"] = ("fault", "campaign.start failed by a fault of ours; see the log.", {})
    async with managers(fake) as see:
        await see.press("s")
        await see.until_told("Not done", "fault of ours")


async def test_stop_asks_first_and_no_does_nothing(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("t")
        await see.until_words(".question", "Stop spring-offer?", "agents are logged off")
        await see.press("n")
        await see.until(lambda: see.place() == "Board")
        await see.press("t", "enter")  # Enter alone must not stop anything either
        await see.until(lambda: see.place() == "Board")
        assert fake.asked("campaign.stop") == []
        await see.press("t", "y")
        assert await see.until_asked("campaign.stop") == [{"name": "spring-offer"}]


async def test_what_came_while_a_window_was_open_is_seen_when_it_closes(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("t")
        await see.until(lambda: see.place() == "Confirm")
        fake.publish("board", scenes.board() | {"alarms": [{"at": fake.at, "words": "A new alarm."}]})
        board = see.app.screen_stack[-2]
        await see.until(lambda: board._waiting.data["alarms"][0]["words"] == "A new alarm.")  # type: ignore[attr-defined]
        fake.silent = True  # nothing newer comes to draw it
        await see.press("n")
        await see.until_words("#alarms", "A new alarm.")


async def test_the_emergency_stop_is_confirmed_with_y(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("e")
        await see.until_words(".question", "Emergency stop spring-offer?", "every ringing call is hung up")
        await see.press("escape")
        await see.until(lambda: see.place() == "Board")
        assert fake.asked("campaign.emergency_stop") == []
        await see.press("e", "y")
        assert await see.until_asked("campaign.emergency_stop") == [{"name": "spring-offer"}]


async def test_a_double_press_asks_once_while_the_answer_is_awaited(fake: FakeDialer) -> None:
    import threading

    answer_now = threading.Event()

    def slowly(_command: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
        answer_now.wait(5)
        return "done", "started", {}

    fake.answers["campaign.start"] = slowly
    async with managers(fake) as see:
        await see.press("s", "s", "s")
        await see.until_asked("campaign.start")
        answer_now.set()
        await see.until_told("started")
        assert len(fake.asked("campaign.start")) == 1
        await see.press("s")
        await see.until_asked("campaign.start", 2)


async def test_mode_and_ratio_are_set(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("down", "m")
        await see.until(lambda: see.place() == "PaceDialog")
        await see.press("enter", "down", "enter")  # progressive -> power
        await see.press("tab")
        for _ in range(3):
            await see.press("backspace")
        await see.write("1,8")
        await see.press("enter")
        asked = await see.until_asked("campaign.set")
        assert asked == [{"name": "winback-uk", "changes": {"mode": "power", "ratio": 1.8}}]


async def test_a_ratio_that_is_no_number_is_told_and_not_sent(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("m")
        await see.until(lambda: see.place() == "PaceDialog")
        await see.press("tab")
        await see.write("many")
        await see.press("enter")
        await see.until_words("#seen", "Write a number")
        await see.press("escape")
        await see.until(lambda: see.place() == "Board")
        assert fake.asked("campaign.set") == []


async def test_agents_are_assigned_to_campaigns(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("a")
        await see.until(lambda: see.place() == "Choose")
        await see.press("1")
        await see.until(lambda: see.place() == "ChooseSeveral")
        await see.press("down", "space", "enter")
        asked = await see.until_asked("agent.assign")
        assert asked == [{"agent": "anna", "campaigns": ["spring-offer", "winback-uk"]}]


async def test_a_number_is_added_to_do_not_call_with_a_reason(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("n")
        await see.until(lambda: see.place() == "NoCallDialog")
        await see.write("+12025550166")
        await see.press("enter")
        await see.until_words("#seen", "Write the reason")
        assert fake.asked("dnc.add") == []
        await see.press("tab", "tab", "tab")
        await see.write("asked by mail")
        await see.press("enter")
        asked = await see.until_asked("dnc.add")
        wanted = {"number": "+12025550166", "scope": "everything", "value": "", "reason": "asked by mail"}
        assert asked == [wanted]


async def test_enter_opens_the_campaign_and_escape_comes_back(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("down", "enter")
        await see.until(lambda: see.place() == "CampaignScreen")
        await see.until(lambda: "campaign:winback-uk" in fake.subscribed)
        await see.press("escape")
        await see.until(lambda: see.place() == "Board")


async def test_every_screen_is_one_key_away(fake: FakeDialer) -> None:
    places = {"c": "CampaignScreen", "b": "Board", "d": "DoNotCallScreen", "r": "ReportsScreen", "i": "ImportScreen"}
    async with managers(fake) as see:
        for key, place in places.items():
            await see.press("escape", key)
            await see.until(lambda place=place: see.place() == place)  # type: ignore[misc]


async def test_help_shows_the_keys_and_every_figures_definition(fake: FakeDialer) -> None:
    async with managers(fake, size=(110, 60)) as see:
        await see.press("question_mark")
        await see.until(lambda: see.place() == "Help")
        await see.until(lambda: "attempts answered by a human / attempts sent to a trunk" in see.everything())
        assert "emergency stop: no new call" in see.everything()
        await see.press("escape")
        await see.until(lambda: see.place() == "Board")


async def test_the_command_palette_offers_every_action(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        offered = {command.title for command in see.app.get_system_commands(see.app.screen)}
        assert {"Board", "Reports", "Import", "Help", "Quit"} <= offered
        assert {
            "Start (s)",
            "Pause (p)",
            "Stop (t)",
            "Emergency (e)",
            "Mode (m)",
            "Agents (a)",
            "No-call (n)",
        } <= offered
        await see.press("ctrl+p")
        await see.until(lambda: see.place() == "CommandPalette")
        await see.write("pause")
        await see.pilot.pause(0.5)  # the palette gathers its hits on a timer of its own
        await see.press("enter", "enter")
        await see.until_asked("campaign.pause")


async def test_a_storm_of_sizes_leaves_every_screen_usable(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        for key in ("b", "c", "d", "r", "i"):
            await see.press("escape", key)
            for size in ((1, 1), (4, 2), (250, 70), (20, 5), (80, 24)):
                await see.pilot.resize_terminal(*size)
        await see.press("escape", "escape")
        await see.until(lambda: see.rows("#campaigns"))
        await see.press("s")
        await see.until_asked("campaign.start")


async def test_without_campaigns_the_keys_say_so(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        fake.publish("board", scenes.board() | {"campaigns": []})
        await see.until(lambda: see.rows("#campaigns") == [])
        await see.press("s", "e")
        await see.until_told("There is no campaign to act upon")
        assert see.place() == "Board"
        await see.press("enter", "c")
        assert "No campaign yet" in see.words("#summary")
        assert fake.commands == []
