"""How are the pictures of the screens made? From the real screens on a running service, never drawn by hand.

Run `dialer demo` in one terminal and this in another: python docs/pictures.py CONTROL_SOCKET FOLDER
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from textual.app import App

from tui.desk import DeskApp
from tui.feed import Feed
from tui.managers import ManagersApp

SETTLE_S = 2.5


async def picture(app: App[None], keys: tuple[str, ...], size: tuple[int, int], path: Path) -> None:
    """Open a screen, press keys, and keep what it shows as SVG."""
    async with app.run_test(size=size) as pilot:
        await asyncio.sleep(SETTLE_S)
        for key in keys:
            await pilot.press(key)
            await asyncio.sleep(SETTLE_S)
        path.write_text(app.export_screenshot(title="dialer"), encoding="utf-8")


def main() -> None:
    socket, folder = Path(sys.argv[1]), Path(sys.argv[2])
    board = ManagersApp(Feed(socket, actor="manager"))
    asyncio.run(picture(board, ("c",), (130, 30), folder / "picture-campaign.svg"))
    desk = DeskApp(Feed(socket, actor="Agent 2"), agent="Agent 2")
    asyncio.run(picture(desk, (), (100, 30), folder / "picture-desk.svg"))


main()
