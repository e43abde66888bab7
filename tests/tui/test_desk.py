"""Does the desk show an agent what he needs, and does each of his keys do exactly what it says?"""

from __future__ import annotations

import asyncio

import pytest
from textual.widgets import Input, Select

from tests.tui import scenes
from tests.tui.driving import Driver, desk
from tests.tui.fake_dialer import FakeDialer
from tui.widgets.words import Words

TALK = scenes.desk()


def field(see: Driver, place: int) -> Input:
    return list(see.app.screen.query(".script-field Input").results(Input))[place]


async def test_a_call_shows_the_lead_the_script_and_the_outcomes(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.until_words("#state", "TALK  0:42", "+12025550143")
        assert "Maria Lopez" in see.words("#lead")
        assert "Postal code 20001" in see.words("#lead")
        assert "Prefers the afternoon." in see.words("#lead")
        assert "May I tell you in two sentences what changes?" in see.words("#step-text")
        assert " 1  Yes, tell me" in see.words("#step-next")
        assert "F1\u00a0Sale" in see.words("#outcomes")
        assert "F8\u00a0Spoke,\u00a0no\u00a0decision" in see.words("#outcomes")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("LOGGED_OUT", ["LOGGED OUT", "i: log in, your phone rings once"]),
        ("RINGING", ["RINGING", "pick up your phone"]),
        ("READY", ["READY", "the next customer comes with a beep"]),
        ("WRAP_UP", ["WRAP-UP  0:12 left"]),
        ("PAUSE", ["PAUSE", "r: ready again"]),
        ("SYSTEM", ["NO LINE", "being brought back"]),
    ],
)
async def test_the_state_line_says_state_time_and_what_to_do(fake: FakeDialer, state: str, expected: list[str]) -> None:
    fake.publish("desk:anna", scenes.desk(state))
    async with desk(fake) as see:
        await see.until_words("#state", *expected)


async def test_the_pause_code_and_the_services_message_are_shown(fake: FakeDialer) -> None:
    agent = TALK["agent"] | {"state": "PAUSE", "code": "lunch", "seconds": 75.0}
    fake.publish("desk:anna", scenes.desk("PAUSE", agent=agent, message="Your phone did not answer."))
    async with desk(fake) as see:
        await see.until_words("#state", "PAUSE lunch  1:15")
        assert see.words("#message") == "Your phone did not answer."


async def test_a_call_whose_outcome_is_missing_is_named_and_gets_it_by_its_key(fake: FakeDialer) -> None:
    late = {"attempt": "a-1", "number": "+12025550143", "lead": "Maria Lopez", "open": 3}
    fake.publish("desk:anna", scenes.desk("READY", late=late))
    async with desk(fake) as see:
        await see.until_words("#message", "Outcome missing for your call to Maria Lopez", "2 more wait.")
        await see.press("f1")
        (asked,) = await see.until_asked("desk.dispose")
        assert asked["disposition"] == "sale"


