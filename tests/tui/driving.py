"""How does a test drive a screen? It presses keys and waits for what a person would see, never for time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual._context import visible_screen_stack
from textual.app import App
from textual.css.query import NoMatches
from textual.events import Paste
from textual.pilot import Pilot
from textual.strip import Strip

from tests.tui.fake_dialer import FakeDialer
from tui.app import DialerApp
from tui.desk import DeskApp
from tui.feed import Feed
from tui.managers import ManagersApp
from tui.widgets.table import KeptTable
from tui.widgets.words import Words

PATIENCE = 400  # looks, 10 ms apart
FAST_MS = 100


class Driver:
    """One running app and the fake service behind it."""

    def __init__(self, pilot: Pilot[Any], fake: FakeDialer) -> None:
        self.pilot = pilot
        self.fake = fake

    @property
    def app(self) -> DialerApp:
        app = self.pilot.app
        assert isinstance(app, DialerApp)
        return app

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def write(self, words: str) -> None:
        """Paste words into what has the focus, as a terminal does; far faster than key by key."""
        focused = self.app.screen.focused
        assert focused is not None
        focused.post_message(Paste(words))
        await self.pilot.pause()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until this holds; AssertionError when it never does."""
        for _ in range(PATIENCE):
            if holds(condition):
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"it never came to be; the screen says:\n{self.everything()}")

    async def until_words(self, selector: str, *expected: str) -> None:
        """Wait until the piece of text holds all these words."""
        await self.until(lambda: all(words in self.words(selector) for words in expected))

    async def until_asked(self, name: str, number: int = 1) -> list[dict[str, Any]]:
        """Wait until the service got this command so many times; its args."""
        await self.until(lambda: len(self.fake.asked(name)) >= number)
        return self.fake.asked(name)

    async def until_told(self, *expected: str) -> None:
        """Wait until a toast says all these words."""
        await self.until(lambda: any(all(words in toast for words in expected) for toast in self.toasts()))

    def words(self, selector: str) -> str:
        return self.app.screen.query_one(selector, Words).plain

    def rows(self, selector: str) -> list[list[str]]:
        return self.app.screen.query_one(selector, KeptTable).cell_words()

    def table(self, selector: str) -> KeptTable:
        return self.app.screen.query_one(selector, KeptTable)

    def toasts(self) -> list[str]:
        """What was told: in toasts, or in the desk's own line."""
        lines = [line.plain for screen in self.app.screen_stack for line in screen.query("#answer").results(Words)]
        return [f"{toast.title} {toast.message}" for toast in self.app._notifications] + lines

    def place(self) -> str:
        """The name of the screen on top."""
        return type(self.app.screen).__name__

    def everything(self) -> str:
        """All the text on the screen, line by line, as the terminal gets it."""
        return "\n".join("".join(segment.text for segment in strip) for strip in strips_of(self.app))


def strips_of(app: App[Any]) -> list[Strip]:
    """What the terminal gets, line by line. The screens behind a window must be named, else they are left blank."""
    visible_screen_stack.set(list(app._background_screens))
    return app.screen._compositor.render_strips()


def holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except (NoMatches, IndexError, AttributeError):
        return False


@asynccontextmanager
async def managers(fake: FakeDialer, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Driver]:
    """The managers' app with its board drawn once."""
    app = ManagersApp(Feed(fake.path, actor="mia", every_ms=FAST_MS))
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(pilot, fake)
        await driver.until(lambda: driver.rows("#campaigns"))
        yield driver


@asynccontextmanager
async def desk(fake: FakeDialer, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Driver]:
    """Anna's desk, drawn once."""
    app = DeskApp(Feed(fake.path, actor="anna", every_ms=FAST_MS), agent="anna")
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(pilot, fake)
        await driver.until(lambda: driver.words("#freshness"))
        yield driver
