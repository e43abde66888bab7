"""What is asked before something is done? Small windows: yes or no, one line, one of several, several of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Select, SelectionList
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from tui import wording
from tui.safe import joined, safe_text
from tui.widgets.words import Words


class Confirm(ModalScreen[bool]):
    """A question answered by y or n; Enter is yes only when that button has the focus."""

    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes"),
        Binding("n,escape", "no", "No"),
    ]

    def __init__(self, question: Text, *, yes: str, grave: bool = False) -> None:
        super().__init__()
        self._question = question
        self._yes = yes
        self._grave = grave

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -grave" if self._grave else "dialog"):
            yield Words(self._question, classes="question")
            with Horizontal(classes="buttons"):
                yield Button(safe_text(f"y  {self._yes}"), variant="error" if self._grave else "success", id="yes")
                yield Button(safe_text("n  No"), id="no")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_no(self) -> None:
        self.dismiss(False)


class OneLine(ModalScreen[str | None]):
    """One line of text. `check` looks at it while it is typed and returns (good, what to show below it)."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Cancel")]

    def __init__(
        self,
        title: str,
        *,
        hint: str = "",
        value: str = "",
        check: Callable[[str], tuple[bool, Text]] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._value = value
        self._check = check or _any_words

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(safe_text(self._title, style="bold"), classes="question")
            yield Input(value=self._value, id="line", max_length=500)
            yield Words(safe_text(self._hint, style=wording.DIM), id="seen")
            yield Words(safe_text("Enter: take it   Esc: cancel", style=wording.DIM), classes="keys")

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.value.strip():
            _, seen = self._check(event.value)
            self.query_one("#seen", Words).show(seen)
        else:
            self.query_one("#seen", Words).show(safe_text(self._hint, style=wording.DIM))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        good, seen = self._check(event.value)
        if good:
            self.dismiss(event.value.strip())
        else:
            self.query_one("#seen", Words).show(seen)

    def action_give_up(self) -> None:
        self.dismiss(None)


class Choose(ModalScreen[str | None]):
    """One of several: its digit, or arrows and Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Cancel"),
        *(Binding(str(digit), f"take({digit})", show=False) for digit in range(1, 10)),
    ]

    def __init__(self, title: str, options: tuple[tuple[str, Text], ...]) -> None:
        super().__init__()
        self._title = title
        self._options = options

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(safe_text(self._title, style="bold"), classes="question")
            yield OptionList(
                *(
                    Option(joined((f"{place} " if place < 10 else "  ", f"bold {wording.CALM}"), label))
                    for place, (_, label) in enumerate(self._options, start=1)
                )
            )
            yield Words(safe_text("Number or Enter: take it   Esc: cancel", style=wording.DIM), classes="keys")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._options[event.option_index][0])

    def action_take(self, place: int) -> None:
        if place <= len(self._options):
            self.dismiss(self._options[place - 1][0])

    def action_give_up(self) -> None:
        self.dismiss(None)


class ChooseSeveral(ModalScreen[tuple[str, ...] | None]):
    """Any of several: Space ticks, Enter or s saves what is ticked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "Cancel"),
        Binding("s", "save", "Save"),
        Binding("enter", "save", "Save", priority=True),
    ]

    def __init__(self, title: Text, options: tuple[tuple[str, Text], ...], *, ticked: frozenset[str]) -> None:
        super().__init__()
        self._title = title
        self._options = options
        self._ticked = ticked

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Words(self._title, classes="question")
            yield SelectionList[str](
                *(Selection(label, value, value in self._ticked) for value, label in self._options)
            )
            yield Words(safe_text("Space: tick   Enter: save   Esc: cancel", style=wording.DIM), classes="keys")

    def action_save(self) -> None:
        ticked = set(self.query_one(SelectionList).selected)
        self.dismiss(tuple(value for value, _ in self._options if value in ticked))

    def action_give_up(self) -> None:
        self.dismiss(None)


class PaceDialog(ModalScreen[tuple[str, float] | None]):
    """How a campaign is paced: its mode, and the calls per ready agent in power mode."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "Cancel")]
    MODES = (
        ("manual", "manual: an agent asks for each call"),
        ("preview", "preview: an agent sees each lead first"),
        ("progressive", "progressive: one call per ready agent"),
        ("power", "power: several calls per ready agent"),
        ("predictive", "predictive: as the abandonment target allows"),
    )

    def __init__(self, title: Text, *, mode: str, ratio: float) -> None:
        super().__init__()
        self._title = title
        self._mode = mode
        self._ratio = ratio

    def compose(self) -> ComposeResult:
        known = {value for value, _ in self.MODES}
        with Vertical(classes="dialog"):
            yield Words(self._title, classes="question")
            yield Select(
                [(safe_text(words), value) for value, words in self.MODES],
                value=self._mode if self._mode in known else "progressive",
                allow_blank=False,
                compact=True,
                id="mode",
            )
            with Horizontal(classes="field"):
                yield Words(safe_text("Calls per ready agent"), classes="label")
                yield Input(value=f"{self._ratio:.1f}", id="ratio", compact=True, max_length=6)
            yield Words(safe_text("1.0 to 5.0; used in power mode only", style=wording.DIM), id="seen")
            with Horizontal(classes="buttons"):
                yield Button(safe_text("Set"), variant="success", id="yes")
                yield Button(safe_text("Cancel"), id="no")

    def on_mount(self) -> None:
        self.query_one("#mode").focus()

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
        try:
            ratio = float(self.query_one("#ratio", Input).value.replace(",", "."))
        except ValueError:
            self.query_one("#seen", Words).show(safe_text("Write a number such as 1.5.", style=wording.BAD))
            return
        self.dismiss((str(self.query_one("#mode", Select).value), ratio))


def _any_words(value: str) -> tuple[bool, Text]:
    if value.strip():
        return True, safe_text("")
    return False, safe_text("Write something, or Esc to cancel.", style=wording.BAD)
