"""What does each key do, and what does each figure mean? One key away on every screen."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from tui import wording
from tui.safe import joined, safe_text, stacked
from tui.widgets.table import Column, KeptTable, Row
from tui.widgets.words import Words

_KEY_WIDTH = 12
_DOES_WIDTH = 54  # with the key, what a window in 80 columns holds
Keys = tuple[tuple[str, str], ...]

PLACES: Keys = (
    ("b c d r i", "board, campaign, do-not-call and why, reports, import"),
    ("?", "this help    Ctrl+P: all commands by name    Ctrl+Q: quit (calls go on)"),
    ("Esc", "out of an input to the keys, then back to the board"),
)
ACTIONS: Keys = (
    ("s p t", "start (or go on), pause, stop the chosen campaign"),
    ("e", "emergency stop: no new call, ringing calls hung up; conversations go on"),
    ("m", "mode (manual to predictive) and calls per ready agent"),
    ("a", "assign agents to campaigns"),
    ("n", "add a number to do-not-call"),
    ("F6 F7", "rename the campaign; make a clone of it, with or without leads"),
)
OF_SCREEN: Mapping[str, Keys] = {
    "Board": (("Enter", "open the campaign under the cursor"), *ACTIONS, *PLACES),
    "Campaign": (
        ("1 2 3 4", "live calls, agents, held leads, last decisions"),
        ("Enter, w", "why is the number under the cursor called or not?"),
        ("y, Enter", "why calls were started or not in a minute, such as 10:40"),
        ("l o", "log the agent under the cursor in or out"),
        ("u", "give outcomes to calls that ended without one"),
        ("k", "calls promised to people, missed ones first"),
        ("f", "forecast: the next 24 hours, who will answer, when the list runs dry"),
        ("x", "funnel: who may be called now and tomorrow at 09:00, and what holds the rest"),
        ("v", "the settings in force"),
        *ACTIONS,
        *PLACES,
    ),
    "Do not call": (
        ("Enter", "in the number: ask every gate; F2 looks the number up in do-not-call"),
        ("F5", "add the number to do-not-call"),
        ("F8", "remove the entry (a reason is needed and kept)"),
        ("F4", "the newest entries"),
        *PLACES,
    ),
    "Reports": (("Enter, F2", "show the report"), ("F6", "write the files of one day now"), *PLACES),
    "Import": (
        ("Enter, F2", "check the file; nothing is stored"),
        ("F5", "import what was checked"),
        ("F8", "undo the last import, until its first call"),
        *PLACES,
    ),
    "Desk": (
        ("1 .. 9", "the next step of the script"),
        ("Tab", "into the fields of the step; Enter or Esc out of them again"),
        ("F1 .. F9", "the outcome of that number, as on the phone"),
        ("o", "the outcome by list: for terminals that keep F-keys to themselves"),
        ("l", "leave the script, with a reason, where the step allows it"),
        ("n", "a note on the call"),
        ("r p", "ready, pause with a code"),
        ("i x", "log in (the phone rings), log out"),
        ("d s h", "dial the lead on the desk (manual mode: the next), skip it with a reason, hang up"),
        ("?", "this help    Ctrl+P: all commands by name    Ctrl+Q: close the screen; the call stays"),
    ),
}


class Help(ModalScreen[None]):
    """The keys of one screen, and every figure's definition below them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss", "Close")]

    def __init__(self, screen: str) -> None:
        super().__init__()
        self._keys = OF_SCREEN.get(screen, PLACES)
        self._place = screen

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -tall"):
            yield Words(safe_text(f"Keys: {self._place}", style="bold"), classes="question")
            with VerticalScroll():
                yield Words(keys_text(self._keys))
                if self._place != "Desk":
                    yield Words(safe_text("Figures", style="bold"), classes="question")
                    yield Words(figures_text())
            yield Words(safe_text("Arrows: scroll   Esc: close", style=wording.DIM), classes="keys")


class SettingsView(ModalScreen[None]):
    """A campaign's settings in force, as the service names them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,v,q", "dismiss", "Close")]

    def __init__(self, campaign: str, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self._campaign = campaign
        self._settings = settings

    def compose(self) -> ComposeResult:
        columns = (
            Column(key="name", title="Setting", width=32),
            Column(key="value", title="Value", width=20, grows=True),
        )
        with Vertical(classes="dialog -tall"):
            yield Words(joined(("Settings of ", "bold"), (self._campaign, f"bold {wording.CALM}")), classes="question")
            yield KeptTable(columns, id="settings")
            yield Words(safe_text("Change them with: dialer campaign set   Esc: close", style=wording.DIM))

    def on_mount(self) -> None:
        self.query_one(KeptTable).show(
            Row(key=str(name), cells={"name": safe_text(name), "value": _value(value)})
            for name, value in self._settings.items()
        )


def keys_text(keys: Keys) -> Text:
    """Keys with what they do, in two columns."""
    return stacked(*(_line(key, line) for key, does in keys for key, line in _wrapped(key, does)))


def _line(key: str, does: str) -> Text:
    return joined((f"{key:<{_KEY_WIDTH}}", f"bold {wording.CALM}"), safe_text(does))


def _wrapped(key: str, does: str) -> list[tuple[str, str]]:
    lines = textwrap.wrap(does, _DOES_WIDTH)
    return [(key if place == 0 else "", line) for place, line in enumerate(lines)]


def figures_text() -> Text:
    """Every figure with its definition."""
    return stacked(*(joined((name, "bold"), (f"  {told}", wording.DIM)) for name, told in wording.FIGURES))


def _value(value: object) -> Text:
    if isinstance(value, list | tuple):
        labels = [
            str(item.get("label") or item.get("code")) if isinstance(item, Mapping) else str(item) for item in value
        ]
        return safe_text(", ".join(labels))
    return safe_text(value if value != "" else "-")
