"""Why is a number called or not, and who put it on do-not-call? Every gate in order, and the list itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from dialer.control import Answer, Snapshot
from tui import wording
from tui.safe import joined, safe_str, safe_text, stacked
from tui.screens.dialogs import Confirm, OneLine
from tui.screens.live import LiveScreen
from tui.screens.no_call import NoCall, NoCallDialog
from tui.snapshot import items, words
from tui.widgets.table import Column, KeptTable, Row
from tui.widgets.words import Words

GATES = (
    Column(key="place", title="", width=2, number=True),
    Column(key="gate", title="Gate", width=16),
    Column(key="verdict", title="Verdict", width=7),
    Column(key="passes", title="Passes", width=16),
    Column(key="reason", title="Reason", width=20, grows=True),
)
ENTRIES = (
    Column(key="number", title="Number", width=16),
    Column(key="scope", title="Reaches", width=14),
    Column(key="who", title="By", width=10),
    Column(key="when", title="Since", width=16),
    Column(key="reason", title="Reason", width=14, grows=True),
)
NEWEST = 200


class DoNotCallScreen(LiveScreen):
    """One number, one campaign: the gates, the verdict, the zones, the entry."""

    PLACE = "Do not call"
    HELP = "Do not call"
    AUTO_FOCUS = "#number"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "check", "Look up", tooltip="Is the number on do-not-call, since when and why"),
        Binding("f4", "newest", "Newest entries", tooltip="The newest entries of do-not-call"),
        Binding("f5", "add", "Add", tooltip="Add the number to do-not-call"),
        Binding("f8", "remove", "Remove", tooltip="Ask to remove the number from do-not-call; a reason is kept"),
        Binding("f9", "confirm", "Confirm", tooltip="Confirm the removal that another person asked for"),
    ]

    def __init__(self, *, number: str = "", campaign: str = "") -> None:
        super().__init__("board")
        self._number = safe_str(number, limit=40)
        self._campaign = safe_str(campaign, limit=64)

    def body(self) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Words(safe_text("Number"), classes="label")
            yield Input(value=self._number, id="number", compact=True, max_length=40, placeholder="+12025550143")
        with Horizontal(classes="field"):
            yield Words(safe_text("Campaign"), classes="label")
            yield Input(value=self._campaign, id="campaign", compact=True, max_length=64)
        yield Words(
            safe_text("Enter: why not?   F2: look it up   F5: add   F8: remove", style=wording.DIM), id="verdict"
        )
        yield KeptTable(GATES, id="result")
        yield Words(id="detail")

    def on_mount(self) -> None:
        if self._number and self._campaign:
            self._ask_why()

    async def draw(self, snapshot: Snapshot) -> None:
        campaign = self.query_one("#campaign", Input)
        campaigns = items(snapshot.data, "campaigns")
        if campaigns and not campaign.value and self.focused is not campaign:
            campaign.value = safe_str(words(campaigns[0], "name"), limit=64)

    def on_data_table_row_highlighted(self) -> None:
        """The whole reason of the row under the cursor, however narrow the terminal."""
        self.query_one("#detail", Words).show(self.query_one("#result", KeptTable).current_cell("reason"))

    def campaign_at_hand(self) -> str:
        return self._value("campaign")

    def leave(self) -> None:
        self.dialer.open_board()

    def on_input_submitted(self) -> None:
        self._ask_why()

    def action_check(self) -> None:
        self._with_number(lambda number: self.dialer.do("dnc.check", {"number": number}, then=self._checked))

    def action_newest(self) -> None:
        self.dialer.do("dnc.list", {"limit": NEWEST}, then=self._listed, quiet=True)

    def action_add(self) -> None:
        def add(entry: NoCall | None) -> None:
            if entry is not None:
                args = {"number": entry.number, "scope": entry.scope, "value": entry.value, "reason": entry.reason}
                self.dialer.do("dnc.add", args, reason=entry.reason, then=self._changed)

        dialog = NoCallDialog(number=self._value("number"), campaign=self._value("campaign"))
        self.app.push_screen(dialog, add)

    def action_remove(self) -> None:
        self._with_number(self._ask_reason_and_remove)

    def action_confirm(self) -> None:
        self._with_number(self._confirm_removal)

    def show_why(self, data: Mapping[str, Any]) -> None:
        """Show a verdict with its gates and zones."""
        self.query_one("#verdict", Words).show(verdict_text(data))
        table = self.query_one("#result", KeptTable)
        table.use_columns(GATES)
        table.show(_gate(place, gate) for place, gate in enumerate(items(data, "gates"), start=1))
        failing = (place for place, gate in enumerate(items(data, "gates"), start=1) if gate.get("passed") is not True)
        table.go_to(f"{next(failing, 1)}")

    def _ask_why(self) -> None:
        campaign = self._value("campaign")
        if not campaign:
            self.dialer.say("Write the campaign too: hours and limits are its own.", title="Why not?")
            return
        self._with_number(
            lambda number: self.dialer.do(
                "why", {"number": number, "campaign": campaign, "at": None}, then=self._why_answered, quiet=True
            )
        )

    def _why_answered(self, answer: Answer) -> None:
        if answer.done:
            self.show_why(answer.data)
            self.query_one("#result").focus()

    def _ask_reason_and_remove(self, number: str) -> None:
        def remove(reason: str | None) -> None:
            if reason is not None:
                self.dialer.do("dnc.remove", {"number": number, "reason": reason}, reason=reason, then=self._changed)

        hint = "It stays barred until another person confirms (F9). The reason is kept."
        self.app.push_screen(OneLine(f"Remove {number} from do-not-call: why?", hint=hint), remove)

    def _confirm_removal(self, number: str) -> None:
        def go_on(yes: bool | None) -> None:
            if yes:
                self.dialer.do("dnc.confirm_removal", {"number": number}, then=self._changed)

        asked = joined(("Take ", "bold"), (number, f"bold {wording.CALM}"), (" off do-not-call?", "bold"))
        told = safe_text("Another person asked for it. It may be called again from then on.")
        self.app.push_screen(Confirm(stacked(asked, safe_text(""), told), yes="Confirm", grave=True), go_on)

    def _checked(self, answer: Answer) -> None:
        if answer.done:
            self.query_one("#verdict", Words).show(safe_text(answer.message, style="bold"))
            self._show_entries(answer)

    def _listed(self, answer: Answer) -> None:
        if answer.done:
            number = len(_entries(answer))
            told = f"The newest {number} entries of do-not-call" if number else answer.message
            self.query_one("#verdict", Words).show(safe_text(told, style="bold"))
            self._show_entries(answer)

    def _changed(self, answer: Answer) -> None:
        if answer.done:
            self.query_one("#verdict", Words).show(safe_text(answer.message, style=f"bold {wording.GOOD}"))

    def _show_entries(self, answer: Answer) -> None:
        table = self.query_one("#result", KeptTable)
        table.use_columns(ENTRIES)
        table.show(_entry(place, entry) for place, entry in enumerate(_entries(answer)))

    def _with_number(self, act: Any) -> None:
        number = self._value("number")
        if number:
            act(number)
        else:
            self.dialer.say("Write the number first, for example +12025550143.", title="Number")
            self.query_one("#number").focus()

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()


def verdict_text(data: Mapping[str, Any]) -> Text:
    """The verdict in one line, and the times in every zone the number may be in."""
    number = (words(data, "number"), "bold")
    if data.get("dialable") is True:
        verdict = joined(number, ("may be called now", f"bold {wording.GOOD}"), between="  ")
    else:
        until = wording.instant(data.get("ask_again_at"))
        when = (
            f"all pass at {until.astimezone():%a %d %b %H:%M %Z}" if until is not None else "it never passes by itself"
        )
        verdict = joined(number, ("may not be called now", f"bold {wording.BAD}"), (when, ""), between="  ")
    zones = "   ".join(f"{words(zone, 'zone')} {_local(zone)}" for zone in items(data, "zones"))
    return stacked(
        verdict, safe_text(f"There it is: {zones}" if zones else "No time zone is known.", style=wording.DIM)
    )


def _local(zone: Mapping[str, Any]) -> str:
    local = wording.instant(zone.get("local"))
    return f"{local:%a %H:%M}" if local is not None else words(zone, "local")


def _gate(place: int, gate: Mapping[str, Any]) -> Row:
    passed = gate.get("passed") is True
    passes = wording.instant(gate.get("passes_at"))
    when = "" if passed else f"{passes.astimezone():%a %d %b %H:%M}" if passes is not None else "not by itself"
    cells = {
        "place": safe_text(place, style=wording.DIM),
        "gate": safe_text(words(gate, "code").replace("_", " ").lower(), limit=40),
        "verdict": safe_text("pass" if passed else "HOLD", style=wording.GOOD if passed else f"bold {wording.BAD}"),
        "passes": safe_text(when),
        "reason": safe_text(words(gate, "reason"), limit=300, style=wording.DIM if passed else ""),
    }
    return Row(key=f"{place}", cells=cells)


def _entries(answer: Answer) -> tuple[Mapping[str, Any], ...]:
    return items(answer.data, "entries")


def _entry(place: int, entry: Mapping[str, Any]) -> Row:
    since = wording.instant(entry.get("added_at"))
    removed = wording.instant(entry.get("removed_at"))
    scope = f"{words(entry, 'scope')} {words(entry, 'value')}".strip()
    reason = f"removed: {words(entry, 'removed_reason')}" if removed is not None else words(entry, "reason")
    style = wording.DIM if removed is not None else ""
    cells = {
        "number": safe_text(words(entry, "number"), limit=24, style=style),
        "scope": safe_text(scope, limit=80, style=style),
        "who": safe_text(words(entry, "actor"), limit=64, style=style),
        "when": safe_text(f"{since.astimezone():%Y-%m-%d %H:%M}" if since is not None else "", style=style),
        "reason": safe_text(reason, limit=300, style=style),
    }
    return Row(key=f"{place}", cells=cells)
