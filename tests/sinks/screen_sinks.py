"""Is foreign text harmless in a label, a table and a toast of the screens?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.text import Text
from textual import _wait
from textual.app import ComposeResult
from textual.pilot import Pilot

import tui
from tests.sinks.hostile import CONTROLS
from tui.app import DialerApp
from tui.feed import Feed
from tui.safe import safe_text
from tui.widgets.table import Column, KeptTable, Row
from tui.widgets.words import Words


class Showing(DialerApp):
    """Our own widgets, and nobody behind them."""

    CSS_PATH = str(Path(tui.__file__).with_name("app.tcss"))

    def compose(self) -> ComposeResult:
        yield Words(safe_text("a label"), id="label")
        yield KeptTable((Column(key="name", title="Name", width=30, grows=True),), id="table")


def drawn(app: DialerApp) -> str:
    """Every character that goes to the terminal, but for the line ends between its rows."""
    return "".join(segment.text for strip in app.screen._compositor.render_strips() for segment in strip)


async def shown(place: str, text: str, monkeypatch: Any) -> None:
    """Put the text there, draw, click on it: nothing a terminal obeys is drawn, no markup acts, the app lives on."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 0.004)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 0.0004)
    app = Showing(Feed(Path("nobody.sock"), actor="test"))
    async with app.run_test(size=(80, 24)) as pilot:
        words = await PLACES[place](app, pilot, text)
        await pilot.pause()
        assert app.is_running
        assert not CONTROLS.search(drawn(app))
        assert all(strip.cell_length == 80 for strip in app.screen._compositor.render_strips()), (
            "a line is pushed aside"
        )
        assert not words.spans, "the text was read as markup"
        assert len(words.plain) <= 1000
        if text.startswith("["):
            assert text in words.plain, "markup is shown as it was written"
            await pilot.click("#label", offset=(2, 0))
            assert app.is_running


async def _label(app: DialerApp, _pilot: Pilot[Any], text: str) -> Text:
    label = app.query_one("#label", Words)
    label.show(safe_text(text))
    return label.shown


async def _table(app: DialerApp, pilot: Pilot[Any], text: str) -> Text:
    table = app.query_one("#table", KeptTable)
    table.show((Row(key="1", cells={"name": safe_text(text)}), Row(key="2", cells={"name": safe_text("Ada")})))
    await pilot.pause()
    assert len(table.cell_words()) == 2
    return safe_text(table.cell_words()[0][0])


async def _toast(app: DialerApp, pilot: Pilot[Any], text: str) -> Text:
    app.say(text, title="Refused")
    await pilot.pause()
    (toast,) = app._notifications
    assert toast.markup is False
    return Text(toast.message)


PLACES = {"label": _label, "table": _table, "toast": _toast}
