"""Where do words stand on a screen? In `Words`, which takes inert `Text` and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from tui import wording
from tui.safe import joined, safe_text
from tui.snapshot import words

PLACES = (("b", "Board"), ("c", "Campaign"), ("d", "Do not call"), ("r", "Reports"), ("i", "Import"))


class Words(Static):
    """A piece of text. It is drawn again only when it changed."""

    def __init__(self, text: Text | None = None, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(safe_text(""), id=id, classes=classes, markup=False)
        self.shown = safe_text("")
        if text is not None:
            self.show(text)

    def show(self, text: Text) -> None:
        """Show these words. TypeError for anything but `Text`: a str could be markup or an escape."""
        if not isinstance(text, Text):
            raise TypeError(f"Words takes Text made by tui.safe, not {type(text).__name__}")
        if (text.style, text.spans, text.plain) != (self.shown.style, self.shown.spans, self.shown.plain):
            self.shown = text
            self.update(text)

    @property
    def plain(self) -> str:
        """The words as they stand, for tests and for looking things up."""
        return self.shown.plain


class TopLine(Horizontal):
    """The first line: where we are, where else to go, and how fresh what we see is."""

    def __init__(self, title: Text) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        yield Words(self._title, id="place")
        yield Words(id="freshness")

    def fresh(self, at: datetime, more: Text | None = None) -> None:
        """The service spoke at this instant."""
        time = safe_text(f"{at.astimezone():%H:%M:%S}", style=wording.DIM)
        self.query_one("#freshness", Words).show(time if more is None else joined(more, time, between="  "))

    def stale(self) -> None:
        """Nobody speaks; the last time stays readable in the banner below."""
        self.query_one("#freshness", Words).show(safe_text("not connected", style=f"bold {wording.BAD}"))


def places(current: str) -> Text:
    """The managers' screens with their keys; the current one stands out."""
    parts = [
        (f" {key} {name} ", f"bold reverse {wording.CALM}" if name == current else wording.DIM) for key, name in PLACES
    ]
    return joined(*parts)


def exchange_words(exchange: Mapping[str, Any], *, short: bool) -> Text:
    """The telephone system: its name and version, up, or down with the reason."""
    version = words(exchange, "version").partition("+")[0]  # without the distributor's own numbers
    name = words(exchange, "name") if short else f"{words(exchange, 'name')} {version}".strip()
    if exchange.get("up") is True:
        return joined(safe_text(name, limit=30), ("up", wording.GOOD), between=" ")
    reason = words(exchange, "reason")
    down = f"DOWN: {reason}" if reason and not short else "DOWN"
    return joined(safe_text(name, limit=30), safe_text(down, style=f"bold {wording.BAD}", limit=60), between=" ")
