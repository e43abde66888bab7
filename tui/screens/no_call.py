"""What is asked before a number is put on do-not-call? The number, how far it reaches, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Select

from tui import wording
from tui.safe import safe_str, safe_text
from tui.widgets.words import Words

SCOPES = (
    ("everything", "everything: nobody calls it any more"),
    ("seller", "seller: only this seller's campaigns leave it alone"),
    ("campaign", "campaign: only this campaign leaves it alone"),
)


@dataclass(frozen=True, kw_only=True)
class NoCall:
    """A do-not-call entry as a person asked for it."""

    number: str
    scope: str
    value: str
    reason: str


class NoCallDialog(ModalScreen[NoCall | None]):
    """A do-not-call entry. It is in force as soon as the service says so; ringing calls are hung up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Cancel")]

    def __init__(self, *, number: str = "", campaign: str = "") -> None:
        super().__init__()
        self._number = safe_str(number, limit=40)
        self._campaign = safe_str(campaign, limit=64)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(safe_text("Add to do-not-call", style="bold"), classes="question")
            with Horizontal(classes="field"):
                yield Words(safe_text("Number"), classes="label")
                yield Input(value=self._number, id="number", compact=True, max_length=40)
            with Horizontal(classes="field"):
                yield Words(safe_text("Reaches"), classes="label")
                yield Select(
                    [(safe_text(words), value) for value, words in SCOPES],
                    value="everything",
                    allow_blank=False,
                    compact=True,
                    id="scope",
                )
            with Horizontal(classes="field"):
                yield Words(safe_text("Of seller or campaign"), classes="label")
                yield Input(value="", id="value", compact=True, max_length=64)
            with Horizontal(classes="field"):
                yield Words(safe_text("Reason"), classes="label")
                yield Input(value="", id="reason", compact=True, max_length=200)
            yield Words(safe_text("Enter adds it; a reason is needed. Esc cancels.", style=wording.DIM), id="seen")
            with Horizontal(classes="buttons"):
                yield Button(safe_text("Add"), variant="error", id="yes")
                yield Button(safe_text("Cancel"), id="no")

    def on_mount(self) -> None:
        self.query_one("#reason" if self._number else "#number").focus()

    def on_select_changed(self, event: Select.Changed) -> None:
        value = self.query_one("#value", Input)
        if event.value == "campaign" and not value.value:
            value.value = self._campaign

    def on_input_submitted(self) -> None:
        self._save()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "yes":
            self._save()
        else:
            self.dismiss(None)

    def action_give_up(self) -> None:
        self.dismiss(None)

    def _save(self) -> None:
        asked = NoCall(
            number=self.query_one("#number", Input).value.strip(),
            scope=str(self.query_one("#scope", Select).value),
            value=self.query_one("#value", Input).value.strip(),
            reason=self.query_one("#reason", Input).value.strip(),
        )
        fault = _fault_of(asked)
        if fault:
            self.query_one("#seen", Words).show(safe_text(fault, style=wording.BAD))
        else:
            self.dismiss(asked)


def _fault_of(asked: NoCall) -> str:
    if not asked.number:
        return "Write the number. Nothing was added."
    if asked.scope != "everything" and not asked.value:
        return f"Write which {asked.scope} it is for. Nothing was added."
    if not asked.reason:
        return "Write the reason, for example: asked by e-mail. Nothing was added."
    return ""
