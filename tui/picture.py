"""How is a picture of the board made for a page? Without a terminal, from the running service, as SVG."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tui.feed import Feed
from tui.managers import ManagersApp
from tui.screens.board import Board

LOOKS = 100
LOOK_EVERY_S = 0.1

_FONT_FROM_ELSEWHERE = re.compile(r"@font-face\s*\{[^}]*\}\s*", re.DOTALL)


def save_board(feed: Feed, path: Path, *, size: tuple[int, int]) -> bool:
    """Write the board as it is now. False when no service spoke within ten seconds; nothing is written then."""
    app = ManagersApp(feed)
    drawn = ""

    async def look(pilot: Pilot[Any]) -> None:
        nonlocal drawn
        for _ in range(LOOKS):
            await pilot.pause(LOOK_EVERY_S)
            if isinstance(app.screen, Board) and app.screen.latest is not None:
                await pilot.pause()
                drawn = app.export_screenshot()
                break
        app.exit()

    app.run(headless=True, size=size, auto_pilot=look)
    if drawn:
        # A page must not load fonts from elsewhere; its reader's own fixed-width font serves as well.
        path.write_text(_FONT_FROM_ELSEWHERE.sub("", drawn), encoding="utf-8")
    return bool(drawn)
