"""Do the screens with forms (why not and do-not-call, reports, import) ask the right thing and show the answer?"""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from tests.tui import scenes
from tests.tui.driving import Driver, managers
from tests.tui.fake_dialer import FakeDialer


def value(see: Driver, name: str) -> str:
    return see.app.screen.query_one(f"#{name}", Input).value


async def fill(see: Driver, name: str, words: str) -> None:
    field = see.app.screen.query_one(f"#{name}", Input)
    field.value = ""
    field.focus()
    await see.until(lambda: field.has_focus)
    await see.write(words)


async def test_why_not_shows_the_gates_in_order_with_the_verdict_and_the_zones(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("d")
        await see.until(lambda: value(see, "campaign") == "spring-offer")
        await see.write("+13105550107")
        await see.press("enter")
        await see.until_words("#verdict", "+13105550107  may not be called now  all pass at Tue 24 Nov 16:00 UTC")
        await see.until_words("#verdict", "America/Los_Angeles Tue 06:05   America/Denver Tue 07:05")
        rows = see.rows("#result")
        assert [row[1] for row in rows][:3] == ["campaign state", "do not call", "attempts"]
        assert rows[3] == ["4", "calling hours", "HOLD", "Tue 24 Nov 16:00", scenes.WHY["gates"][3]["reason"]]
        assert see.table("#result").current_key == "4"  # the first gate that holds
        await see.until_words("#detail", "calls from 08:00")


async def test_a_number_that_may_be_called_says_so(fake: FakeDialer) -> None:
    gates = [dict(gate, passed=True, passes_at=None) for gate in scenes.WHY["gates"]]
    fake.answers["why"] = ("done", "", scenes.WHY | {"dialable": True, "gates": gates, "ask_again_at": None})
    async with managers(fake) as see:
        await see.press("d")
        await see.until(lambda: value(see, "campaign"))
        await see.write("+13105550107")
        await see.press("enter")
        await see.until_words("#verdict", "may be called now")
        assert {row[2] for row in see.rows("#result")} == {"pass"}


async def test_why_needs_a_number_and_a_campaign(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("d")
        await see.until(lambda: value(see, "campaign"))
        await see.press("enter")
        await see.until_told("Write the number first")
        await fill(see, "number", "+1310")
        await fill(see, "campaign", "")
        await see.press("enter")
        await see.until_told("Write the campaign too")
        assert fake.asked("why") == []


async def test_a_refused_question_is_told_and_the_form_stays(fake: FakeDialer) -> None:
    fake.answers["why"] = ("refused", "'12' is too short for US. Nothing was looked up.", {})
    async with managers(fake) as see:
        await see.press("d")
        await see.until(lambda: value(see, "campaign"))
        await see.write("12")
        await see.press("enter")
        await see.until_told("Refused", "too short for US")
        assert value(see, "number") == "12"


async def test_do_not_call_is_looked_up_listed_added_and_removed(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("d")
        await see.write("+12025550166")
        await see.press("f2")
        assert await see.until_asked("dnc.check") == [{"number": "+12025550166"}]
        await see.until_words("#verdict", "is on do-not-call")
        entry = ["+12025550166", "everything", "anna", "2026-10-02 09:00", "asked by e-mail"]
        assert see.rows("#result") == [entry]
        await see.press("f4")
        await see.until_words("#verdict", "The newest 1 entries")
        await see.press("f5")
        await see.until(lambda: see.place() == "NoCallDialog")
        await see.write("asked again")
        await see.press("enter")
        added = await see.until_asked("dnc.add")
        assert added[0]["number"] == "+12025550166"
        await see.press("f8")
        await see.until(lambda: see.place() == "OneLine")
        await see.press("enter")  # without a reason nothing is sent
        assert fake.asked("dnc.remove") == []
        await see.write("asked to be called again")
        await see.press("enter")
        removed = await see.until_asked("dnc.remove")
        assert removed == [{"number": "+12025550166", "reason": "asked to be called again"}]
        await see.press("f9")
        await see.until(lambda: see.place() == "Confirm")
        assert fake.asked("dnc.confirm_removal") == []
        await see.press("y")
        assert await see.until_asked("dnc.confirm_removal") == [{"number": "+12025550166"}]


async def test_escape_leaves_the_input_first_and_then_the_screen(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("d", "escape")
        assert see.place() == "DoNotCallScreen"
        assert see.app.screen.focused is None
        await see.press("escape")
        await see.until(lambda: see.place() == "Board")


async def test_f1_is_help_even_while_typing(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("d", "f1")
        await see.until(lambda: see.place() == "Help")


async def test_a_report_shows_its_figures_with_their_counts(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("r")
        await see.until(lambda: value(see, "to") == "2026-11-24")
        await see.press("f2")
        asked = await see.until_asked("report.get")
        wanted = {"kind": "completion", "campaign": "spring-offer", "from": "2026-11-24", "to": "2026-11-24"}
        assert asked == [wanted]
        await see.until(lambda: see.rows("#block-3"))
        formula = "script completed / scripts started"
        assert see.rows("#block-0") == [["Call completion", "42.7 %", "41 of 96", formula]]
        assert see.rows("#block-1") == [["anna", "40", "50.0 %"], ["王小明", "56", "none"]]
        assert see.rows("#block-2") == [["interest", "37"], ["offer", "18"]]
        await see.until_words("#verdict", scenes.REPORT["title"])


async def test_wrong_days_are_told_before_anything_is_asked(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("r")
        await see.until(lambda: value(see, "to"))
        await fill(see, "from", "yesterday")
        await see.press("enter")
        await see.until_told("Write the days as 2026-11-20")
        await fill(see, "from", "2026-11-25")
        await see.press("enter")
        await see.until_told("The first day is after the last one")
        assert fake.asked("report.get") == []


async def test_the_export_button_writes_one_day(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("r")
        await see.until(lambda: value(see, "to"))
        await see.pilot.click("#export")
        assert await see.until_asked("export.run") == [{"date": "2026-11-24", "campaign": "spring-offer"}]
        await see.until_words("#verdict", "Wrote 3 files")
        await see.press("f6")
        await see.until_asked("export.run", 2)


async def test_a_list_is_checked_then_imported_then_undone(fake: FakeDialer, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    async with managers(fake, size=(120, 30)) as see:
        await see.press("i")
        await see.until(lambda: value(see, "campaign") == "spring-offer")
        await see.write(str(path))
        await fill(see, "map", "phone=Telephone, first_name=Given")
        await see.press("enter")
        checked = await see.until_asked("leads.check")
        columns = {"phone": "Telephone", "first_name": "Given"}
        assert checked == [{"path": str(path), "region": "US", "encoding": None, "map": columns}]
        await see.until_words("#verdict", "some rows would be left out", "1204 rows", "1200 accepted", "3 rejected")
        assert see.rows("#rows")[0] == ["rejected", "2", "phone", "E-PHONE", scenes.CHECKED["rejected"][0]["reason"]]
        assert see.rows("#rows")[3][0] == "warning"
        await see.press("f5")
        await see.until_words(".question", "Import leads.csv?", "List leads, for campaign spring-offer")
        assert fake.asked("leads.import") == []
        await see.press("y")
        imported = await see.until_asked("leads.import")
        assert imported == [checked[0] | {"list": "leads", "campaign": "spring-offer"}]
        await see.until_words("#verdict", "1200 leads stored as batch 7", "F8 undoes it")
        await see.press("f8", "y")
        assert await see.until_asked("leads.undo") == [{"batch": 7}]
        await see.until_words("#verdict", "Batch 7 is undone")


async def test_only_what_was_checked_can_be_imported(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("i", "f5")
        await see.until_told("Check the file first")
        await see.write("leads.csv")
        await see.press("f2")
        await see.until_words("#verdict", "some rows would be left out")
        await see.write("2")  # another file than the one that was checked
        await see.press("f5")
        assert see.place() == "ImportScreen"
        assert fake.asked("leads.import") == []


async def test_a_rejected_file_shows_why_and_cannot_be_imported(fake: FakeDialer) -> None:
    report = scenes.CHECKED | {"status": "REJECT", "accepted": 0, "message": "leads.csv is empty. Nothing imported."}
    fake.answers["leads.check"] = ("refused", report["message"], {"report": report})
    async with managers(fake) as see:
        await see.press("i")
        await see.write("leads.csv")
        await see.press("f2")
        await see.until_words("#verdict", "nothing would be stored", "leads.csv is empty")
        await see.press("f5", "f8")
        await see.until_told("Nothing was imported from this screen")
        assert fake.asked("leads.import") == fake.asked("leads.undo") == []


async def test_a_mapping_that_is_not_understood_is_told(fake: FakeDialer) -> None:
    async with managers(fake) as see:
        await see.press("i", "f2")
        await see.until_told("Write the file's path first")
        await see.write("leads.csv")
        await fill(see, "map", "phone")
        await see.press("enter")
        await see.until_told("'phone' is not field=column")
        assert fake.asked("leads.check") == []