async def test_digits_go_on_in_the_script(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.press("2")
        assert await see.until_asked("desk.step") == [{"agent": "anna", "step": "objection", "answers": {}}]
        await see.press("7")
        await see.until_told("This step has no key 7")
        assert len(fake.asked("desk.step")) == 1


async def test_answers_go_with_the_step_and_the_next_step_comes_with_the_snapshot(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.until(lambda: field(see, 0))
        await see.press("tab")
        await see.write("Southcom")
        await see.press("escape", "1")
        asked = await see.until_asked("desk.step")
        sent = {name: value for args in asked for name, value in args["answers"].items()}
        assert sent == {"provider": "Southcom"}
        next_step = scenes.script(step="offer", text="Here is the offer.", fields=[], next=[], end=True)
        fake.publish("desk:anna", TALK | {"script": next_step})
        await see.until_words("#step-text", "Here is the offer.")
        await see.until(lambda: not see.app.screen.query(".script-field"))
        assert "End of the script" in see.words("#step-next")


async def test_an_answer_is_sent_as_soon_as_its_field_is_left(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.until(lambda: field(see, 0))
        await see.press("tab")
        await see.write("Southcom")
        await see.press("enter")
        asked = await see.until_asked("desk.step")
        assert asked == [{"agent": "anna", "step": "interest", "answers": {"provider": "Southcom"}}]
        see.app.screen.query_one(Select).value = "family"
        asked = await see.until_asked("desk.step", 2)
        assert asked[1] == {"agent": "anna", "step": "interest", "answers": {"plan": "family"}}


async def test_an_update_never_disturbs_typing(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.until(lambda: field(see, 0))
        await see.press("tab")
        await see.write("South")
        call = TALK["call"] | {"seconds": 55.0}
        fake.publish("desk:anna", TALK | {"call": call})
        await see.until_words("#state", "TALK  0:55")
        await see.write("com")
        assert field(see, 0).value == "Southcom"
        assert field(see, 0).has_focus


async def test_a_new_terminal_finds_the_same_call_step_and_answers(fake: FakeDialer) -> None:
    fields = [dict(TALK["script"]["fields"][0], value="Southcom"), dict(TALK["script"]["fields"][1], value="family")]
    fake.publish("desk:anna", TALK | {"script": scenes.script(fields=fields)})
    for _ in range(2):  # the first terminal dies; the second shows the very same
        async with desk(fake) as see:
            await see.until(lambda: field(see, 0).value == "Southcom")
            await see.until(lambda: see.app.screen.query_one(Select).value == "family")
            assert "step interest" in see.words("#step-name")
    assert fake.commands == []


async def test_digits_in_a_field_are_its_text_and_not_the_script(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.until(lambda: field(see, 0))
        await see.press("tab", "1")
        await see.until(lambda: field(see, 0).value == "1")
        assert fake.asked("desk.step") == []


async def test_an_f_key_gives_the_outcome_of_that_number(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.press("f5")
        asked = await see.until_asked("desk.dispose")
        assert asked == [{"agent": "anna", "disposition": "do_not_call", "callback_at": None, "note": ""}]


async def test_o_and_the_number_give_the_same_outcome(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.press("o")
        await see.until(lambda: see.place() == "Choose")
        await see.press("2")
        asked = await see.until_asked("desk.dispose")
        assert asked[0]["disposition"] == "refused"


async def test_an_outcome_takes_unsent_answers_along_first(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.until(lambda: field(see, 0))
        await see.press("tab")
        await see.write("Southcom")
        await see.press("f1")
        await see.until_asked("desk.dispose")
        assert [command["name"] for command in fake.commands] == ["desk.step", "desk.dispose"]
        assert fake.asked("desk.step")[0]["answers"] == {"provider": "Southcom"}


async def test_the_outcome_given_stands_out(fake: FakeDialer) -> None:
    fake.publish("desk:anna", TALK | {"call": TALK["call"] | {"disposition": "sale"}})
    async with desk(fake) as see:
        outcomes = see.app.screen.query_one("#outcomes", Words).shown
        marked = [outcomes.plain[span.start : span.end] for span in outcomes.spans if "reverse" in str(span.style)]
        assert "Sale" in marked
        assert "Refused" not in marked


async def test_without_a_call_outcomes_and_digits_do_nothing(fake: FakeDialer) -> None:
    fake.publish("desk:anna", scenes.desk("READY"))
    async with desk(fake) as see:
        await see.press("f1")
        await see.until_told("There is no call to give an outcome to")
        await see.press("1", "o", "n", "l", "h")
        assert see.place() == "DeskScreen"
        assert fake.commands == []


async def test_a_callback_is_asked_in_the_customers_time_and_shown_back(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.press("f3")
        await see.until_words("#seen", "America/Los_Angeles, now Tue 06:05")
        await see.write("tomorrow")
        await see.until_words("#seen", "tomorrow at what time?")
        await see.press("enter")
        assert fake.asked("desk.dispose") == []
        await see.write(" 15:00")
        await see.until_words("#seen", "Wednesday 25 November 2026 15:00  America/Los_Angeles", "16:00  America/Denver")
        await see.press("enter")
        asked = await see.until_asked("desk.dispose")
        assert asked[0]["disposition"] == "callback"
        assert asked[0]["callback_at"] == "2026-11-25T23:00:00+00:00"


async def test_a_callback_given_up_changes_nothing(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.press("f3")
        await see.until(lambda: see.place() == "OneLine")
        await see.press("escape")
        await see.until(lambda: see.place() == "DeskScreen")
        assert fake.asked("desk.dispose") == []


async def test_a_note_and_leaving_the_script_take_one_line(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.press("n")
        await see.until(lambda: see.place() == "OneLine")
        await see.write("wife answers; call after six")
        await see.press("enter")
        assert await see.until_asked("desk.note") == [{"agent": "anna", "text": "wife answers; call after six"}]
        await see.press("l")
        await see.until(lambda: see.place() == "OneLine")
        await see.write("in a hurry")
        await see.press("enter")
        assert await see.until_asked("desk.leave") == [{"agent": "anna", "reason": "in a hurry"}]


async def test_the_extension_is_keyed_once_more_by_enter_or_other_keys_are_typed_over_it(fake: FakeDialer) -> None:
    fake.publish("desk:anna", TALK | {"call": TALK["call"] | {"extension": "045"}})
    async with desk(fake) as see:
        for typed, sent in (("", "045"), ("2#", "2#")):
            await see.press("k")
            await see.until(lambda: see.place() == "OneLine")
            await see.write(typed)
            await see.press("enter")
            await see.until(lambda s=sent: fake.asked("desk.keys")[-1:] == [{"agent": "anna", "keys": s}])  # type: ignore[misc]


@pytest.mark.parametrize("state", ["READY", "WRAP_UP"])
async def test_without_somebody_on_the_line_there_is_nobody_to_send_keys_to(fake: FakeDialer, state: str) -> None:
    fake.publish("desk:anna", scenes.desk(state))
    async with desk(fake) as see:
        await see.press("k")
        await see.press("h")
        assert see.place() == "DeskScreen"
        assert fake.asked("desk.keys") == []


async def test_the_time_runs_on_behind_a_window(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.press("n")
        await see.until(lambda: see.place() == "OneLine")
        call = scenes.desk("WRAP_UP")["call"] | {"wrap_up_left_s": 4.0}
        fake.publish("desk:anna", scenes.desk("WRAP_UP", call=call))
        await see.until(lambda: "0:04 left" in see.app.screen_stack[-2].query_one("#state", Words).plain)


async def test_the_script_can_be_left_only_where_the_step_allows_it(fake: FakeDialer) -> None:
    fake.publish("desk:anna", TALK | {"script": scenes.script(may_leave=False)})
    async with desk(fake) as see:
        await see.until(lambda: "step interest" in see.words("#step-name"))
        await see.press("l")
        assert see.place() == "DeskScreen"
        assert "leave the script" not in see.words("#step-next")


async def test_ready_pause_hang_up_and_log_out(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.press("h")
        assert await see.until_asked("desk.hang_up") == [{"agent": "anna"}]
        fake.publish("desk:anna", scenes.desk("READY"))
        await see.until_words("#state", "READY")
        await see.press("p")
        await see.until(lambda: see.place() == "Choose")
        await see.press("2")
        assert await see.until_asked("agent.pause") == [{"agent": "anna", "code": "lunch"}]
        await see.press("r")
        assert await see.until_asked("agent.ready") == [{"agent": "anna"}]
        await see.press("d")
        assert await see.until_asked("desk.dial") == [{"agent": "anna"}]
        await see.press("x")
        assert await see.until_asked("agent.logout") == [{"agent": "anna"}]


async def test_logged_out_the_only_way_is_in(fake: FakeDialer) -> None:
    fake.publish("desk:anna", scenes.desk("LOGGED_OUT"))
    fake.answers["agent.login"] = ("refused", "Phone 1001 is not registered. Nothing was called.", {})
    async with desk(fake) as see:
        await see.until_words("#state", "LOGGED OUT")
        await see.press("r", "p", "x", "d")
        assert fake.commands == []
        await see.press("i")
        assert await see.until_asked("agent.login") == [{"agent": "anna"}]
        await see.until_told("Refused", "Phone 1001 is not registered")


async def test_who_is_logged_in_is_not_logged_in_again(fake: FakeDialer) -> None:
    fake.publish("desk:anna", scenes.desk("READY"))
    async with desk(fake) as see:
        await see.press("i", "r")
        await see.until_asked("agent.ready")
        assert fake.asked("agent.login") == []


async def test_help_tells_every_key_and_f1_stays_the_first_outcome(fake: FakeDialer) -> None:
    async with desk(fake, size=(100, 40)) as see:
        await see.press("question_mark")
        await see.until(lambda: see.place() == "Help")
        await see.until(lambda: "the outcome of that number, as on the phone" in see.everything())
        await see.press("escape", "f1")
        asked = await see.until_asked("desk.dispose")
        assert asked[0]["disposition"] == "sale"


async def test_the_palette_offers_what_is_possible_now(fake: FakeDialer) -> None:
    fake.publish("desk:anna", scenes.desk("LOGGED_OUT"))
    async with desk(fake) as see:
        await see.until_words("#state", "LOGGED OUT")
        offered = {command.title for command in see.app.get_system_commands(see.app.screen)}
        assert {"Log in (i)", "Help", "Close"} <= offered
        assert "Hang up (h)" not in offered


async def test_outcomes_beyond_the_phones_keys_get_the_next_f_keys(fake: FakeDialer) -> None:
    more = [*scenes.DISPOSITIONS, {"code": "fax", "label": "Fax", "key": "", "callback": False}]
    fake.publish("desk:anna", TALK | {"dispositions": more})
    async with desk(fake) as see:
        await see.until_words("#outcomes", "F9\u00a0Fax")
        await see.press("f9")
        asked = await see.until_asked("desk.dispose")
        assert asked[0]["disposition"] == "fax"


async def test_a_storm_of_sizes_leaves_the_desk_usable(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        for size in ((1, 1), (3, 2), (200, 60), (20, 5), (80, 24)):
            await see.pilot.resize_terminal(*size)
            await asyncio.sleep(0)
        await see.until(lambda: "TALK" in see.everything())
        await see.press("2")
        await see.until_asked("desk.step")


async def test_a_lead_to_look_at_is_shown_with_its_script_and_the_time_that_is_left(fake: FakeDialer) -> None:
    fake.publish("desk:anna", scenes.preview_desk())
    async with desk(fake) as see:
        await see.until_words("#state", "PREVIEW  0:41 left", "d: dial +12025550143   s: skip   then it is dialled")
        assert "Maria Lopez" in see.words("#lead")
        assert "May I tell you in two sentences what changes?" in see.words("#step-text")
        assert "Yes, tell me" not in see.words("#step-next")


async def test_the_desk_says_when_the_lead_would_be_skipped(fake: FakeDialer) -> None:
    fake.publish("desk:anna", scenes.preview_desk(then="skip"))
    async with desk(fake) as see:
        await see.until_words("#state", "then it is skipped")


async def test_d_dials_the_lead_that_is_shown(fake: FakeDialer) -> None:
    fake.publish("desk:anna", scenes.preview_desk())
    async with desk(fake) as see:
        await see.until_words("#state", "PREVIEW")
        await see.press("d")
        assert await see.until_asked("desk.dial") == [{"agent": "anna", "number": "+12025550143"}]


async def test_s_skips_the_lead_that_was_shown_for_one_of_the_reasons(fake: FakeDialer) -> None:
    fake.publish("desk:anna", scenes.preview_desk())
    async with desk(fake) as see:
        await see.until_words("#state", "PREVIEW")
        await see.press("s")
        await see.until(lambda: see.place() == "Choose")
        fake.publish("desk:anna", scenes.preview_desk(number="+12025550199"))  # the time limit brings another lead
        await see.press("2")
        asked = await see.until_asked("desk.skip")
        assert asked == [{"agent": "anna", "reason": "known already", "number": "+12025550143"}]


async def test_without_a_list_of_reasons_s_asks_for_words(fake: FakeDialer) -> None:
    fake.publish("desk:anna", scenes.preview_desk(reasons=[]))
    async with desk(fake) as see:
        await see.until_words("#state", "PREVIEW")
        await see.press("s")
        await see.until(lambda: see.place() == "OneLine")
        await see.write("we met last week")
        await see.press("enter")
        asked = await see.until_asked("desk.skip")
        assert asked == [{"agent": "anna", "reason": "we met last week", "number": "+12025550143"}]


async def test_without_a_lead_on_the_desk_s_does_nothing(fake: FakeDialer) -> None:
    async with desk(fake) as see:
        await see.until_words("#state", "TALK")
        await see.press("s")
        await see.press("h")
        await see.until_asked("desk.hang_up")
        assert fake.asked("desk.skip") == []
