"""Why were calls started or not in that minute? A time is asked for, and the answer shown in a window."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen

from dialer.control import Answer
from tui import wording
from tui.app import DialerApp
from tui.safe import joined, safe_text, stacked
from tui.screens.dialogs import OneLine
from tui.snapshot import count, items, texts, words
from tui.widgets.words import Words

HINT = "10:40, or 10:00-11:00, or 2026-11-20, or 2026-11-20 10:40; in the campaign's zone"
_TIME = r"\d{1,2}:\d{2}"
_ASKED = re.compile(
    rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}})?\s*(?:(?P<from>{_TIME})\s*-\s*(?P<to>{_TIME})|(?P<at>{_TIME}))?"
)
_TIME_WIDTH = 13
_NUMBER_WIDTH = 9


def ask_for_a_time(app: DialerApp, campaign: str, value: str = "") -> None:
    """Ask which minute or stretch is meant, and show what the service says of it."""

    def asked(text: str | None) -> None:
        if text is not None:
            explain(app, campaign, text)

    app.push_screen(OneLine("Why was it dialled so? When?", hint=HINT, value=value, check=_understood), asked)


def explain(app: DialerApp, campaign: str, text: str) -> None:
    """Show what was decided in this minute or stretch; a refusal is told in the service's words."""

    def shown(answer: Answer) -> None:
        if answer.done:
            app.push_screen(DecisionsView(campaign, answer.message, answer.data))

    args = {"campaign": campaign, **_time_named(text)}
    app.do("pace.explain", args, then=shown, quiet=True)


class DecisionsView(ModalScreen[None]):
    """The answer: what was started, what held it back, what was said then."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter,y", "dismiss", "Close")]

    def __init__(self, campaign: str, message: str, data: Mapping[str, Any]) -> None:
        super().__init__()
        self._campaign = campaign
        self._message = message
        self._data = data

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -tall"):
            yield Words(joined(("Decisions of ", "bold"), (self._campaign, f"bold {wording.CALM}")), classes="question")
            with VerticalScroll():
                yield Words(answer_text(self._message, self._data), id="told")
            yield Words(safe_text("Arrows: scroll   Esc: close", style=wording.DIM), classes="keys")


def answer_text(message: str, data: Mapping[str, Any]) -> Text:
    """The answer in words, its rows where there are several, and the kept sentences with their times."""
    told = [words(data, key) for key in ("meaning", "figures_said", "before")]
    lines = [
        safe_text(message, style="bold"),
        *(safe_text(line) for line in (*told, *texts(data, "settings_said")) if line),
    ]
    rows = [_row(row) for row in items(data, "rows")]
    said = [joined((words(each, "at")[11:19], wording.DIM), words(each, "words"), between="  ")
            for each in items(data, "said")]  # fmt: skip
    left_out = count(data, "left_out")
    said += [safe_text(f"... and {left_out} more changes.", style=wording.DIM)] if left_out else []
    table = [safe_text(""), _heading(), *rows] if rows else []
    return stacked(*lines, *table, *([safe_text(""), *said] if said else []))


def _heading() -> Text:
    return safe_text(f"{'Time':<{_TIME_WIDTH}}{'Started':>{_NUMBER_WIDTH}}{'Held':>{_NUMBER_WIDTH}}  most by",
                     style=wording.DIM)  # fmt: skip


def _row(row: Mapping[str, Any]) -> Text:
    time, gap = f"{words(row, 'time'):<{_TIME_WIDTH}}", words(row, "gap")
    if gap:
        return joined(time, (" " * 2 * _NUMBER_WIDTH), (f"  {gap}", wording.DIM))
    share, started = row.get("share"), count(row, "launched") + count(row, "by_hand")
    held = f"{100 * share:.0f} %" if isinstance(share, int | float) and words(row, "held_by") else ""
    return joined(
        time,
        (f"{started:>{_NUMBER_WIDTH}}", "bold" if started else wording.DIM),
        f"{held:>{_NUMBER_WIDTH}}",
        f"  {words(row, 'held_by') or 'nothing'}",
    )


def zone_named(name: object) -> tzinfo | None:
    """The zone of this name; none, which is the screen's own, when there is no such."""
    try:
        return ZoneInfo(str(name))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


def _time_named(text: str) -> dict[str, str]:
    found = _ASKED.fullmatch(text.strip())
    return {name: value for name, value in found.groupdict().items() if value} if found else {"at": text}


def _understood(text: str) -> tuple[bool, Text]:
    if _ASKED.fullmatch(text.strip()):
        return True, safe_text("")
    return False, safe_text(f"Write {HINT}.", style=wording.WARN)
