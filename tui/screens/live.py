"""How does a screen stay up to date? It follows one topic, draws the latest value, and says when nobody speaks."""

from __future__ import annotations

import contextlib
from typing import ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Footer, Input

from dialer.control import Snapshot
from tui import wording
from tui.app import DialerApp
from tui.feed import Lost
from tui.safe import joined, safe_text
from tui.snapshot import part
from tui.widgets.words import TopLine, Words, exchange_words, places


class LiveScreen(Screen[None]):
    """A full screen that follows `topic`. Subclasses say what stands between first line and footer, and draw."""

    PLACE: ClassVar[str] = ""
    HELP: ClassVar[str] = "Board"
    MOVES_UNDER_WINDOWS: ClassVar[bool] = False  # else the last value waits until the window above is closed
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
    ]

    def __init__(self, topic: str = "") -> None:
        super().__init__()
        self.topic = topic
        self.latest: Snapshot | None = None
        self.connected = True
        self._waiting: Snapshot | Lost | None = None

    @property
    def dialer(self) -> DialerApp:
        """The app, with its feed and its commands."""
        return cast("DialerApp", self.app)

    def compose(self) -> ComposeResult:
        yield TopLine(places(self.PLACE))
        yield Words(id="banner")
        yield from self.body()
        yield Footer(compact=True, show_command_palette=False)

    def body(self) -> ComposeResult:
        """What this screen shows of its own."""
        yield from ()

    def on_mount(self) -> None:
        if self.topic:
            self.run_worker(self._follow(self.topic), group="feed", exclusive=True)

    def follow(self, topic: str) -> None:
        """Follow another topic from now on."""
        self.topic = topic
        self.latest = None
        self.run_worker(self._follow(topic), group="feed", exclusive=True)

    async def draw(self, snapshot: Snapshot) -> None:
        """Show this value. Called at most a few times a second."""

    def action_back(self) -> None:
        """Out of an input to the keys; from the keys to the board."""
        if isinstance(self.focused, Input):
            self.set_focus(None)
        else:
            self.leave()

    def heading(self, snapshot: Snapshot) -> Text | None:
        """What stands beside the time in the first line."""
        exchange = part(snapshot.data, "exchange")
        return exchange_words(exchange, short=self.size.width < 100) if exchange else None

    def campaign_at_hand(self) -> str:
        """The campaign this screen is about, for the next screen to begin with."""
        return ""

    def leave(self) -> None:
        """Where Escape leads from here."""

    async def _follow(self, topic: str) -> None:
        async with contextlib.aclosing(self.dialer.feed.watch(topic)) as values:
            async for value in values:
                with contextlib.suppress(NoMatches):  # the screen is being taken down: its parts go first
                    await self._take(value)

    async def on_screen_resume(self) -> None:
        """The window above is closed: show what came meanwhile."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            await self._take(waiting)

    async def _take(self, value: Snapshot | Lost) -> None:
        if self.app.screen is not self and not self.MOVES_UNDER_WINDOWS:
            self._waiting = value
        elif isinstance(value, Lost):
            self._lost(value.reason)
        else:
            await self._heard(value)

    async def _heard(self, snapshot: Snapshot) -> None:
        self.latest = snapshot
        self.connected = True
        self.remove_class("-lost")
        self.query_one(TopLine).fresh(snapshot.at, self.heading(snapshot))
        with self.app.batch_update():
            await self.draw(snapshot)

    def _lost(self, reason: str) -> None:
        self.connected = False
        self.add_class("-lost")
        self.query_one(TopLine).stale()
        known = f"What you see is of {self.latest.at.astimezone():%H:%M:%S}. " if self.latest is not None else ""
        self.query_one("#banner", Words).show(
            joined(
                (" NOT CONNECTED ", f"bold white on {wording.BAD}"),
                safe_text(f" {reason} "),
                (f"{known}Trying again; calls do not depend on this screen.", wording.DIM),
            )
        )
